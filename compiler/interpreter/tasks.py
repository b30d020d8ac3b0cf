"""One try of one task: its arguments, the call, the time that passes, and what cuts that short."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

from compiler.interpreter import services
from compiler.interpreter.calls import Answer, Call, Failure, Outcome, Pending, Silence
from compiler.interpreter.clock import Signal
from compiler.interpreter.definition import Machine, State
from compiler.interpreter.failing import HEARTBEAT_TIMEOUT, QUERY_ERROR, TASK_FAILED, TIMEOUT, StateFailed
from compiler.interpreter.history import Attempt
from compiler.interpreter.history import Outcome as Ending
from compiler.interpreter.places import Place
from compiler.interpreter.query import Frame, Json, Template
from compiler.interpreter.world import within_limit

if TYPE_CHECKING:
    from compiler.interpreter.running import Running

Try = Generator[float | Signal, None, Json]

SOON_S = 1e-6
"""A limit that is nearer than this is reached: sums of seconds are rounded."""


def attempt(running: Running, state: State, place: Place, retries: int) -> Try:
    """The result of one try. Raises `StateFailed`."""
    token = running.world.unique() if services.has_token(state.resource) else ""
    frame = running.frame(place, state, retries, token)
    arguments = within_limit(state.arguments.value(frame), "Arguments") if state.arguments else {}
    limits = (_seconds(state.timeout, frame), _seconds(state.heartbeat, frame) if state.heartbeat else None)
    kind = "LambdaFunction" if state.resource.startswith("arn:aws:lambda:") else "Task"

    def note(what: str, error: str = "", cause: str = "", **about: Json) -> None:
        running.event(kind + what, state.name, error, cause, place, {"resource": state.resource, **about})

    note("Scheduled", arguments=arguments, timeout=limits[0], heartbeat=limits[1])
    note("Started")
    start = running.clock.now
    machine = _started_machine(running, state, arguments)
    call = Call(state.name, state.resource, arguments, frame.states["context"], retries, start)
    answer = _asked(running, call) if machine is None else Answer()
    if services.is_submitted(state.resource) and not isinstance(answer, Pending):
        note("Submitted")

    def record(ending: Ending, failure: StateFailed | None = None, output: Json = None) -> None:
        error, cause = (failure.error, failure.cause) if failure else ("", "")
        words = {"succeeded": "Succeeded", "failed": "Failed", "timed out": "TimedOut"}
        if isinstance(answer, Pending) and services.is_submitted(state.resource) and not answer.accepted:
            words["failed"] = "SubmitFailed"
        if ending in words:
            note(words[ending], error, cause, output=output)
        running.attempts.append(
            Attempt(
                state=state.name,
                resource=state.resource,
                start=start,
                end=running.clock.now,
                outcome=ending,
                error=error,
                cause=cause,
                retry=retries,
                redrive=running.redrives,
                item=place.item["Item"]["Index"] if place.item else None,
            )
        )

    try:
        if machine is not None:
            output = yield from _child(running, machine, arguments, limits[0])
        elif isinstance(answer, Pending):
            output = yield from _awaited(running, answer, lambda receipt: note("Submitted", output=receipt), *limits)
        else:
            output = yield from _passed(answer, *limits)
        result = within_limit(services.result(state.resource, output), "The result")
    except StateFailed as failure:
        record("timed out" if failure.error in (TIMEOUT, HEARTBEAT_TIMEOUT) else "failed", failure)
        raise
    except GeneratorExit:
        record("aborted")
        raise
    record("succeeded", output=result)
    return result


def _seconds(template: Template, frame: Frame) -> float:
    value = template.value(frame)
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise StateFailed(QUERY_ERROR, f"a time limit is {value!r}, not a number above 0")
    return float(value)


def _asked(running: Running, call: Call) -> Outcome:
    statements = running.world.statements
    if call.resource == services.DESCRIBES:
        return statements.describe(call)
    answer = running.world.worker(call)
    return statements.submit(call, answer) if call.resource in services.SUBMITS else answer


def _passed(answer: Answer | Failure | Silence, timeout: float, heartbeat: float | None) -> Try:
    """The output, when its time has come; the limits cut it short."""
    if isinstance(answer, Silence):
        missed = float("inf") if heartbeat is None else answer.seconds + heartbeat
        if missed < timeout:
            yield missed
            raise StateFailed(HEARTBEAT_TIMEOUT, f"no heartbeat for {heartbeat:g} seconds")
        yield timeout
        raise StateFailed(TIMEOUT, f"no answer within {timeout:g} seconds")
    if answer.seconds > timeout:
        yield timeout
        raise StateFailed(TIMEOUT, f"no answer within {timeout:g} seconds")
    yield answer.seconds
    if isinstance(answer, Failure):
        raise StateFailed(answer.error, answer.cause)
    return answer.output


def _awaited(
    running: Running, pending: Pending, submitted: Callable[[Json], None], timeout: float, heartbeat: float | None
) -> Try:
    """The output, once it is told; the limits cut the waiting short, not what is done outside."""
    clock = running.clock
    end, heard, told = clock.now + timeout, clock.now, False
    try:
        while True:
            if pending.accepted and not told:
                told = True
                submitted(pending.receipt)
            if isinstance(pending.outcome, Failure):
                raise StateFailed(pending.outcome.error, pending.outcome.cause)
            if pending.outcome is not None:
                return pending.outcome.output
            heard = max(heard, pending.heard)
            missed = float("inf") if heartbeat is None else heard + heartbeat
            left = min(end, missed) - clock.now
            if left < SOON_S and missed < end:
                raise StateFailed(HEARTBEAT_TIMEOUT, f"no heartbeat for {heartbeat:g} seconds")
            if left < SOON_S:
                raise StateFailed(TIMEOUT, f"no answer within {timeout:g} seconds")
            alarm = clock.after(left, pending.news.send)
            try:
                yield pending.news
            finally:
                alarm.cancelled = True
    finally:
        pending.closed()


def _started_machine(running: Running, state: State, arguments: Json) -> Machine | None:
    """The machine that the task starts and waits for, where it is one that is known here."""
    if state.resource != services.START_AND_WAIT or not isinstance(arguments, Mapping):
        return None
    return running.world.machines.get(str(arguments.get("StateMachineArn")))


def _child(running: Running, machine: Machine, arguments: Mapping[str, Any], timeout: float) -> Try:
    """What DescribeExecution answers for the child, its output as JSON; a child that fails is States.TaskFailed
    (https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html)."""
    given = arguments.get("Input", {})
    arn = str(arguments["StateMachineArn"])
    name = str(arguments.get("Name") or f"{running.name}-{len(running.children) + len(running.past) + 1}")
    machine_name = arn.rsplit(":", 1)[-1].removeprefix("${").removesuffix("}")
    child = type(running)(running.world, machine, machine_name, name, given)
    running.children.append(child)
    ended = Signal()
    child.begin(ended.send)
    late = running.clock.after(timeout, ended.send)
    try:
        yield ended
    finally:
        late.cancelled = True
        child.stop("ABORTED")
    execution = child.execution()
    told: dict[str, Json] = {
        "ExecutionArn": child.id,
        "Input": given,
        "Name": name,
        "StartDate": child.began,
        "StateMachineArn": arn,
        "Status": execution.status,
        "StopDate": running.world.iso(execution.end),
    }
    if execution.status == "SUCCEEDED":
        return {**told, "Output": execution.output}
    if execution.status == "ABORTED":
        raise StateFailed(TIMEOUT, f"no answer within {timeout:g} seconds")
    raise StateFailed(TASK_FAILED, json.dumps({**told, "Error": execution.error, "Cause": execution.cause}))
