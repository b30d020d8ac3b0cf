"""Rules about the graph, before anything is planned: what depends on what, what blocks, what each function may ask for.

`extract` refuses most of this with the words of Dagster; a graph may also come from elsewhere. The figures are AWS's:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html and the CreateFunction API.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from compiler import functions, lower, parent
from compiler.errors import Problem
from compiler.graph import ContainerStep, Function, Graph, MapStep, StatementStep, Unit
from compiler.overrides import OVERRIDES_MAX, words_room

LAMBDA_TIME_S = 900
LAMBDA_MEMORY_MB = (128, 10_240)
LAMBDA_STORAGE_MB = (512, 10_240)
LAMBDA_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
LAMBDA_LAYERS = 5
LAMBDA_ENV_BYTES = 4_096
MACHINE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
MAP_CONCURRENCY = (1, 40)
BATCH_STATEMENTS = 40
STATEMENT_BYTES = 100_000

RESERVED_ENV = re.compile(r"(AWS_|LAMBDA_|_HANDLER$|_X_AMZN_)")
"""Names that Lambda keeps for itself (AWS_REGION, LAMBDA_TASK_ROOT, ...)."""

HOLE = re.compile(r"\$\{[^{}]*\}")
HOLE_LENGTH = 100
"""Taken for what Terraform puts into a hole: a long ARN."""


def empty_graph(graph: Graph) -> Iterator[Problem]:
    """Something runs."""
    if not graph.units:
        message = f"expected an asset that runs, found none among {len(graph.assets)} assets"
        yield Problem("empty_graph", "definitions", message, "give an asset the metadata key aws")


def unknown_dep(graph: Graph) -> Iterator[Problem]:
    """Every dependency is an asset of the graph."""
    for asset in graph.assets:
        for key in asset.deps:
            if key not in graph.asset:
                message = f"expected to depend on assets that are known, found {key}"
                yield Problem("unknown_dep", f"asset {asset.key}", message, "declare it, or drop the dependency")


def unknown_unit(graph: Graph) -> Iterator[Problem]:
    """Assets and units know each other: each asset is a key of its unit, each key is an asset of that unit."""
    for asset in graph.assets:
        if asset.unit and (asset.unit not in graph.unit or asset.key not in graph.unit[asset.unit].keys):
            message = f"expected a unit that makes it, found {asset.unit} which does not"
            yield Problem("unknown_unit", f"asset {asset.key}", message)
    for unit in graph.units:
        for key in unit.keys:
            if key not in graph.asset or graph.asset[key].unit != unit.name:
                yield Problem("unknown_unit", f"unit {unit.name}", f"expected an asset that it makes, found {key}")
        if not unit.keys or not unit.steps:
            yield Problem("unknown_unit", f"unit {unit.name}", "expected assets and steps, found none")


def duplicate_unit(graph: Graph) -> Iterator[Problem]:
    """No two assets have one key, no two units one name."""
    for what, names in (("asset", [a.key for a in graph.assets]), ("unit", [u.name for u in graph.units])):
        for name, count in sorted(Counter(names).items()):
            if count > 1:
                yield Problem("duplicate_unit", f"{what} {name}", f"expected one {what} of a name, found {count}")


def unit_cycle(graph: Graph) -> Iterator[Problem]:
    """No unit waits for itself."""
    before: dict[str, set[str]] = {unit.name: set() for unit in graph.units}
    for first, then in graph.edges:
        if first in before and then in before:
            before[then].add(first)
    ready = [name for name, needs in before.items() if not needs]
    after: dict[str, list[str]] = {name: [] for name in before}
    for name, needs in before.items():
        for need in needs:
            after[need].append(name)
    while ready:
        done = ready.pop()
        del before[done]
        for name in after[done]:
            before[name].discard(done)
            if not before[name]:
                ready.append(name)
    if before:
        names = sorted(before)
        shown = ", ".join(names[:10]) + (" ..." if len(names) > 10 else "")
        message = f"expected no unit to wait for itself, found {len(names)} in a cycle or behind one: {shown}"
        yield Problem(
            "unit_cycle", f"unit {names[0]}", message, "drop one of these dependencies, or split a multi-asset"
        )


def missing_partitions(graph: Graph) -> Iterator[Problem]:
    """Partitioned assets have the machine's one partition definition."""
    partitioned = [asset.key for asset in graph.assets if asset.partitioned and asset.unit]
    if partitioned and graph.partitions is None:
        message = f"expected the partitions of {', '.join(sorted(partitioned)[:5])}, found none"
        yield Problem("missing_partitions", "definitions", message, "one partition definition is known to a machine")


def check_that_cannot_block(graph: Graph) -> Iterator[Problem]:
    """A blocking check runs: as a state of its own, or inside the asset's step; and its asset is made there."""
    for unit in graph.units:
        for check in unit.checks:
            where = f"check {check.name} of {check.asset}"
            if check.blocking and check.function is None and not check.inside:
                message = "expected a blocking check to run in AWS, found neither a function nor a step that runs it"
                hint = 'give it {"lambda": {"run": "module:function"}}, or blocking=False'
                yield Problem("check_that_cannot_block", where, message, hint)
            if check.asset not in unit.keys:
                message = f"expected an asset of unit {unit.name}, found {check.asset}: it would not be waited for"
                yield Problem("check_that_cannot_block", where, message)


def schedule_without_parent(graph: Graph) -> Iterator[Problem]:
    """Units that run on the schedule have one, and nothing in the machine waits for them."""
    for unit in graph.units:
        if unit.on == "schedule" and graph.machine.schedule is None:
            message = 'expected a schedule for a unit with on="schedule", found none'
            yield Problem("schedule_without_parent", f"unit {unit.name}", message, "declare the schedule")
    for before, after in sorted(graph.edges):
        known = before in graph.unit and after in graph.unit
        if known and graph.unit[before].on == "schedule" and graph.unit[after].on != "schedule":
            message = f"expected to wait for what runs before it, found {before} which runs later, on the schedule"
            yield Problem("schedule_without_parent", f"unit {after}", message, "let both run on the same machine")


def bad_function(graph: Graph) -> Iterator[Problem]:
    """What each Lambda function asks for, Lambda gives: time, memory, storage, name, layers, environment."""
    for function in _functions(graph):
        for message, hint in _function_faults(function, dict(graph.machine.env)):
            yield Problem("bad_function", f"function {function.name}", message, hint)


def _functions(graph: Graph) -> Iterable[Function]:
    found = {repr(function): function for _, function in functions.used(graph)}
    return [found[key] for key in sorted(found)]


def _function_faults(function: Function, shared: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not 1 <= function.timeout_s <= LAMBDA_TIME_S:
        hint = "split the step, make it a map over items, or a container"
        yield f"timeout_s: expected 1 to {LAMBDA_TIME_S} s, found {function.timeout_s:,}", hint
    for name, value, (least, most) in (
        ("memory_mb", function.memory_mb, LAMBDA_MEMORY_MB),
        ("ephemeral_mb", function.ephemeral_mb, LAMBDA_STORAGE_MB),
    ):
        if not least <= value <= most:
            yield f"{name}: expected {least:,} to {most:,} MB, found {value:,}", ""
    if not LAMBDA_NAME.fullmatch(function.name):
        hint = 'give it another: {"lambda": {"name": "..."}}'
        yield f"name: expected 1 to 64 letters, digits, - and _, found {len(function.name)} characters", hint
    if len(function.layers) > LAMBDA_LAYERS:
        yield f"layers: expected at most {LAMBDA_LAYERS}, found {len(function.layers)}", "put packages into one layer"
    env = {**shared, **dict(function.env)}
    size = sum(len(name.encode()) + filled(value) for name, value in env.items())
    if size > LAMBDA_ENV_BYTES:
        message = (
            f"env: expected at most {LAMBDA_ENV_BYTES:,} bytes, found {size:,} with holes of {HOLE_LENGTH} filled in"
        )
        yield message, "keep long values in Parameter Store and name them here"
    for name in sorted(env):
        if RESERVED_ENV.match(name):
            yield f"env: expected a name that Lambda does not keep for itself, found {name}", "rename it"


def filled(text: str) -> int:
    """Bytes of a text with every hole filled."""
    return len(HOLE.sub("x" * HOLE_LENGTH, text).encode())


def bad_step(graph: Graph) -> Iterator[Problem]:
    """Numbers of maps, statements and containers are in AWS's range."""
    for unit in graph.units:
        for step in unit.steps:
            for message, hint in _step_faults(unit, step):
                yield Problem("bad_step", f"unit {unit.name}", message, hint)


def _step_faults(unit: Unit, step: object) -> Iterator[tuple[str, str]]:
    match step:
        case MapStep(concurrency=most) if not MAP_CONCURRENCY[0] <= most <= MAP_CONCURRENCY[1]:
            yield (
                f"concurrency: expected {MAP_CONCURRENCY[0]} to {MAP_CONCURRENCY[1]}, found {most}",
                ("an inline Map runs 40 items at a time; more of them wait"),
            )
        case StatementStep():
            if not 1 <= len(step.sql) <= BATCH_STATEMENTS:
                yield (
                    f"sql: expected 1 to {BATCH_STATEMENTS} statements, found {len(step.sql)}",
                    ("they are one transaction of the Data API: split the step"),
                )
            for number, sql in enumerate(step.sql, 1):
                if len(sql.encode()) > STATEMENT_BYTES:
                    size = len(sql.encode())
                    yield (
                        f"sql {number}: expected at most {STATEMENT_BYTES:,} bytes, found {size:,}",
                        ("split it, or keep it in the warehouse as a procedure"),
                    )
            if not 1 <= step.poll_s <= step.timeout_s:
                yield f"poll_s: expected 1 to timeout_s ({step.timeout_s}), found {step.poll_s}", ""
        case ContainerStep():
            if not 1 <= step.heartbeat_s < step.timeout_s:
                yield (
                    f"heartbeat_s: expected 1 to less than timeout_s ({step.timeout_s}), found {step.heartbeat_s}",
                    ("beat more often, or wait longer"),
                )
            used, room = sum(len(word) + 1 for _, word in step.words), words_room(unit)
            if used > room + 1:
                yield (
                    f"words: expected at most {room:,} characters, found {used:,}: overrides hold {OVERRIDES_MAX:,}",
                    ("shorten the words or the environment, or split the unit"),
                )


def state_name_taken(graph: Graph) -> Iterator[Problem]:
    """No two states of a machine get one name: a unit named Finish, a chain that calls one function twice."""
    own = {
        "run": [(lower.PLAN_STATE, "the machine"), (lower.FINISH_STATE, "the machine")],
        "schedule": [(name, "the parent machine") for name in PARENT_STATES],
    }
    for on, names in own.items():
        claimed = list(names)
        for unit in graph.units:
            if unit.on == on and unit.keys and unit.steps:
                states = lower.unit_states if on == "run" else lower.work_states
                claimed += [(state.name, f"unit {unit.name}") for state in states(graph, unit, None)]
        counts = Counter(name for name, _ in claimed)
        for name, count in sorted(counts.items()):
            if count > 1:
                owners = sorted({owner for each, owner in claimed if each == name})
                message = f'expected one state "{name}", found {count}: of {", ".join(owners)}'
                hint = "rename the op or the fuse label, or give a function that comes twice another name"
                yield Problem("state_name_taken", owners[-1], message, hint)


PARENT_STATES = (
    parent.FIND_STATE,
    parent.RUN_STATE,
    parent.FAILED_STATE,
    parent.EACH_STATE,
    parent.ALL_RAN,
    parent.DONE,
    parent.SOME_FAILED,
)


def machine_name(graph: Graph) -> Iterator[Problem]:
    """Machines have names that Step Functions takes, and not the same one."""
    schedule = graph.machine.schedule
    names = [graph.machine.name, *([schedule.machine] if schedule else [])]
    for name in names:
        if not MACHINE_NAME.fullmatch(name):
            message = f'expected 1 to 80 letters, digits, - and _ in the name, found "{name}"'
            yield Problem("machine_name", "machine", message, 'set "machine" in the metadata of the Definitions')
    if len(set(names)) < len(names):
        yield Problem("machine_name", "machine", f'expected two names, found "{names[0]}" for both machines')
