"""Export: changed months only, `_SUCCESS` last, held months left out; an interrupted export is replaced whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any, BinaryIO

import duckdb
import pytest
from warehouse_place import Place

from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.local.mart_columns import TARGET, text
from dpc_assets.steps import dictionary, export
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.errors import DataHeld, InputError, RetryLater
from dpc_assets.steps.ports import ObjectInfo, Ports
from dpc_assets.steps.run import Result, Run
from dpc_assets.steps.store import FolderStore

A, B = "131000123", "271000456"
MARTS = [
    "CREATE TABLE mart.fact_stay (facility_code VARCHAR(27), patient_data_id VARCHAR(30), admission_date DATE, "
    "same_day_no VARCHAR(3), yyyymm VARCHAR(6), claim_points BIGINT)",
    "CREATE TABLE mart.facility_monthly (facility_code VARCHAR(27), yyyymm VARCHAR(6), mortality_rate DECIMAL(9,6))",
    "CREATE TABLE mart.dpc_monthly (facility_code VARCHAR(27), yyyymm VARCHAR(6), dpc_code VARCHAR(14), cases BIGINT)",
    "CREATE TABLE mart.cost_monthly (facility_code VARCHAR(27), yyyymm VARCHAR(6), data_category VARCHAR(6), "
    "lines BIGINT)",
    "CREATE TABLE mart.submission_board (facility_code VARCHAR(27), yyyymm VARCHAR(6), file_type VARCHAR(3), "
    "received_at TIMESTAMP)",
]
EVERYTHING = ["cost_monthly", "dpc_monthly", "facility_monthly", "fact_stay", "submission_board"]


def month_rows(yyyymm: str, points: int = 100) -> list[str]:
    day = f"DATE '{yyyymm[:4]}-{yyyymm[4:]}-01'"
    return [
        f"INSERT INTO mart.fact_stay VALUES ('{B}', '0000000002', {day}, '0', '{yyyymm}', NULL), "
        f"('{A}', '0000000001', {day}, '0', '{yyyymm}', {points})",
        f"INSERT INTO mart.facility_monthly VALUES ('{A}', '{yyyymm}', 0.25)",
        f"INSERT INTO mart.dpc_monthly VALUES ('{A}', '{yyyymm}', '040080x099x0xx', 1)",
        f"INSERT INTO mart.cost_monthly VALUES ('{A}', '{yyyymm}', '33', 12)",
        f"INSERT INTO mart.submission_board VALUES ('{A}', '{yyyymm}', 'FF1', TIMESTAMP '2025-05-10 00:00:00')",
    ]


@pytest.fixture
def built(place: Place) -> Place:
    place.migrate()
    place.ports.warehouse.execute([*MARTS, *month_rows("202504"), *month_rows("202505")], name="marts")
    return place


def run(place: Place, *months: str, ports: Ports | None = None) -> Result:
    return export.run(Run("test", months), ports or place.ports)


def processed(place: Place) -> dict[str, bytes]:
    found = {each.key: place.store.read(each.key) for each in place.store.list("processed/")}
    return {key: data for key, data in found.items() if "/metadata/" not in key}


def parquet(place: Place, dataset: str, month: str) -> list[tuple[Any, ...]]:
    path = place.root / "lake" / "processed" / dataset / f"month={month}" / "*.parquet"
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT * FROM read_parquet('{path}', hive_partitioning = false)").fetchall()


def judge(place: Place, run_id: str, yyyymm: str, *, hour: int, status: str = "fail", severity: str = "CRITICAL",
          waived_by: str = "") -> None:  # fmt: skip
    values = (
        f"('{run_id}', '{yyyymm}', '{A}', 'E01', '{severity}', '{status}', 2, 0, 'k', '入院EFが矛盾', 'EFn disagrees', "
        f"'{waived_by}', '', TIMESTAMP '2025-06-01 {hour:02d}:00:00')"
    )
    place.ports.warehouse.execute([f"INSERT INTO dq.results_checks VALUES {values}"], name="judge")


def test_every_month_the_first_time(built: Place) -> None:
    result = run(built)
    assert result.counts == {"months": 2, "rows": 12}
    months = ("2025-04", "2025-05")
    assert list(processed(built)) == sorted(
        [f"processed/{each}/month={month}/000.parquet" for each in EVERYTHING for month in months]
        + [f"processed/_success/month={month}" for month in months]
    )
    assert [row[:2] for row in parquet(built, "fact_stay", "2025-04")] == [(A, "0000000001"), (B, "0000000002")]


def test_nothing_when_nothing_changed(built: Place) -> None:
    run(built)
    before = {key: (built.root / "lake" / key).stat().st_mtime_ns for key in processed(built)}
    assert export.changed_months(built.ports.warehouse) == ()
    assert run(built, "2025-04").counts == {"months": 0, "rows": 0}
    assert {key: (built.root / "lake" / key).stat().st_mtime_ns for key in processed(built)} == before


def test_only_the_month_that_changed(built: Place) -> None:
    run(built)
    built.ports.warehouse.execute(
        [f"UPDATE mart.fact_stay SET claim_points = 7 WHERE yyyymm = '202505' AND facility_code = '{A}'"], name="change"
    )
    assert export.changed_months(built.ports.warehouse) == ("2025-05",)
    before = processed(built)
    assert run(built).counts["months"] == 1
    after = processed(built)
    assert {key for key in after if after[key] != before.get(key)} == {"processed/fact_stay/month=2025-05/000.parquet"}
    assert parquet(built, "fact_stay", "2025-05")[0][5] == 7


def test_an_empty_dataset_has_no_files(built: Place) -> None:
    run(built)
    built.ports.warehouse.execute(["DELETE FROM mart.dpc_monthly WHERE yyyymm = '202504'"], name="empty")
    assert export.changed_months(built.ports.warehouse) == ("2025-04",)
    run(built)
    assert "processed/dpc_monthly/month=2025-04/000.parquet" not in processed(built)
    assert "processed/_success/month=2025-04" in processed(built)
    assert export.changed_months(built.ports.warehouse) == ()


def test_a_month_without_success_is_exported_again(built: Place) -> None:
    run(built)
    built.store.delete("processed/_success/month=2025-04")
    built.store.write("processed/fact_stay/month=2025-04/left-over.parquet", b"half")
    assert run(built).counts["months"] == 1
    assert "processed/fact_stay/month=2025-04/left-over.parquet" not in processed(built)


def test_another_shape_of_a_mart_exports_every_month(built: Place) -> None:
    run(built)
    built.ports.warehouse.execute(["ALTER TABLE mart.dpc_monthly ADD COLUMN more INTEGER"], name="widen")
    assert export.changed_months(built.ports.warehouse) == ("2025-04", "2025-05")
    assert run(built).counts["months"] == 2
    assert export.changed_months(built.ports.warehouse) == ()


def test_rows_without_a_month_are_told_and_stop_nothing(built: Place) -> None:
    built.ports.warehouse.execute(
        [f"INSERT INTO mart.cost_monthly VALUES ('{A}', NULL, '33', 1), ('{A}', '202513', '33', 1)"], name="undated"
    )
    result = run(built)
    assert result.counts["months"] == 2
    assert result.notes[0] == "mart.cost_monthly: 2 rows without a month, not exported"
    assert run(built).counts["months"] == 0


def test_marts_that_are_not_built_are_named(place: Place) -> None:
    place.migrate()
    assert export.changed_months(place.ports.warehouse) == ()
    with pytest.raises(InputError, match=r"mart\.fact_stay, mart\.facility_monthly, .* not built yet"):
        run(place)


class BreaksAt:
    """The lake, whose n-th change (write, stored stream or deletion) fails; 0 fails never."""

    def __init__(self, store: FolderStore, number: int) -> None:
        self._store = store
        self._number = number
        self.changes = 0

    def _change(self) -> None:
        self.changes += 1
        if self.changes == self._number:
            raise RetryLater(f"change {self.changes} broke")

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        return self._store.list(prefix)

    def open(self, key: str) -> BinaryIO:
        return self._store.open(key)

    def read(self, key: str) -> bytes:
        return self._store.read(key)

    def exists(self, key: str) -> bool:
        return self._store.exists(key)

    def write(self, key: str, data: bytes) -> None:
        self._change()
        self._store.write(key, data)

    def writer(self, key: str) -> AbstractContextManager[BinaryIO]:
        return self._writer(key)

    @contextmanager
    def _writer(self, key: str) -> Iterator[BinaryIO]:
        with self._store.writer(key) as stream:
            yield stream
            self._change()

    def delete(self, key: str) -> None:
        self._change()
        self._store.delete(key)

    def uri(self, key: str) -> str:
        return self._store.uri(key)

    def display(self, key: str) -> str:
        return self._store.display(key)


def breaking(place: Place, number: int) -> tuple[BreaksAt, Ports]:
    store = BreaksAt(place.store, number)
    return store, replace(place.ports, store=store, warehouse=DataApiWarehouse(DuckDBDataApi(place.database, store)))


def changes_of_an_export(place: Place) -> int:
    store, ports = breaking(place, 0)
    run(place, ports=ports)
    return store.changes


def test_an_export_broken_at_any_change_is_replaced_whole(built: Place) -> None:
    built.ports.warehouse.execute(["DELETE FROM mart.fact_stay WHERE yyyymm = '202505'"], name="smaller")
    run(built)
    filled = [*month_rows("202504")[2:3], "UPDATE mart.fact_stay SET claim_points = -1"]
    emptied = "DELETE FROM mart.dpc_monthly WHERE yyyymm = '202504'", "UPDATE mart.fact_stay SET claim_points = 1"
    built.ports.warehouse.execute(emptied, name="change")
    total = changes_of_an_export(built)
    assert total == 11  # 2 of _SUCCESS, 1 of the emptied dataset, 2 of each of the 4 others
    for number in range(1, total + 1):
        built.ports.warehouse.execute(filled, name="before")
        run(built)
        built.ports.warehouse.execute(emptied, name="after")
        _, ports = breaking(built, number)
        with pytest.raises(RetryLater, match=f"change {number} broke"):
            run(built, ports=ports)
        if "processed/_success/month=2025-04" in processed(built):  # then the month is whole, old or new
            points = {row[5] for row in parquet(built, "fact_stay", "2025-04")}
            there = "processed/dpc_monthly/month=2025-04/000.parquet" in processed(built)
            assert (points, there) in (({-1}, True), ({1}, False))
        run(built)
        assert {row[5] for row in parquet(built, "fact_stay", "2025-04")} == {1}
        assert len(processed(built)) == 10
        assert export.changed_months(built.ports.warehouse) == ()


def test_a_held_month_waits_and_the_others_go(built: Place) -> None:
    judge(built, "r1", "202504", hour=1)
    with pytest.raises(DataHeld) as held:
        run(built, "2025-04")
    assert str(held.value).splitlines() == [
        "the export of these months is held by CRITICAL findings / 重大な指摘のため出力を保留した月があります:",
        f"  2025-04 {A} E01 x2: 入院EFが矛盾 / EFn disagrees",
        "mend the data and resubmit it, or waive the rule with a reason in ref/waivers.csv, then run the month again / "
        "データを直して再提出するか、理由を ref/waivers.csv に書いてから、その月を再実行してください",
    ]
    assert {key.rsplit("=")[1][:7] for key in processed(built)} == {"2025-05"}


def test_a_held_month_keeps_its_last_export(built: Place) -> None:
    run(built)
    before = processed(built)
    judge(built, "r1", "202504", hour=1)
    built.ports.warehouse.execute(["UPDATE mart.fact_stay SET claim_points = 7"], name="change")
    with pytest.raises(DataHeld):
        run(built, "2025-05")
    after = processed(built)
    assert {key for key in after if after[key] != before[key]} == {"processed/fact_stay/month=2025-05/000.parquet"}
    assert "processed/_success/month=2025-04" in after


@pytest.mark.parametrize(
    "later",
    [
        {"status": "pass"},
        {"severity": "WARNING"},
        {"waived_by": "事務長"},
    ],
)
def test_the_newest_judgement_counts(built: Place, later: dict[str, str]) -> None:
    judge(built, "r1", "202504", hour=1)
    judge(built, "r2", "202504", hour=2, **later)
    assert run(built, "2025-04").counts["months"] == 2


def test_an_old_hold_of_a_month_that_is_not_due_stops_nothing(built: Place) -> None:
    run(built)
    judge(built, "r1", "202504", hour=1)
    assert run(built, "2025-05").counts["months"] == 0
    with pytest.raises(DataHeld, match="2025-04"):
        run(built, "2025-04")


def test_the_dictionary_in_both_languages(built: Place) -> None:
    run(built)
    document = json.loads(built.store.read("processed/metadata/data_dictionary.json"))
    assert document["schema"] == "dpc-dictionary/1"
    assert [each["name"] for each in document["datasets"]] == EVERYTHING
    columns = {column["name"]: column for column in document["datasets"][3]["columns"]}
    assert columns["claim_points"]["type"] == "bigint"
    assert columns["facility_code"] == {
        "name": "facility_code",
        "type": "varchar",
        "en": "Facility code, 9 digits",
        "ja": "施設コード",
    }
    markdown = built.store.read("processed/metadata/data_dictionary.md").decode()
    assert "| `facility_code` | varchar | 施設コード | Facility code, 9 digits |" in markdown


def test_a_dictionary_that_was_not_written_is_written_next_time(built: Place) -> None:
    run(built)
    whole = built.store.read("processed/metadata/data_dictionary.md")
    built.store.write("processed/metadata/data_dictionary.md", b"of an older release")
    run(built)
    assert built.store.read("processed/metadata/data_dictionary.md") == whole


def test_every_exported_mart_is_described() -> None:
    words = dictionary.described()
    assert set(export.DATASETS) <= set(words)
    for dataset in export.DATASETS:
        assert words[dataset]["en"]
        assert words[dataset]["ja"]
        assert all(said["en"] and said["ja"] for said in words[dataset]["columns"].values())


def test_the_words_are_those_of_the_dbt_project() -> None:
    assert TARGET.read_text(encoding="utf-8") == text(), "run: python -m dpc_assets.local.mart_columns"
