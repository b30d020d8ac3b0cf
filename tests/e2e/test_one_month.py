"""A month from files to figures: sample, run, board, query, a rejected resubmission, a dry run."""

from pathlib import Path

import pytest
from dpc_process import Surrounding

from dpc_assets.sample import generate
from dpc_assets.steps.store import FolderStore


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Surrounding:
    """April of two hospitals, run once."""
    place = Surrounding(tmp_path_factory.mktemp("month"))
    generate(str(place.lake), "2025-04", months=1, facilities=2, stays=8, seed=5)
    document = place.json("run", "--month", "2025-04")
    assert document["exit"] == 0
    assert document["reasons"] == []
    built = {each["key"] for each in document["assets"]}
    assert {"raw/submissions", "raw/ff1", "stage/stg_efn", "mart/fact_stay", "dq/results_checks"} <= built
    assert {(each["yyyymm"], each["facility_code"]) for each in document["kpi"]} == {
        ("202504", "131000123"),
        ("202504", "271000456"),
    }
    return place


def test_marts_board_and_parquet_are_there(month: Surrounding) -> None:
    (stays,) = month.json(
        "query", "SELECT COUNT(*) AS stays, COUNT(DISTINCT facility_code) AS hospitals FROM mart.fact_stay"
    )
    assert stays["hospitals"] == 2
    board = month.json("board")
    assert len(board) == 14
    assert {each["status"] for each in board} <= {"loaded", "warned"}
    assert (month.lake / "processed/_success/month=2025-04").exists()
    assert list((month.lake / "processed/fact_stay/month=2025-04").glob("*.parquet"))


def test_selected_neighbours_are_run_with_a_type(month: Surrounding) -> None:
    document = month.json("run", "--month", "2025-04", "--select", "raw/ff1 or raw/loads")
    assert {each["key"] for each in document["assets"]} == {
        *(f"raw/{name}" for name in ("ff1", "ff4", "efn", "efg", "dn", "hn", "kn")),
        "raw/loads",
    }


def test_unknown_asset_ends_with_2(month: Surrounding) -> None:
    _, said = month.call("run", "--month", "2025-04", "--select", "mart/fact_stya", status=2)
    assert "did you mean mart/fact_stay" in said


@pytest.mark.soak
def test_a_dry_run_tells_the_changed_stays_and_changes_nothing(month: Surrounding) -> None:
    store = FolderStore(month.lake)
    old = "raw/yyyymm=2025-04/131000123/v1/"
    new = "raw/yyyymm=2025-04/131000123/v2/"
    folder = month.folder / "delivery"
    folder.mkdir()
    for each in store.list(old):
        name = each.key.removeprefix(old)
        if not name.startswith("_"):
            data = store.read(each.key)
            if name.startswith("FF4"):
                data = b"".join(data.splitlines(keepends=True)[1:])  # one stay without its FF4 line
            (folder / name).write_bytes(data)
    month.call("submit", str(folder))
    assert store.exists(f"{new}_manifest.json")
    before = {path: path.read_bytes() for path in _files(month)}

    document = month.json("run", "--month", "2025-04", "--dry-run")

    assert {path: path.read_bytes() for path in _files(month)} == before
    assert document["stays"]["added"] == document["stays"]["removed"] == []
    (changed,) = document["stays"]["changed"]
    assert changed["facility_code"] == "131000123"
    assert changed["columns"] == ["insurance_combination"]


def test_a_rejected_first_version_ends_with_1_and_the_other_hospital_is_loaded(month: Surrounding) -> None:
    place = Surrounding(month.folder / "rejected")
    generate(str(place.lake), "2025-04", months=1, facilities=2, stays=3, seed=6)
    store = FolderStore(place.lake)
    key = "raw/yyyymm=2025-04/131000123/v1/EFn_131000123_2504.txt"
    store.write(key, store.read(key) + b"broken\r\n")
    out, _ = place.call("run", "--month", "2025-04", "--select", "group:raw", status=1)
    assert "2025-04 131000123: no version passed; v1 rejected by" in out
    board = place.json("board")
    assert {each["status"] for each in board if each["facility_code"] == "131000123"} == {"rejected"}
    assert {each["status"] for each in board if each["facility_code"] == "271000456"} <= {"loaded", "warned"}


def _files(place: Surrounding) -> list[Path]:
    return [*(path for path in place.lake.rglob("*") if path.is_file()), place.warehouse]
