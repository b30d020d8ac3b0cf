"""What the states of a machine ask of its role, by the service integrations that they call.

(Step Functions developer guide, IAM policies for integrated services.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from compiler.errors import Problem, Refused
from compiler.graph import Permission
from compiler.policy import HOLE

TASK_ROLE, EXECUTION_ROLE = "role_container", "role_execution"
"""Holes for the ARNs of the two roles of a Fargate task: its own, and the one that starts it."""

HERE = "${region}:${account_id}"

_INTEGRATION = re.compile(r"arn:aws:states:::(?P<call>[a-z-]+:[A-Za-z]+)(?P<pattern>\.[A-Za-z]+(?::2)?)?\Z")


def executions_hole(machine: str) -> str:
    """What stands for all executions of a machine: arn:...:execution:<its name>:*."""
    return "executions_" + machine.replace("-", "_")


def asked_by_states(machines: Mapping[str, str]) -> dict[str, tuple[Permission, ...]]:
    """State -> permissions, of ASL texts by machine name. Raises `Refused` for a call whose needs are not known."""
    found: dict[str, tuple[Permission, ...]] = {}
    problems = []
    for machine, text in sorted(machines.items()):
        for name, state in _tasks(json.loads(text)):
            where = f"{machine}: {name}" if len(machines) > 1 else name
            asked = _of_task(state)
            if asked is None:
                problems.append(
                    Problem(
                        "permissions",
                        f"state {name} of {machine}",
                        f"what resource {state.get('Resource')!r} needs is not known",
                        "known are lambda:invoke, ecs:runTask and states:startExecution",
                    )
                )
            else:
                found[where] = asked
    if problems:
        raise Refused(problems)
    return found


def _tasks(scope: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(name, state) of every Task in a machine, whatever it stands in."""
    for name, state in scope.get("States", {}).items():
        if state.get("Type") == "Task":
            yield name, state
        inner = [*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")]
        for each in inner:
            if each:
                yield from _tasks(each)


def _of_task(state: Mapping[str, Any]) -> tuple[Permission, ...] | None:
    resource = str(state.get("Resource", ""))
    arguments = state.get("Arguments", {})
    if resource.startswith(("${lambda_", "arn:aws:lambda:")):
        return (Permission(("lambda:InvokeFunction",), (resource,)),)
    parsed = _INTEGRATION.match(resource)
    if parsed is None:
        return None
    synchronous = (parsed["pattern"] or "").startswith(".sync")
    match parsed["call"]:
        case "lambda:invoke":
            return (Permission(("lambda:InvokeFunction",), (_resource(arguments.get("FunctionName")),)),)
        case "ecs:runTask":
            return _run_task(arguments, synchronous)
        case "states:startExecution":
            return _start_execution(arguments, synchronous)
    return None


def _resource(value: object) -> str:
    """A resource as the state names it; `*` where an expression names it at run time."""
    return value if isinstance(value, str) and not value.startswith("{%") else "*"


def _run_task(arguments: Mapping[str, Any], synchronous: bool) -> tuple[Permission, ...]:
    """Starting a task, and handing it its two roles. A task that answers by token is neither watched nor stopped."""
    asked = [
        Permission(("ecs:RunTask",), (_task_definition(_resource(arguments.get("TaskDefinition"))),)),
        Permission(
            ("iam:PassRole",),
            (f"${{{TASK_ROLE}}}", f"${{{EXECUTION_ROLE}}}"),
            {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
    ]
    if synchronous:
        asked += [Permission(("ecs:DescribeTasks", "ecs:StopTask"), ("*",)), _events("ECSTask")]
    return tuple(asked)


def _task_definition(named: str) -> str:
    """The ARN that IAM compares, which ends in a revision: a hole stands for one, a family for all of its revisions."""
    if named == "*" or HOLE.fullmatch(named):
        return named
    family = named.rpartition("/")[2]
    whole = named if named.startswith("arn:") else f"arn:aws:ecs:{HERE}:task-definition/{named}"
    return whole if ":" in family else f"{whole}:*"


def _start_execution(arguments: Mapping[str, Any], synchronous: bool) -> tuple[Permission, ...]:
    """Starting a machine; with `.sync` also asking after its executions, stopping them and hearing of their end."""
    machine = _resource(arguments.get("StateMachineArn"))
    asked = [Permission(("states:StartExecution",), (machine,))]
    if synchronous:
        executions = machine.replace("${machine_", "${executions_") if machine.startswith("${machine_") else "*"
        asked += [
            Permission(("states:DescribeExecution", "states:StopExecution"), (executions,)),
            _events("StepFunctionsExecution"),
        ]
    return tuple(asked)


def _events(what: str) -> Permission:
    rule = f"arn:aws:events:{HERE}:rule/StepFunctionsGetEventsFor{what}Rule"
    return Permission(("events:DescribeRule", "events:PutRule", "events:PutTargets"), (rule,))
