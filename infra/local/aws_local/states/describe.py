"""One execution as DescribeExecution and ListExecutions tell it."""

from __future__ import annotations

from typing import Any

from aws_local.states.engine import Engine, Standing
from aws_local.states.history import text


def described(engine: Engine, standing: Standing) -> dict[str, Any]:
    """Dates in seconds since 1970. On the engine's thread."""
    running, start = standing.running, standing.start
    reason = standing.not_redrivable(engine.clock.now)
    found: dict[str, Any] = {
        **listed(engine, standing),
        "input": start.input,
        "inputDetails": {"included": True},
        "redriveStatus": "NOT_REDRIVABLE" if reason else "REDRIVABLE",
    }
    if reason:
        found["redriveStatusReason"] = reason
    if standing.status == "SUCCEEDED":
        found |= {"output": text(running.root.output), "outputDetails": {"included": True}}
    return found | {name: value for name, value in (("error", running.error), ("cause", running.cause)) if value}


def listed(engine: Engine, standing: Standing) -> dict[str, Any]:
    start = standing.start
    found: dict[str, Any] = {
        "executionArn": start.arn,
        "stateMachineArn": start.machine_arn,
        "name": start.name,
        "status": standing.status,
        "startDate": engine.epoch(standing.started),
        "redriveCount": standing.running.redrives,
    }
    dates = {"stopDate": standing.stopped, "redriveDate": standing.redriven}
    found |= {name: engine.epoch(seconds) for name, seconds in dates.items() if seconds is not None}
    named = {"stateMachineVersionArn": start.version_arn, "stateMachineAliasArn": start.alias_arn}
    return found | {name: value for name, value in named.items() if value}
