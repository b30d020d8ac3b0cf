"""Units out of ops: what the metadata declares, put beside what Dagster runs as one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from compiler.errors import Problem
from compiler.extract_declared import Declared, DeclaredNode, DeclaredOp
from compiler.graph import DEFAULT_DURATION_S, ContainerStep, Function, LambdaStep, MapStep, Retry, Step, Unit
from compiler.vocabulary import DeclaredMachine
from compiler.vocabulary_steps import DeclaredAsset, read_asset

RULE = "extract"

RETRIED = ("States.TaskFailed",)
"""What a RetryPolicy retries where the definitions name no errors: any failure of the task, but no timeout."""


@dataclass(frozen=True)
class Made:
    """The units, sorted by name; for each key its unit and whether the unit's steps make and raise its own checks."""

    units: tuple[Unit, ...]
    unit_of: Mapping[str, str]
    raises: Mapping[str, bool]
    problems: tuple[Problem, ...]


def make(declared: Declared, machine: DeclaredMachine, durations: Mapping[str, float]) -> Made:
    """`durations`: seconds by unit name or asset key; they go before what the metadata estimates."""
    problems: list[Problem] = list(_wrong_durations(durations))
    nodes = {node.key: node for node in declared.nodes}
    units: dict[str, Unit] = {}
    unit_of: dict[str, str] = {}
    raises: dict[str, bool] = {}
    for op in declared.ops:
        if not op.keys:
            continue
        members = [nodes[key] for key in op.keys]
        said, wrong = _said(op, members, machine)
        problems += wrong
        for unit, meant in _units(op, members, said, machine, problems):
            if unit.name in units:
                message = f"its unit {unit.name} has the name of the unit of {', '.join(units[unit.name].keys)}"
                problems.append(Problem(RULE, f"asset {unit.keys[0]}", message, f"rename the op {op.name}"))
                continue
            units[unit.name] = replace(unit, duration_s=_duration(unit, meant, durations))
            unit_of |= dict.fromkeys(unit.keys, unit.name)
            raises |= dict.fromkeys(unit.keys, meant.dbt or meant.inside)
    problems += _labels(units.values())
    problems += _layers(units.values(), machine)
    problems += _schedule(units.values(), nodes, machine)
    problems += [problem for unit in units.values() for problem in _step_names(unit)]
    return Made(tuple(units[name] for name in sorted(units)), unit_of, raises, tuple(problems))


def functions(steps: Iterable[Step]) -> Iterator[Function]:
    """The functions that steps call."""
    for step in steps:
        if isinstance(step, LambdaStep):
            yield step.function
        elif isinstance(step, MapStep):
            yield step.items
            yield step.each


def _said(
    op: DeclaredOp, nodes: Sequence[DeclaredNode], machine: DeclaredMachine
) -> tuple[dict[str, DeclaredAsset], list[Problem]]:
    """What the keys of an op declare, by key. One value that several keys carry is reported once."""
    problems: list[Problem] = []
    found: dict[str, DeclaredAsset] = {}
    refused: list[object] = []
    carriers = [node for node in nodes if node.value is not None]
    if op.graph:
        message = "is made by a graph of ops: an execution cannot look into it"
        hint = 'make it one asset, whose steps are declared as {"aws": {"chain": [...]}}'
        return {}, [Problem(RULE, node.where, message, hint) for node in nodes]
    if op.config:
        message = "cannot start without configuration, which nobody gives it in AWS"
        problems += [Problem(RULE, node.where, message, "give every field of its config a default") for node in nodes]
    if not carriers:
        message = 'its metadata lacks the key "aws": nothing says how it runs in AWS'
        problems += [Problem(RULE, node.where, message, line_to_add(node, op)) for node in nodes]
    for node in carriers:
        if any(node.value == each for each in refused):
            continue
        read, wrong = read_asset(node.value, node.where, machine.settings, op.own)
        problems += wrong
        if read is None:
            refused.append(node.value)
        else:
            found[node.key] = read
    return found, problems


def line_to_add(node: DeclaredNode, op: DeclaredOp) -> str:
    """The line that a user copies."""
    if node.dbt_id:
        fields = ", ".join(f'"{name}": "${{{name}}}"' for name in ("cluster", "task_definition"))
        network = ", ".join(f'"{name}": "${{{name}}}"' for name in ("subnets", "security_groups"))
        line = f'metadata={{"aws": {{"dbt": {{{fields}, "container": "dbt", {network}}}}}}}'
        return f"add in get_asset_spec of its DagsterDbtTranslator: {line}"
    line = f'add: metadata={{"aws": {{"lambda": {{"run": "{op.function}"}}}}}}'
    return f"{line}, but name another function: {op.own.reason}" if op.own.reason else line


def _units(
    op: DeclaredOp,
    nodes: Sequence[DeclaredNode],
    said: Mapping[str, DeclaredAsset],
    machine: DeclaredMachine,
    problems: list[Problem],
) -> Iterator[tuple[Unit, DeclaredAsset]]:
    """One unit; or one a key where the op can make any subset of its keys in containers that may be fused."""
    if not said:
        return
    first = said[min(said)]
    several = len(nodes) > 1
    apart = several and op.can_subset and any(_fusible(each) for each in said.values())
    retry = _retry(op.retry, machine.machine.retry)
    differing = sorted(key for key in said if _settings(said[key]) != _settings(first))
    if apart:
        alone = sorted(key for key in said if not _fusible(said[key]))
        if alone:
            message = "declares another kind of step than its neighbours, which run in containers that may be fused"
            problems.append(Problem(RULE, f"asset {alone[0]}", message, f"move it out of {op.name}"))
            return
        lacking = [node.where for node in nodes if node.key not in said]
        if differing and lacking:
            message = f'its metadata lacks the key "aws", and its neighbours in {op.name} declare different values'
            problems += [Problem(RULE, where, message, "declare it on every key of the op") for where in lacking]
            return
        for node in nodes:
            meant = said.get(node.key) or replace(first, word="", duration_s=None)
            steps = _with_words(meant, [node], problems)
            yield Unit(node.key, (node.key,), steps, retry=retry, on=meant.on), meant
        return
    if differing:
        message = f"is made by {op.name} together with {min(said)}, and declares another value"
        hint = "let all keys of a multi-asset carry the same value, or one of them"
        problems += [Problem(RULE, f"asset {key}", message, hint) for key in differing]
        return
    timed = [each.duration_s for each in said.values() if each.duration_s is not None]
    meant = replace(first, duration_s=max(timed) if timed else None)
    keys = tuple(node.key for node in nodes)
    words = {key: each.word for key, each in said.items() if each.word}
    steps = _with_words(meant, nodes, problems, words)
    name = op.name if several else keys[0]
    yield Unit(name, keys, steps, retry=retry, subset=several and op.can_subset, on=meant.on), meant


def _fusible(declared: DeclaredAsset) -> bool:
    return len(declared.steps) == 1 and declared.container is not None and bool(declared.container.fuse)


def _settings(declared: DeclaredAsset) -> DeclaredAsset:
    return replace(declared, word="", duration_s=None)


def _with_words(
    meant: DeclaredAsset,
    nodes: Sequence[DeclaredNode],
    problems: list[Problem],
    said: Mapping[str, str] | None = None,
) -> tuple[Step, ...]:
    """The steps; a container is told the word of each key: declared, else its dbt node, else the key itself."""
    if meant.container is None:
        return meant.steps
    words = []
    for node in nodes:
        word = (said or {}).get(node.key) or meant.word or (_dbt_name(node.dbt_id) if meant.dbt else node.key)
        if not word:
            message = (
                'metadata aws.dbt.word: expected the dbt node\'s name: there is no "dagster_dbt/unique_id" beside it'
            )
            problems.append(Problem(RULE, node.where, message, 'declare it: {"dbt": {"word": "..."}}'))
        elif any(letter.isspace() for letter in word):
            message = f"its word {word!r} holds a space, and words are separated by spaces"
            problems.append(Problem(RULE, node.where, message, 'declare another: "word": "..."'))
        words.append((node.key, word))
    return tuple(
        replace(step, words=tuple(sorted(words))) if isinstance(step, ContainerStep) else step for step in meant.steps
    )


def _dbt_name(unique_id: str) -> str:
    """model.package.fact_stay -> fact_stay (dbt manifest: unique_id)."""
    return unique_id.split(".", 2)[-1] if unique_id.count(".") >= 2 else ""


def _retry(declared: Retry | None, machine: Retry | None) -> Retry | None:
    """Dagster's policy, with the errors and the cap that the definitions declare."""
    if declared is None:
        return None
    cap = machine.cap_s if machine else declared.cap_s
    return replace(declared, errors=machine.errors if machine else RETRIED, cap_s=max(cap, declared.interval_s))


def _duration(unit: Unit, meant: DeclaredAsset, durations: Mapping[str, float]) -> float:
    if unit.name in durations:
        return float(durations[unit.name])
    recorded = [float(durations[key]) for key in unit.keys if key in durations]
    if recorded:
        return max(recorded)
    return DEFAULT_DURATION_S if meant.duration_s is None else meant.duration_s


def _wrong_durations(durations: Mapping[str, float]) -> Iterator[Problem]:
    for name in sorted(durations):
        if not (math.isfinite(durations[name]) and durations[name] >= 0):
            message = f"expected seconds, 0 or more, found {durations[name]}"
            yield Problem(RULE, f"duration of {name}", message, "mend the run record")


def _labels(units: Iterable[Unit]) -> Iterator[Problem]:
    names = {unit.name: unit for unit in units}
    for unit in names.values():
        for step in unit.steps:
            if isinstance(step, ContainerStep) and step.fuse in names and names[step.fuse] is not unit:
                message = f'its fuse label "{step.fuse}" is also the name of a unit'
                yield Problem(RULE, f"asset {unit.keys[0]}", message, 'give it another label: "fuse": "..."')


def _layers(units: Iterable[Unit], machine: DeclaredMachine) -> Iterator[Problem]:
    for unit in units:
        for function in functions(unit.steps):
            yield from unknown_layers(f"asset {unit.keys[0]}", function, machine)


def unknown_layers(where: str, function: Function, machine: DeclaredMachine) -> Iterator[Problem]:
    """A layer is declared on the definitions, or is an ARN or a hole for one."""
    known = [name for name, _ in machine.layers]
    for layer in function.layers:
        if layer not in known and not layer.startswith(("arn:", "${")):
            message = (
                f"metadata aws.lambda.layers: no layer {layer} is declared; there are: {', '.join(known) or 'none'}"
            )
            hint = (
                f'declare it: Definitions(metadata={{"aws": {{"layers": {{"{layer}": {{"requirements": "..."}}}}}}}})'
            )
            yield Problem(RULE, where, message, hint)


def _schedule(units: Iterable[Unit], nodes: Mapping[str, DeclaredNode], machine: DeclaredMachine) -> Iterator[Problem]:
    """What runs on the schedule runs in the parent machine, after its loop, and has no partition."""
    for unit in units:
        if unit.on != "schedule":
            continue
        where = f"asset {unit.keys[0]}"
        if machine.machine.schedule is None:
            hint = 'declare it: Definitions(metadata={"aws": {"schedule": {...}}}), or leave "on" out'
            yield Problem(RULE, where, 'metadata aws.on: "schedule", but the definitions declare no schedule', hint)
        if any(nodes[key].partitions for key in unit.keys):
            hint = "a step on the schedule looks after all partitions itself: drop the partitions"
            yield Problem(RULE, where, 'metadata aws.on: "schedule", but it is partitioned', hint)


def _step_names(unit: Unit) -> Iterator[Problem]:
    """The states of a chain are named by their functions."""
    names = [_step_name(step) for step in unit.steps]
    for name in sorted({name for name in names if names.count(name) > 1}):
        message = f"metadata aws.chain: two steps would be called {unit.name}: {name}"
        hint = 'call the function once, or give one of them another name: {"lambda": {"name": "..."}}'
        yield Problem(RULE, f"asset {unit.keys[0]}", message, hint)


def _step_name(step: Step) -> str:
    match step:
        case LambdaStep(function):
            return function.name
        case MapStep():
            return step.each.name
        case ContainerStep():
            return step.container
        case _:
            return "statement"
