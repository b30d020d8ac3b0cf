"""The compiled machines with the real steps: two months found and run, one held, waived, rerun; as on a laptop."""

import json
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dpc_process import Surrounding
from machine_in_process import Cloud

from dpc_assets.sample import generate
from dpc_assets.steps import export, migrate
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.ports import ObjectStore, Ports
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import FolderStore

pytestmark = pytest.mark.soak

WAIVERS = "facility_code,yyyymm,rule_id,reason,who,until\n131000123,202504,A01,known duplicate,Data office,2099-12-31\n"
RERUN = {"partition": "2025-04", "select": "dq/results_checks or group:export"}


def exported(objects: list[str]) -> list[str]:
    return [key.rpartition("=")[2] for key in objects if key.startswith("processed/_success/")]


def tables(database: Path) -> dict[str, list[Any]]:
    """Rows of every table but housekeeping, sorted; of quality the newest run of each month, without run and time."""
    with closing(duckdb.connect(str(database), read_only=True)) as connection:
        names = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables where table_schema in "
            "('raw', 'stage', 'ref', 'mart', 'export') and table_name <> 'schema_migrations' order by 1"
        ).fetchall()
        found = {name: connection.execute(f"select * from {name}").fetchall() for (name,) in names}
        found["dq.results_checks"] = connection.execute(
            "select * exclude (run_id, checked_at) from dq.results_checks qualify checked_at = "
            "max(checked_at) over (partition by yyyymm)"
        ).fetchall()
    return {name: sorted(map(str, rows)) for name, rows in found.items()}


def rows(store: ObjectStore, key: str) -> list[str] | None:
    """Rows of a Parquet object, sorted; None where there is no such object."""
    if not store.exists(key):
        return None
    with tempfile.NamedTemporaryFile(suffix=".parquet") as copy, duckdb.connect() as connection:
        copy.write(store.read(key))
        copy.flush()
        return sorted(map(str, connection.execute(f"from read_parquet('{copy.name}')").fetchall()))


def test_the_daily_machine_and_a_rerun_leave_what_a_laptop_leaves(cloud: Cloud, tmp_path: Path) -> None:
    laptop = Surrounding(tmp_path / "laptop")
    generate(str(laptop.lake), "2025-04", months=2, facilities=1, stays=12, seed=3, fault="ff1-duplicate")
    delivered = FolderStore(laptop.lake)
    for each in delivered.list("raw/"):
        cloud.store.write(each.key, delivered.read(each.key))
    warehouse = DataApiWarehouse(cloud.client("redshift-data"))
    nowhere: Any = None
    migrate.run(Run("deployment", ()), Ports(cloud.store, warehouse, nowhere, nowhere, nowhere))

    daily = cloud.run("dpc-learning-schedule", {}, "daily-1")

    assert [(each.input["partition"], each.error) for each in daily.children] == [
        ("2025-04", "DataHeld"),
        ("2025-05", "DataHeld"),  # it exported its own month; April still waits
    ]
    assert (daily.status, daily.error) == ("FAILED", "RunsFailed")
    assert "2025-04 131000123 A01" in daily.children[0].cause
    assert [len(words.split()) for words in cloud.words] == [39, 39]
    keys = [each.key for each in cloud.store.list("")]
    assert exported(keys) == ["2025-05"]
    assert {key for key in keys if key.startswith("logs/runs/")} == {
        "logs/runs/2025-04/done.json",
        "logs/runs/2025-05/done.json",
        "logs/runs/_writer.json",
    }

    again = cloud.run("dpc-learning-schedule", {}, "daily-2")
    assert (again.status, again.children) == ("SUCCEEDED", ())

    recorded = cloud.store.read("logs/runs/2025-04/done.json")
    cloud.store.write("ref/waivers.csv", WAIVERS.encode())
    rerun = cloud.run("dpc-learning-elt", RERUN, "rerun-1")
    assert (rerun.status, rerun.error) == ("SUCCEEDED", "")
    assert {"raw/submissions passed over", "raw_types passed over", "dbt passed over"} <= set(rerun.entered)
    assert "exports passed over" not in rerun.entered
    assert exported([each.key for each in cloud.store.list("")]) == ["2025-04", "2025-05"]
    assert cloud.store.read("logs/runs/2025-04/done.json") == recorded

    laptop.json("run", "--month", "2025-04..2025-05", status=1)
    delivered.write("ref/waivers.csv", WAIVERS.encode())
    laptop.json("run", "--month", "2025-04", "--select", RERUN["select"])
    left = tables(cloud.database)
    assert left == tables(laptop.warehouse)
    assert len(left["mart.fact_stay"]) >= 10 and len(left["dq.results_checks"]) == 2 * 71
    for dataset in export.DATASETS:
        for month in ("2025-04", "2025-05"):
            key = f"processed/{dataset}/month={month}/000.parquet"
            assert rows(cloud.store, key) == rows(delivered, key)
    dictionaries = [
        json.loads(store.read("processed/metadata/data_dictionary.json")) for store in (cloud.store, delivered)
    ]
    assert dictionaries[0] == dictionaries[1]
