"""An execution as it stands, read from Step Functions: its units, what failed, and the executions that it started."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dpc_assets.cli.aws import machines
from dpc_assets.cli.aws.account import Account
from dpc_assets.cli.aws.outline import Unit, units
from dpc_assets.cli.aws.rows import EXECUTION_RUNNING, Row, rows
from dpc_assets.cli.aws.visits import selected
from dpc_assets.steps.failures import Event, Failure, failures, told

_PAGE = 1000
_SETTLED = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")


@dataclass(frozen=True)
class View:
    """`given`: its input. `selected`: keys of the assets that it runs, None where that is not known (yet).
    `failures`: what ended it. `redrive`: "" where it can be redriven, else the reason why not. `settled`: its history
    tells its end. `children` by unit, in the order in which they were started."""

    arn: str
    status: str
    started: datetime
    ended: datetime | None
    given: Mapping[str, Any]
    rows: tuple[Row, ...]
    failures: tuple[Failure, ...]
    selected: tuple[str, ...] | None
    redrives: int
    redrive: str
    settled: bool
    children: Mapping[str, tuple[View, ...]] = field(default_factory=dict)

    @property
    def machine(self) -> str:
        return self.arn.split(":")[-2]

    @property
    def name(self) -> str:
        return self.arn.split(":")[-1]

    @property
    def running(self) -> bool:
        return self.status in EXECUTION_RUNNING

    @property
    def month(self) -> str:
        return str(self.given.get("partition") or "")

    def seconds(self, now: datetime) -> float:
        return ((self.ended or now) - self.started).total_seconds()


class Reader:
    """Reads executions again and again, and only what is new of them: outlines, events and ended children are kept."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._outlines: dict[str, tuple[Unit, ...]] = {}
        self._events: dict[str, list[Event]] = {}
        self._ended: dict[str, View] = {}

    def view(self, arn: str) -> View:
        """The execution as it stands. Its status is read before its history, so that the history is never older."""
        described = self._account.call("stepfunctions", "describe_execution", executionArn=arn)
        history = self._history(arn)
        status = str(described["status"])
        found = rows(self._outline(arn), history, status)
        children = {row.unit: tuple(map(self._child, row.children)) for row in found if row.children}
        running = status in EXECUTION_RUNNING
        return View(
            arn,
            status,
            described["startDate"],
            None if running else described.get("stopDate"),
            machines.given(described),
            found,
            () if running or status == "SUCCEEDED" else _failures(described, history),
            selected(history),
            int(described.get("redriveCount") or 0),
            _not_redrivable(described),
            bool(history) and history[-1]["type"] in _SETTLED,
            children,
        )

    def _child(self, arn: str) -> View:
        if arn not in self._ended:
            view = self.view(arn)
            if view.running or not view.settled:
                return view
            self._ended[arn] = view
        return self._ended[arn]

    def _outline(self, arn: str) -> tuple[Unit, ...]:
        if arn not in self._outlines:
            answer = self._account.call("stepfunctions", "describe_state_machine_for_execution", executionArn=arn)
            self._outlines[arn] = units(json.loads(answer["definition"]))
        return self._outlines[arn]

    def _history(self, arn: str) -> list[Event]:
        """Every event, oldest first. The newest come first from AWS, until one that is known."""
        known = self._events.setdefault(arn, [])
        last = known[-1]["id"] if known else 0
        new: list[Event] = []
        more: dict[str, Any] = {}
        while True:
            page = self._account.call(
                "stepfunctions",
                "get_execution_history",
                executionArn=arn,
                maxResults=_PAGE,
                reverseOrder=True,
                **more,
            )
            new += [event for event in page["events"] if event["id"] > last]
            if not page.get("nextToken") or len(new) == 0 or min(event["id"] for event in page["events"]) <= last + 1:
                break
            more = {"nextToken": page["nextToken"]}
        known += sorted(new, key=lambda event: event["id"])
        return known


def _failures(described: Mapping[str, Any], history: list[Event]) -> tuple[Failure, ...]:
    """What ended the execution, as its history says it, else as the execution itself does."""
    found = failures(history) if described["status"] != "ABORTED" else ()
    if not found and described.get("error"):
        found = (Failure("", *told(str(described["error"]), str(described.get("cause") or ""))),)
    return found


def _not_redrivable(described: Mapping[str, Any]) -> str:
    """ "" where AWS would take a redrive or does not say."""
    if described.get("redriveStatus", "REDRIVABLE") == "REDRIVABLE":
        return ""
    return str(described.get("redriveStatusReason") or described["redriveStatus"])
