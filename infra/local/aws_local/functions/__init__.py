"""Lambda: ministack keeps the functions, their versions and who may invoke them; here is what runs them.

ministack's own local runner gives handlers the server's environment and packages, and calls every error
Runtime.HandlerError. Here a handler finds its unpacked zip, its layers, boto3 and the standard library, and the
environment that docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html lists, with its role's keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_local import logs
from aws_local.functions import dead_letters
from aws_local.functions.invoke import Functions
from aws_local.settings import Settings

_installed: list[Functions] = []


def install(settings: Settings) -> None:
    """Replaces ministack's execution path, its log lines and its dead letters; metric filters count from now on."""
    from ministack.services import lambda_svc

    routed = lambda_svc._route_async_failure

    def route(target: str, name: str, event: object, result: Mapping[str, Any]) -> None:
        config = lambda_svc._functions[name]["config"]
        if target == (config.get("DeadLetterConfig") or {}).get("TargetArn") and target.split(":")[2] == "sqs":
            dead_letters.send(settings, config, target, event, result)
        else:
            routed(target, name, event, result)

    found = Functions(settings)
    _installed[:] = [found]
    others = lambda_svc._emit_lambda_logs

    def emit(
        func: object, request_id: str, text: str, error: bool, duration_ms: int, log_source: object = None
    ) -> None:
        if log_source != Functions.WRITTEN:
            others(func, request_id, text, error, duration_ms, log_source=log_source)

    lambda_svc._execute_function_warm = found.execute
    lambda_svc._emit_lambda_logs = emit
    lambda_svc._route_async_failure = route
    logs.refuse_filters()


def kill(function: str, after_s: float | None = None) -> int:
    """Kills the processes that answer events of the function now, or, `after_s`, so long into its next invocation."""
    (found,) = _installed
    if after_s is None:
        return found.pool.kill(function)
    found.pool.kill_next(function, after_s)
    return 0


def spare() -> None:
    """Forgets what was to be killed."""
    for each in _installed:
        each.pool.doomed.clear()


def close() -> None:
    for each in _installed:
        each.close()
