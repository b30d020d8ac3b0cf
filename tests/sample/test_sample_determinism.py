"""The same arguments give the same bytes on any machine; big files are streamed."""

from __future__ import annotations

import hashlib
import tracemalloc
from pathlib import Path

import pytest

from dpc_assets.sample import generate
from dpc_assets.steps.store import FolderStore

SMALL = {
    "Dn": "83a31bb9863529fcb037de22b3eeebba6fbb124ed8c4555cc0bc3d3a0be3acac",
    "EFg": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "EFn": "1400ac7dd3248c30953808ac83c7037dd7b0bcd83efe0394e172dbee143350c9",
    "FF1": "7f33c5942508471938efeb1525ec1d9fc3fefb312d0992d6fb90a371dfabfd89",
    "FF4": "a566a905c80ff4ca1d99dd7337cc15b22999446615cf303e01592624fe20b39f",
    "Hn": "d7b8229c681ac6abe6c68b7d9115f68c707ffd763770306eab75432ea67bc7cb",
    "Kn": "dac67f8df7e108f7aacf2e671fb1b353b8cde5533541041e2104ba498cbaef3a",
    "_manifest.json": "992908c02a72639b195a0ee264db8df59af2bd5cd51f7c19ced1eccd9545ec93",
}


def _small(root: Path) -> dict[str, str]:
    """Digests of the one submission of a small sample by file type."""
    folder = root / "raw" / "yyyymm=2025-04" / "131000123" / "v1"
    return {name.split("/")[-1].split("_131")[0]: digest for name, digest in _digests(folder).items()}


def _digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_a_small_sample_has_these_bytes(tmp_path: Path) -> None:
    generate(tmp_path, "2025-04", facilities=1, stays=12, seed=1)
    assert _small(tmp_path) == SMALL


def test_a_store_and_a_path_get_the_same(tmp_path: Path) -> None:
    generate(FolderStore(tmp_path), "2025-04", facilities=1, stays=12, seed=1)
    assert _small(tmp_path) == SMALL


def test_a_month_does_not_depend_on_the_months_after_it(tmp_path: Path) -> None:
    generate(tmp_path / "one", "2025-05", months=1, stays=10)
    generate(tmp_path / "two", "2025-05", months=2, stays=10, resubmission=False)
    one, two = _digests(tmp_path / "one"), _digests(tmp_path / "two")
    assert len(one) == 16
    assert {key: two[key] for key in one} == one


def test_other_seeds_and_hospitals_give_other_patients(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(tmp_path / str(seed), "2025-04", facilities=2, stays=10, seed=seed)
    first, second = _digests(tmp_path / "1"), _digests(tmp_path / "2")
    assert first.keys() == second.keys()
    assert not set(first.values()) & set(second.values())
    assert len(set(first.values())) == len(first)


def test_the_report_counts_what_was_written(tmp_path: Path) -> None:
    report = generate(tmp_path, "2025-04", facilities=2, stays=10)
    sizes = [p.stat().st_size for p in tmp_path.rglob("*.txt")]
    assert report.size == sum(sizes)
    assert [(s.month, s.facility, s.version) for s in report.submissions] == [
        ("2025-04", "131000123", 1),
        ("2025-04", "271000456", 1),
    ]
    assert report.fault is None
    assert 15 <= report.stays <= 20
    assert report.records == sum(one.records for each in report.written for one in each.files)


@pytest.mark.parametrize("month", ["2025-04", "2026-02"])
def test_the_smallest_sample_has_records_in_ff1_and_efn(tmp_path: Path, month: str) -> None:
    report = generate(tmp_path, month, facilities=3, stays=1)
    for each in report.written:
        records = {one.file_type: one.records for one in each.files}
        assert records["FF1"] > 17
        assert records["EFn"] > 10


@pytest.mark.parametrize("wanted", [5_000, 30_000])
def test_big_mode_stops_at_the_lines_asked_for_and_holds_little(tmp_path: Path, wanted: int) -> None:
    tracemalloc.start()
    report = generate(tmp_path, "2025-04", facilities=1, ef_lines=wanted)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert wanted <= report.written[0].ef_lines < wanted + 5_000
    assert peak < 12_000_000
