"""Measure everything and print one table: `make bench`, or one part alone.

    python -m tests.bench.run [--only NAME] [--quick] [--write]

All load stays on this machine (127.0.0.1), is bounded in number and time, and leaves nothing behind.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.bench import (
    part_av_sync,
    part_background,
    part_browser_dates,
    part_browser_ingest,
    part_browser_sync,
    part_capacity,
    part_courseware,
    part_covers,
    part_cpu,
    part_credits,
    part_dates,
    part_documents,
    part_hours,
    part_jitter,
    part_latency,
    part_lists,
    part_pages,
    part_people,
    part_playlists,
    part_replay,
    part_search,
    part_signals,
    part_slow,
    part_sockets,
    part_stage,
    part_starts,
    part_stutter,
    part_sync,
    part_thin,
    report,
)
from tests.bench.table import Row, markdown

PARTS: dict[str, Callable[..., list[Row]]] = {
    "cpu": part_cpu.measure,
    "browser_ingest": part_browser_ingest.measure,
    "browser_dates": part_browser_dates.measure,
    "av_sync": part_av_sync.measure,
    "background": part_background.measure,
    "thin": part_thin.measure,
    "slow": part_slow.measure,
    "latency": part_latency.measure,
    "dates": part_dates.measure,
    "jitter": part_jitter.measure,
    "starts": part_starts.measure,
    "sync": part_sync.measure,
    "browser_sync": part_browser_sync.measure,
    "capacity": part_capacity.measure,
    "playlists": part_playlists.measure,
    "replay": part_replay.measure,
    "pages": part_pages.measure,
    "people": part_people.measure,
    "lists": part_lists.measure,
    "covers": part_covers.measure,
    "search": part_search.measure,
    "credits": part_credits.measure,
    "documents": part_documents.measure,
    "courseware": part_courseware.measure,
    "stutter": part_stutter.measure,
    "sockets": part_sockets.measure,
    "hours": part_hours.measure,
    "stage": part_stage.measure,
    "stage_ways": part_stage.measure_ways,
    "stage_beside": part_stage.measure_beside,
    "stage_hidden": part_stage.measure_hidden,
    "stage_signals": part_signals.measure,
}


def main() -> int:
    """Return 0 if every part could be measured, whether its goals are met or not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; may be said several times")
    parser.add_argument("--quick", action="store_true", help="shorter: shows that it works, not what is true")
    parser.add_argument("--write", action="store_true", help=f"write the table to {report.PAGE.name} as well")
    options = parser.parse_args()
    if options.write and (options.quick or options.only):
        parser.error("the page holds one whole run: --write goes without --quick and --only")
    began, load = time.monotonic(), os.getloadavg()[0]
    rows, failed = [], []
    for name in options.only or PARTS:
        print(f"measuring {name} …", flush=True)
        try:
            rows += _measured(name, quick=options.quick)
        except Exception:  # noqa: BLE001 - one part that cannot be measured does not spoil the others
            traceback.print_exc()
            failed.append(name)
            rows.append(Row(name, "could not be measured"))
    text = f"{report.heading(options.quick, load, time.monotonic() - began)}\n{markdown(rows)}"
    print(f"\n{text}")
    if options.write and not failed:
        report.write(text)
    return 1 if failed else 0


def _measured(name: str, *, quick: bool) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix=f"bench-{name}-") as folder:
        return PARTS[name](Path(folder), quick=quick)


if __name__ == "__main__":
    sys.exit(main())
