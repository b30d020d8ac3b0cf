"""One process per warehouse file: a run, the board and a run launched as the user interface does it, all at once."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from dpc_process import ROOT, Surrounding

from dpc_assets.sample import generate


@pytest.mark.soak
def test_run_board_and_backfill_started_together_all_finish(tmp_path: Path) -> None:
    place = Surrounding(tmp_path)
    generate(str(place.lake), "2025-04", months=2, facilities=1, stays=3, seed=8)
    place.call("run", "--month", "2025-04", "--select", "group:raw")  # so that the board has a file to open

    run = place.start("run", "--month", "2025-04")
    _wait_for(place.warehouse.with_name("dpc.duckdb.holder"), run)
    board = place.start("board", "--json")
    backfill = subprocess.Popen(  # what a run worker of the user interface does: the job, in a process of its own
        [
            *(sys.executable, "-m", "dagster", "job", "execute", "-m", "dpc_assets.definitions", "-j", "monthly"),
            *("--tags", '{"dagster/partition": "2025-05", "dagster/backfill": "tests"}'),
        ],
        cwd=ROOT,
        env=place.environment | {"PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    out, err = board.communicate(timeout=900)
    assert board.returncode == 0, err
    assert "in use by" in err
    out, err = run.communicate(timeout=900)
    assert run.returncode == 0, out + err
    told = backfill.communicate(timeout=900)[0]
    assert backfill.returncode == 0, told
    assert {each["yyyymm"] for each in place.json("board")} == {"202504", "202505"}
    assert _statuses(place) == {"SUCCESS"}


def _wait_for(path: Path, process: "subprocess.Popen[str]") -> None:
    for _ in range(600):
        if path.exists():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    raise AssertionError(f"{path} did not appear")


def _statuses(place: Surrounding) -> set[str]:
    code = (
        "from dagster import DagsterInstance\n"
        "with DagsterInstance.get() as i: print(*(r.dagster_run.status.value for r in i.get_run_records()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=place.environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())
