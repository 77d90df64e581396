"""Lists that people open in a spreadsheet."""

from __future__ import annotations

import pytest

from app.kernel.csv_files import as_csv


@pytest.mark.parametrize("sign", "=+-@＝＋－＠\t\r")
def test_no_cell_becomes_a_formula(sign: str) -> None:
    written = as_csv([["李四", f"{sign}HYPERLINK(1)"]]).decode("utf-8-sig")
    assert f"'{sign}HYPERLINK(1)" in written
