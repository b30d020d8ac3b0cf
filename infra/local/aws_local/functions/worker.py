"""One execution environment: a process that answers one event at a time, as docs.aws.amazon.com/lambda/latest/dg/
lambda-runtime-environment.html describes.

Not held: MemorySize. A limit on the address space (RLIMIT_AS) also counts what is only mapped, which threads and
shared libraries do freely, so it would kill handlers that AWS does not. What was used is told in the REPORT line.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_local.functions import runtime

INIT_S = 60.0
"""To import the handler. AWS gives 10 s and then begins again within the function's timeout; laptops are slower."""

Say = Callable[[list[str]], None]
"""Takes log events as they come; one may have several lines."""


@dataclass(frozen=True)
class Plan:
    """What an execution environment is made of. `folders`: where code is imported from, the function's first."""

    function: str
    handler: str
    folders: tuple[Path, ...]
    environ: Mapping[str, str]
    timeout_s: float


@dataclass(frozen=True)
class Answer:
    """How an event was answered. `body`: the answer or the error document; `lost`: the process is of no more use."""

    body: Any
    failed: bool = False
    lost: bool = False
    memory_mb: int = 0
    init_s: float = 0.0


class Gone(Exception):
    """The process ended instead of answering."""

    def __init__(self, status: int) -> None:
        super().__init__(_how(status))


class Worker:
    """Not for two threads at once, but `kill` may come from anywhere."""

    def __init__(self, plan: Plan, work: Path, stream: str) -> None:
        self.plan = plan
        self.stream = stream
        self.used = time.monotonic()
        self._work = work
        self._fresh = True
        self._parts = {"socket": b"", "output": b""}
        work.mkdir(parents=True)
        mine, its = socket.socketpair()
        reading, writing = os.pipe()
        self._socket, self._output = mine, reading
        os.set_blocking(reading, False)
        words = [sys.executable, "-I", "-S", "-B", "-X", "utf8", runtime.__file__, str(its.fileno()), plan.handler]
        try:
            self.process = subprocess.Popen(
                [*words, *map(str, plan.folders)],
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                cwd=plan.folders[0],
                env={**plan.environ, "AWS_LAMBDA_LOG_STREAM_NAME": stream, "HOME": str(work), "TMPDIR": str(work)},
                pass_fds=(its.fileno(),),
                start_new_session=True,
            )
        finally:
            its.close()
            os.close(writing)
        self._ready = selectors.DefaultSelector()
        self._ready.register(mine, selectors.EVENT_READ, "socket")
        self._ready.register(reading, selectors.EVENT_READ, "output")

    def answer(self, event: Any, request_id: str, arn: str, trace: str | None, say: Say) -> Answer:
        begun, init_s = time.monotonic(), 0.0
        try:
            if self._fresh:
                self._fresh = False
                first = self._message(begun + INIT_S, say)
                if first is None:
                    return self._end(f"RequestId: {request_id} Error: Init timed out after {INIT_S:.2f} seconds")
                if "error" in first:
                    say([error_text(first["error"])])
                    self.kill()
                    return Answer(first["error"], failed=True, lost=True, memory_mb=first["memory_mb"])
                init_s = time.monotonic() - begun
            timeout_s = self.plan.timeout_s
            deadline = time.time() + timeout_s
            request = {"id": request_id, "arn": arn, "deadline": deadline, "trace": trace, "event": event}
            until = time.monotonic() + timeout_s
            self._send(request)
            told = self._message(until, say)
        except Gone as gone:
            body = {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request_id} Error: {gone}"}
            say([f"{body['errorMessage']}\nRuntime.ExitError"])
            return Answer(body, failed=True, lost=True, init_s=init_s)
        if told is None:
            now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
            say([f"{now}.000Z {request_id} Task timed out after {timeout_s:.2f} seconds"])
            return self._end(f"RequestId: {request_id} Error: Task timed out after {timeout_s:.2f} seconds")
        self.used = time.monotonic()
        if "error" in told:
            say([error_text(told["error"])])
            return Answer(told["error"], failed=True, memory_mb=told["memory_mb"], init_s=init_s)
        return Answer(json.loads(told["result"]), memory_mb=told["memory_mb"], init_s=init_s)

    def kill(self) -> None:
        """The process and all that it started in its session."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Ends it and takes its work folder away."""
        self.kill()
        self.process.wait()
        self._ready.close()
        self._socket.close()
        os.close(self._output)
        shutil.rmtree(self._work, ignore_errors=True)

    def _end(self, message: str) -> Answer:
        self.kill()
        return Answer({"errorType": "Sandbox.Timedout", "errorMessage": message}, failed=True, lost=True)

    def _send(self, request: Mapping[str, Any]) -> None:
        try:
            self._socket.sendall(json.dumps(request).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Gone(self.process.wait()) from error

    def _message(self, until: float, say: Say) -> dict[str, Any] | None:
        """The next message that is no log record; None when there is none until then. Raises Gone."""
        while (left := until - time.monotonic()) > 0:
            for key, _ in self._ready.select(left):
                if key.data == "output":
                    self._printed(say)
                    continue
                got = self._received()
                self._printed(say)
                if not got:
                    raise Gone(self.process.wait())
                *whole, self._parts["socket"] = (self._parts["socket"] + got).split(b"\n")
                for each in whole:
                    message: dict[str, Any] = json.loads(each)
                    self._printed(say, whole=True)
                    if "log" not in message:
                        return message
                    say([message["log"]])
        self._printed(say, whole=True)
        return None

    def _received(self) -> bytes:
        try:
            return self._socket.recv(1 << 16)
        except ConnectionResetError:
            return b""

    def _printed(self, say: Say, whole: bool = False) -> None:
        """What is there of the output, by lines. `whole`: an unfinished line is one, too."""
        while True:
            try:
                got = os.read(self._output, 1 << 16)
            except BlockingIOError:
                break
            if not got:
                self._ready.unregister(self._output)
                break
            self._parts["output"] += got
        *lines, rest = self._parts["output"].split(b"\n")
        if whole and rest:
            lines, rest = [*lines, rest], b""
        self._parts["output"] = rest
        if lines:
            say([each.decode("utf-8", "replace") for each in lines])


def error_text(document: Mapping[str, Any]) -> str:
    """An error as one log event, indented with no-break spaces as AWS's runtime does."""
    kind, message = document["errorType"], document["errorMessage"]
    lines = [f"[ERROR] {kind}: {message}" if message else f"[ERROR] {kind}", "Traceback (most recent call last):"]
    for frame in document.get("stackTrace", ()):
        lines += [_indented(line) for line in frame.splitlines()]
    return "\n".join(lines)


def _indented(line: str) -> str:
    bare = line.lstrip(" ")
    return "\u00a0" * (len(line) - len(bare)) + bare


def _how(status: int) -> str:
    if status < 0:
        return f"Runtime exited with error: signal: {(signal.strsignal(-status) or str(-status)).lower()}"
    return f"Runtime exited with error: exit status {status}" if status else "Runtime exited without providing a reason"
