"""Runs one module without the app around it: `child.py app.ROOM.MODULE ARGUMENT…`.

Importing the app takes two seconds and all of its packages, which a program that draws hostile pages needs least.
So an empty package, with nothing but its folder, stands in for each package of the app.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[3]


class Bare:
    """Finds the packages of the app without running their `__init__.py`."""

    @staticmethod
    def find_spec(
        name: str,
        path: Sequence[str] | None = None,  # noqa: ARG004 - part of importlib's question, as is the next one
        target: ModuleType | None = None,  # noqa: ARG004
    ) -> ModuleSpec | None:
        """Return an empty package for a folder of the app. `None` leaves the name to Python's own finders."""
        folder = ROOT.joinpath(*name.split("."))
        if name.partition(".")[0] != "app" or not folder.is_dir():
            return None
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        return spec


def stand_in() -> None:
    """Have modules of the app found, and its packages empty."""
    sys.path.append(str(ROOT))
    sys.meta_path.insert(0, Bare())


def main() -> None:
    """Import the module and run its `main` with the arguments."""
    stand_in()
    importlib.import_module(sys.argv[1]).main(sys.argv[2:])


if __name__ == "__main__":
    main()
