"""Runs a JSONata state machine in pure Python, in virtual time: nothing sleeps, nothing is called, nothing costs.

    machine = interpret.read(text)
    execution = interpret.run(machine, {"partition": "2025-04"}, worker)
    again = interpret.redrive(execution, worker)

The worker is asked once for every try of every task and answers what comes of it and after how many seconds. The same
machine, input and answers give the same history. The language is that of https://states-language.net/spec.html, the
behaviour that of https://docs.aws.amazon.com/step-functions/latest/dg/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from compiler.errors import UsageError
from compiler.interpreter.calls import Answer, Call, Failure, Pending, Silence, Worker
from compiler.interpreter.clock import Clock
from compiler.interpreter.definition import Machine, read
from compiler.interpreter.history import Attempt, Event, Execution
from compiler.interpreter.places import thaw
from compiler.interpreter.query import Json
from compiler.interpreter.running import EVENT_LIMIT, Running
from compiler.interpreter.world import World

__all__ = [
    "Answer",
    "Attempt",
    "Call",
    "Event",
    "Execution",
    "Failure",
    "Machine",
    "Pending",
    "Silence",
    "Worker",
    "read",
    "redrive",
    "run",
]

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
"""Date and time of virtual second 0 where the caller does not say."""

Definition = Machine | str | Mapping[str, Any]


def full(delay: float) -> float:
    """The whole delay: the longest that JitterStrategy FULL may take."""
    return delay


def run(
    machine: Definition,
    given: Json,
    worker: Worker,
    *,
    name: str = "execution",
    machine_name: str = "machine",
    machines: Mapping[str, Definition] | None = None,
    jitter: Callable[[float], float] = full,
    began: datetime = BEGAN,
) -> Execution:
    """Runs a machine from its start to its end.

    `machines` are those that it may start with `states:startExecution.sync:2`, by StateMachineArn. `jitter` turns the
    delay of a retry that has JitterStrategy FULL into the delay to wait. Raises `Refused` for a definition that is not
    understood.
    """
    world = _world(worker, machines, jitter, began, name, 0.0)
    return _to_its_end(Running(world, _read(machine), machine_name, name, given))


def redrive(
    execution: Execution,
    worker: Worker,
    *,
    after: float = 0.0,
    machines: Mapping[str, Definition] | None = None,
    jitter: Callable[[float], float] = full,
    began: datetime = BEGAN,
) -> Execution:
    """Goes on with an execution that did not succeed, `after` seconds after its end, with the same input and machine.

    As AWS has it (https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html): what succeeded is not
    run again; a task is scheduled again with its retries and time limits anew; of a Parallel or an inline Map only the
    branches and iterations that failed or were aborted go on, each where it stood, unless States.DataLimitExceeded
    failed it, when all run again; a Choice is asked again, a Fail fails again, a Wait until a time that has passed is
    left at once; the machine's own time limit starts anew. Where that page is silent: variables are what they were, a
    Wait of seconds waits all of them again, and a child execution that failed is started anew, as another one. Raises
    `UsageError` for an execution that succeeded, or that has 24,999 events.
    """
    if execution.progress is None:
        raise UsageError(f"execution {execution.name} succeeded: there is nothing to redrive")
    if execution.events >= EVENT_LIMIT - 1:
        raise UsageError(
            f"execution {execution.name} has {execution.events} events: it cannot be redriven; start another"
        )
    world = _world(worker, machines, jitter, began, f"{execution.name} {execution.redrives + 1}", execution.end + after)
    running = Running(world, execution.machine, execution.machine_name, execution.name, execution.input)
    running.root = thaw(execution.progress, execution.machine.scope)
    running.history = list(execution.history)
    running.attempts = list(execution.attempts)
    running.past = execution.children
    running.redrives = execution.redrives + 1
    running.retries = execution.retries
    running.began = execution.began
    return _to_its_end(running)


def _world(
    worker: Worker,
    machines: Mapping[str, Definition] | None,
    jitter: Callable[[float], float],
    began: datetime,
    salt: str,
    now: float,
) -> World:
    known = {arn: _read(each) for arn, each in (machines or {}).items()}
    return World(Clock(now), worker, known, jitter, began, salt)


def _read(definition: Definition) -> Machine:
    return definition if isinstance(definition, Machine) else read(definition)


def _to_its_end(running: Running) -> Execution:
    running.begin(lambda: None)
    running.clock.run(lambda: running.status is not None)
    return running.execution()
