"""Lambda: ministack keeps the functions, their versions and who may invoke them; here is what runs them.

ministack's own local runner gives handlers the server's environment and packages, and calls every error
Runtime.HandlerError. Here a handler finds its unpacked zip, its layers, boto3 and the standard library, and the
environment that docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html lists, with its role's keys.
"""

from __future__ import annotations

from aws_local.functions.invoke import Functions
from aws_local.settings import Settings

_installed: list[Functions] = []


def install(settings: Settings) -> None:
    """Replaces ministack's execution path, its log lines and nothing else."""
    from ministack.services import lambda_svc

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
