"""The points table: a small workbook built here, and the ministry's own files where present."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.ref_import import OPEN_END, ImportReport, import_points, read_points
from dpc_assets.steps import migrate
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.ports import Ports, Row, Warehouse
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import FolderStore

MHLW = Path(__file__).parents[3] / "shared" / "data" / "mhlw"
HEAD = [
    [None] * 19,
    [None, "番号", "診断群分類番号", "傷病名", "手術名", "手術・\n処置等１", "手術・処置等２", "定義副傷病", "重症度等",
     "入院日(日）", None, None, "点数(点）", None, None, "変更\n区分", "有効期間", None, "更新日"],
    [None] * 9 + ["Ⅰ", "Ⅱ", "Ⅲ", "入院期間Ⅰ", "入院期間Ⅱ", "入院期間Ⅲ"] + [None] * 4,
]  # fmt: skip


def book(
    path: Path, *rows: list[object], title: str = "11）診断群分類点数表", head: list[list[object]] | None = None
) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = title
    for row in (HEAD if head is None else head) + list(rows):
        sheet.append(row)
    workbook.save(path)
    return path


def line(
    code: str, start: object = 20240601, end: object = 99999999, days: tuple[object, ...] = (3, 9, 30)
) -> list[object]:
    points: tuple[object, ...] = (3000, 2000, 1500) if days[0] != "" else ("", "", "")
    return [None, 1, code, "肺炎", "なし", "", None, None, "", *days, *points, 0, start, end, "00000000"]


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    store = FolderStore(tmp_path / "lake")
    warehouse = DataApiWarehouse(DuckDBDataApi(tmp_path / "dpc.duckdb", store))

    def no_key() -> bytes:
        raise InputError("no key is needed here")

    migrate.run(Run("test", ()), Ports(store, warehouse, lambda: datetime(2025, 6, 1).astimezone(), None, no_key))  # type: ignore[arg-type]
    yield warehouse


def stored(warehouse: Warehouse) -> list[Row]:
    return warehouse.fetch(
        "SELECT dpc_code, days_1, points_3, CAST(valid_from AS VARCHAR(10)), CAST(valid_to AS VARCHAR(10)), source "
        "FROM ref.dpc_points_import ORDER BY dpc_code, valid_from",
        name="stored",
    )


def test_a_row_of_the_table(tmp_path: Path) -> None:
    (row,) = read_points(book(tmp_path / "t.xlsx", line("040081XX99x0xx")))
    assert row.dpc_code == "040081xx99x0xx"
    assert row.name_ja == "肺炎／なし"
    assert (row.days, row.points) == ((3, 9, 30), (3000, 2000, 1500))
    assert (row.valid_from, row.valid_to) == (date(2024, 6, 1), OPEN_END)


def test_a_code_paid_fee_for_service_has_no_days(tmp_path: Path) -> None:
    (row,) = read_points(book(tmp_path / "t.xlsx", line("010010xx9900xx", days=("", "", ""))))
    assert (row.days, row.points) == ((None, None, None), (None, None, None))


def test_every_bad_row_is_listed_with_its_number(tmp_path: Path) -> None:
    path = book(
        tmp_path / "t.xlsx",
        line("0400"),
        line("040081xx99x0xx", start="soon"),
        line("040081xx99x0xx", days=("a", 1, 2)),
    )
    with pytest.raises(InputError) as caught:
        read_points(path)
    assert str(caught.value).splitlines() == [
        "t.xlsx: row 4: 診断群分類番号: expected 14 characters such as 040081xx99x0xx, found '0400'",
        "t.xlsx: row 5: 有効期間: expected YYYYMMDD, found 'soon'",
        "t.xlsx: row 6: expected a whole number or nothing, found 'a'",
    ]


def test_files_that_are_not_the_table(tmp_path: Path) -> None:
    text = tmp_path / "notes.xlsx"
    text.write_text("not a workbook", encoding="utf-8")
    with pytest.raises(InputError, match="expected an Excel file"):
        read_points(text)
    with pytest.raises(InputError, match="no such file"):
        read_points(tmp_path / "absent.xlsx")
    with pytest.raises(InputError, match="expected a sheet whose name holds 診断群分類点数表; found: Sheet1"):
        read_points(book(tmp_path / "other.xlsx", title="Sheet1"))
    with pytest.raises(InputError, match="expected a header row with 診断群分類番号"):
        read_points(book(tmp_path / "bare.xlsx", head=[]))


@pytest.mark.parametrize(
    "order", [("old.xlsx", "new.xlsx"), ("new.xlsx", "old.xlsx"), ("new.xlsx", "old.xlsx", "new.xlsx")]
)
def test_an_edition_ends_the_one_before_in_any_order(
    tmp_path: Path, warehouse: Warehouse, order: tuple[str, ...]
) -> None:
    book(tmp_path / "old.xlsx", line("040081xx99x0xx", 20220401), line("180010x0xxx0xx", 20220401))
    book(tmp_path / "new.xlsx", line("040081xx99x0xx", 20240601, days=(2, 8, 30)))
    for name in order:
        import_points(tmp_path / name, warehouse)
    assert stored(warehouse) == [
        ("040081xx99x0xx", 3, 1500, "2022-04-01", "2024-05-31", "old.xlsx"),
        ("040081xx99x0xx", 2, 1500, "2024-06-01", "9999-12-31", "new.xlsx"),
        ("180010x0xxx0xx", 3, 1500, "2022-04-01", "2024-05-31", "old.xlsx"),
    ]


def test_an_edition_of_the_same_day_replaces(tmp_path: Path, warehouse: Warehouse) -> None:
    import_points(book(tmp_path / "may.xlsx", line("040081xx99x0xx"), line("180010x0xxx0xx")), warehouse)
    import_points(book(tmp_path / "june.xlsx", line("040081xx99x0xx", days=(4, 9, 30))), warehouse)
    assert stored(warehouse) == [("040081xx99x0xx", 4, 1500, "2024-06-01", "9999-12-31", "june.xlsx")]


@pytest.mark.skipif(
    not MHLW.is_dir(), reason="the ministry's tables (../shared/data/mhlw) are not beside this checkout"
)
@pytest.mark.parametrize(
    ("name", "codes", "with_points", "start"),
    [
        ("dpc_points_table_20250520.xlsx", 3248, 2477, date(2024, 6, 1)),
        ("dpc_points_table_20231121.xlsx", 4726, 4064, date(2022, 4, 1)),
    ],
)
def test_the_ministrys_tables(name: str, codes: int, with_points: int, start: date, warehouse: Warehouse) -> None:
    assert import_points(MHLW / name, warehouse) == ImportReport(name, codes, with_points, start)
    assert warehouse.fetch("SELECT COUNT(*), COUNT(days_1) FROM ref.dpc_points_import", name="count") == [
        (codes, with_points)
    ]
