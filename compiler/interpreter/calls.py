"""What a task asks of the world, and what the world answers: the one seam between the interpreter and its caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from compiler.interpreter.clock import Signal
from compiler.interpreter.query import Json


@dataclass(frozen=True)
class Call:
    """A task about to run. `attempt` counts from 0 and starts anew with every redrive.

    For a Lambda function `arguments` is {"FunctionName", "Payload"}; nothing in it may be changed in place. `time` is
    in virtual seconds.
    """

    state: str
    resource: str
    arguments: Json
    context: dict[str, Any]
    attempt: int
    time: float


@dataclass(frozen=True)
class Answer:
    """The task succeeds after that many seconds; `output` is the function's payload, or what came with the token."""

    output: Json = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Failure:
    """The task fails after that many seconds."""

    error: str
    cause: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Silence:
    """The task never answers, and sends no heartbeat from that second on: a dead container."""

    seconds: float = 0.0


@dataclass(eq=False)
class Pending:
    """The task goes on outside, and whoever does it tells here how it goes, as actions of the execution's clock.

    `closed` is set when nobody waits any more: it ended, its time was up, or it was cut off.
    """

    outcome: Answer | Failure | None = None
    accepted: bool = False
    receipt: Json = None
    heard: float = 0.0
    closed: Callable[[], None] = lambda: None
    news: Signal = field(default_factory=Signal)

    def accept(self, receipt: Json) -> None:
        """The request was answered with `receipt`; the task itself is still to be waited for."""
        self.accepted, self.receipt = True, receipt
        self.news.send()

    def beat(self, now: float) -> None:
        """A heartbeat, at that second of the clock."""
        self.heard = now
        self.news.send()

    def end(self, outcome: Answer | Failure) -> None:
        """The first outcome counts; its `seconds` are not waited for."""
        if self.outcome is None:
            self.outcome = outcome
            self.news.send()


Outcome = Answer | Failure | Silence | Pending

Worker = Callable[[Call], Outcome]
