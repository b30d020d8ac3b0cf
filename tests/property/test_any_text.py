"""Whatever text stands in the columns, loading and models go through: a verdict or a finding, never a failure."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from generated_lakes import FACILITIES, MONTHS, Rows, Version, contents, deliver, encoded, stays
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warehouse_runs import PROJECT, Platform, assert_grains

from dpc_assets.formats.registry import layout
from dpc_assets.local.compiled import build
from dpc_assets.steps import check_quality, export, verdict
from dpc_assets.steps.errors import DataHeld
from dpc_assets.steps.lake import Submission
from dpc_assets.steps.run import Run

QUIET = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
FACILITY = FACILITIES[0]
Files = Mapping[str, Rows]

junk = st.one_of(
    st.sampled_from(
        (
            *("", " ", "-", "--1", "1-", "-0", "+5", ".", "1.", ".5", "1.2.3", "1e5", "0x1F", "NaN", "inf", "Infinity"),
            *("NULL", "Null", "null", "\\N", "\\", "\\t", "'", "''", '"', "%", "_", "{}", "--", ";", "$1", "@NULL@"),
            *(
                "00000000",
                "99999999",
                "20250231",
                "20251301",
                "00010101",
                "99991231",
                "20250400",
                "19000229",
                "2025040",
            ),
            *("-00000001", "0000-100", "99999999999", "-9999999999", "123456789012345678901234567890", "0000000.000"),
            *(
                "１２３",
                "２０２５０４０１",
                "一",
                "ｱｲｳ",
                "髙①",
                "～－",
                "　",
                "A",
                "a",
                "Z",
                "x",
                "X",
                "true",
                "0",
                "1",
                "000",
            ),
        )
    ),
    st.text(st.characters(codec="cp932", exclude_characters="\t\r\n\0\x80¢£¬‖−〜"), max_size=12),
    st.text("0123456789-.", max_size=12),
)


@st.composite
def spoiled(draw: st.DrawFn, files: Files, least: int = 1, most: int = 12) -> dict[str, Rows]:
    """`files` with some values replaced by junk; the facility code stays, else nothing would be loaded."""
    tables = {kind: [list(line) for line in rows] for kind, rows in files.items()}
    for _ in range(draw(st.integers(least, most))):
        kind = draw(st.sampled_from(sorted(tables)))
        if not tables[kind]:
            continue
        line = draw(st.sampled_from(range(len(tables[kind]))))
        fields = [at for at, each in enumerate(layout(kind, "2025-04").fields) if each.name != "facility_code"]
        tables[kind][line][draw(st.sampled_from(fields))] = draw(junk)
    return {kind: tuple(tuple(line) for line in lines) for kind, lines in tables.items()}


@st.composite
def odd_months(draw: st.DrawFn) -> tuple[Version, ...]:
    """One facility's April to June, spoiled, in one version each."""
    pool = draw(st.lists(stays, min_size=2, max_size=3, unique=True))
    return tuple(
        Version(month, FACILITY, 1, 0, "2025-09-10T09:00:00Z", draw(spoiled(draw(contents(month, FACILITY, pool)))))
        for month in MONTHS[:3]
    )


def delivered(platform: Platform, versions: tuple[Version, ...]) -> None:
    for version in versions:
        deliver(platform.lake, version, {kind: encoded(kind, rows) for kind, rows in version.files.items()})


def assert_raw_is_delivered(platform: Platform, versions: tuple[Version, ...]) -> None:
    """Every accepted line stands in raw as it was written, and no other."""
    wanted: dict[str, list[tuple[str, ...]]] = {}
    for version in versions:
        judged = verdict.current(platform.ports.store, Submission(version.month, version.facility, version.version))
        assert judged is not None
        assert judged.passed or judged.problems
        for kind, rows in version.files.items():
            if judged.passed:
                wanted.setdefault(kind, []).extend(rows)
    for kind in ("FF1", "FF4", "EFn", "EFg", "Dn", "Hn"):
        names = ", ".join(each.name for each in layout(kind, "2025-04").raw_fields)
        found = platform.fetch(f"select {names} from raw.{kind.lower()} order by submission_yyyymm, line_no")
        assert found == wanted.get(kind, []), kind


def check(versions: tuple[Version, ...]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(Path(folder, "lake"), Path(folder, "dpc.duckdb"))
        platform.lake.mkdir()
        delivered(platform, versions)
        platform.load(MONTHS)
        assert_raw_is_delivered(platform, versions)
        build(platform.file)
        assert_grains(platform)
        months = tuple(sorted({version.month for version in versions}))
        check_quality.run(Run("junk", months), platform.ports)
        try:
            export.run(Run("junk", months), platform.ports)
        except DataHeld as held:
            assert str(held)


@settings(max_examples=2, derandomize=True, **QUIET)
@given(odd_months())
def test_odd_text_is_loaded_modelled_and_judged(versions: tuple[Version, ...]) -> None:
    check(versions)


@pytest.mark.soak
@settings(max_examples=40, **QUIET)
@given(odd_months())
def test_odd_text_in_many_lakes(versions: tuple[Version, ...]) -> None:
    check(versions)


@pytest.mark.soak
@settings(max_examples=4, **QUIET)
@given(odd_months())
def test_dbt_itself_builds_and_tests_odd_text(versions: tuple[Version, ...]) -> None:
    """The real `dbt build`: tests of severity error claim only what holds for any data."""
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(Path(folder, "lake"), Path(folder, "dpc.duckdb"))
        platform.lake.mkdir()
        delivered(platform, versions)
        platform.load(MONTHS)
        command = [sys.executable, "-m", "dbt.cli.main", "build", "--target", "duckdb", "--project-dir", str(PROJECT)]
        command += ["--profiles-dir", str(PROJECT), "--target-path", folder, "--log-path", folder]
        done = subprocess.run(
            command, env=os.environ | {"DPC_WAREHOUSE": str(platform.file)}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-5000:]
