"""`dpc board`: month x facility x file type, from raw.loads; waits while a run has the warehouse."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.text import Text

from dpc_assets.cli import places, read, show
from dpc_assets.cli.show import Lang, pick, styled
from dpc_assets.formats.registry import FILE_TYPES
from dpc_assets.steps.run import compact

COLUMNS = (
    "yyyymm",
    "facility_code",
    "file_type",
    "version",
    "newest_version",
    "status",
    "records",
    "received_at",
    "findings",
)
_SQL = (
    "SELECT submission_yyyymm, submission_facility, file_type, version, newest_version, status, records, "
    "strftime(created_at, '%Y-%m-%dT%H:%M:%SZ'), findings FROM raw.loads "
    "WHERE submission_yyyymm BETWEEN ? AND ? ORDER BY submission_yyyymm, submission_facility"
)
_JA = {"missing": "未提出", "rejected": "不合格", "loaded": "読込済", "warned": "要確認"}


def run(options: argparse.Namespace, home: Path) -> int:
    months = places.months(options.month) if options.month else ("0000-00", "9999-99")
    warehouse = places.existing_warehouse(options)
    lang = options.lang or show.default_lang()
    found = read.rows(
        warehouse,
        _SQL,
        (compact(months[0]), compact(months[-1])),
        tell=lambda text: print(f"dpc: {text}", file=sys.stderr),
    )
    found = in_order(found)
    if options.json:
        show.print_json([dict(zip(COLUMNS, row, strict=True)) for row in found])
        return 0
    if found:
        print_board(found, lang)
    else:
        text = pick(lang, "まだ何も読み込まれていません (dpc run)", "Nothing has been loaded yet (dpc run)")
        show.out().print(text)
    return 0


def print_board(found: Sequence[tuple[Any, ...]], lang: Lang) -> None:
    """`found`: rows of raw.loads in the order of `COLUMNS`, sorted by month, facility and file type."""
    console = show.out()
    by_facility: dict[tuple[str, str], dict[str, tuple[Any, ...]]] = {}
    for row in found:
        by_facility.setdefault((row[0], row[1]), {})[row[2]] = row
    rows = []
    notes = []
    for (yyyymm, facility), types in by_facility.items():
        version = next((row[3] for row in types.values() if row[3] is not None), None)
        cells = [_cell(types.get(file_type), lang) for file_type in FILE_TYPES]
        rows.append([yyyymm, facility, f"v{version}" if version else "-", *cells])
        notes += [f"  {yyyymm} {facility} {name}: {row[8]}" for name, row in types.items() if row[8]]
    columns = [*pick(lang, "月 施設 版", "month facility version").split(), *FILE_TYPES]
    console.print(show.table(pick(lang, "提出状況", "Submission board"), columns, rows))
    for note in dict.fromkeys(notes):
        console.print(Text(note))


def in_order(found: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """By month, facility and file type."""
    return sorted(found, key=lambda row: (row[0], row[1], FILE_TYPES.index(row[2])))


def _cell(row: tuple[object, ...] | None, lang: str) -> Text:
    if row is None:
        return Text("")
    status = str(row[5])
    cell = styled(status)
    cell.plain = pick(lang, _JA.get(status, status), status)
    if row[6] is not None:
        cell.append(f" {row[6]:,}")
    return cell
