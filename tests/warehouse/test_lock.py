"""The lock: one process at a time, the waiting one names the holder, children and nested calls do not wait."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dpc_assets.local import lock
from dpc_assets.steps.errors import RetryLater

HOLD = """
import sys
from dpc_assets.local import lock
with lock.hold(sys.argv[1], "dpc run 2025-04", patience_seconds=float(sys.argv[2])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def other_process(warehouse: Path, patience: float = 0, **environment: str) -> subprocess.Popen[str]:
    clean = {key: value for key, value in os.environ.items() if key != "DPC_WAREHOUSE_LOCK"}
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(warehouse), str(patience)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean | environment,
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_second_process_waits_and_names_the_first(tmp_path: Path) -> None:
    warehouse = tmp_path / "dpc.duckdb"
    told: list[str] = []
    with other_process(warehouse) as first:
        assert said(first) == "held"
        assert lock.holder(warehouse).startswith(f"dpc run 2025-04 (process {first.pid}, since 20")

        def tell(message: str) -> None:
            told.append(message)
            first.communicate("done\n")

        with lock.hold(warehouse, "dpc query", tell):
            assert lock.holder(warehouse).startswith(f"dpc query (process {os.getpid()}, since 20")
    assert len(told) == 1
    assert told[0].startswith(f"dpc.duckdb is in use by dpc run 2025-04 (process {first.pid}, since 20")
    assert told[0].endswith("; waiting / 使用中のため待っています")
    assert lock.holder(warehouse) == ""


def test_patience_has_an_end(tmp_path: Path) -> None:
    warehouse = tmp_path / "dpc.duckdb"
    with lock.hold(warehouse, "dpc run"), other_process(warehouse) as second:
        _, error = second.communicate()
        assert second.returncode == 1
        assert f"RetryLater: dpc.duckdb is in use by dpc run (process {os.getpid()}" in error


def test_a_killed_holder_leaves_no_lock(tmp_path: Path) -> None:
    warehouse = tmp_path / "dpc.duckdb"
    with other_process(warehouse) as first:
        assert said(first) == "held"
        first.send_signal(signal.SIGKILL)
        first.wait()
    assert lock.holder(warehouse) != ""  # its note is still there, and means nothing
    with lock.hold(warehouse, "next", patience_seconds=0):
        assert "next" in lock.holder(warehouse)


def test_nested_calls_and_threads_of_the_process_do_not_wait(tmp_path: Path) -> None:
    warehouse = tmp_path / "dpc.duckdb"
    seen: list[str] = []

    def inside() -> None:
        with lock.hold(warehouse, "thread", patience_seconds=0):
            seen.append(lock.holder(warehouse))

    with lock.hold(warehouse, "outer"), lock.read(warehouse):
        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
    assert len(seen) == 1
    assert seen[0].startswith("outer (")
    assert lock.holder(warehouse) == ""


def test_a_child_of_the_holder_does_not_wait(tmp_path: Path) -> None:
    warehouse = tmp_path / "dpc.duckdb"
    with lock.hold(warehouse, "dpc run"):
        token = os.environ["DPC_WAREHOUSE_LOCK"]
        with other_process(warehouse, DPC_WAREHOUSE_LOCK=token) as child:
            assert said(child) == "held"
            assert lock.holder(warehouse).startswith("dpc run (")
            child.communicate("done\n")
        assert lock.holder(warehouse).startswith("dpc run (")
    assert "DPC_WAREHOUSE_LOCK" not in os.environ


def test_a_token_of_a_dead_holder_opens_nothing(tmp_path: Path) -> None:
    warehouse = tmp_path / "dpc.duckdb"
    with other_process(warehouse) as first:
        assert said(first) == "held"
        token = json.loads((tmp_path / "dpc.duckdb.holder").read_text())["token"]
        first.kill()
        first.wait()
    with lock.hold(warehouse, "next"), other_process(warehouse, DPC_WAREHOUSE_LOCK=token) as orphan:
        assert orphan.wait() == 1


@pytest.mark.parametrize("note", ["", "{", "[]", '{"pid": 1}'])
def test_a_note_that_cannot_be_read_harms_nothing(tmp_path: Path, note: str) -> None:
    warehouse = tmp_path / "dpc.duckdb"
    (tmp_path / "dpc.duckdb.holder").write_text(note)
    assert lock.holder(warehouse) == ""
    with other_process(warehouse) as first:
        assert said(first) == "held"
        (tmp_path / "dpc.duckdb.holder").write_text(note)
        with (
            pytest.raises(RetryLater, match="is in use by another process"),
            lock.hold(warehouse, "x", patience_seconds=0),
        ):
            pass
        first.communicate("done\n")
