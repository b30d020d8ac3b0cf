"""The processes that a process started, and theirs: none may outlive the server."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def end(parent: int) -> None:
    """Kills every descendant. Who started one with care has ended it before."""
    for each in descendants(parent):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def descendants(parent: int) -> list[int]:
    """Process ids, parents before children. Whoever lost its parent meanwhile is not among them."""
    started: dict[int, list[int]] = {}
    for process, of in _parents():
        started.setdefault(of, []).append(process)
    found, left = [], [parent]
    while left:
        children = started.get(left.pop(), [])
        found += children
        left += children
    return found


def _parents() -> Iterator[tuple[int, int]]:
    """(process, its parent): from /proc where there is one, else from ps."""
    if (_PROC / "self" / "stat").exists():
        for each in _PROC.glob("[0-9]*"):
            with contextlib.suppress(OSError):
                # proc(5): "pid (name) state ppid ..."; the name may hold blanks and brackets.
                yield int(each.name), int((each / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])
        return
    # The pipe is read to its end before ps is asked for its status: ps itself is then gone.
    told = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    for line in told.splitlines():
        process, of = line.split()
        yield int(process), int(of)
