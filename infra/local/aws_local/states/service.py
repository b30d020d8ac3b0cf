"""Puts our operations on executions in front of those of ministack, which keeps the machines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from ministack.services import stepfunctions as kept

from aws_local.errors import AwsError
from aws_local.settings import ACCOUNT, Settings
from aws_local.states import definitions, machines
from aws_local.states.api import Api
from aws_local.states.engine import Engine
from aws_local.states.news import News
from aws_local.states.work import Work

_WRITES = ("CreateStateMachine", "UpdateStateMachine")

Answer = tuple[int, dict[str, str], bytes]


def install(settings: Settings, wait_scale: float) -> None:
    news = News(settings.region)
    engine = Engine(f"{settings.region}:{ACCOUNT}", wait_scale, Work(settings).begin, news)
    news.engine = engine
    engine.run()
    api = Api(engine, settings.region, machines.started)
    keep = kept.handle_request

    async def handle_request(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Answer:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            request = json.loads(body or b"{}")
            if api.serves(operation):
                return _answer(200, await asyncio.to_thread(api.answer, operation, request))
            if operation in _WRITES:
                await asyncio.to_thread(definitions.taken, request)
        except AwsError as error:
            return _refusal(error)
        except ValueError as error:
            return _refusal(AwsError("SerializationException", str(error)))
        answer: Answer = await keep(method, path, headers, body, query)
        if operation == "DeleteStateMachine" and answer[0] == 200:
            await asyncio.to_thread(engine.clock.ask, lambda: engine.forget(request["stateMachineArn"]))
        return answer

    def start_execution(request: Mapping[str, Any]) -> Answer:
        """For other services of ministack whose target is a machine."""
        try:
            return _answer(200, api.answer("StartExecution", request))
        except AwsError as error:
            return _refusal(error)

    kept.handle_request = handle_request
    kept._start_execution = start_execution


def _refusal(error: AwsError) -> Answer:
    told = {"__type": error.code, "message": str(error)}
    return _answer(error.status, told, {"x-amzn-errortype": error.code})


def _answer(status: int, content: Mapping[str, Any], more: Mapping[str, str] | None = None) -> Answer:
    headers = {"Content-Type": "application/x-amz-json-1.0", **(more or {})}
    return status, headers, json.dumps(content).encode()
