"""What an execution did: events as Step Functions records them, each try of each task, and where it can go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from compiler.interpreter.definition import Machine
from compiler.interpreter.query import Json

Status = Literal["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
Outcome = Literal["succeeded", "failed", "timed out", "aborted"]


class Event(NamedTuple):
    """One event. `time` in seconds since the execution first started; `type` is HistoryEventType of the API."""

    time: float
    type: str
    state: str = ""
    error: str = ""
    cause: str = ""


@dataclass(frozen=True)
class Attempt:
    """One try of one task. Times in seconds since the execution first started.

    `retry` counts the tries of this state before it, `redrive` the redrives of the execution, `item` is the index in
    the innermost map (None outside). "aborted": a sibling failed or the execution ended first; what was called is not
    stopped by that.
    """

    state: str
    resource: str
    start: float
    end: float
    outcome: Outcome
    error: str = ""
    cause: str = ""
    retry: int = 0
    redrive: int = 0
    item: int | None = None

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class Progress:
    """How far a scope came. `at` is the state that it stands at, `entered` when it was entered (None: not yet).

    `children` are the branches or iterations of that state, empty where there are none or they are to be run anew.
    """

    at: str
    input: Json
    variables: Mapping[str, Json]
    entered: float | None
    children: tuple[Progress, ...]
    done: bool
    output: Json
    item: Json


@dataclass(frozen=True)
class Execution:
    """An execution that has ended. `start` and `end` in virtual seconds: 0 is when it first started.

    `progress` is where a redrive goes on; None where it succeeded. `children` are the executions that it started.
    """

    machine: Machine
    name: str
    machine_name: str
    input: Json
    status: Status
    output: Json
    error: str
    cause: str
    end: float
    history: tuple[Event, ...]
    attempts: tuple[Attempt, ...]
    redrives: int
    retries: int
    began: str
    children: tuple[Execution, ...] = ()
    progress: Progress | None = field(default=None, repr=False)

    @cached_property
    def entered(self) -> tuple[str, ...]:
        """Names of the states entered, in order."""
        return tuple(event.state for event in self.history if event.type.endswith("StateEntered"))

    @property
    def events(self) -> int:
        """How many events the history holds (AWS: 25,000 at most)."""
        return len(self.history)

    @property
    def transitions(self) -> int:
        """What is paid for: each state entered, each retry, each redrive (AWS: Step Functions pricing)."""
        return len(self.entered) + self.retries + self.redrives

    @property
    def counts(self) -> Mapping[str, int]:
        """How many events of each type, by type."""
        return dict(sorted(Counter(event.type for event in self.history).items()))
