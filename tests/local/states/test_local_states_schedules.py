"""Schedules: when they are due, in their own time zone, and what they send."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from states_aws import REGION, Aws, machine

SCHEDULER = "arn:aws:iam::000000000000:role/role-scheduler-dpc"
WHEN = '{"at": "<aws.scheduler.scheduled-time>", "try": "<aws.scheduler.attempt-number>"}'
EMPTY = json.loads(machine("A", {"A": {"Type": "Succeed"}}))


def scheduled(aws: Aws, name: str, expression: str, state: str = "ENABLED", **more: Any) -> str:
    """ARN of the machine that it starts."""
    found = aws.machine(name, json.dumps(EMPTY))
    aws.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=expression,
        State=state,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": found, "RoleArn": SCHEDULER, "Input": WHEN},
        **more,
    )
    return found


def page(aws: Aws, told: Any = None) -> Any:
    body = None if told is None else json.dumps(told).encode()
    with urllib.request.urlopen(f"{aws.endpoint}/_dpc/schedules", body) as answer:
        return json.load(answer)


def test_a_cron_is_read_on_the_clock_of_its_time_zone(aws: Aws) -> None:
    scheduled(aws, "tokyo", "cron(0 3 * * ? *)", ScheduleExpressionTimezone="Asia/Tokyo")
    scheduled(aws, "utc", "cron(0 3 * * ? *)")
    scheduled(aws, "off", "cron(0 3 * * ? *)", "DISABLED")
    listed = {each["name"]: each for each in page(aws)["schedules"]}
    assert listed["tokyo"]["next"][10:] == "T18:00:00Z"
    assert listed["utc"]["next"][10:] == "T03:00:00Z"
    assert (listed["off"]["state"], listed["off"]["next"]) == ("DISABLED", None)


def test_fired_by_hand_under_its_own_role(aws: Aws) -> None:
    found = scheduled(aws, "by-hand", "cron(0 3 * * ? *)")
    before = datetime.now(UTC).replace(microsecond=0)
    told = page(aws, {"name": "by-hand"})
    assert told["executionArn"].startswith(found.replace(":stateMachine:", ":execution:"))
    given = json.loads(aws.ended(told["executionArn"])["input"])
    assert given == {"at": told["scheduled_time"], "try": "1"}
    assert before <= datetime.fromisoformat(given["at"]) <= datetime.now(UTC)
    lines = [json.loads(line) for line in (aws.folder / "calls.jsonl").read_text("utf-8").splitlines()]
    (line,) = [each for each in lines if each["via"] == "scheduler.amazonaws.com"]
    assert (line["caller"], line["service"], line["operation"]) == (SCHEDULER, "states", "StartExecution")
    assert line["given"] == {"stateMachineArn": found}


def test_a_schedule_that_is_disabled_does_not_fire(aws: Aws) -> None:
    found = scheduled(aws, "never", "cron(* * * * ? *)", "DISABLED")
    with pytest.raises(urllib.error.HTTPError) as refused:
        page(aws, {"name": "never"})
    with refused.value as answer:
        assert json.load(answer)["code"] == "ScheduleDisabled"
    with pytest.raises(urllib.error.HTTPError) as refused:
        page(aws, {"name": "nowhere"})
    with refused.value as answer:
        assert answer.status == 404
    assert aws.states.list_executions(stateMachineArn=found)["executions"] == []


def test_a_schedule_fires_at_its_time_once(aws: Aws) -> None:
    at = datetime.now(ZoneInfo("Asia/Tokyo")).replace(microsecond=0) + timedelta(seconds=2)
    found = scheduled(aws, "soon", f"at({at:%Y-%m-%dT%H:%M:%S})", ScheduleExpressionTimezone="Asia/Tokyo")

    def started() -> Any:
        return aws.states.list_executions(stateMachineArn=found)["executions"]

    (one,) = aws.until(started, bool, seconds=15)
    given = json.loads(aws.describe(one["executionArn"])["input"])
    assert given["at"] == at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert REGION in one["executionArn"]
    assert aws.until(started, bool) == [one]
