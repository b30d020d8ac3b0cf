"""Every execution of the server, on one thread and one clock; tasks are done elsewhere and report to it.

Statuses, redrive and the answers to task tokens follow the Step Functions API Reference (StartExecution, StopExecution,
RedriveExecution, SendTaskSuccess) and https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html.
"""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from aws_local.errors import AwsError
from aws_local.states.clock import RealClock
from aws_local.states.history import Event
from aws_local.states.recorded import Recorded, Start
from compiler.interpreter.calls import Answer, Call, Failure, Pending
from compiler.interpreter.running import EVENT_LIMIT
from compiler.interpreter.services import TOKEN
from compiler.interpreter.world import World

REDRIVABLE_S = 14 * 24 * 3600


@dataclass
class Standing:
    """One execution, as it stands. Times in seconds of the clock."""

    start: Start
    running: Recorded
    started: float
    stopped: float | None = None
    redriven: float | None = None
    redrive_token: str = ""
    watchers: list[Callable[[], None]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return self.running.status or "RUNNING"

    def not_redrivable(self, now: float) -> str:
        """Why it cannot be redriven; "" where it can."""
        if self.status in ("RUNNING", "SUCCEEDED"):
            return f"Execution is {self.status} and cannot be redriven"
        if len(self.running.told) >= EVENT_LIMIT - 1:
            return "Execution history event limit exceeded"
        if self.stopped is not None and now - self.stopped > REDRIVABLE_S:
            return "Execution has exceeded the redrivable period"
        return ""


@dataclass
class Ticket:
    """What a task token stands for. What is told before the request itself was answered waits for that answer."""

    pending: Pending | None
    outcome: Answer | Failure | None = None

    def accept(self, receipt: object) -> None:
        if self.pending is not None:
            self.pending.accept(receipt)
            if self.outcome is not None:
                self.pending.end(self.outcome)

    def tell(self, outcome: Answer | Failure) -> None:
        assert self.pending is not None
        self.outcome = outcome
        if self.pending.accepted:
            self.pending.end(outcome)


class Listener(Protocol):
    """Who is told, on the engine's thread: it must not wait for anything."""

    def status(self, standing: Standing) -> None: ...

    def event(self, start: Start, redrives: int, event: Event) -> None: ...


Begin = Callable[[Call, Start, "Job"], None]
"""Starts the work of a task, without waiting for it."""


@dataclass(frozen=True)
class Job:
    """What the work of a task reports to, from any thread. `over`: nobody waits for it any more."""

    engine: Engine
    pending: Pending
    ticket: Ticket | None
    over: threading.Event = field(default_factory=threading.Event)

    def accept(self, receipt: object) -> None:
        """The service took the request; a token or an execution is still to be waited for."""
        self.engine.clock.post(partial((self.ticket or self.pending).accept, receipt))

    def end(self, outcome: Answer | Failure) -> None:
        self.engine.clock.post(partial(self.pending.end, outcome))


class Engine:
    """Its methods run on the thread of its clock: others ask through `clock.ask`."""

    def __init__(self, account: str, pace: float, begin: Begin, listener: Listener) -> None:
        self.clock = RealClock()
        self.began = datetime.now(UTC)
        self._account = account
        self._pace = pace
        self._begin = begin
        self._listener = listener
        self._executions: dict[str, Standing] = {}
        self._tickets: dict[str, Ticket] = {}
        self._thread = threading.Thread(target=self.clock.run, args=(lambda: False,), name="states", daemon=True)

    def run(self) -> None:
        self._thread.start()

    def epoch(self, seconds: float) -> float:
        """Seconds since 1970 of a second of the clock."""
        return self.began.timestamp() + seconds

    def start(self, start: Start) -> Standing:
        """The same name and input again, while the first is running, is the first one."""
        known = self._executions.get(start.arn)
        if known is not None:
            if known.status == "RUNNING" and known.start.input == start.input:
                return known
            raise AwsError("ExecutionAlreadyExists", f"Execution Already Exists: '{start.arn}'")

        def heard(event: Event) -> None:
            self._listener.event(start, standing.running.redrives, event)

        standing = Standing(start, Recorded(self._world(start), start, heard), self.clock.now)
        self._executions[start.arn] = standing
        self._go(standing)
        return standing

    def stop(self, arn: str, error: str, cause: str) -> Standing:
        """An execution that was aborted before stays as it is; what AWS says of one that ended otherwise is not
        documented."""
        standing = self.found(arn)
        if standing.status not in ("RUNNING", "ABORTED"):
            raise AwsError("ValidationException", f"Execution is {standing.status} and cannot be stopped: '{arn}'")
        standing.running.stop("ABORTED", error, cause)
        return standing

    def redrive(self, arn: str, client_token: str) -> Standing:
        standing = self.found(arn)
        if client_token and client_token == standing.redrive_token:
            return standing
        reason = standing.not_redrivable(self.clock.now)
        if reason:
            raise AwsError("ExecutionNotRedrivable", f"{reason}: '{arn}'")
        standing.redrive_token, standing.redriven, standing.stopped = client_token, self.clock.now, None
        standing.running = standing.running.again(self._world(standing.start))
        self._go(standing)
        return standing

    def found(self, arn: str) -> Standing:
        if arn not in self._executions:
            raise AwsError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'")
        return self._executions[arn]

    def of_machine(self, machine_arn: str) -> list[Standing]:
        """Newest first."""
        found = [each for each in self._executions.values() if each.start.machine_arn == machine_arn]
        return sorted(found, key=lambda each: (each.started, each.start.name), reverse=True)

    def forget(self, machine_arn: str) -> None:
        """Of a machine that is deleted nothing goes on and nothing is left."""
        for each in self.of_machine(machine_arn):
            each.running.stop("ABORTED", "StateMachineDeleted")
            del self._executions[each.start.arn]

    def when_ended(self, arn: str, watcher: Callable[[], None]) -> None:
        standing = self.found(arn)
        if standing.status == "RUNNING":
            standing.watchers.append(watcher)
        else:
            watcher()

    def tell(self, token: str, outcome: Answer | Failure) -> None:
        """SendTaskSuccess and SendTaskFailure: a token is good for one of them."""
        self._ticket(token).tell(outcome)
        self._tickets[token] = Ticket(None)

    def beat(self, token: str) -> None:
        pending = self._ticket(token).pending
        assert pending is not None
        pending.beat(self.clock.now)

    def _ticket(self, token: str) -> Ticket:
        try:
            uuid.UUID(token)
        except ValueError as error:
            raise AwsError("InvalidToken", "Invalid Token: 'Invalid token'") from error
        if token not in self._tickets:
            raise AwsError("TaskDoesNotExist", "Task does not exist: no task has this token")
        ticket = self._tickets[token]
        if ticket.pending is None:
            raise AwsError("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
        return ticket

    def _world(self, start: Start) -> World:
        def work(call: Call) -> Pending:
            return self._work(start, call)

        return World(
            self.clock,
            work,
            {},
            lambda delay: random.uniform(0, delay),
            self.began,
            salt=str(uuid.uuid4()),
            account=self._account,
            pace=self._pace,
        )

    def _work(self, start: Start, call: Call) -> Pending:
        pending = Pending(heard=self.clock.now)
        token = call.context["Task"]["Token"] if call.resource.endswith(TOKEN) else ""
        job = Job(self, pending, Ticket(pending) if token else None)
        if job.ticket is not None:
            self._tickets[token] = job.ticket

        def closed() -> None:
            job.over.set()
            if token:
                self._tickets[token] = Ticket(None)

        pending.closed = closed
        self._begin(call, start, job)
        return pending

    def _go(self, standing: Standing) -> None:
        standing.running.begin(partial(self._ended, standing))
        self._listener.status(standing)

    def _ended(self, standing: Standing) -> None:
        standing.stopped = self.clock.now
        watchers, standing.watchers = standing.watchers, []
        for watcher in watchers:
            watcher()
        self._listener.status(standing)
