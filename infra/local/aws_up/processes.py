"""Programs that are started here: each leads a process group, so that nothing it started outlives it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_up.place import Place, Standing, surroundings

START_S, STOP_S = 60.0, 10.0
_STARTED: dict[int, subprocess.Popen[bytes]] = {}
_OVER = threading.Event()


class Failed(Exception):
    """A program ended with an error; the text says which, where its log is and how the log ends."""


def begin(
    command: Sequence[str], folder: Path, log: Path, environ: Mapping[str, str], attached: bool = False
) -> subprocess.Popen[bytes]:
    """Starts a program whose output goes to `log`. `attached`: it has a pipe from here as its standard input. Raises
    Failed after `end_all`."""
    if _OVER.is_set():
        raise Failed(f"{command[0]}: not started, everything was ended")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as told:
        started = subprocess.Popen(
            command,
            cwd=folder,
            env=surroundings(dict(environ)),
            stdin=subprocess.PIPE if attached else subprocess.DEVNULL,
            stdout=told,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _STARTED[started.pid] = started
    return started


def run(command: Sequence[str], folder: Path, log: Path, environ: Mapping[str, str]) -> None:
    """Runs a program to its end. Raises Failed where its status is not 0."""
    finish(begin(command, folder, log, environ), command, log)


def status(started: subprocess.Popen[bytes]) -> int:
    """Its exit status, once it has ended."""
    ended = started.wait()
    _STARTED.pop(started.pid, None)
    return ended


def finish(started: subprocess.Popen[bytes], command: Sequence[str], log: Path) -> None:
    """Waits until it has ended. Raises Failed where its status is not 0."""
    ended = status(started)
    if ended:
        said = log.read_text("utf-8", "replace").strip().splitlines()[-25:]
        words = " ".join(Path(word).name if number == 0 else word for number, word in enumerate(command[:3]))
        raise Failed("\n".join([f"{words}: ended with status {ended}; its log is {log} and ends:", *said]))


def end_all() -> None:
    """Kills what is still running of what was started here, and lets nothing more be started."""
    _OVER.set()
    while _STARTED:
        _, started = _STARTED.popitem()
        _kill_group(started.pid)
        started.wait()


def start_server(place: Place, port: int, attached: bool = False, wait_scale: float = 1.0) -> subprocess.Popen[bytes]:
    """The server, once it answers; it is no longer among what `end_all` kills. `attached`: it ends with this process.
    `wait_scale`: how much of each wait before a retry passes. Raises Failed where it ends or is silent for a minute."""
    log = place.logs / "server.log"
    command = [str(place.server_python), str(place.project / "infra" / "local" / "serve.py")]
    command += ["--port", str(port), "--folder", str(place.folder), "--task-python", str(place.python)]
    command += ["--wait-scale", str(wait_scale)]
    started = begin([*command, *(["--attached"] if attached else [])], place.project, log, {}, attached)
    give_up = time.monotonic() + START_S
    while not answers(port):
        if started.poll() is not None:
            finish(started, command, log)
        if time.monotonic() > give_up:
            raise Failed(f"The server did not answer within {START_S:.0f} s; its log is {log}")
        time.sleep(0.1)
    _STARTED.pop(started.pid)
    return started


def answers(port: int) -> bool:
    """Whether an AWS on a laptop answers on the port."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def is_server(standing: Standing, place: Place) -> bool:
    """Whether the process that was noted is still the server of this folder: numbers of processes come again."""
    line = Path("/proc", str(standing.pid), "cmdline")
    if Path("/proc/self/cmdline").exists():
        words = line.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace") if line.exists() else ""
    else:
        asked = ["ps", "-p", str(standing.pid), "-o", "command="]
        words = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    return "serve.py" in words and str(place.folder) in words


def interrupt(pid: int) -> None:
    """Asks who brings an AWS up to end, and waits until it has taken everything down."""
    os.kill(pid, signal.SIGTERM)
    give_up = time.monotonic() + 3 * STOP_S
    while _alive(pid) and time.monotonic() < give_up:
        time.sleep(0.1)


def stop(standing: Standing) -> None:
    """Ends the server: asked first, then killed with its whole group."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(standing.pid, signal.SIGTERM)
    give_up = time.monotonic() + STOP_S
    while _alive(standing.pid) and time.monotonic() < give_up:
        time.sleep(0.1)
    _kill_group(standing.pid)


def _alive(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # where it is a child of ours, so that it does not stay as a zombie
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
