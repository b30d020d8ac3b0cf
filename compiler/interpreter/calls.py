"""What a task asks of the world, and what the world answers: the one seam between the interpreter and its caller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

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


Worker = Callable[[Call], Answer | Failure | Silence]
