"""AWS Step Functions and STS that answer from the files in histories/: enough for `dpc aws` in a process of its own.

Each file holds one execution in the wire form of AWS JSON 1.0: what DescribeExecution answers, and the events of
GetExecutionHistory. All of it is invented; test_aws_histories.py holds it against botocore's model of the service.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any

HISTORIES = Path(__file__).with_name("histories")
ACCOUNT, REGION = "111122223333", "ap-northeast-1"
STATES = f"arn:aws:states:{REGION}:{ACCOUNT}"

_CALLER = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::{ACCOUNT}:user/tester</Arn><UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT}</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HISTORIES / f"{name}.json").read_text(encoding="utf-8"))
    return found


def definition(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((HISTORIES / f"{name}.definition.json").read_text(encoding="utf-8"))
    return found


class Failed(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Recorded:
    """Answers of one account. `page`: events of one page. `after`: executions as they are from the third look on.
    `start_as`: ARN of what is started. `refuse`: calls that are refused, and how. `busy`: how many calls
    are throttled before one is answered. `calls`: all that were made.
    `objects`: what S3 holds, by bucket/key."""

    def __init__(self, *names: str, page: int = 1000) -> None:
        self.executions = {each["describe"]["executionArn"]: each for each in map(recorded, names)}
        self.after: dict[str, dict[str, Any]] = {}
        self.machines = {f"{STATES}:stateMachine:dpc-learning-{name}" for name in ("elt", "schedule")}
        self.start_as = ""
        self.busy = 0
        self.objects: dict[str, bytes] = {}
        self.refuse: dict[str, Failed] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._page = page

    def asked(self, operation: str) -> list[dict[str, Any]]:
        return [given for name, given in self.calls if name == operation]

    def answer(self, operation: str, given: dict[str, Any]) -> Mapping[str, Any]:
        self.calls.append((operation, given))
        if self.busy > 0:
            self.busy -= 1
            raise Failed("ThrottlingException", "Rate exceeded")
        if operation in self.refuse:
            raise self.refuse[operation]
        found: Mapping[str, Any] = getattr(self, f"_{operation}")(given)
        return found

    def _execution(self, given: Mapping[str, Any]) -> dict[str, Any]:
        arn = given["executionArn"]
        if arn not in self.executions:
            raise Failed("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return self.executions[arn]

    def _DescribeExecution(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        found = self._execution(given)
        if given["executionArn"] in self.after and len(self.asked("DescribeExecution")) > 2:
            found = self.executions[given["executionArn"]] = self.after.pop(given["executionArn"])
        described: Mapping[str, Any] = found["describe"]
        return described

    def _DescribeStateMachineForExecution(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        found = self._execution(given)
        return {
            "stateMachineArn": found["describe"]["stateMachineArn"],
            "name": found["describe"]["stateMachineArn"].rpartition(":")[2],
            "definition": json.dumps(definition(found["definition"])),
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/role-stepfunctions-dpc",
            "updateDate": 1764500000.0,
        }

    def _GetExecutionHistory(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        events = list(self._execution(given)["events"])
        if given.get("reverseOrder"):
            events.reverse()
        start = int(given.get("nextToken", 0))
        page = events[start : start + self._page]
        more = {"nextToken": str(start + self._page)} if start + self._page < len(events) else {}
        return {"events": page, **more}

    def _ListExecutions(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self._machine(given)
        described = [each["describe"] for each in self.executions.values()]
        names = ("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", "redriveCount")
        found = [
            {name: each[name] for name in names if name in each}
            for each in sorted(described, key=lambda each: each["startDate"], reverse=True)
            if each["stateMachineArn"] == given["stateMachineArn"]
        ]
        return {"executions": found[: given.get("maxResults", 100)]}

    def _ListStateMachines(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        return {
            "stateMachines": [
                {"stateMachineArn": arn, "name": arn.split(":")[-1], "type": "STANDARD", "creationDate": 1764500000.0}
                for arn in sorted(self.machines)
            ]
        }

    def _StartExecution(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self._machine(given)
        if self.start_as:
            return {"executionArn": self.start_as, "startDate": 1764550800.0}
        arn = f"{given['stateMachineArn'].replace(':stateMachine:', ':execution:')}:{given['name']}"
        return {"executionArn": arn, "startDate": 1764550800.0}

    def _RedriveExecution(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self._execution(given)
        return {"redriveDate": 1764551400.0}

    def _machine(self, given: Mapping[str, Any]) -> None:
        arn = given["stateMachineArn"]
        if arn not in self.machines:
            raise Failed("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")


@contextmanager
def served(states: Recorded) -> Iterator[dict[str, str]]:
    """Serves it on a free port of 127.0.0.1; the environment with which boto3 finds it."""
    with serving(lambda target, given: states.answer(target.partition(".")[2], given), states.objects) as address:
        yield {
            "AWS_ENDPOINT_URL": address,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def serving(
    answer: Callable[[str, dict[str, Any]], Mapping[str, Any]], objects: Mapping[str, bytes] = MappingProxyType({})
) -> Iterator[str]:
    """Serves `answer(X-Amz-Target, request)` as AWS JSON, STS, and of S3 the objects by bucket/key; the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = objects.get(self.path.lstrip("/").partition("?")[0])
            if found is None:
                return self._send(404, "application/xml", b"<Error><Code>NoSuchKey</Code><Message>no</Message></Error>")
            return self._send(200, "binary/octet-stream", found)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            target = self.headers.get("X-Amz-Target", "")
            if not target:
                return self._send(200, "text/xml", _CALLER.encode())
            try:
                told = answer(target, json.loads(body))
                return self._send(200, "application/x-amz-json-1.1", json.dumps(told, default=_epoch).encode())
            except Failed as error:
                wrong = {"__type": f"com.amazonaws#{error.code}", "message": str(error)}
                return self._send(400, "application/x-amz-json-1.1", json.dumps(wrong).encode())

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _epoch(value: object) -> float:
    assert isinstance(value, datetime)
    return value.timestamp()
