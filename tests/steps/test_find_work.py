"""Which months are due: what the lake holds now against what the last whole execution recorded."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dpc_assets.steps import find_work, verdict
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import FolderStore

NOW = datetime(2025, 6, 30, 18, 0, tzinfo=UTC)  # 3:00 on the first of July in Japan
APRIL, MAY = Submission("2025-04", "131000123", 1), Submission("2025-05", "131000123", 1)


class Asleep:
    """A warehouse and a channel that nothing may wake."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was called")


def deliver(store: FolderStore, *submissions: Submission) -> None:
    for each in submissions:
        store.write(each.raw + f"FF1_{each.facility}_x.txt", b"x")
        store.write(each.manifest, b"{}")


def judge(store: FolderStore, *submissions: Submission) -> None:
    for each in submissions:
        where = verdict.folder(store, each)
        verdict.write(store, verdict.judged(where, judged_at="", created_at=None, files=(), problems=()))


def due(store: FolderStore, **asked: object) -> list[str]:
    asleep = Asleep()
    ports = Ports(store, asleep, lambda: NOW, asleep, lambda: b"")
    found = find_work.run(Run("daily-1", ()), ports, {name.rstrip("_"): month for name, month in asked.items()})
    assert all(each.keys() == {"partition"} for each in found)
    return [each["partition"] for each in found]


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


def done(store: FolderStore, *months: str) -> None:
    for month in months:
        find_work.record(store, month, "run-1", NOW)


def test_nothing_is_due_in_an_empty_lake(store: FolderStore) -> None:
    assert due(store) == []


def test_a_month_is_due_until_an_execution_has_recorded_it(store: FolderStore) -> None:
    deliver(store, MAY, APRIL)
    assert due(store) == ["2025-04", "2025-05"]
    judge(store, APRIL, MAY)
    assert due(store) == ["2025-04", "2025-05"]
    done(store, "2025-04")
    assert due(store) == ["2025-05"]
    done(store, "2025-05")
    assert due(store) == []


def test_what_is_recorded(store: FolderStore) -> None:
    deliver(store, APRIL)
    judge(store, APRIL)
    done(store, "2025-04")
    assert json.loads(store.read("logs/runs/2025-04/done.json")) == {
        "schema": "dpc-done/1",
        "month": "2025-04",
        "run_id": "run-1",
        "recorded_at": "2025-06-30T18:00:00+00:00",
        "keys": {"2025-04/131000123/v1": verdict.folder(store, APRIL).key},
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.write(APRIL.raw + "FF4_131000123_2504.txt", b"late"),
        lambda store: store.write(APRIL.manifest, b'{"schema": "dpc-manifest/1"}'),
        lambda store: deliver(store, Submission("2025-04", "131000123", 2)),
        lambda store: deliver(store, Submission("2025-04", "271000456", 1)),
        lambda store: store.write("raw/yyyymm=2025-04/131000123/v2/sub/deep.txt", b""),
        lambda store: [store.delete(each.key) for each in list(store.list(APRIL.raw))],
    ],
    ids=["a file", "the manifest", "a version", "a facility", "a version that will be rejected", "all of it left"],
)
def test_a_changed_month_is_due_again(store: FolderStore, change: Any) -> None:
    deliver(store, APRIL, MAY)
    judge(store, APRIL, MAY)
    done(store, "2025-04", "2025-05")
    change(store)
    assert due(store) == ["2025-04"]


def test_what_arrives_while_an_execution_runs_is_due_after_it(store: FolderStore) -> None:
    deliver(store, APRIL)
    judge(store, APRIL)
    deliver(store, Submission("2025-04", "131000123", 2))
    store.write(APRIL.manifest, b'{"changed": "since it was judged"}')
    done(store, "2025-04")
    assert due(store) == ["2025-04"]


def test_a_range_is_every_month_of_it_that_has_a_submission(store: FolderStore) -> None:
    june = Submission("2025-06", "131000123", 1)
    deliver(store, APRIL, june)
    judge(store, APRIL, june)
    done(store, "2025-04", "2025-06")
    assert due(store) == []
    assert due(store, from_="2025-04", to="2025-06") == ["2025-04", "2025-06"]
    assert due(store, from_="2025-05", to="2025-06") == ["2025-06"]
    assert due(store, from_="2025-05", to="2025-05") == []


def test_a_link_to_the_execution_that_started_it_asks_for_nothing(store: FolderStore) -> None:
    deliver(store, APRIL)
    assert due(store, AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID="arn") == ["2025-04"]


def test_months_that_no_layout_knows_and_months_to_come_are_left_alone(store: FolderStore) -> None:
    for month in ("2024-03", "2025-07", "2025-08", "2025-13"):
        deliver(store, Submission(month, "131000123", 1))
    assert due(store) == ["2025-07"]
    assert due(store, from_="2024-01", to="2026-12") == ["2025-07"]


def test_other_objects_under_logs_are_no_records(store: FolderStore) -> None:
    deliver(store, APRIL)
    for key in ("logs/runs/_writer.json", "logs/runs/2025-04/x/done.json", "logs/runs/2025-04/done.json.bak"):
        store.write(key, b"not JSON")
    store.write("logs/runs/2025-04/done.json", b'{"schema": "other"')
    assert due(store) == ["2025-04"]
    store.write("logs/runs/2025-04/done.json", b'{"schema": "other"}')
    assert due(store) == ["2025-04"]


EXPECTED = (
    'expected {} for every month that holds something new, or a range such as {"from": "2025-04", "to": "2025-06"}'
)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"from": "2025-04"}, ["to: expected YYYY-MM, found null"]),
        ({"from": "202504", "to": 6}, ['from: expected YYYY-MM, found "202504"', "to: expected YYYY-MM, found 6"]),
        ({"from": "2025-06", "to": "2025-04"}, ["from 2025-06 is after to 2025-04"]),
        (
            {"partition": "2025-04"},
            [
                "unknown field 'partition'",
                "from: expected YYYY-MM, found null",
                "to: expected YYYY-MM, found null",
            ],
        ),
    ],
)
def test_a_wrong_input_is_told_what_is_expected(store: FolderStore, asked: dict[str, object], said: list[str]) -> None:
    with pytest.raises(InputError) as refused:
        find_work.run(Run("daily-1", ()), Ports(store, Asleep(), lambda: NOW, Asleep(), lambda: b""), asked)
    assert str(refused.value).splitlines() == ["input of the schedule:", *said, EXPECTED]
