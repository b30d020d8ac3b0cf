"""Loads the ministry's electronic points table (診断群分類(DPC)電子点数表, .xlsx) into `ref.dpc_points_import`.

The sheet 診断群分類点数表 has one row a DPC code: 14 characters, names of its branches, days I/II/III, points a day of
the three periods, the dates from and to which the row is valid (99999999: open). An edition is one file; it starts
where its earliest row does. Where editions follow each other, the older one's rows end the day before the newer starts,
whatever the order of the imports; an edition that starts on the same day replaces the one before.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from dpc_assets.steps.data_api import inserts, sql_text
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.ports import Warehouse

OPEN_END = date(9999, 12, 31)
"""valid_to of a row that no later edition ends."""

_SHEET = "診断群分類点数表"
_CODE = re.compile(r"[0-9]{5}[0-9xX][0-9A-Za-z]{8}")


@dataclass(frozen=True)
class PointsRow:
    """One DPC code of one edition; days and points are None where the code is paid fee-for-service."""

    dpc_code: str
    name_ja: str
    days: tuple[int | None, int | None, int | None]
    points: tuple[int | None, int | None, int | None]
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class ImportReport:
    """What an import did: the file's name, codes read, how many have days and points, the edition's first day."""

    source: str
    codes: int
    with_points: int
    edition_from: date


def read_points(path: Path) -> tuple[PointsRow, ...]:
    """All rows of the file, in its order; raises InputError that lists every row that cannot be read."""
    rows: list[PointsRow] = []
    problems: list[str] = []
    lines = _lines(path)
    columns = _columns(path, lines)
    for number, cells in lines:
        code = str(cells[columns["code"]] or "").strip()
        if not code:
            continue
        try:
            rows.append(_row(code, cells, columns))
        except ValueError as error:
            problems.append(f"{path.name}: row {number}: {error}")
    if not rows and not problems:
        problems.append(f"{path.name}: sheet {_SHEET}: expected one row a DPC code, found none")
    if problems:
        raise InputError("\n".join(problems[:100]))
    return tuple(rows)


def import_points(path: Path, warehouse: Warehouse) -> ImportReport:
    """Reads the file and stores it in one transaction; the tables must exist (steps.migrate)."""
    rows = read_points(path)
    start = min(row.valid_from for row in rows)
    known = warehouse.fetch(
        "SELECT source, CAST(MIN(valid_from) AS VARCHAR(10)) FROM ref.dpc_points_import "
        "GROUP BY source ORDER BY source",
        name="editions",
    )
    editions = {str(source): date.fromisoformat(str(first)) for source, first in known if source != path.name}
    later = [first for first in editions.values() if first > start]
    if later:
        end = min(later) - timedelta(days=1)
        rows = tuple(replace(row, valid_to=min(row.valid_to, end)) for row in rows)
    warehouse.execute(_statements(path.name, start, rows, editions), name="import-points")
    return ImportReport(path.name, len(rows), sum(row.days[0] is not None for row in rows), start)


def _lines(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    import openpyxl

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns about styles and data validation that no one needs here
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; give the path of the points table (.xlsx)") from error
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, openpyxl.utils.exceptions.InvalidFileException) as error:
        raise InputError(
            f"{path.name}: expected an Excel file (.xlsx) of the DPC points table; it cannot be opened"
        ) from error
    sheets = [sheet for sheet in book.worksheets if _SHEET in sheet.title]
    if not sheets:
        titles = ", ".join(sheet.title for sheet in book.worksheets)
        raise InputError(f"{path.name}: expected a sheet whose name holds {_SHEET}; found: {titles}")
    yield from enumerate(sheets[0].iter_rows(values_only=True), start=1)


def _columns(path: Path, lines: Iterator[tuple[int, Sequence[Any]]]) -> Mapping[str, int]:
    """Positions of the columns, read from the two header rows; leaves `lines` at the first data row."""
    for _, cells in lines:
        names = [str(cell or "").replace("\n", "") for cell in cells]
        if "診断群分類番号" not in names:
            continue
        code = names.index("診断群分類番号")
        found = {key: _find(names, start) for key, start in _HEADINGS.items()}
        absent = [_HEADINGS[key] for key, position in found.items() if position is None]
        if absent:
            raise InputError(f"{path.name}: sheet {_SHEET}: expected the columns {', '.join(absent)}; not found")
        next(lines, None)  # the second header row: I, II, III
        return {"code": code} | {key: position for key, position in found.items() if position is not None}
    raise InputError(f"{path.name}: sheet {_SHEET}: expected a header row with 診断群分類番号; found none")


_HEADINGS = {"days": "入院日", "points": "点数", "valid": "有効期間"}


def _find(names: Sequence[str], start: str) -> int | None:
    return next((i for i, name in enumerate(names) if name.startswith(start)), None)


def _row(code: str, cells: Sequence[Any], columns: Mapping[str, int]) -> PointsRow:
    if not _CODE.fullmatch(code):
        raise ValueError(f"診断群分類番号: expected 14 characters such as 040081xx99x0xx, found {code!r}")
    days, points, valid = columns["days"], columns["points"], columns["valid"]
    branches = [str(cell).strip() for cell in cells[columns["code"] + 1 : days] if cell is not None]
    return PointsRow(
        dpc_code=code.replace("X", "x"),
        name_ja="／".join(branch for branch in branches if branch),
        days=(_number(cells[days]), _number(cells[days + 1]), _number(cells[days + 2])),
        points=(_number(cells[points]), _number(cells[points + 1]), _number(cells[points + 2])),
        valid_from=_day(cells[valid]),
        valid_to=_day(cells[valid + 1]),
    )


def _number(cell: Any) -> int | None:
    text = str(cell if cell is not None else "").strip()
    if text in ("", "-", "－"):
        return None
    if not re.fullmatch(r"[0-9]+(\.0)?", text):
        raise ValueError(f"expected a whole number or nothing, found {text!r}")
    return int(float(text))


def _day(cell: Any) -> date:
    text = str(cell).strip()
    if text == "99999999":
        return OPEN_END
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError as error:
        raise ValueError(f"有効期間: expected YYYYMMDD, found {text!r}") from error


def _statements(source: str, start: date, rows: Sequence[PointsRow], editions: Mapping[str, date]) -> list[str]:
    replaced = [source, *(name for name, first in editions.items() if first == start)]
    statements = [
        f"DELETE FROM ref.dpc_points_import WHERE source IN ({', '.join(sql_text(name) for name in replaced)})",
        f"UPDATE ref.dpc_points_import SET valid_to = DATE '{start - timedelta(days=1)}' "
        f"WHERE valid_from < DATE '{start}' AND valid_to >= DATE '{start}'",
    ]
    columns = "dpc_code, name_ja, days_1, days_2, days_3, points_1, points_2, points_3, valid_from, valid_to, source"
    statements += inserts(f"ref.dpc_points_import ({columns})", (_values(source, row) for row in rows))
    return statements


def _values(source: str, row: PointsRow) -> str:
    numbers = ", ".join("NULL" if n is None else str(n) for n in (*row.days, *row.points))
    dates = f"DATE '{row.valid_from}', DATE '{row.valid_to}'"
    return f"({sql_text(row.dpc_code)}, {sql_text(row.name_ja)}, {numbers}, {dates}, {sql_text(source)})"
