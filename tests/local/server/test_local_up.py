"""`make aws-local` as a person meets it: interrupted, begun twice, taken down."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from local_aws import PROJECT, why_not

PATIENCE_S = 60.0


@dataclass
class Up:
    """One folder, and commands on it."""

    folder: Path
    said: Path

    @property
    def command(self) -> list[str]:
        program = [str(PROJECT / ".venv" / "bin" / "python"), str(PROJECT / "infra" / "local" / "up.py")]
        return [*program, "--folder", str(self.folder), "--port", "0"]

    def begin(self) -> subprocess.Popen[bytes]:
        """In a process group of its own, as a terminal starts a command."""
        with self.said.open("wb") as told:
            return subprocess.Popen(self.command, stdout=told, stderr=subprocess.STDOUT, start_new_session=True)

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*self.command, *words], capture_output=True, text=True, check=False, timeout=120)

    def until_said(self, words: str) -> None:
        until(lambda: words in self.said.read_text(), f"{words!r} was not said")

    @property
    def processes(self) -> list[str]:
        """Command lines of every process that names the folder."""
        found = []
        for each in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = each.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if str(self.folder) in line and int(each.parent.name) != os.getpid():
                found.append(line)
        return found


def until(met: Callable[[], bool], complaint: str) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while not met():
        assert time.monotonic() < give_up, complaint
        time.sleep(0.1)


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    if reason := why_not():
        pytest.skip(reason)
    made = Up(tmp_path / "laptop", tmp_path / "said")
    yield made
    made.ask("--down")


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads /proc, which Linux has")
@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_who_interrupts_it_leaves_nothing_behind(up: Up, asked: signal.Signals) -> None:
    started = up.begin()
    up.until_said("terraform apply: bootstrap")
    os.killpg(started.pid, asked)
    assert started.wait(PATIENCE_S) == 1
    assert up.said.read_text().splitlines()[-2:] == [
        "Interrupted.",
        f"Nothing is left running, and {up.folder} is gone.",
    ]
    assert not up.folder.exists()
    until(lambda: not up.processes, "processes are left")


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads /proc, which Linux has")
def test_a_second_one_is_refused_and_down_ends_the_first(up: Up) -> None:
    started = up.begin()
    up.until_said("server: up")
    second = up.ask()
    assert second.returncode == 2
    assert second.stderr == (
        f"Another make aws-local (process {started.pid}) is bringing one up; to end it: make aws-local-down\n"
    )
    with subprocess.Popen([*up.command, "--down"], stdout=subprocess.PIPE, text=True) as taking_down:
        assert started.wait(PATIENCE_S) == 1
        assert taking_down.communicate(timeout=PATIENCE_S)[0] == "Down; nothing is left.\n"
    assert not up.folder.exists()
    until(lambda: not up.processes, "processes are left")


def test_down_where_nothing_is_up_says_so(up: Up) -> None:
    answer = up.ask("--down")
    assert (answer.returncode, answer.stdout) == (0, "Nothing was up.\n")


def test_without_terraform_it_says_what_it_needs(up: Up, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = up.ask()
    assert answer.returncode == 2
    assert "terraform was not found on PATH: install Terraform 1.10 or newer" in answer.stderr
    assert not up.folder.exists()
