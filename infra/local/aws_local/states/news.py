"""What Step Functions tells others of an execution: its changes of status to EventBridge, its history to a log group.

Sources: Step Functions Developer Guide, "Automating Step Functions event delivery with EventBridge" (one event for each
change of status, RUNNING at the start and at a redrive; input and output are left out above 248 KiB) and "Using
CloudWatch Logs to log execution history". Both are delivered by a thread of their own, in the order in which they
happened.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from ministack.core.responses import set_request_account_id, set_request_region

from aws_local.settings import ACCOUNT
from aws_local.states import history
from aws_local.states.describe import described
from aws_local.states.engine import Engine, Standing
from aws_local.states.history import Event
from aws_local.states.recorded import Start

_LOG = logging.getLogger(__name__)
MOST_BYTES = 248 * 1024
_BAD_ENDS = ("ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
_GONE_WRONG = ("Failed", "Aborted", "TimedOut", "FailStateEntered")


class News:
    """The engine's listener. `engine` is set before anything runs."""

    engine: Engine

    def __init__(self, region: str) -> None:
        self._region = region
        self._waiting: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._deliver, name="states-news", daemon=True).start()

    def status(self, standing: Standing) -> None:
        detail = changed(described(self.engine, standing))
        self._waiting.put(partial(_publish, detail))

    def event(self, start: Start, redrives: int, event: Event) -> None:
        logging_ = start.kept.get("loggingConfiguration") or {}
        if _logged(logging_.get("level", "OFF"), event.type):
            self._waiting.put(partial(self._log, start, redrives, event, logging_))

    def _deliver(self) -> None:
        set_request_account_id(ACCOUNT)
        set_request_region(self._region)
        while True:
            act = self._waiting.get()
            try:
                act()
            except Exception:
                _LOG.exception("An event of an execution was not delivered")

    def _log(self, start: Start, redrives: int, event: Event, logging_: Mapping[str, Any]) -> None:
        shown = history.shown(event, self.engine.epoch(0), self._region, bool(logging_.get("includeExecutionData")))
        details = shown.get(history.details_name(event.type), {})
        milliseconds = int(shown["timestamp"] * 1000)
        line = {
            "id": str(event.id),
            "type": event.type,
            "details": details,
            "redrive_count": str(redrives),
            "previous_event_id": str(event.before),
            "event_timestamp": str(milliseconds),
            "execution_arn": start.arn,
        }
        began = datetime.fromtimestamp(self.engine.epoch(0), UTC)
        stream = f"states/{start.machine_name}/{began:%Y-%m-%d-%H-%M}/{began.timestamp():.0f}"
        for each in logging_.get("destinations", ()):
            arn = each.get("cloudWatchLogsLogGroup", {}).get("logGroupArn", "")
            _write(arn.removesuffix(":*").partition(":log-group:")[2], stream, milliseconds, history.text(line))


def changed(told: Mapping[str, Any]) -> dict[str, Any]:
    """`detail` of "Step Functions Execution Status Change", of what DescribeExecution tells."""
    detail: dict[str, Any] = {name: told.get(name) for name in _DETAIL}
    for name in ("startDate", "stopDate", "redriveDate"):
        if detail[name] is not None:
            detail[name] = int(detail[name] * 1000)
    for name in ("input", "output"):
        if detail[name] is not None and len(detail[name].encode()) > MOST_BYTES:
            detail[name], detail[name + "Details"] = None, {"included": False}
    return detail


_DETAIL = (
    *("executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", "input", "output"),
    *("inputDetails", "outputDetails", "stateMachineVersionArn", "stateMachineAliasArn", "redriveCount", "redriveDate"),
    *("redriveStatus", "redriveStatusReason", "error", "cause"),
)


def _publish(detail: Mapping[str, Any]) -> None:
    from ministack.services import eventbridge

    entry = {
        "Source": "aws.states",
        "DetailType": "Step Functions Execution Status Change",
        "Detail": history.text(detail),
        "Resources": [detail["executionArn"]],
    }
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)


def _logged(level: str, type_: str) -> bool:
    """Levels of logging: ALL, ERROR (what went wrong), FATAL (executions that ended badly), OFF."""
    if level == "ERROR":
        return type_.endswith(_GONE_WRONG)
    return level == "ALL" or (level == "FATAL" and type_ in _BAD_ENDS)


def _write(group: str, stream: str, milliseconds: int, line: str) -> None:
    """A group that is not there gets nothing, as in AWS."""
    from ministack.services import cloudwatch_logs

    place = {"logGroupName": group, "logStreamName": stream}
    cloudwatch_logs._create_log_stream(place)
    cloudwatch_logs._put_log_events({**place, "logEvents": [{"timestamp": milliseconds, "message": line}]})
