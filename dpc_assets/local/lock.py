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
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from dpc_assets.steps.errors import RetryLater

_TOKEN = "DPC_WAREHOUSE_LOCK"
_POLL_SECONDS = 0.2
_TELL_AGAIN_SECONDS = 30.0

_held: dict[Path, tuple[FileLock | None, int]] = {}
"""Path -> (its lock, None where an ancestor holds it; depth)."""
_guard = threading.RLock()


def _say(message: str) -> None:
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def holder(warehouse: Path | str) -> str:
    """Who holds the lock, for a person: purpose, process and since when; '' where nobody said."""
    said = _said(Path(warehouse).absolute())
    return f"{said['purpose']} (process {said['pid']}, since {said['since']})" if said else ""


@contextmanager
def hold(
    warehouse: Path | str,
    purpose: str,
    tell: Callable[[str], None] = _say,
    *,
    patience_seconds: float | None = None,
) -> Iterator[None]:
    """Holds the warehouse for this process and its children; waits, naming the holder through `tell`.

    `patience_seconds`: how long to wait before RetryLater names the holder; None waits as long as it takes.
    """
    path = Path(warehouse).absolute()
    with _guard:  # other threads of this process wait here, then find it held
        if path not in _held:
            _held[path] = (_acquired(path, purpose, tell, patience_seconds), 0)
        lock, depth = _held[path]
        _held[path] = (lock, depth + 1)
    try:
        yield
    finally:
        with _guard:
            lock, depth = _held[path]
            _held[path] = (lock, depth - 1)
            if depth == 1:
                del _held[path]
                if lock is not None:
                    _release(path, lock)


@contextmanager
def read(warehouse: Path | str, tell: Callable[[str], None] = _say) -> Iterator[None]:
    """Like `hold`, for a short look: a reader keeps writers out as long as it has the file open."""
    with hold(warehouse, "a reader", tell):
        yield


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".holder")


def _said(path: Path) -> dict[str, str]:
    try:
        said = json.loads(_note(path).read_text(encoding="utf-8"))
        return {key: str(said[key]) for key in ("purpose", "pid", "since", "token")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _acquired(path: Path, purpose: str, tell: Callable[[str], None], patience: float | None) -> FileLock | None:
    """The lock, held; None where an ancestor of this process holds it and handed down its token."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{path}.lock", thread_local=False)
    started, told = time.monotonic(), float("-inf")
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            token = os.environ.get(_TOKEN)
            if token and _said(path).get("token") == token:
                return None
            now = time.monotonic()
            who = holder(path) or "another process"
            if patience is not None and now - started >= patience:
                raise RetryLater(f"{path.name} is in use by {who}; run again later / 使用中です") from None
            if now - told >= _TELL_AGAIN_SECONDS:
                tell(f"{path.name} is in use by {who}; waiting / 使用中のため待っています")
                told = now
            time.sleep(_POLL_SECONDS)
    token = uuid.uuid4().hex
    since = datetime.now(UTC).isoformat(timespec="seconds")
    note = {"purpose": purpose, "pid": os.getpid(), "since": since, "token": token}
    half = path.with_name(f"{path.name}.holder.{token}")
    half.write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
    half.replace(_note(path))  # a waiter never reads half a note
    os.environ[_TOKEN] = token
    return lock


def _release(path: Path, lock: FileLock) -> None:
    os.environ.pop(_TOKEN, None)
    _note(path).unlink(missing_ok=True)
    lock.release()
