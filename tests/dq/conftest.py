"""A migrated warehouse on a DuckDB file, and every case of the rules judged in one run of the step."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from dq_cases import CASES
from dq_lake import fill
from dq_submission import Row, clean, edited

from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.steps import check_quality, migrate
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import FolderStore

CLEAN = "100000000"
Outcomes = Mapping[tuple[str, str, str], tuple[str, int, str]]


class Silent:
    """A channel nobody listens to; the step sends nothing."""

    def send(self, subject: str, body: str, attributes: Mapping[str, str]) -> None:
        raise AssertionError(f"check_quality sends no message, found {subject}")


@dataclass(frozen=True)
class World:
    """A lake folder, a migrated warehouse file and the ports over both."""

    folder: Path
    database: Path
    ports: Ports

    def fill(self, hospitals: Mapping[str, list[Row]]) -> None:
        fill(self.database, hospitals, self.folder)

    def rows(self, query: str) -> list[tuple]:
        with closing(duckdb.connect(str(self.database))) as connection:
            return connection.execute(query).fetchall()

    def judge(self, run_id: str, *months: str) -> check_quality.Result:
        return check_quality.run(Run(run_id, months), self.ports)

    def outcomes(self, run_id: str) -> Outcomes:
        """(month, facility, rule) -> (status, failed rows, sample keys)."""
        found = self.rows(
            "select yyyymm, facility_code, rule_id, status, failed_rows, sample_keys from dq.results_checks "
            f"where run_id = '{run_id}'"
        )
        return {(month, facility, rule): (status, rows, keys) for month, facility, rule, status, rows, keys in found}


def new_world(folder: Path) -> World:
    store = FolderStore(folder / "lake")
    database = folder / "dpc.duckdb"
    warehouse = DataApiWarehouse(DuckDBDataApi(database, store))
    ticks = iter(range(10_000))
    ports = Ports(
        store=store,
        warehouse=warehouse,
        clock=lambda: datetime(2026, 1, 5, 3, 0, 0, next(ticks), tzinfo=UTC),
        notifier=Silent(),
        id_key=lambda: b"",
    )
    migrate.run(Run("migrate", ()), ports)
    return World(folder, database, ports)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return new_world(tmp_path)


def facility(number: int, kind: str) -> str:
    """The hospital of one case: every case is a hospital of its own in the same warehouse."""
    return f"{200000000 + 10 * number + (kind == 'good')}"


def hospitals() -> dict[str, list[Row]]:
    found = {CLEAN: clean()}
    for number, case in enumerate(CASES):
        found[facility(number, "bad")] = edited(case.bad)
        found[facility(number, "good")] = edited(case.good)
    return found


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """All cases, April and May, judged by the real step over the real warehouse port."""
    world = new_world(tmp_path_factory.mktemp("judged"))
    world.fill(hospitals())
    world.judge("all", "2025-04", "2025-05")
    return world.outcomes("all")


@pytest.fixture(scope="session")
def judged_april_only(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """The same with May not loaded."""
    world = new_world(tmp_path_factory.mktemp("april"))
    april = {code: [row for row in rows if row["month"] == "202504"] for code, rows in hospitals().items()}
    world.fill(april)
    world.judge("april", "2025-04")
    return world.outcomes("april")
