"""Definitions are judged before they are taken: by the compiler's own rules, as AWS judges them when they are created.

Source: Step Functions API Reference, CreateStateMachine (InvalidDefinition) and ValidateStateMachineDefinition. What
AWS runs and this server does not (JSONPath, distributed maps, express machines) is refused here too, by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from aws_local.errors import AwsError
from compiler import check, interpret
from compiler.errors import Problem, Refused
from compiler.interpret import Machine

MOST_DIAGNOSTICS = 100


@lru_cache(maxsize=64)
def machine(definition: str) -> Machine:
    """The machine, ready to run. Raises InvalidDefinition that names every problem."""
    found = problems(definition)
    if found:
        raise AwsError("InvalidDefinition", "Invalid State Machine Definition: " + "; ".join(map(_said, found)))
    return interpret.read(definition)


@lru_cache(maxsize=64)
def problems(definition: str) -> tuple[Problem, ...]:
    found = check.machine(definition)
    if found:
        return found
    try:
        interpret.read(definition)
    except Refused as refused:
        return refused.problems
    return ()


def taken(request: Mapping[str, Any]) -> None:
    """Raises what AWS would say to the definition of a CreateStateMachine or UpdateStateMachine."""
    if request.get("type") == "EXPRESS":
        raise AwsError("StateMachineTypeNotSupported", "Express machines are not part of the AWS on a laptop.")
    if "definition" in request:
        machine(request["definition"])


def validated(request: Mapping[str, Any]) -> dict[str, Any]:
    """ValidateStateMachineDefinition: the same judgement, as diagnostics."""
    found = problems(request["definition"])
    most = request.get("maxResults") or MOST_DIAGNOSTICS
    return {
        "result": "FAIL" if found else "OK",
        "diagnostics": [
            {"severity": "ERROR", "code": each.rule.upper(), "message": _said(each), "location": each.where}
            for each in found[:most]
        ],
        "truncated": len(found) > most,
    }


def _said(problem: Problem) -> str:
    return f"{problem.where}: {problem.message}" + (f" ({problem.hint})" if problem.hint else "")
