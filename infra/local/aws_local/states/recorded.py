"""An execution of the interpreter that keeps its history as AWS tells it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aws_local.states.history import Event
from compiler.interpreter.clock import Work
from compiler.interpreter.definition import Machine
from compiler.interpreter.failing import RUNTIME, StateFailed
from compiler.interpreter.places import Place
from compiler.interpreter.query import Json
from compiler.interpreter.running import NOTHING, Running
from compiler.interpreter.world import World


@dataclass(frozen=True)
class Start:
    """What an execution was started with; a redrive uses the same. `input` is the text that was given.

    `kept`: what DescribeStateMachineForExecution tells of the machine beside (logging, encryption, revision).
    """

    machine_arn: str
    machine_name: str
    name: str
    input: str
    role: str
    definition: str
    machine: Machine
    kept: Mapping[str, Any]
    version_arn: str | None = None
    alias_arn: str | None = None

    @property
    def arn(self) -> str:
        return f"{self.machine_arn.replace(':stateMachine:', ':execution:')}:{self.name}"


class Recorded(Running):
    """`heard` is told of every event as it happens."""

    def __init__(self, world: World, start: Start, heard: Callable[[Event], None]) -> None:
        super().__init__(world, start.machine, start.machine_name, start.name, json.loads(start.input))
        self.start = start
        self.told: list[Event] = []
        self._heard = heard

    @property
    def role(self) -> str:
        return self.start.role

    def again(self, world: World) -> Recorded:
        """The same execution, redriven, before it goes on: from where it stands, as `interpret.redrive` does."""
        made = Recorded(world, self.start, self._heard)
        made.root, made.history, made.attempts, made.told = self.root, self.history, self.attempts, self.told
        made.redrives, made.retries, made.began = self.redrives + 1, self.retries, self.began
        return made

    def event(
        self,
        type_: str,
        state: str = "",
        error: str = "",
        cause: str = "",
        at: Place | None = None,
        about: Mapping[str, Json] = NOTHING,
    ) -> None:
        super().event(type_, state, error, cause, at, about)
        scope = at or self.root
        number = len(self.history)
        found = Event(number, scope.latest, self.clock.now, type_, state, error, cause, {**about, **self._more(type_)})
        scope.latest = number
        if type_ in ("MapStateStarted", "ParallelStateStarted"):
            for child in scope.children:
                child.latest = number
        self.told.append(found)
        self._heard(found)

    def _more(self, type_: str) -> Mapping[str, Json]:
        """What the execution's own events tell."""
        if type_ == "ExecutionStarted":
            found = {"input": self.start.input, "roleArn": self.role}
            named = {"stateMachineVersionArn": self.start.version_arn, "stateMachineAliasArn": self.start.alias_arn}
            return found | {name: value for name, value in named.items() if value}
        if type_ == "ExecutionRedriven":
            return {"redriveCount": self.redrives}
        return {"output": self.root.output} if type_ == "ExecutionSucceeded" else NOTHING

    def walk(self, place: Place) -> Work:
        """As the language says; a defect of the interpreter fails the execution instead of leaving it to hang."""
        try:
            yield from super().walk(place)
        except (StateFailed, GeneratorExit):
            raise
        except Exception as error:
            raise StateFailed(RUNTIME, f"the local interpreter failed: {error!r}") from error
