"""One execution under way: its scopes are walked state by state, and a failure goes the way that the language says."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from typing import Any

from compiler.interpreter import branches, tasks
from compiler.interpreter.clock import Process, Signal, Timer, Work
from compiler.interpreter.definition import Machine, Rule, State
from compiler.interpreter.failing import (
    DATA_LIMIT,
    NO_CHOICE,
    QUERY_ERROR,
    RUNTIME,
    TIMEOUT,
    StateFailed,
    delay_of_retry,
    matches,
)
from compiler.interpreter.history import Attempt, Event, Execution, Status
from compiler.interpreter.places import Place, first, freeze
from compiler.interpreter.query import Frame, Json, Variables
from compiler.interpreter.world import World, within_limit

EVENT_LIMIT = 25_000
"""Events of one execution's history (AWS: service quotas of Step Functions)."""

NOTHING: Mapping[str, Json] = {}

Settled = tuple[Rule, Json]
"""What a state ended with: where to go on, and the output."""


class Running:
    """An execution from its start, or from a redrive, to its end."""

    def __init__(self, world: World, machine: Machine, machine_name: str, name: str, given: Json) -> None:
        self.world = world
        self.clock = world.clock
        self.machine = machine
        self.machine_name = machine_name
        self.name = name
        self.input = given
        self.root = first(machine.scope, given, Variables())
        self.history: list[Event] = []
        self.attempts: list[Attempt] = []
        self.children: list[Running] = []
        self.past: tuple[Execution, ...] = ()
        self.redrives = 0
        self.retries = 0
        self.status: Status | None = None
        self.error = ""
        self.cause = ""
        self.end = 0.0
        self.began = world.iso(self.clock.now)
        self.about: dict[str, Any] = {}
        self._process: Process | None = None
        self._timer: Timer | None = None
        self._ended: Callable[[], None] = lambda: None

    @property
    def id(self) -> str:
        return f"arn:aws:states:{self.world.account}:execution:{self.machine_name}:{self.name}"

    @property
    def role(self) -> str:
        """ARN of the role that the machine acts under."""
        return f"arn:aws:iam::{self.world.account.rpartition(':')[2]}:role/{self.machine_name}"

    def event(
        self,
        type_: str,
        state: str = "",
        error: str = "",
        cause: str = "",
        at: Place | None = None,
        about: Mapping[str, Json] = NOTHING,
    ) -> None:
        """Writes an event down. `at` is the scope that it happened in (None: the whole execution) and `about` what the
        API's history says of it beside: for who shows a history as AWS does, and overrides this."""
        self.history.append(Event(self.clock.now, type_, state, error, cause))

    def begin(self, ended: Callable[[], None]) -> None:
        """Starts, or goes on; `ended` is called once."""
        self._ended = ended
        self.about = {
            "Execution": {
                "Id": self.id,
                "Input": self.input,
                "Name": self.name,
                "RoleArn": self.role,
                "StartTime": self.began,
                "RedriveCount": self.redrives,
            },
            "StateMachine": {
                "Id": f"arn:aws:states:{self.world.account}:stateMachine:{self.machine_name}",
                "Name": self.machine_name,
            },
        }
        if self.redrives:
            self.about["Execution"]["RedriveTime"] = self.world.iso(self.clock.now)
        self.event("ExecutionRedriven" if self.redrives else "ExecutionStarted")
        self._process = Process(self.clock, self.walk(self.root), self._done)
        self._timer = self.clock.after(self.machine.timeout_s, lambda: self.stop("TIMED_OUT", TIMEOUT))

    def stop(self, status: Status, error: str = "", cause: str = "") -> None:
        """Ends the execution from outside: what runs is cut off."""
        if self.status is None and self._process is not None:
            self._process.cancel()
            self._finish(status, error, cause)

    def execution(self) -> Execution:
        assert self.status is not None
        return Execution(
            machine=self.machine,
            name=self.name,
            machine_name=self.machine_name,
            input=self.input,
            status=self.status,
            output=self.root.output if self.status == "SUCCEEDED" else None,
            error=self.error,
            cause=self.cause,
            end=self.end,
            history=tuple(self.history),
            attempts=tuple(self.attempts),
            redrives=self.redrives,
            retries=self.retries,
            began=self.began,
            children=(*self.past, *(child.execution() for child in self.children)),
            progress=None if self.status == "SUCCEEDED" else freeze(self.root),
        )

    def _done(self, failure: StateFailed | None) -> None:
        if failure is None:
            self._finish("SUCCEEDED", "", "")
        else:
            self._finish("FAILED", failure.error, failure.cause)

    def _finish(self, status: Status, error: str, cause: str) -> None:
        self.status, self.error, self.cause, self.end = status, error, cause, self.clock.now
        words = {"SUCCEEDED": "Succeeded", "FAILED": "Failed", "TIMED_OUT": "TimedOut", "ABORTED": "Aborted"}
        self.event("Execution" + words[status], error=error, cause=cause)
        if self._timer is not None:
            self._timer.cancelled = True
        self._ended()

    def walk(self, place: Place) -> Work:
        """The states of a scope, from where it stands to its end. Raises `StateFailed` where nothing catches."""
        while not place.done:
            state = place.scope.states[place.at]
            if place.entered is None:
                self._enter(place, state)
            try:
                rule, output = yield from self._behave(state, place)
            except StateFailed as failure:
                self._note(state, place, failure)
                raise
            except GeneratorExit:
                if state.type in ("Task", "Parallel", "Map", "Wait"):
                    self.event(state.type + "StateAborted", state.name, at=place)
                raise
            self.event(state.type + "StateExited", state.name, at=place, about={"output": output})
            place.entered = None
            place.children = []
            if rule.next is None:
                place.done, place.output = True, output
            else:
                place.at, place.input = rule.next, output

    def _note(self, state: State, place: Place, failure: StateFailed) -> None:
        """The event of an expression that failed, once, for the state that it stands in."""
        if failure.error == QUERY_ERROR and not failure.noted:
            failure.noted = True
            self.event("EvaluationFailed", state.name, failure.error, failure.cause, place)

    def _enter(self, place: Place, state: State) -> None:
        if len(self.history) >= EVENT_LIMIT - 1:
            raise StateFailed(RUNTIME, f"The execution reached the maximum number of history events ({EVENT_LIMIT}).")
        place.entered = self.clock.now
        self.event(state.type + "StateEntered", state.name, at=place, about={"input": place.input})

    def frame(self, place: Place, state: State, retries: int, token: str = "") -> Frame:
        """What the state's expressions see (https://docs.aws.amazon.com/step-functions/latest/dg/\
input-output-contextobject.html). RetryCount is there in states that retry, Task.Token where a token is waited for."""
        about: dict[str, Any] = {"EnteredTime": self.world.iso(place.entered or 0.0), "Name": state.name}
        if state.type in ("Task", "Parallel", "Map"):
            about["RetryCount"] = retries
        context = {**self.about, "State": about}
        if place.item is not None:
            context["Map"] = place.item
        if token:
            context["Task"] = {"Token": token}
        return Frame(place.variables, {"input": place.input, "context": context}, self.world.calls)

    def _behave(self, state: State, place: Place) -> Generator[float | Signal, None, Settled]:
        """What a state does between its entry and its exit."""
        if state.type in ("Task", "Parallel", "Map"):
            return (yield from self._work(state, place))
        frame = self.frame(place, state, 0)
        rule = state.then
        if state.type == "Choice":
            rule = _chosen(state, frame)
        elif state.type == "Wait":
            yield self._waited(state, frame) * self.world.pace
        elif state.type == "Fail":
            error = state.error.value(frame) if state.error else ""
            raise StateFailed(str(error), str(state.cause.value(frame) if state.cause else ""))
        return rule, self._settle(rule, place, frame, place.input)

    def _settle(self, rule: Rule, place: Place, frame: Frame, default: Json) -> Json:
        """The output, and the variables assigned: all expressions see what was there before the state."""
        output = default if rule.output is None else rule.output.value(frame)
        if rule.output is None or not rule.output.constant:
            within_limit(output, "The output")
        if rule.assign.written:
            assigned = within_limit(rule.assign.value(frame), "Assign")
            place.variables = place.variables.with_assigned(assigned)
        return output

    def _work(self, state: State, place: Place) -> Generator[float | Signal, None, Settled]:
        """A Task, Parallel or Map, with its Retry and Catch; an error in its own expressions goes the same way."""
        used = [0] * len(state.retry)
        retries = 0
        while True:
            frame = self.frame(place, state, retries)
            try:
                if state.type == "Task":
                    result = yield from tasks.attempt(self, state, place, retries)
                else:
                    result = yield from branches.inside(self, state, place, frame)
                return state.then, self._settle(state.then, place, frame.having(result=result), result)
            except StateFailed as failure:
                self._note(state, place, failure)
                if state.type != "Task":
                    self.event(state.type + "StateFailed", state.name, failure.error, failure.cause, place)
                if failure.error == DATA_LIMIT:
                    place.children = []
                delay = delay_of_retry(state.retry, used, failure.error, self.world.jitter)
                if delay is None:
                    catch = next((rule for rule in state.catch if matches(rule.errors, failure.error)), None)
                    if catch is None:
                        raise
                    told = {"Error": failure.error, "Cause": failure.cause}
                    return catch, self._settle(catch, place, frame.having(errorOutput=told), told)
            retries += 1
            self.retries += 1
            place.children = []
            yield delay * self.world.pace

    def _waited(self, state: State, frame: Frame) -> float:
        """Seconds that a Wait takes; a redrive waits all of them again."""
        if state.seconds is not None:
            seconds = state.seconds.value(frame)
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
                raise StateFailed(QUERY_ERROR, f"Seconds is {seconds!r}, not a number of 0 or more")
            return float(seconds)
        text = state.timestamp.value(frame) if state.timestamp else None
        try:
            until = datetime.fromisoformat(text) if isinstance(text, str) else None
        except ValueError:
            until = None
        if until is None or until.tzinfo is None:
            raise StateFailed(QUERY_ERROR, f"Timestamp is {text!r}, not a date and time with an offset")
        return max(0.0, (until - self.world.began).total_seconds() - self.clock.now)


def _chosen(state: State, frame: Frame) -> Rule:
    """The first rule whose condition holds, or the default. Raises `StateFailed`."""
    for rule in state.choices:
        holds = rule.when.value(frame) if rule.when else False
        if not isinstance(holds, bool):
            raise StateFailed(QUERY_ERROR, f"Condition answered {holds!r}, not true or false")
        if holds:
            return rule
    if state.default is None:
        raise StateFailed(NO_CHOICE, f"no choice of {state.name} matched, and it has no Default")
    return Rule(state.default, state.then.assign, state.then.output)
