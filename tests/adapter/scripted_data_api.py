"""A Redshift Data API that answers what a test has written down, over HTTP, and keeps what it was asked.

Every request is held against botocore's description of the service, with lengths, ranges and patterns, and against what
the service's guide says of sessions: `wrong` lists those that AWS would refuse for their shape.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from dbt.adapters.redshift_data.statements import Place

from dpc_assets.local.requests import beyond_limits, misshapen

PLACE = Place("dpc-learning-dev", "dpc", 120)
"""Where the tests open their sessions."""

Call = tuple[str, dict[str, Any]]


def statement(number: int) -> str:
    return f"{number:08d}-aaaa-aaaa-aaaa-aaaaaaaaaaaa"


def session(number: int) -> str:
    return f"{number:08d}-bbbb-bbbb-bbbb-bbbbbbbbbbbb"


@dataclass(frozen=True)
class Answer:
    """One reply. `after` is waited for first; `arrived` is set when the call is there."""

    content: Mapping[str, Any]
    status: int = 200
    after: threading.Event | None = None
    arrived: threading.Event | None = None


def refused(code: str, text: str = "no", status: int = 400) -> Answer:
    return Answer({"__type": code, "Message": text, "message": text}, status)


def ran(number: int, *, session_number: int = 1, status: str = "FINISHED", **more: Any) -> Answer:
    """ExecuteStatement's: the statement has ended within its wait, unless `status` says otherwise."""
    told = {"Id": statement(number), "SessionId": session(session_number), "CreatedAt": 0, "Status": status}
    return Answer({**told, "HasResultSet": False, **more})


def state(number: int, status: str = "FINISHED", **more: Any) -> Answer:
    """DescribeStatement's."""
    return Answer({"Id": statement(number), "Status": status, "HasResultSet": False, **more})


def rows(columns: Mapping[str, str], *records: list[dict[str, Any]], following: str = "") -> Answer:
    """GetStatementResult's. columns: name -> type name."""
    metadata = [{"name": name, "label": name, "typeName": kind} for name, kind in columns.items()]
    token = {"NextToken": following} if following else {}
    return Answer({"ColumnMetadata": metadata, "Records": list(records), "TotalNumRows": len(records), **token})


@dataclass
class DataApi:
    """`calls`: (operation, request without its ClientToken), in order. `tokens`: of ExecuteStatement, in order."""

    port: int = 0
    calls: list[Call] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _answers: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def execute(self, *answers: Answer) -> None:
        self._answers["ExecuteStatement"].extend(answers)

    def describe(self, *answers: Answer) -> None:
        self._answers["DescribeStatement"].extend(answers)

    def cancel(self, *answers: Answer) -> None:
        self._answers["CancelStatement"].extend(answers)

    def result(self, *answers: Answer) -> None:
        self._answers["GetStatementResult"].extend(answers)

    def statements(self) -> list[str]:
        """SQL in the order in which it was sent."""
        return [request["Sql"] for operation, request in self.calls if operation == "ExecuteStatement"]

    def asked(self, operation: str, request: dict[str, Any]) -> Answer:
        with self._guard:
            problems = [misshapen(operation, request) or beyond_limits(operation, request), _of_a_session(request)]
            self.wrong += [f"{operation}: {problem}" for problem in problems if problem]
            if "ClientToken" in request:
                self.tokens.append(request.pop("ClientToken"))
            self.calls.append((operation, request))
            if not self._answers[operation]:
                self.wrong.append(f"{operation}: no answer is written down for {request}")
                return refused("ValidationException", "no answer is written down")
            return self._answers[operation].popleft()

    def unasked(self) -> list[str]:
        return [operation for operation, left in self._answers.items() for _ in left]


def _of_a_session(request: Mapping[str, Any]) -> str:
    """API_ExecuteStatement.html: a session id, or the workgroup and database that a new session is opened at."""
    if "Sql" not in request:
        return ""
    given = sorted({"Database", "WorkgroupName", "SessionKeepAliveSeconds"} & set(request))
    expected = [] if "SessionId" in request else ["Database", "SessionKeepAliveSeconds", "WorkgroupName"]
    return "" if given == expected else f"expected {expected} beside SessionId {'SessionId' in request}, found {given}"


@contextmanager
def data_api() -> Iterator[DataApi]:
    here = DataApi()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            """Nothing is logged."""

        def do_POST(self) -> None:
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            answer = here.asked(operation, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if answer.arrived:
                answer.arrived.set()
            if answer.after:
                answer.after.wait(30)
            body = json.dumps(answer.content).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
