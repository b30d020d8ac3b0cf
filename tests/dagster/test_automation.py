"""The sensor's view of the lake: what is new, what stands still, what has been run."""

from pathlib import Path

from dpc_assets.assets.automation import month_digests, new_months, requests
from dpc_assets.sample import generate
from dpc_assets.steps.store import FolderStore


def lake(folder: Path) -> FolderStore:
    generate(str(folder), "2025-04", months=1, facilities=1, stays=2, seed=3)
    return FolderStore(folder)


def test_a_month_is_requested_once_when_its_folders_stand_still(tmp_path: Path) -> None:
    store = lake(tmp_path)
    due, cursor = new_months(store, None)
    assert due == {}  # seen for the first time
    due, cursor = new_months(store, cursor)
    assert list(due) == ["2025-04"]
    due, cursor = new_months(store, cursor)
    assert due == {}


def test_a_growing_folder_waits_and_a_changed_one_is_run_again(tmp_path: Path) -> None:
    store = lake(tmp_path)
    _, cursor = new_months(store, None)
    store.write("raw/yyyymm=2025-04/131000123/v2/FF1_131000123_2504.txt", b"half")
    due, cursor = new_months(store, cursor)
    assert due == {}
    store.write("raw/yyyymm=2025-04/131000123/v2/FF1_131000123_2504.txt", b"half and more")
    due, cursor = new_months(store, cursor)
    assert due == {}
    due, cursor = new_months(store, cursor)
    assert list(due) == ["2025-04"]


def test_months_outside_the_known_ones_are_left_alone(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.write("raw/yyyymm=2024-01/131000123/v1/_manifest.json", b"{}")
    assert month_digests(store) == {}


def test_requests_are_the_months_then_the_marts() -> None:
    asked = requests({"2025-05": "b", "2025-04": "a"})
    assert [(each.job_name, each.partition_key) for each in asked] == [
        ("monthly", "2025-04"),
        ("monthly", "2025-05"),
        ("marts", None),
    ]
    assert asked[2].tags["dpc/months"] == "2025-04,2025-05"
    assert [each.run_key for each in asked[:2]] == ["2025-04-a", "2025-05-b"]
