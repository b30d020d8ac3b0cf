"""`dpc aws` in a shell of its own, against a served AWS."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aws_shell import Shell
from recorded_states import Recorded, served


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    yield Shell(tmp_path, monkeypatch, capsys)
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def states(request: pytest.FixtureRequest) -> Recorded:
    return Recorded(*getattr(request, "param", ("month_succeeded", "load_refused", "parent_failed")))


@pytest.fixture
def dpc(states: Recorded, shell: Shell) -> Iterator[Shell]:
    with served(states) as settings:
        yield shell.using(settings)
