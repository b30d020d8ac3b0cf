"""The program inside an execution environment: imports the handler once, then answers one event after the other.

It follows AWS's own runtime interface client for Python (github.com/aws/aws-lambda-python-runtime-interface-client):
the names of its faults, the shape of an error, the format of log lines. Standard library only, started by `worker`
as `python -I -S runtime.py SOCKET HANDLER FOLDER...`; handlers import from the folders, in that order, and from the
standard library. Messages are lines of JSON over the socket:

    to here     {"id", "arn", "deadline": seconds since 1970, "trace", "event"}
    from here   {"log": text}; {"ready": true}; {"result": JSON text, "memory_mb"}; {"error": {...}, "memory_mb"}
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import queue
import resource
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

Handler = Callable[[Any, "Context"], Any]


class Context:
    """docs.aws.amazon.com/lambda/latest/dg/python-context.html; nobody calls from a mobile application here."""

    client_context = None
    identity = None

    def __init__(self, request: dict[str, Any]) -> None:
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.invoked_function_arn = request["arn"]
        self.aws_request_id = request["id"]
        self._deadline = request["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))


class Fault(Exception):
    """What the runtime itself refuses; `kind` is the error's type."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.trace = trace or []


class Line:
    """The way to the server. Messages wait for what was printed before them."""

    def __init__(self, descriptor: int) -> None:
        self._socket = socket.socket(fileno=descriptor)
        self._lock = threading.Lock()
        self.requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        """Whoever ends the server ends this process too, whatever the handler is doing."""
        with self._socket.makefile("r", encoding="utf-8") as lines:
            for each in lines:
                self.requests.put(json.loads(each))
        os._exit(0)

    def send(self, message: dict[str, Any]) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        with self._lock:
            self._socket.sendall(json.dumps(message).encode() + b"\n")


class Logged(logging.Handler):
    """The root logger's handler: one event a record, however many lines it has."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.id = ""
        self._line = line
        form = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
        told = logging.Formatter(form, "%Y-%m-%dT%H:%M:%S")
        told.converter = time.gmtime
        self.setFormatter(told)

    def emit(self, record: logging.LogRecord) -> None:
        record.aws_request_id = self.id
        self._line.send({"log": self.format(record)})


def handler_of(name: str) -> Handler:
    module, dot, function = name.rpartition(".")
    if not dot:
        raise Fault(
            "Runtime.MalformedHandlerName", f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        )
    if module.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module} as a handler module")
    try:
        found = importlib.import_module(module.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module}': {error}") from error
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {error}", trace) from error
    if not hasattr(found, function):
        raise Fault("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{module}'")
    handler: Handler = getattr(found, function)
    return handler


def told(error: BaseException, request_id: str) -> dict[str, Any]:
    """The error document: docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html."""
    if isinstance(error, Fault):
        kind, trace = error.kind, error.trace
    else:
        kind, trace = type(error).__name__, traceback.format_list(_frames(error.__traceback__))
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": trace}


def _frames(found: TracebackType | None) -> traceback.StackSummary:
    """From the first frame that is not this file's."""
    frames = traceback.extract_tb(found)
    own = next((place for place, each in enumerate(frames) if each.filename != __file__), 0)
    return traceback.StackSummary.from_list(frames[own:])


def marshalled(answer: Any) -> str:
    try:
        return json.dumps(answer, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from error


def answer(handler: Handler, request: dict[str, Any]) -> dict[str, Any]:
    if request.get("trace"):
        os.environ["_X_AMZN_TRACE_ID"] = request["trace"]
    try:
        return {"result": marshalled(handler(request["event"], Context(request)))}
    except Exception as error:
        return {"error": told(error, request["id"])}


def memory_mb() -> int:
    """The most that was ever resident; kilobytes on Linux, bytes on macOS (getrusage(2))."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return -(-most // (1024 * 1024 if sys.platform == "darwin" else 1024))


def main(descriptor: str, handler: str, *folders: str) -> None:
    line = Line(int(descriptor))
    sys.path[:0] = folders
    logged = Logged(line)
    logging.getLogger().addHandler(logged)
    try:
        found = handler_of(handler)
    except Exception as error:
        line.send({"error": told(error, ""), "memory_mb": memory_mb()})
        sys.exit(1)
    line.send({"ready": True})
    while True:
        request = line.requests.get()
        logged.id = request["id"]
        line.send({**answer(found, request), "memory_mb": memory_mb()})


if __name__ == "__main__":
    main(*sys.argv[1:])
