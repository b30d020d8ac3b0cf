"""The entry of every generated Lambda function: `handler = bind("shop.steps:clean")` in its index.py.

event = {"context": the context object of Step Functions, "plan"?: {...}, "item"?, "assets"?, "check"?, "blocking"?}.
The environment is read here and nowhere below: CLAIM_BUCKET and CLAIM_KEY say where the writer's claim lies.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from compiler.runtime import names
from compiler.runtime.answer import control_data, passed
from compiler.runtime.claim import Hold, Place, take
from compiler.runtime.errors import CheckFailed, NotConfigured, WrongInput

Handler = Callable[[Mapping[str, Any], object], dict[str, Any]]

GIVEN = ("partition", "select", "item", "event", "assets", "context")
"""What a step may name in its signature; `context` is Lambda's own."""


def bind(run: str, call: str = "", writes: bool = False, claim: Mapping[str, str] | None = None) -> Handler:
    """The Lambda handler of a step. `run` and `call` are `module:function`; both are imported now, in the init phase.

    `call(step, event, context)` calls the step; without it the step is called with those of partition, select, item,
    event, assets and context that its signature names. With `writes` the writer's claim is taken or verified first,
    where one is declared: `claim` is its declaration, whose `${holes}` the environment fills.
    """
    step = _function(run)
    caller = _function(call) if call else None

    def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
        known = _context(event)
        with logged(known, partition_of(event), run):
            if writes:
                hold_claim(known, partition_of(event), claim_place(claim))
            if caller:
                return _answer(caller(step, event, context), event, run, known)
            placed, named = _arguments(run, step, event, context)
            return _answer(step(*placed, **named), event, run, known)

    return handler


@contextmanager
def logged(context: Mapping[str, Any], partition: str | None, run: str) -> Iterator[Callable[..., None]]:
    """One JSON line at the start and one at the end: execution, state, partition, function, seconds, outcome.

    Neither input nor answer nor an error's text is written. What is given writes another line of the same kind.
    """
    execution, state = context.get("Execution", {}), context.get("State", {})
    about = {
        "execution": execution.get("Name", ""),
        "redrive": execution.get("RedriveCount", 0),
        "state": state.get("Name", ""),
        "retry": state.get("RetryCount", 0),
        "partition": partition,
        "function": run,
    }

    def note(**fields: object) -> None:
        sys.stdout.write(json.dumps({**fields, **about}, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    note(at="start")
    began = time.monotonic()
    outcome = "ok"
    try:
        yield note
    except BaseException as error:
        outcome = type(error).__name__
        raise
    finally:
        note(at="end", seconds=round(time.monotonic() - began, 3), outcome=outcome)


def partition_of(event: Mapping[str, Any]) -> str | None:
    """The partition that the plan step checked; None for a run without one."""
    plan = event.get("plan")
    found = plan.get("partition") if isinstance(plan, Mapping) else None
    return None if found is None else str(found)


def claim_place(declared: Mapping[str, str] | None) -> Place | None:
    """Where the claim lies: the environment first, then what was declared; None where no claim is declared."""
    wanted = (("bucket", names.CLAIM_BUCKET), ("key", names.CLAIM_KEY))
    found = {field: os.environ.get(variable) or (declared or {}).get(field, "") for field, variable in wanted}
    if not any(found.values()):
        return None
    for field, variable in wanted:
        if not found[field] or "${" in found[field]:
            raise NotConfigured(
                f"the environment variable {variable} is not set: the {field} of the writer's claim is "
                f"{found[field] or 'not known'}"
            )
    return Place(**found)


def hold_claim(context: Mapping[str, Any], partition: str | None, place: Place | None, wait: bool = False) -> None:
    """Takes or verifies the claim for the execution of a context object; nothing where no claim is declared."""
    if place is None:
        return
    execution = context.get("Execution", {}).get("Id", "")
    if not execution:
        raise WrongInput("event.context.Execution.Id: expected the ARN of an execution: what writes holds a claim")
    import boto3
    from botocore.config import Config

    hold = Hold(
        execution,
        str(context.get("StateMachine", {}).get("Name", "")),
        partition,
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    patience = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})
    s3, stepfunctions = (boto3.client(name, config=patience) for name in ("s3", "stepfunctions"))
    take(place, hold, s3, stepfunctions, wait=wait)


def _function(path: str) -> Callable[..., Any]:
    import importlib

    module, _, name = path.partition(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]


def _context(event: object) -> Mapping[str, Any]:
    if not isinstance(event, Mapping):
        raise WrongInput(f"event: expected an object with the execution's context, found {type(event).__name__}")
    found = event.get("context") or {}
    if not isinstance(found, Mapping):
        raise WrongInput(f"event.context: expected the context object of Step Functions, found {type(found).__name__}")
    return found


def _arguments(
    run: str, step: Callable[..., Any], event: Mapping[str, Any], context: object
) -> tuple[list[Any], dict[str, Any]]:
    """What the step's signature names. A parameter with a default keeps it where there is nothing to say.

    Raises WrongInput for a parameter that has no default and that the event does not hold.
    """
    import inspect

    plan = event.get("plan")
    values: dict[str, Any] = {name: event[name] for name in ("item", "assets") if name in event}
    values |= {"event": event, "context": context}
    if isinstance(plan, Mapping):
        values |= {name: plan.get(name) for name in ("partition", "select")}
    placed: list[Any] = []
    named: dict[str, Any] = {}
    for name, parameter in inspect.signature(step).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        value = values.get(name)
        optional = parameter.default is not parameter.empty
        if not optional and name not in values:
            raise WrongInput(_lacks(run, name))
        if optional and value is None:
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY:
            placed.append(value)
        else:
            named[name] = value
    return placed, named


def _lacks(run: str, name: str) -> str:
    if name in GIVEN:
        return f"{run} needs {name}, which the event of this state does not hold"
    return (
        f"{run} has the parameter {name}; a step may name {', '.join(GIVEN)}, and what else it needs has a default "
        'or comes from an adapter ("call" in the metadata)'
    )


def _answer(given: object, event: Mapping[str, Any], run: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """Control data; for a check also whether it passed, and CheckFailed where a blocking one did not."""
    check = event.get("check")
    if not check:
        return control_data(given, run)
    good = passed(given)
    data = control_data(None if isinstance(given, bool) else given, run)
    if not good and event.get("blocking", True):
        said = json.dumps({key: value for key, value in data.items() if key != "passed"}, ensure_ascii=False)
        where = context.get("State", {}).get("Name", run)
        raise CheckFailed(f"{where}: the blocking check {check} did not pass; it answered {said}")
    return {**data, "passed": good}
