"""What was built, as plain data: the seam to Terraform, and what selection, lineage and `dpc-compile diff` read.

Every `${hole}` of the machines, policies and environments is listed under `holes` with what it stands for. Files of
zips are named relative to the folder that zips are written to, those of machines relative to the manifest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from compiler import functions, permissions, state_permissions
from compiler.bundle import HANDLER
from compiler.cron import scheduler_expression
from compiler.estimate import Estimate
from compiler.graph import ContainerStep, Function, Graph, LambdaStep, MapStep, StatementStep, Unit
from compiler.graph_json import graph_json, permission_json
from compiler.pack import Zip
from compiler.parent import machine_hole
from compiler.permissions import Role, workgroup_arn
from compiler.policy import HOLE
from compiler.tree import Plan, to_json

SCHEMA = "dpc-compile-manifest/1"
MACHINE_SUFFIX = ".asl.json"
DIGITS = 6
"""Digits after the point: sums of floats differ in the last ones between Python 3.11 and 3.12."""


def manifest(
    graph: Graph, machines: Mapping[str, str], zips: Iterable[Zip], plan: Plan, estimate: Estimate | None = None
) -> dict[str, Any]:
    """The manifest of a fused graph that still holds the units of the schedule; keys sorted, so that equal is equal.

    `machines`: ASL texts by machine name. Raises `Refused` for a policy that does not fit into a role, and for a cron
    that AWS cannot say.
    """
    roles = permissions.roles(graph, machines)
    names = {role.kind: role.name for role in roles}
    packed = {each.name: each for each in zips}
    used = _used_by(graph)
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "machine": graph.machine.name,
        "machines": {name: _machine(name, text, names) for name, text in machines.items()},
        "functions": {
            each.name: _function(each, graph, packed[each.name], names, used)
            for each in functions.functions(graph)
            if each.name in packed
        },
        "containers": dict(_container(unit, step, names) for unit, step in _containers(graph)),
        "layers": {name: _layer(name, text) for name, text in graph.layers},
        "roles": {role.kind: _role(role) for role in roles},
        "schedule": _schedule(graph, names),
        "graph": graph_json(graph),
        "plan": _plan(plan),
        "estimate": estimate.to_json() if estimate else None,
    }
    found["holes"] = _holes(graph, found, machines)
    plain = _rounded(json.loads(json.dumps(found, sort_keys=True)))
    plain["digest"] = hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return {name: plain[name] for name in sorted(plain)}


def environment(function: Function, graph: Graph) -> dict[str, str]:
    """The variables of a function: the machine's, its own, and where the writer's claim lies where it holds it."""
    claim = graph.machine.claim
    held = claim if function.writes or functions.is_plan(function) else None
    where = {"CLAIM_BUCKET": held.bucket, "CLAIM_KEY": held.key} if held else {}
    return dict(sorted({**where, **dict(graph.machine.env), **dict(function.env)}.items()))


def _machine(name: str, text: str, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "file": name + MACHINE_SUFFIX,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "bytes": len(text.encode()),
        "hole": machine_hole(name),
        "holes": sorted(set(HOLE.findall(text))),
        "role": names["machine"],
    }


def _function(
    function: Function, graph: Graph, packed: Zip, names: Mapping[str, str], used: Mapping[str, set[str]]
) -> dict[str, Any]:
    return {
        "runs": function.run,
        "call": function.call,
        "handler": HANDLER,
        "runtime": "python3.11",
        "file": packed.file,
        "sha256": packed.sha256,
        "source_code_hash": packed.source_code_hash,
        "size": packed.size,
        "memory_mb": function.memory_mb,
        "ephemeral_mb": function.ephemeral_mb,
        "timeout_s": function.timeout_s,
        "layers": list(function.layers),
        "env": environment(function, graph),
        "role": function.role or names["lambda"],
        "writes": function.writes,
        "assets": sorted(used.get(function.name, ())),
        "hole": functions.hole(function.name),
    }


def _used_by(graph: Graph) -> dict[str, set[str]]:
    """Function name -> the assets that it works for."""
    found: dict[str, set[str]] = {}
    for unit in graph.units:
        for step in unit.steps:
            match step:
                case LambdaStep(function):
                    found.setdefault(function.name, set()).update(unit.keys)
                case MapStep(items, each):
                    found.setdefault(items.name, set()).update(unit.keys)
                    found.setdefault(each.name, set()).update(unit.keys)
                case StatementStep():
                    found.setdefault(functions.statement_function(graph.machine).name, set()).update(unit.keys)
        for check in unit.checks:
            if check.function:
                found.setdefault(check.function.name, set()).add(check.asset)
    return found


def _containers(graph: Graph) -> Iterable[tuple[Unit, ContainerStep]]:
    for unit in graph.units:
        for step in unit.steps:
            if isinstance(step, ContainerStep):
                yield unit, step


def _container(unit: Unit, step: ContainerStep, names: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    several = sum(isinstance(each, ContainerStep) for each in unit.steps) > 1
    return (f"{unit.name}: {step.container}" if several else unit.name), {
        "cluster": step.cluster,
        "task_definition": step.task_definition,
        "container": step.container,
        "subnets": step.subnets,
        "security_groups": step.security_groups,
        "assign_public_ip": step.assign_public_ip,
        "heartbeat_s": step.heartbeat_s,
        "timeout_s": step.timeout_s,
        "env": dict(sorted(step.env)),
        "words": dict(sorted(step.words)),
        "assets": sorted(unit.keys),
        "role": names["container"],
    }


def _layer(name: str, text: str) -> dict[str, Any]:
    return {
        "file": f"layer-{name}.zip",
        "requirements": text.splitlines(),
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }


def _role(role: Role) -> dict[str, Any]:
    return {
        "name": role.name,
        "policy": role.policy,
        "size": role.size,
        "asked_by": {name: [permission_json(each) for each in asked] for name, asked in role.asked.items()},
        "widened": list(role.widened),
    }


def _schedule(graph: Graph, names: Mapping[str, str]) -> dict[str, Any] | None:
    schedule = graph.machine.schedule
    if schedule is None:
        return None
    return {
        "machine": schedule.machine,
        "cron": schedule.cron,
        "expression": scheduler_expression(schedule.cron) if schedule.cron else None,
        "timezone": schedule.timezone,
        "role": names["schedule"],
        "input": "{}",
    }


def _plan(plan: Plan) -> dict[str, Any]:
    """Of the added edges those that delay: the others can be as many as pairs of units, and follow from the tree."""
    return {
        "tree": to_json(plan.tree),
        "strategy": plan.strategy,
        "makespan_s": plan.makespan_s,
        "critical_path_s": plan.critical_path_s,
        "ratio": plan.ratio,
        "critical_path": list(plan.critical_path),
        "added_edges": len(plan.added),
        "added": [
            {"before": each.before, "after": each.after, "delay_s": each.delay_s}
            for each in plan.added
            if each.delay_s > 0
        ],
    }


def _holes(graph: Graph, found: Mapping[str, Any], machines: Mapping[str, str]) -> dict[str, str]:
    """Every hole -> what it stands for."""
    known = {
        functions.hole(each.name): f"ARN of the Lambda function {each.name}" for each in functions.functions(graph)
    }
    schedule = graph.machine.schedule
    for name in [graph.machine.name, *([schedule.machine] if schedule else [])]:
        known[machine_hole(name)] = f"ARN of the state machine {name}"
        known[state_permissions.executions_hole(name)] = f"ARN of all executions of {name}, ending in :*"
    for unit in graph.units:
        for step in unit.steps:
            if isinstance(step, StatementStep) and (whole := HOLE.fullmatch(workgroup_arn(step.workgroup))):
                known[whole[1]] = f"ARN of the Redshift Serverless workgroup {step.workgroup}"
    known |= {
        "region": "AWS region of the deployment",
        "account_id": "AWS account of the deployment",
        state_permissions.TASK_ROLE: "ARN of the role that the container works under",
        state_permissions.EXECUTION_ROLE: "ARN of the role that ECS starts the container under",
    }
    used = set(HOLE.findall("\n".join([json.dumps(found), *machines.values()])))
    return {name: known.get(name, "declared in the metadata") for name in sorted(used)}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
