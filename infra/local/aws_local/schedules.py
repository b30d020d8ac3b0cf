"""EventBridge Scheduler: due times in the schedule's own time zone, context attributes in the input, firing by hand.

ministack keeps the schedules; its ticker reads every cron in UTC and hands the input on as it is written. Sources:
EventBridge Scheduler User Guide, "Schedule types" (cron, rate, at; time zones) and "Adding context attributes"
(<aws.scheduler.scheduled-time> and its like). Not here: flexible windows, the target's retries and dead letters.

    GET  /_dpc/schedules    every schedule: name, group, state, next (UTC)
    POST /_dpc/schedules    {"name": NAME, "group": "default"}: fires it now. A schedule that is DISABLED does not fire.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import eventbridge, scheduler

from aws_local import calls, front
from aws_local.errors import AwsError
from aws_local.settings import ACCOUNT, Settings

_LOG = logging.getLogger(__name__)
PAGE = "schedules"
TICK_S = 1

Schedule = Mapping[str, Any]


@dataclass
class Ticker:
    """`seen`: until when the due times of a schedule, as it was last written, have been looked at."""

    region: str
    seen: dict[str, tuple[float, datetime]] = field(default_factory=dict)

    def tick(self) -> None:
        """Fires what became due since the last tick, each schedule at most once."""
        self._under_account()
        now = datetime.now(UTC)
        for schedule in list(scheduler._schedules.values()):
            time = due(schedule, self._since(schedule))
            if time is not None and time <= now:
                self.seen[schedule["Arn"]] = (schedule["LastModificationDate"], now)
                self._fire(schedule, time)

    def page(self, method: str, told: Any) -> object:
        """What is asked of /_dpc/schedules."""
        self._under_account()
        if method == "GET":
            return {"schedules": [self._listed(each) for each in scheduler._schedules.values()]}
        if method != "POST" or not isinstance(told, dict) or "name" not in told:
            raise AwsError("WrongRequest", 'expected GET, or POST {"name": NAME, "group": "default"}')
        key = f"{told.get('group', 'default')}/{told['name']}"
        schedule = scheduler._schedules.get(key)
        if schedule is None:
            raise AwsError("ResourceNotFoundException", f"Schedule {key} does not exist.", 404)
        if schedule["State"] != "ENABLED":
            raise AwsError("ScheduleDisabled", f"Schedule {key} is {schedule['State']}: it does not fire.", 409)
        return fire(schedule, datetime.now(UTC))

    def _since(self, schedule: Schedule) -> datetime:
        """Until when it has been looked at; what is written anew begins anew."""
        written, looked = self.seen.get(schedule["Arn"], (0.0, None))
        if looked is not None and written == schedule["LastModificationDate"]:
            return looked
        return datetime.fromtimestamp(schedule["LastModificationDate"], UTC)

    def _listed(self, schedule: Schedule) -> dict[str, Any]:
        time = due(schedule, self._since(schedule))
        return {
            "name": schedule["Name"],
            "group": schedule["GroupName"],
            "state": schedule["State"],
            "next": _written(time) if time is not None else None,
        }

    def _fire(self, schedule: Schedule, time: datetime) -> None:
        try:
            fire(schedule, time)
        except Exception:
            _LOG.exception("Schedule %s was due at %s and did not fire", schedule["Name"], time)
        once = schedule["ScheduleExpression"].startswith("at(")
        if once and schedule.get("ActionAfterCompletion") == "DELETE":
            scheduler._schedules.pop(f"{schedule['GroupName']}/{schedule['Name']}", None)

    def _under_account(self) -> None:
        set_request_account_id(ACCOUNT)
        set_request_region(self.region)


def install(settings: Settings) -> None:
    ticker = Ticker(settings.region)
    scheduler._tick_schedules = ticker.tick
    scheduler._SCHEDULE_TICK_INTERVAL = TICK_S
    front.stand().pages[PAGE] = ticker.page


def due(schedule: Schedule, since: datetime) -> datetime | None:
    """The first time after `since` at which it fires; None where there is none, or it is disabled."""
    if schedule["State"] != "ENABLED":
        return None
    begin, end = _date(schedule.get("StartDate")), _date(schedule.get("EndDate"))
    if begin is not None:
        since = max(since, begin)
    zone = ZoneInfo(schedule.get("ScheduleExpressionTimezone") or "UTC")
    time = _next(schedule["ScheduleExpression"], zone, since)
    return None if time is None or (end is not None and time > end) else time


def _next(expression: str, zone: ZoneInfo, since: datetime) -> datetime | None:
    if expression.startswith("at("):
        time = datetime.fromisoformat(expression[3:-1]).replace(tzinfo=zone).astimezone(UTC)
        return time if time > since else None
    seconds = eventbridge._parse_rate_seconds(expression)
    if seconds is not None:
        return since + timedelta(seconds=seconds)
    fields = eventbridge._parse_cron_fields(expression)
    if fields is None:
        return None
    # The minutes of the clock on the wall there: ministack counts them as if they were UTC.
    wall = since.astimezone(zone).replace(tzinfo=UTC)
    found: datetime | None = eventbridge._cron_next_fire(fields, wall)
    return found.replace(tzinfo=zone).astimezone(UTC) if found is not None else None


def fire(schedule: Schedule, time: datetime) -> dict[str, Any]:
    """Sends its input to its target. Answers what was started, where the target is a machine. Raises AwsError."""
    target = dict(schedule["Target"])
    execution_id = uuid.uuid4().hex[:16]
    if "Input" in target:
        target["Input"] = filled(target["Input"], schedule["Arn"], time, execution_id)
    told = {"schedule": schedule["Name"], "scheduled_time": _written(time), "execution_id": execution_id}
    if ":stateMachine:" in target["Arn"]:
        return {**told, "executionArn": _start(target)}
    event = {
        "EventId": str(uuid.uuid4()),
        "Source": "aws.scheduler",
        "DetailType": "Scheduled Event",
        "Detail": "{}",
        "Time": time.timestamp(),
        "Resources": [schedule["Arn"]],
        "Account": ACCOUNT,
        "Region": schedule["Arn"].split(":")[3],
    }
    eventbridge._invoke_target(target, event, schedule)
    return told


def filled(text: str, arn: str, time: datetime, execution_id: str) -> str:
    """The input with its context attributes; there is one attempt."""
    words = {
        "schedule-arn": arn,
        "scheduled-time": _written(time),
        "execution-id": execution_id,
        "attempt-number": "1",
    }
    for name, value in words.items():
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def _start(target: Mapping[str, Any]) -> str:
    """ARN of the execution, which the target's role starts."""
    from ministack.services import stepfunctions

    given = {"stateMachineArn": target["Arn"], "input": target.get("Input", "{}")}
    status, _, body = stepfunctions._start_execution(given)
    told = json.loads(body)
    if status != 200:
        raise AwsError(told["__type"], told["message"], status)
    calls.note(
        target["RoleArn"], "states", "StartExecution", {"stateMachineArn": target["Arn"]}, via="scheduler.amazonaws.com"
    )
    return str(told["executionArn"])


def _date(value: object) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(str(value)).astimezone(UTC)


def _written(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
