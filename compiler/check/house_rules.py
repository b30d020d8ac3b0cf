"""Rules that AWS does not have and our own machines keep: what they ask for cannot go wrong at three in the morning."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from compiler.check.read import Machine, listed, shown, texts
from compiler.errors import Problem

INLINE_CONCURRENCY = 40

HOLE = re.compile(r"\$\{([a-z][a-z0-9_]*)\}")

_ERRORS = """
ALL Timeout HeartbeatTimeout TaskFailed Permissions ResultPathMatchFailure ParameterPathFailure BranchFailed
NoChoiceMatched IntrinsicFailure ExceedToleratedFailureThreshold ItemReaderFailed ResultWriterFailed Runtime
DataLimitExceeded QueryEvaluationError Http.Socket
"""

KNOWN_ERRORS = frozenset(f"States.{name}" for name in _ERRORS.split())


def task_without_timeout(machine: Machine) -> Iterator[Problem]:
    """Every task says when it is given up."""
    for state in machine.states:
        if state.type == "Task" and not {"TimeoutSeconds", "TimeoutSecondsPath"} & set(state.body):
            message = "expected TimeoutSeconds, found none: AWS waits for three years"
            yield Problem("task_without_timeout", state.where, message, "add TimeoutSeconds")


def token_without_heartbeat(machine: Machine) -> Iterator[Problem]:
    """A task that waits for a token notices that nobody will send it."""
    for state in machine.states:
        resource = state.body.get("Resource")
        waits = isinstance(resource, str) and resource.endswith(".waitForTaskToken")
        if waits and not {"HeartbeatSeconds", "HeartbeatSecondsPath"} & set(state.body):
            message = "expected HeartbeatSeconds, found none: what died would be waited for until TimeoutSeconds"
            yield Problem("token_without_heartbeat", state.where, message, "add HeartbeatSeconds below TimeoutSeconds")


def choice_without_default(machine: Machine) -> Iterator[Problem]:
    """Every choice goes on where no rule holds."""
    for state in machine.states:
        if state.type == "Choice" and "Default" not in state.body:
            message = "expected Default, found none: States.NoChoiceMatched where no rule holds"
            yield Problem("choice_without_default", state.where, message, "add Default")


def inline_concurrency(machine: Machine) -> Iterator[Problem]:
    """An inline Map asks for no more at a time than AWS runs."""
    for state in machine.states:
        most = state.body.get("MaxConcurrency")
        if state.type == "Map" and not state.distributed and isinstance(most, int) and most > INLINE_CONCURRENCY:
            message = f"MaxConcurrency: expected at most {INLINE_CONCURRENCY} in an inline Map, found {most}"
            yield Problem(
                "inline_concurrency", state.where, message, f"declare a concurrency of 1 to {INLINE_CONCURRENCY}"
            )


def template_directive(machine: Machine) -> Iterator[Problem]:
    """No text holds `%{`, which Terraform's templatefile reads as a directive."""
    for where, at, text in _texts(machine):
        if "%{" in text:
            message = f"{at}: expected no %{{, found {shown(text)}: a directive of Terraform's templatefile"
            yield Problem("template_directive", where, message, "put the object in parentheses: {% ( {...} ) %}")


def stray_hole(machine: Machine) -> Iterator[Problem]:
    """`${` opens a hole with a name in lower case, and nothing else."""
    for where, at, text in _texts(machine):
        if "${" in HOLE.sub("", text):
            message = f"{at}: expected ${{lower_case_name}} behind every ${{, found {shown(text)}"
            yield Problem("stray_hole", where, message, "Terraform fills it: declare a hole, or leave ${ out")


def unknown_error_name(machine: Machine) -> Iterator[Problem]:
    """Errors of Step Functions that a retrier or catcher names exist."""
    for state in machine.states:
        for name in ("Retry", "Catch"):
            for index, rule in enumerate(listed(state.body.get(name))):
                for error in listed(rule.get("ErrorEquals")) if isinstance(rule, Mapping) else ():
                    if _unknown_error(error):
                        message = f"{name}[{index}]: expected an error name that exists, found {error}"
                        hint = f"known: {', '.join(sorted(KNOWN_ERRORS))}"
                        yield Problem("unknown_error_name", state.where, message, hint)


def _unknown_error(error: Any) -> bool:
    if not isinstance(error, str) or not error.startswith("States."):
        return False
    return error not in KNOWN_ERRORS and not error.startswith("States.Http.StatusCode.")


def holes(machine: Machine) -> frozenset[str]:
    """Names of every hole of the machine."""
    return frozenset(name for _, _, text in _texts(machine) for name in HOLE.findall(text))


def _texts(machine: Machine) -> Iterator[tuple[str, str, str]]:
    for scope in machine.scopes:
        own = {name: value for name, value in scope.body.items() if name != "States"}
        for at, _, text in texts(own):
            yield scope.where, at, text
    for state in machine.states:
        inner = {"Branches", "ItemProcessor", "Iterator"}
        for name in (state.name, *(name for name in state.body)):
            if "${" in name or "%{" in name:
                yield state.where, "name", name
        for at, _, text in texts({name: value for name, value in state.body.items() if name not in inner}):
            yield state.where, at, text
