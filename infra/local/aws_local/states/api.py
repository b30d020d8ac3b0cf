"""The operations of Step Functions on executions. Shapes, limits and errors: Step Functions API Reference."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aws_local import requests
from aws_local.errors import AwsError
from aws_local.requests import Missing
from aws_local.states import definitions, history
from aws_local.states.describe import described, listed
from aws_local.states.engine import Engine, Standing
from aws_local.states.recorded import Start
from compiler.interpreter.calls import Answer, Failure
from compiler.interpreter.failing import PAYLOAD_LIMIT

Request = Mapping[str, Any]

_PAGE_OF_EVENTS, _PAGE_OF_EXECUTIONS = 100, 1000
_FORBIDDEN = set(' \t\n<>{}[]?*"#%\\^|~`$&,;:/')
"""What an execution's name must not hold (StartExecution, name)."""


class Api:
    """`machine`: (ARN of a machine, version or alias) -> what an execution of it starts with, or None."""

    def __init__(self, engine: Engine, region: str, machine: Callable[[str], Request | None]) -> None:
        self._engine = engine
        self._region = region
        self._machine = machine
        self._operations: Mapping[str, Callable[[Request], dict[str, Any]]] = {
            "StartExecution": self.start,
            "StopExecution": self._stop,
            "RedriveExecution": self._redrive,
            "DescribeExecution": self._describe,
            "ListExecutions": self._list,
            "GetExecutionHistory": self._history,
            "DescribeStateMachineForExecution": self._definition,
            "SendTaskSuccess": self._success,
            "SendTaskFailure": self._failure,
            "SendTaskHeartbeat": self._heartbeat,
            "ValidateStateMachineDefinition": definitions.validated,
            "StartSyncExecution": self._express,
            "TestState": self._missing,
        }

    def serves(self, operation: str) -> bool:
        return operation in self._operations

    def answer(self, operation: str, request: Request) -> dict[str, Any]:
        """Raises AwsError."""
        if operation == "TestState":
            raise Missing("stepfunctions", operation)
        requests.check("stepfunctions", operation, request)
        return self._operations[operation](request)

    def start(self, request: Request) -> dict[str, Any]:
        name = request.get("name") or str(uuid.uuid4())
        if len(name) > 80 or _FORBIDDEN.intersection(name):
            raise AwsError("InvalidName", f"Invalid Name: '{name}'")
        given = request.get("input", "{}")
        _json(given, "InvalidExecutionInput", "Invalid State Machine Execution Input")
        arn = request["stateMachineArn"]
        found = self._machine(arn)
        if found is None:
            raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        start = Start(
            machine_arn=found["stateMachineArn"],
            machine_name=found["name"],
            name=name,
            input=given,
            role=found["roleArn"],
            definition=found["definition"],
            machine=definitions.machine(found["definition"]),
            kept=found["kept"],
            version_arn=found.get("version"),
            alias_arn=found.get("alias"),
        )
        standing = self._engine.clock.ask(lambda: self._engine.start(start))
        return {"executionArn": start.arn, "startDate": self._engine.epoch(standing.started)}

    def _stop(self, request: Request) -> dict[str, Any]:
        error, cause = request.get("error") or "", request.get("cause") or ""
        stopped = self._engine.clock.ask(lambda: self._engine.stop(request["executionArn"], error, cause).stopped)
        assert stopped is not None
        return {"stopDate": self._engine.epoch(stopped)}

    def _redrive(self, request: Request) -> dict[str, Any]:
        token = request.get("clientToken") or ""
        redriven = self._engine.clock.ask(lambda: self._engine.redrive(request["executionArn"], token).redriven)
        assert redriven is not None
        return {"redriveDate": self._engine.epoch(redriven)}

    def _describe(self, request: Request) -> dict[str, Any]:
        engine = self._engine
        return engine.clock.ask(lambda: described(engine, engine.found(request["executionArn"])))

    def _list(self, request: Request) -> dict[str, Any]:
        arn = request.get("stateMachineArn")
        if not arn:
            raise AwsError("ValidationException", "stateMachineArn is needed: there are no map runs on the laptop")
        found = self._machine(arn)
        if found is None:
            raise AwsError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        engine = self._engine
        all_ = engine.clock.ask(lambda: [listed(engine, each) for each in engine.of_machine(found["stateMachineArn"])])
        status, redriven = request.get("statusFilter"), request.get("redriveFilter")
        wanted = [
            each
            for each in all_
            if (not status or each["status"] == status)
            and (not redriven or (each["redriveCount"] > 0) == (redriven == "REDRIVEN"))
        ]
        most = request.get("maxResults") or _PAGE_OF_EXECUTIONS
        page, more = _page(wanted, most, request.get("nextToken"), [arn, status, redriven])
        return {"executions": page, **more}

    def _history(self, request: Request) -> dict[str, Any]:
        arn = request["executionArn"]
        told = self._engine.clock.ask(lambda: tuple(self._engine.found(arn).running.told))
        backwards = bool(request.get("reverseOrder"))
        with_data = request.get("includeExecutionData", True)
        events = told[::-1] if backwards else told
        most = request.get("maxResults") or _PAGE_OF_EVENTS
        # Backwards, what happened since the first page must not move the next one.
        token = request.get("nextToken")
        if backwards:
            counted = _read(token)["of"] if token else len(told)
            events = told[:counted][::-1]
        page, more = _page(events, most, token, [arn, backwards, with_data])
        began = self._engine.epoch(0)
        return {"events": [history.shown(each, began, self._region, with_data) for each in page], **more}

    def _definition(self, request: Request) -> dict[str, Any]:
        start = self._start_of(request["executionArn"])
        return {
            "stateMachineArn": start.version_arn or start.machine_arn,
            "name": start.machine_name,
            "definition": start.definition,
            "roleArn": start.role,
            **start.kept,
        }

    def _start_of(self, arn: str) -> Start:
        standing: Standing = self._engine.clock.ask(lambda: self._engine.found(arn))
        return standing.start

    def _success(self, request: Request) -> dict[str, Any]:
        output = _json(request["output"], "InvalidOutput", "Invalid Output")
        return self._told(request["taskToken"], Answer(output))

    def _failure(self, request: Request) -> dict[str, Any]:
        return self._told(request["taskToken"], Failure(request.get("error") or "", request.get("cause") or ""))

    def _told(self, token: str, outcome: Answer | Failure) -> dict[str, Any]:
        self._engine.clock.ask(lambda: self._engine.tell(token, outcome))
        return {}

    def _heartbeat(self, request: Request) -> dict[str, Any]:
        self._engine.clock.ask(lambda: self._engine.beat(request["taskToken"]))
        return {}

    def _express(self, request: Request) -> dict[str, Any]:
        raise AwsError("StateMachineTypeNotSupported", "StartSyncExecution is for express machines")

    def _missing(self, request: Request) -> dict[str, Any]:
        raise Missing("stepfunctions", "TestState")


def _json(text: str, code: str, said: str) -> Any:
    if len(text.encode()) > PAYLOAD_LIMIT:
        raise AwsError(code, f"{said}: more than {PAYLOAD_LIMIT} bytes")
    try:
        return json.loads(text)
    except ValueError as error:
        raise AwsError(code, f"{said}: '{error}'") from error


def _page(found: Sequence[Any], most: int, token: str | None, asked: list[Any]) -> tuple[Sequence[Any], dict[str, str]]:
    """So many of them, and the token of the next page: it is good for the same question only."""
    told = _read(token) if token else {"from": 0, "of": len(found), "asked": asked}
    if told["asked"] != asked:
        raise AwsError("InvalidToken", "Invalid Token: 'it belongs to another request'")
    end = told["from"] + most
    if end >= len(found):
        return found[told["from"] :], {}
    return found[told["from"] : end], {"nextToken": _written({**told, "from": end})}


def _written(told: Request) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()


def _read(token: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token))
        return {name: found[name] for name in ("from", "of", "asked")}
    except (ValueError, KeyError, TypeError) as error:
        raise AwsError("InvalidToken", "Invalid Token: 'Invalid token'") from error
