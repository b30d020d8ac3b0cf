"""A month is archived: by the command line on a laptop, and by the compiled parent machine."""

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from dpc_process import Surrounding
from machine_in_process import Cloud

from dpc_assets.sample import generate
from dpc_assets.steps import migrate
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.ports import ObjectStore, Ports
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import FolderStore
from dpc_assets.submit import submit

FIRST = "raw/yyyymm=2025-04/131000123/v1/"
HELD = "131000123"
RAW = "group:raw"


def content(store: ObjectStore, *prefixes: str) -> dict[str, bytes]:
    return {each.key: store.read(each.key) for prefix in prefixes for each in store.list(prefix)}


def moved(raw: Mapping[str, bytes]) -> dict[str, bytes]:
    return {key.replace("raw/", "archive/", 1): data for key, data in raw.items()}


def files(raw: Mapping[str, bytes], folder: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """A folder as a hospital submits it: the first version without its manifest, changed."""
    folder.mkdir()
    for key, data in raw.items():
        name = key.removeprefix(FIRST)
        if key.startswith(FIRST) and not name.startswith("_"):
            (folder / name).write_bytes(change(name, data))
    return folder


@pytest.mark.soak
def test_on_a_laptop_it_is_archived_when_asked_for_and_stays_delivered(tmp_path: Path) -> None:
    place = Surrounding(tmp_path)
    generate(str(place.lake), "2025-04", facilities=2, stays=3, seed=6)
    store = FolderStore(place.lake)
    for each in list(store.list("raw/")):
        if each.key.endswith("_manifest.json"):
            store.write(each.key, store.read(each.key).replace(b'"2025-05-', b'"2024-05-'))
    assert place.json("run", "--month", "2025-04", "--select", RAW)["exit"] == 0
    raw, kept, board = content(store, "raw/"), content(store, "stage/", "logs/"), place.json("board")
    assert store.exists(f"{FIRST}_manifest.json")  # a run without the asset leaves what is due

    dry = place.json("run", "--month", "2025-04", "--select", "archive/raw", "--dry-run")
    assert dry["exit"] == 0
    assert content(store, "raw/", "archive/") == raw
    done = place.json("run", "--month", "2025-04", "--select", "archive/raw")

    assert (done["exit"], [each["key"] for each in done["assets"]]) == (0, ["archive/raw"])
    assert content(store, "raw/", "archive/") == moved(raw)
    assert content(store, "stage/", "logs/") == kept

    again = place.json("run", "--month", "2025-04", "--select", RAW)
    assert (again["exit"], again["reasons"]) == (0, [])
    assert place.json("board") == board
    assert {each["status"] for each in board} <= {"loaded", "warned"}
    assert content(store, "stage/", "logs/") == kept

    folder = files(raw, tmp_path / "in", lambda name, data: data)
    stored = place.json("submit", str(folder))
    assert (stored["version"], stored["facility"]) == (2, HELD)
    assert place.json("run", "--month", "2025-04", "--select", RAW)["exit"] == 0
    versions = {each["facility_code"]: each["version"] for each in place.json("board") if each["version"]}
    assert versions == {HELD: 2, "271000456": 1}
    stray = "raw/yyyymm=2025-05/131000123/readme.txt"
    store.write(stray, b"in no version's folder")
    os.utime(place.lake / stray, (0, 0))
    _, said = place.call("run", "--month", "2025-04", "--select", "group:archive")
    assert f"        {stray}: left in raw/: in no version's folder; delete it, or submit it\n" in said
    assert {each.key.split("/")[3] for each in store.list("raw/")} == {"v2", "readme.txt"}


class Asleep:
    """A warehouse that nothing may wake."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"redshift-data: {name} was called")


class RefusingCopies:
    """S3 that is too busy to copy."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def copy_object(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": "SlowDown", "Message": "reduce your request rate"}}, "CopyObject")


def states(execution: Any) -> list[str]:
    return [name for name in execution.entered if name not in ("Run", "Run each")]


@pytest.mark.soak
def test_the_parent_machine_archives_after_its_children_whatever_came_of_them(cloud: Cloud, tmp_path: Path) -> None:
    generate(cloud.store, "2025-04", facilities=1, stays=6, seed=3, fault="ff1-duplicate")
    warehouse, s3 = cloud.client("redshift-data"), cloud.client("s3")
    nowhere: Any = None
    ports = Ports(cloud.store, DataApiWarehouse(warehouse), nowhere, nowhere, nowhere)
    migrate.run(Run("deployment", ()), ports)
    raw = content(cloud.store, "raw/")

    def writer() -> str:
        return str(json.loads(cloud.store.read("logs/runs/_writer.json"))["execution"]).rpartition(":")[2]

    def loaded() -> list[str]:
        tables = ("raw.loads", "raw.ff1", "raw.efn", "raw.dn", "raw.kn", "mart.fact_stay", "mart.submission_board")
        return [str(row) for table in tables for row in sorted(cloud.fetch(f"SELECT * FROM {table}"), key=str)]

    # Due in the night in which it is new: the child holds the month, and S3 does not copy.
    cloud.now = datetime(2026, 6, 18, 18, 0, tzinfo=UTC)
    cloud.clients["s3"] = RefusingCopies(s3)
    first = cloud.run("dpc-learning-schedule", {}, "daily-1")
    assert [(each.input["partition"], each.error) for each in first.children] == [("2025-04", "DataHeld")]
    assert states(first)[-3:] == ["archive/raw", "All ran?", "Some runs failed"]
    assert (first.status, first.error) == ("FAILED", "RunsFailed")
    month, archive = first.cause.removeprefix("failed: ").split(", archive/raw ")
    assert '"partition":"2025-04"' in month and month.endswith("States.TaskFailed")
    assert archive.startswith("RetryLater: ") and "S3 refused (SlowDown)" in archive
    assert len([each for each in first.attempts if each.state == "archive/raw"]) == 7
    assert content(cloud.store, "raw/", "archive/") == raw
    assert writer() == "daily-1"
    before, kept = loaded(), content(cloud.store, "stage/", "logs/validation/", "logs/runs/2025-04/")

    # Nothing is new: it takes the claim over from an execution that has ended, and no warehouse is woken.
    cloud.clients |= {"s3": s3, "redshift-data": Asleep()}
    second = cloud.run("dpc-learning-schedule", {}, "daily-2")
    assert (second.status, second.children) == ("SUCCEEDED", ())
    assert states(second) == ["Find work", "archive/raw", "All ran?", "Done"]
    assert content(cloud.store, "raw/", "archive/") == moved(raw)
    assert writer() == "daily-2"

    # The archived month is nothing new, and nothing is left to move.
    third = cloud.run("dpc-learning-schedule", {}, "daily-3")
    assert (third.status, third.children) == ("SUCCEEDED", ())
    cloud.clients["redshift-data"] = warehouse
    assert content(cloud.store, "stage/", "logs/validation/", "logs/runs/2025-04/") == kept

    # Run again, it loads from stage/ what it had loaded.
    rerun = cloud.run("dpc-learning-elt", {"partition": "2025-04"}, "rerun-1")
    assert (rerun.error, writer()) == ("DataHeld", "rerun-1")
    assert loaded() == before
    assert cloud.run("dpc-learning-schedule", {}, "daily-4").children == ()

    # A version that mends the month is run, and stays in raw/.
    mended = files(raw, tmp_path / "in", lambda name, data: each_line_once(data) if name.startswith("FF1") else data)
    submit(mended, cloud.store, lambda: datetime(2026, 6, 20, tzinfo=UTC))
    cloud.now = datetime(2026, 6, 20, 18, 0, tzinfo=UTC)
    fifth = cloud.run("dpc-learning-schedule", {}, "daily-5")
    assert [(each.input["partition"], each.status) for each in fifth.children] == [("2025-04", "SUCCEEDED")]
    assert {row[0] for row in cloud.fetch("SELECT version FROM mart.submission_board WHERE version IS NOT NULL")} == {2}
    assert {key.split("/")[3] for key in content(cloud.store, "raw/")} == {"v2"}
    assert content(cloud.store, "archive/") == moved(raw)
    assert cloud.store.exists("processed/_success/month=2025-04")


def each_line_once(data: bytes) -> bytes:
    return b"".join(dict.fromkeys(data.splitlines(keepends=True)))
