"""A switchboard for things that go wrong, for tests and for learners: /_dpc/faults.

POST   {"service": "redshift-data", "operation": "ExecuteStatement", "code": "ThrottlingException",
        "caller": "role-lambda-dpc", "containing": "COPY", "message": "...", "status": 400, "times": 2, "after": 1}
       The next matching calls but one fail so, twice. Needed are service, operation ("*": each of them) and code;
       `caller` is the name of a role or "person", `containing` a text of the request's path, query or body (bodies
       of S3 are not read). botocore tries again by itself: a fault that should be seen needs `times` for each try.
POST   {"kill": {"function": NAME}} or {"kill": {"task": FAMILY, ID or ARN}}, with "after_ms" if wanted
       The process is killed now; with after_ms, so long after the next one of the kind began.
GET    what is still to come
DELETE forgets all of it
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any
from xml.sax.saxutils import escape

from aws_local import front, wire
from aws_local.errors import AwsError
from aws_local.front import Answer
from aws_local.settings import Settings
from aws_local.wire import Asked

PAGE = "faults"


@dataclass(frozen=True)
class Fault:
    """`times` calls fail after the first `after` matching ones went through."""

    service: str
    operation: str
    code: str
    message: str = "Injected by /_dpc/faults"
    status: int = 400
    caller: str = ""
    containing: str = ""
    times: int = 1
    after: int = 0

    def meets(self, asked: Asked) -> bool:
        return (
            self.times > 0
            and self.service == asked.service
            and self.operation in ("*", asked.operation)
            and self.caller in ("", asked.caller, asked.caller.rpartition("/")[2])
            and self.containing in asked.text
        )


@dataclass
class Switchboard:
    """What is still to go wrong; asked from the event loop, told from it too, read from anywhere."""

    faults: list[Fault] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def refuse(self, asked: Asked) -> Answer | None:
        """The first fault that a call meets counts it; the others do not."""
        with self.lock:
            for place, each in enumerate(self.faults):
                if each.meets(asked):
                    let = each.after > 0
                    self.faults[place] = (
                        replace(each, after=each.after - 1) if let else replace(each, times=each.times - 1)
                    )
                    return None if let else refused(asked, each)
        return None

    def page(self, method: str, told: Any) -> object:
        if method == "POST" and isinstance(told, dict) and "kill" in told:
            return {"killed": _kill(told["kill"])}
        if method == "POST":
            found = [_fault(each) for each in (told if isinstance(told, list) else [told])]
            with self.lock:
                self.faults += found
        elif method == "DELETE":
            with self.lock:
                self.faults.clear()
            _spare()
        elif method != "GET":
            raise AwsError("MethodNotAllowed", f"{method}: expected GET, POST or DELETE", 405)
        with self.lock:
            self.faults = [each for each in self.faults if each.times > 0]
            return {"faults": [asdict(each) for each in self.faults]}


def install(settings: Settings) -> None:
    board = Switchboard()
    stood = front.stand()
    stood.refuse.append(board.refuse)
    stood.pages[PAGE] = board.page


def refused(asked: Asked, fault: Fault) -> Answer:
    """As the service itself would refuse: the error of its protocol."""
    request_id = str(uuid.uuid4())
    if asked.protocol == wire.REST_XML:
        return fault.status, _xml(request_id, "x-amz-request-id"), _document("<Error>{}</Error>", fault, request_id)
    if asked.protocol == wire.QUERY:
        form = "<ErrorResponse><Error><Type>Sender</Type>{}</Error></ErrorResponse>"
        return fault.status, _xml(request_id), _document(form, fault, request_id)
    if asked.protocol == wire.EC2:
        form = "<Response><Errors><Error>{}</Error></Errors></Response>"
        return fault.status, _xml(request_id), _document(form, fault, request_id)
    if asked.protocol == wire.CBOR:
        headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", "x-amzn-requestid": request_id}
        return fault.status, headers, _cbor({"__type": fault.code, "message": fault.message})
    told = {"__type": fault.code, "message": fault.message, "Message": fault.message}
    kind = "application/json" if asked.protocol == wire.REST_JSON else "application/x-amz-json-1.1"
    headers = {"content-type": kind, "x-amzn-errortype": fault.code, "x-amzn-requestid": request_id}
    return fault.status, headers, json.dumps(told).encode()


def _xml(request_id: str, header: str = "x-amzn-requestid") -> dict[str, str]:
    return {"content-type": "application/xml", header: request_id}


def _document(form: str, fault: Fault, request_id: str) -> bytes:
    inside = f"<Code>{escape(fault.code)}</Code><Message>{escape(fault.message)}</Message>"
    return form.format(f"{inside}<RequestId>{request_id}</RequestId>").encode()


def _cbor(told: Mapping[str, str]) -> bytes:
    """A map of texts: RFC 8949, section 3.1, major types 5 and 3, with lengths of two bytes."""
    words = [word.encode() for pair in told.items() for word in pair]
    return bytes([0xA0 | len(told)]) + b"".join(b"\x79" + len(word).to_bytes(2, "big") + word for word in words)


def _fault(told: Any) -> Fault:
    known = {each.name for each in fields(Fault)}
    if not isinstance(told, dict):
        raise AwsError("WrongFault", f"expected an object or a list of them, found {told!r}")
    problems = [f"{name}: unknown" for name in told.keys() - known]
    problems += [f"{name}: missing" for name in ("service", "operation", "code") if not told.get(name)]
    problems += [
        f"{name}: expected {'a number' if name in _NUMBERS else 'a text'}, found {told[name]!r}"
        for name in told.keys() & known
        if not isinstance(told[name], int if name in _NUMBERS else str)
    ]
    if problems:
        raise AwsError("WrongFault", "; ".join(sorted(problems)))
    return Fault(**told)


_NUMBERS = ("status", "times", "after")


def _kill(told: Mapping[str, Any]) -> int:
    """How many were killed now."""
    from aws_local import functions, tasks

    after_s = told["after_ms"] / 1000 if "after_ms" in told else None
    if "function" in told:
        return functions.kill(str(told["function"]), after_s)
    if "task" in told:
        return tasks.kill(str(told["task"]), after_s)
    raise AwsError("WrongFault", "kill: expected function or task")


def _spare() -> None:
    from aws_local import functions, tasks

    functions.spare()
    tasks.spare()
