"""Each named fault changes exactly what it says, and the verdict of the delivery is the one in the table."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sample_lake import Folder, Lake

from dpc_assets.sample import SampleError, fault_table, faults, generate
from dpc_assets.sample.fault import Fault
from dpc_assets.sample.fault_data import CHANGES as DATA
from dpc_assets.sample.fault_file import CHANGES as FILE
from dpc_assets.sample.fault_manifest import CHANGES as MANIFEST
from dpc_assets.sample.faults import inject
from dpc_assets.sample.submission import Written
from dpc_assets.steps import normalize, validate_manifest, verdict
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Run
from dpc_assets.steps.store import FolderStore

MONTH, FACILITY = "2025-04", "131000123"
FAULTS = {fault.name: fault for fault in fault_table()}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Written]:
    root = tmp_path_factory.mktemp("clean")
    report = generate(root, MONTH, facilities=1, stays=100, seed=2)
    return root, report.written[0]


@pytest.fixture
def faulty(request: pytest.FixtureRequest, clean: tuple[Path, Written], tmp_path: Path) -> tuple[Fault, Path]:
    """A copy of the clean delivery with the fault in it."""
    fault = FAULTS[request.param]
    root = tmp_path / "lake"
    shutil.copytree(clean[0], root)
    inject(FolderStore(root), clean[1], fault)
    return fault, root


every_fault = pytest.mark.parametrize("faulty", FAULTS, indirect=True)


def _folder(root: Path) -> Folder:
    return Folder(MONTH, FACILITY, 1, root / f"raw/yyyymm={MONTH}/{FACILITY}/v1")


def _files(folder: Folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.path.iterdir()}


@every_fault
def test_only_what_the_table_names_differs(faulty: tuple[Fault, Path], clean: tuple[Path, Written]) -> None:
    fault, root = faulty
    before, after = _files(_folder(clean[0])), _files(_folder(root))
    differs = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    differs.discard("_manifest.json")
    touched = {name.split("_")[0] if name != "memo.txt" else name for name in differs}
    assert touched == (set() if fault.touches == "manifest" else {fault.touches})
    manifest_changed = before["_manifest.json"] != after.get("_manifest.json")
    assert manifest_changed == (fault.name not in ("unlisted-file", "missing-file"))


@every_fault
def test_the_verdict_is_the_one_of_the_table(faulty: tuple[Fault, Path]) -> None:
    fault, root = faulty
    store = FolderStore(root)
    ports = Ports(
        store=store,
        warehouse=None,  # type: ignore[arg-type]
        clock=lambda: datetime(2025, 7, 1, tzinfo=UTC),
        notifier=None,  # type: ignore[arg-type]
        id_key=lambda: b"0" * 32,
    )
    run = Run("test", (MONTH,))
    validate_manifest.run(run, ports)
    normalize.run(run, ports)
    found = verdict.read(store, Submission(MONTH, FACILITY, 1))
    assert found is not None
    expected_rules = {fault.rule} if fault.name in {*MANIFEST, *FILE} and fault.rule else set()
    rules = {problem.rule for problem in found.problems} - {"W10"} | ({"W10"} & expected_rules)
    assert (found.verdict, rules) == ("rejected" if fault.outcome == "rejected" else "passed", expected_rules)


def test_the_table_and_the_changes_name_the_same_faults() -> None:
    names = [name for name, _, _ in faults()]
    assert len(names) == len(set(names)) == 81
    assert set(names) == {*MANIFEST, *FILE, *DATA}
    assert Counter(fault.outcome for fault in FAULTS.values()) == {"rejected": 36, "reported": 40, "loaded": 5}
    assert all(english and japanese for _, english, japanese in faults())


def test_a_fault_goes_into_the_first_month_and_nothing_else_differs(tmp_path: Path) -> None:
    arguments = {"months": 2, "facilities": 2, "stays": 12, "resubmission": False}
    generate(tmp_path / "clean", MONTH, **arguments)
    generate(tmp_path / "faulty", MONTH, **arguments, fault="wrong-sha256")
    clean_files, faulty_files = (
        {
            (folder.month, folder.facility, name): data
            for folder in Lake(root).folders()
            for name, data in _files(folder).items()
        }
        for root in (tmp_path / "clean", tmp_path / "faulty")
    )
    assert clean_files.keys() == faulty_files.keys()
    assert {key for key, data in clean_files.items() if faulty_files[key] != data} == {
        (MONTH, FACILITY, "_manifest.json")
    }


def test_a_fault_that_finds_no_place_says_so(tmp_path: Path) -> None:
    with pytest.raises(SampleError, match=r"this sample has no FF1 line to put it into; ask for more stays"):
        generate(tmp_path, MONTH, facilities=1, stays=1, fault="child-gap")
