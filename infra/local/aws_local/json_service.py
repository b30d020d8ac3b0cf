"""Adds a service of ours to ministack: one that speaks JSON with `X-Amz-Target`, as the Redshift APIs do.

Protocol: smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import sys
import types
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore.session
import ministack.services
from ministack import app
from ministack.core import router
from ministack.core.router import extract_access_key_id

from aws_local import identities
from aws_local.errors import AwsError

Handle = Callable[[str, dict[str, Any]], Mapping[str, Any]]
"""(operation, request) -> answer; raises AwsError. Called in a thread of its own, under the request's account and
with `identities.calling`."""

_THREADS = ThreadPoolExecutor(max_workers=64, thread_name_prefix="aws-local")
"""Of their own: a long poll holds a thread for up to 30 seconds, and asyncio's pool has six on two cores."""

Answer = tuple[int, dict[str, str], bytes]


def add(name: str, handle: Handle) -> None:
    """`name`: the service as ministack's router calls it (the signing name)."""

    async def handle_request(method: str, path: str, headers: Mapping[str, str], body: bytes, query: Any) -> Answer:
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        identities.CALLING.set(identities.caller(extract_access_key_id(headers, query) or ""))
        try:
            request = json.loads(body or b"{}")
            work = asyncio.get_running_loop().run_in_executor(
                _THREADS, contextvars.copy_context().run, handle, operation, request
            )
            return _answer(200, await work)
        except AwsError as error:
            told = {"__type": error.code, "message": str(error), "Message": str(error)}
            return _answer(error.status, told, {"x-amzn-errortype": error.code})

    module = types.ModuleType(f"ministack.services.{name.replace('-', '_')}_local")
    module.__dict__.update(handle_request=handle_request, reset=lambda: None, get_state=dict)
    short = module.__name__.rpartition(".")[2]
    sys.modules[module.__name__] = module
    setattr(ministack.services, short, module)
    app.SERVICE_REGISTRY[name] = {"module": short}
    app.SERVICE_HANDLERS[name] = handle_request
    if router._KNOWN_AWS_SERVICE_NAMES is None:
        # Else the router reads every model of botocore at the first request, seconds in which nothing else is answered.
        router._KNOWN_AWS_SERVICE_NAMES = frozenset(botocore.session.get_session().get_available_services())


def _answer(status: int, content: Mapping[str, Any], more: Mapping[str, str] | None = None) -> Answer:
    headers = {"Content-Type": "application/x-amz-json-1.1", **(more or {})}
    return status, headers, json.dumps(content, default=str).encode()
