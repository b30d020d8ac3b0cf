"""Puts our operations on executions in front of those of ministack, which keeps the machines."""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.services import stepfunctions as kept

from aws_local.errors import AwsError
from aws_local.settings import ACCOUNT, Settings
from aws_local.states import definitions, machines
from aws_local.states.api import Api
from aws_local.states.engine import Engine
from aws_local.states.news import News
from aws_local.states.work import Work

_THREADS = 8
"""Not ministack's own pool: functions that fill it may wait for an answer of Step Functions."""

_WRITES = ("CreateStateMachine", "UpdateStateMachine")

Answer = tuple[int, dict[str, str], bytes]


def install(settings: Settings) -> None:
    news = News(settings.region)
    engine = Engine(f"{settings.region}:{ACCOUNT}", settings.wait_scale, Work(settings).begin, news)
    news.engine = engine
    engine.run()
    api = Api(engine, settings.region, machines.started)
    keep = kept.handle_request
    pool = ThreadPoolExecutor(_THREADS, "states-api")

    async def aside(act: Callable[..., Any], *given: Any) -> Any:
        """In a thread of ours, under the request's account and region."""
        under = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(pool, under.run, act, *given)

    async def handle_request(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Answer:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            request = _read(body)
            if api.serves(operation):
                return _answer(200, await aside(api.answer, operation, request))
            if operation in _WRITES:
                await aside(definitions.taken, request)
        except AwsError as error:
            return _refusal(error)
        answer: Answer = await keep(method, path, headers, body, query)
        if operation == "DeleteStateMachine" and answer[0] == 200:
            await aside(engine.clock.ask, lambda: engine.forget(request["stateMachineArn"]))
        return answer

    def start_execution(request: Mapping[str, Any]) -> Answer:
        """For other services of ministack whose target is a machine."""
        try:
            return _answer(200, api.answer("StartExecution", request))
        except AwsError as error:
            return _refusal(error)

    kept.handle_request = handle_request
    kept._start_execution = start_execution


def _read(body: bytes) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(body or b"{}")
    except ValueError as error:
        raise AwsError("SerializationException", str(error)) from error
    return found


def _refusal(error: AwsError) -> Answer:
    told = {"__type": error.code, "message": str(error)}
    return _answer(error.status, told, {"x-amzn-errortype": error.code})


def _answer(status: int, content: Mapping[str, Any], more: Mapping[str, str] | None = None) -> Answer:
    headers = {"Content-Type": "application/x-amz-json-1.0", **(more or {})}
    return status, headers, json.dumps(content).encode()
