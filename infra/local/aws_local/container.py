"""Stands for a container: runs a command, and when that ends nothing of what it started is left.

Started by `tasks` as `python -I -S container.py LIFELINE COMMAND...`. LIFELINE is the reading end of a pipe whose
other end the server holds: when the server is gone, however it went, so is all of this. SIGTERM goes to the command,
as a container's init passes it on; SIGQUIT stands for the SIGKILL that a container gets, which no process can pass on.
Exit status: that of the command, or 128 and the number of the signal that ended it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from aws_local import children

_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """prctl(2): who loses its parent becomes this process's child. Without it (macOS) such a process may escape."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill(*_: object) -> None:
    children.end(os.getpid())


def until_gone(lifeline: int) -> None:
    os.read(lifeline, 1)
    kill()


def end_all() -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            kill()
            os.waitpid(-1, 0)


def main(lifeline: str, *command: str) -> int:
    adopt_orphans()
    asked = False

    def ask(*_: object) -> None:
        nonlocal asked
        asked = True
        if process is not None:
            process.terminate()

    process: subprocess.Popen[bytes] | None = None
    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGQUIT, kill)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    if asked:
        process.terminate()
    threading.Thread(target=until_gone, args=(int(lifeline),), daemon=True).start()
    status = process.wait()
    end_all()
    return 128 - status if status < 0 else status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
