"""What each role may do: derived from the states of the machines and from what functions and containers declare.

Nobody types a policy. What asks for what is kept beside each one, so that a review sees why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compiler import functions, policy
from compiler.errors import Problem, Refused
from compiler.graph import Claim, ContainerStep, Graph, Permission, StatementStep, Unit
from compiler.parent import machine_hole
from compiler.state_permissions import HERE, asked_by_states, executions_hole

KINDS = ("container", "lambda", "machine", "schedule")

LOG_DELIVERY = Permission(
    tuple(
        f"logs:{name}"
        for name in (
            "CreateLogDelivery",
            "DeleteLogDelivery",
            "DescribeLogGroups",
            "DescribeResourcePolicies",
            "GetLogDelivery",
            "ListLogDeliveries",
            "PutResourcePolicy",
            "UpdateLogDelivery",
        )
    ),
    ("*",),
)
TRACING = Permission(
    ("xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"), ("*",)
)
OWN_STATEMENTS = {"StringEquals": {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}}


@dataclass(frozen=True)
class Role:
    """A role: `kind` is what runs under it. `asked` says which state, function or container asks for what.

    `widened`: patterns that stand for several resources, because the policy would be too long with each of them.
    """

    kind: str
    name: str
    policy: Mapping[str, Any]
    asked: Mapping[str, tuple[Permission, ...]]
    widened: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Characters of the policy with every hole filled by 100."""
        return policy.size(self.policy)


def roles(graph: Graph, machines: Mapping[str, str]) -> tuple[Role, ...]:
    """The roles that the graph needs, sorted by kind. `machines`: ASL texts by machine name.

    Raises `Refused` for a policy that does not fit into a role and for a state whose needs are not known.
    """
    own = sorted({each.role for each in functions.functions(graph) if each.role})
    asked: dict[str, dict[str, tuple[Permission, ...]]] = {
        **{name: _asked_by_functions(graph, name) for name in own},
        "lambda": _asked_by_functions(graph) or {"every function": ()},
        "machine": asked_by_states(machines),
        "container": _asked_by_containers(graph),
        "schedule": {},
    }
    if graph.machine.schedule:
        started = Permission(("states:StartExecution",), (f"${{{machine_hole(graph.machine.schedule.machine)}}}",))
        asked["schedule"] = {graph.machine.schedule.machine: (started,)}
    names = dict(graph.machine.roles)
    found, problems = [], []
    for kind in (*KINDS, *own):
        if not asked[kind]:
            continue
        name = kind if kind in own else names.get(kind, f"{graph.machine.name}-{kind}")
        role = _role(graph, kind, name, asked[kind])
        found.append(role)
        if role.size > policy.LIMIT:
            problems.append(_too_long(role))
    if problems:
        raise Refused(problems)
    return tuple(found)


def _role(graph: Graph, kind: str, name: str, asked: Mapping[str, tuple[Permission, ...]]) -> Role:
    named = {
        "container": [],
        "machine": [("LogDelivery", LOG_DELIVERY), ("Tracing", TRACING)],
        "schedule": [],
    }.get(kind, [("FunctionLogs", _function_logs(graph, "" if kind == "lambda" else kind))])
    everything = [permission for each in asked.values() for permission in each]
    role = Role(kind, name, _document(everything, named), asked)
    if role.size <= policy.LIMIT or kind != "machine":
        return role
    prefixes = _shared_prefixes([function.name for function in functions.functions(graph)])
    for count in range(1, len(prefixes) + 1):
        wide = prefixes[:count]
        patterns = tuple(sorted(f"arn:aws:lambda:{HERE}:function:{prefix}*" for prefix in wide))
        holes = {
            f"${{{functions.hole(each.name)}}}"
            for each in functions.functions(graph)
            if each.name.startswith(tuple(wide))
        }
        left = [Permission(each.actions, patterns) if set(each.resources) <= holes else each for each in everything]
        role = Role(kind, name, _document(left, named), asked, patterns)
        if role.size <= policy.LIMIT:
            break
    return role


def _shared_prefixes(names: Iterable[str]) -> list[str]:
    """The words (letters and a dash) that several names begin with, the most frequent first."""
    counts: dict[str, int] = {}
    for name in names:
        word = re.match(r"[A-Za-z]+-?", name)
        if word:
            counts[word[0]] = counts.get(word[0], 0) + 1
    return sorted((word for word, count in counts.items() if count > 1), key=lambda word: (-counts[word], word))


def _document(permissions: Iterable[Permission], named: Sequence[tuple[str, Permission]]) -> dict[str, Any]:
    return policy.document([*(("", each) for each in policy.merged(permissions)), *named])


def _too_long(role: Role) -> Problem:
    longest = max(role.asked, key=lambda name: (len(str(role.asked[name])), name))
    ways = {
        "machine": 'give the functions one prefix, which the policy can name: {"prefix": "shop-"} on the definitions',
        "lambda": "declare once, on the definitions, what all functions need, and wider resources (prefix/*) "
        f"elsewhere; {longest} asks for most",
    }
    return Problem(
        "permissions",
        f"role {role.name} ({role.kind})",
        f"its policy has {role.size:,} characters with every hole filled by 100; a role takes {policy.LIMIT:,}",
        ways.get(role.kind, f"declare wider resources (prefix/*); {longest} asks for most"),
    )


def _function_logs(graph: Graph, role: str = "") -> Permission:
    """Writing into the log groups of the functions, which the deployment makes. `role`: one of their own."""
    prefix = "" if role else graph.machine.prefix
    known = [each for each in functions.functions(graph) if each.role == role]
    own = [each.name for each in known if not prefix or not each.name.startswith(prefix)]
    names = [f"{prefix}*"] if prefix else []
    groups = [f"arn:aws:logs:{HERE}:log-group:/aws/lambda/{name}:*" for name in sorted([*names, *own])]
    if len(groups) > 10:
        groups = [f"arn:aws:logs:{HERE}:log-group:/aws/lambda/*:*"]
    return Permission(("logs:CreateLogStream", "logs:PutLogEvents"), tuple(groups))


def _asked_by_functions(graph: Graph, role: str = "") -> dict[str, tuple[Permission, ...]]:
    claim = _claim(graph, graph.machine.claim)
    found: dict[str, tuple[Permission, ...]] = {}
    if graph.machine.permissions:
        found["every function"] = graph.machine.permissions
    for function in functions.functions(graph):
        if function.role != role:
            continue
        asked = [*function.permissions]
        if function.writes or functions.is_plan(function):
            asked += claim
        if function.run == functions.STATEMENT_ENTRY:
            asked += _statements(graph)
        if asked:
            found[function.name] = tuple(asked)
    return found


def _claim(graph: Graph, claim: Claim | None) -> tuple[Permission, ...]:
    """Taking the writer's claim, and asking whether an execution that holds it is still running."""
    if claim is None:
        return ()
    machines = [graph.machine.name]
    if graph.machine.schedule and any(unit.on == "schedule" for unit in graph.units):
        machines.append(graph.machine.schedule.machine)
    return (
        Permission(("s3:GetObject", "s3:PutObject"), (f"arn:aws:s3:::{claim.bucket}/{claim.key}",)),
        Permission(("states:DescribeExecution",), tuple(f"${{{executions_hole(name)}}}" for name in sorted(machines))),
    )


def _statements(graph: Graph) -> tuple[Permission, ...]:
    """SQL through the Data API; asking about a statement takes no resource and is narrowed to one's own."""
    steps = [step for unit in graph.units for step in unit.steps if isinstance(step, StatementStep)]
    workgroups = tuple(sorted({workgroup_arn(step.workgroup) for step in steps}))
    return (
        Permission(("redshift-data:BatchExecuteStatement", "redshift-serverless:GetCredentials"), workgroups),
        Permission(("redshift-data:DescribeStatement",), ("*",), OWN_STATEMENTS),
    )


def workgroup_arn(workgroup: str) -> str:
    """The ARN of a workgroup that is given by name: it holds a UUID, so it is a hole of its own."""
    if workgroup.startswith("arn:") or workgroup.endswith("_arn}"):
        return workgroup
    whole = policy.HOLE.fullmatch(workgroup)
    word = whole[1] if whole else "workgroup_" + re.sub(r"[^A-Za-z0-9]+", "_", workgroup).strip("_")
    return f"${{{word}_arn}}"


def _asked_by_containers(graph: Graph) -> dict[str, tuple[Permission, ...]]:
    found: dict[str, tuple[Permission, ...]] = {}
    for unit in graph.units:
        for step in unit.steps:
            if isinstance(step, ContainerStep):
                claimed = _claim(graph, graph.machine.claim) if "CLAIM_BUCKET" in dict(step.env) else ()
                # IAM compares the ARN of the machine that made the token, though its reference lists no resource here
                answers = Permission(
                    ("states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"),
                    (f"${{{machine_hole(_runs_in(graph, unit))}}}",),
                )
                found[unit.name] = (*found.get(unit.name, ()), *step.permissions, *claimed, answers)
    return found


def _runs_in(graph: Graph, unit: Unit) -> str:
    schedule = graph.machine.schedule
    return schedule.machine if schedule and unit.on == "schedule" else graph.machine.name
