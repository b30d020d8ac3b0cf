"""One process per warehouse file: an advisory lock beside it, held from a run's first step to its last.

DuckDB lets one process write and none read meanwhile. Whoever wants the file takes `<file>.lock` (filelock: the
operating system frees it when the process ends, however it ends) and says in `<file>.holder` who it is, so that whoever
waits can name the holder. Holding is reentrant within a process, and for the processes it starts (by a token in the
environment): a run starts dbt.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

_TOKEN = "DPC_WAREHOUSE_LOCK"
_POLL_SECONDS = 0.2
_TELL_AGAIN_SECONDS = 30.0

_held: dict[Path, tuple[FileLock, int]] = {}


def _say(message: str) -> None:
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def holder(warehouse: Path | str) -> str:
    """Who holds the lock, for a person: purpose, process and since when; '' where nobody said."""
    try:
        said = json.loads(_note(Path(warehouse).absolute()).read_text(encoding="utf-8"))
        return f"{said['purpose']} (process {said['pid']}, since {said['since']})"
    except (OSError, ValueError, KeyError):
        return ""


@contextmanager
def hold(warehouse: Path | str, purpose: str, tell: Callable[[str], None] = _say) -> Iterator[None]:
    """Holds the warehouse for this process and its children; waits, naming the holder through `tell`."""
    path = Path(warehouse).absolute()
    if _inherited(path):
        yield
        return
    lock, depth = _held.get(path, (FileLock(f"{path}.lock", thread_local=False), 0))
    if depth == 0:
        path.parent.mkdir(parents=True, exist_ok=True)
        _acquire(lock, path, tell)
        token = uuid.uuid4().hex
        since = datetime.now(UTC).isoformat(timespec="seconds")
        note = {"purpose": purpose, "pid": os.getpid(), "since": since, "token": token}
        _note(path).write_text(json.dumps(note), encoding="utf-8")
        os.environ[_TOKEN] = token
    _held[path] = (lock, depth + 1)
    try:
        yield
    finally:
        depth = _held[path][1] - 1
        if depth:
            _held[path] = (lock, depth)
        else:
            del _held[path]
            os.environ.pop(_TOKEN, None)
            _note(path).unlink(missing_ok=True)
            lock.release()


@contextmanager
def read(warehouse: Path | str, tell: Callable[[str], None] = _say) -> Iterator[None]:
    """Like `hold`, for a short look: a reader keeps writers out as long as it has the file open."""
    with hold(warehouse, "a reader", tell):
        yield


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".holder")


def _inherited(path: Path) -> bool:
    """Whether an ancestor of this process holds the lock and handed down its token."""
    token = os.environ.get(_TOKEN)
    if not token or path in _held:
        return False
    try:
        return bool(json.loads(_note(path).read_text(encoding="utf-8"))["token"] == token)
    except (OSError, ValueError, KeyError):
        return False


def _acquire(lock: FileLock, path: Path, tell: Callable[[str], None]) -> None:
    told = float("-inf")
    while True:
        try:
            lock.acquire(timeout=0)
            return
        except Timeout:
            if time.monotonic() - told >= _TELL_AGAIN_SECONDS:
                who = holder(path) or "another process"
                tell(f"{path.name} is in use by {who}; waiting / 使用中のため待っています")
                told = time.monotonic()
            time.sleep(_POLL_SECONDS)
