"""The last step: what it records, sends and refuses, for whole executions and for selections."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.steps import export, finish, migrate, verdict
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.errors import DataHeld, RetryLater
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import FolderStore

NOW = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)
RUN = Run("run-1", ("2025-04",), datetime(2025, 7, 1, 2, 58, tzinfo=UTC))
EXPORTS = ["export/fact_stay", "mart/fact_stay"]
DONE = "logs/runs/2025-04/done.json"


@dataclass
class Channel:
    """Keeps the subjects of its messages; `refuses` them at first."""

    refuses: bool = False
    subjects: list[str] = field(default_factory=list)

    def send(self, subject: str, body: str, attributes: Mapping[str, str]) -> None:
        if self.refuses:
            raise RetryLater("SNS refused the message")
        self.subjects.append(subject)


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def ports(tmp_path: Path, channel: Channel) -> Ports:
    """Marts of two months that wait for their export; one version of April was judged."""
    store = FolderStore(tmp_path / "lake")
    ports = Ports(
        store,
        DataApiWarehouse(DuckDBDataApi(tmp_path / "dpc.duckdb", store)),
        lambda: NOW,
        channel,
        lambda: b"",
    )
    migrate.run(Run("test", ()), ports)
    columns = {name: dict.fromkeys((*grain, "yyyymm")) for name, grain in export.DATASETS.items()}
    tables = [
        f"CREATE TABLE mart.{name} ({', '.join(f'{column} VARCHAR(30)' for column in each)})"
        for name, each in columns.items()
    ]
    rows = [f"INSERT INTO mart.facility_monthly VALUES ('131000123', '{month}')" for month in ("202504", "202505")]
    ports.warehouse.execute([*tables, *rows], name="marts")
    first = Submission("2025-04", "131000123", 1)
    store.write(first.manifest, b"{}")
    where = verdict.folder(store, first)
    verdict.write(store, verdict.judged(where, judged_at="", created_at=None, files=(), problems=()))
    return ports


def judge(ports: Ports, month: str, waived_by: str = "") -> None:
    values = (
        f"('run-1', '{month}', '131000123', 'E01', 'CRITICAL', 'fail', 2, 0, 'k', '入院EFが矛盾', 'EFn disagrees', "
        f"'{waived_by}', '', TIMESTAMP '2025-07-01 00:00:00')"
    )
    ports.warehouse.execute([f"INSERT INTO dq.results_checks VALUES {values}"], name="judge")


def successes(ports: Ports) -> list[str]:
    return [each.key for each in ports.store.list("processed/_success/")]


def test_a_whole_execution_records_its_months_and_sends_the_summary(ports: Ports, channel: Channel) -> None:
    export.ready(RUN, ports)
    result = finish.run(RUN, ports, full=True, selected=EXPORTS)
    assert channel.subjects == ["DPC 2025-04: DONE"]
    recorded = json.loads(ports.store.read(DONE))
    assert (recorded["run_id"], list(recorded["keys"])) == ("run-1", ["2025-04/131000123/v1"])
    assert dict(result.counts) == {"findings": 0, "held": 0, "seconds": 120, "versions_done": 1}


def test_a_selection_records_nothing(ports: Ports, channel: Channel) -> None:
    finish.run(RUN, ports, full=False, selected=["mart/fact_stay"])
    assert not ports.store.exists(DONE)
    assert channel.subjects == ["DPC 2025-04: DONE"]


def test_held_months_fail_the_execution_after_the_others_were_exported_and_all_was_recorded(
    ports: Ports, channel: Channel
) -> None:
    judge(ports, "202504")
    assert dict(export.ready(RUN, ports).counts) == {"months": 1, "rows": 1}
    assert successes(ports) == ["processed/_success/month=2025-05"]
    with pytest.raises(DataHeld) as held:
        finish.run(RUN, ports, full=True, selected=EXPORTS)
    assert str(held.value).splitlines()[:2] == [
        "the export of these months is held by CRITICAL findings / 重大な指摘のため出力を保留した月があります:",
        "  2025-04 131000123 E01 x2: 入院EFが矛盾 / EFn disagrees",
    ]
    assert ports.store.exists(DONE)
    assert channel.subjects == ["DPC 2025-04: HELD"]


def test_another_month_that_is_due_and_held_fails_it_too(ports: Ports) -> None:
    judge(ports, "202505")
    export.ready(RUN, ports)
    with pytest.raises(DataHeld, match="2025-05 131000123 E01"):
        finish.run(RUN, ports, full=True, selected=EXPORTS)


def test_a_waived_finding_holds_nothing(ports: Ports, channel: Channel) -> None:
    judge(ports, "202504", waived_by="Data office")
    export.ready(RUN, ports)
    finish.run(RUN, ports, full=True, selected=EXPORTS)
    assert channel.subjects == ["DPC 2025-04: DONE"]


def test_a_selection_without_the_export_is_not_failed_by_a_held_month(ports: Ports, channel: Channel) -> None:
    judge(ports, "202504")
    finish.run(RUN, ports, full=False, selected=["dq/results_checks"])
    assert channel.subjects == ["DPC 2025-04: HELD"]


def test_a_selection_without_a_month_records_no_month(ports: Ports, channel: Channel) -> None:
    finish.run(Run("run-2", ()), ports, full=True, selected=EXPORTS)
    assert list(ports.store.list("logs/runs/")) == []


def test_a_channel_that_refuses_may_be_tried_later_with_the_same_end(ports: Ports, channel: Channel) -> None:
    export.ready(RUN, ports)
    channel.refuses = True
    with pytest.raises(RetryLater):
        finish.run(RUN, ports, full=True, selected=EXPORTS)
    first = ports.store.read(DONE)
    channel.refuses = False
    finish.run(RUN, ports, full=True, selected=EXPORTS)
    assert ports.store.read(DONE) == first
    assert channel.subjects == ["DPC 2025-04: DONE"]


def test_the_same_months_are_refused_as_on_a_laptop(ports: Ports) -> None:
    judge(ports, "202504")
    with pytest.raises(DataHeld) as laptop:
        export.run(RUN, ports)
    with pytest.raises(DataHeld) as aws:
        finish.run(RUN, ports, full=True, selected=EXPORTS)
    assert str(laptop.value) == str(aws.value)
