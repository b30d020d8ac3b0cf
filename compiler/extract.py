"""Dagster's `Definitions` to the graph. The only module of the compiler that knows Dagster.

Of Dagster's public interface it uses `Definitions.resolve_asset_graph` and `.metadata`; of the graph `assets_defs`,
`get_all_asset_keys` and `get`; of its nodes, of `AssetsDefinition`, ops and checks the attributes that `_node`, `_op`
and `_checks` name. It imports no type from `dagster._core`. Everything is read into plain data (`extract_declared`).
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import dagster

from compiler import extract_checks, extract_cycles, extract_partitions, extract_units, functions
from compiler.errors import Problem, Refused, UsageError
from compiler.extract_declared import Declared, DeclaredCheckSpec, DeclaredNode, DeclaredOp, Mapped
from compiler.extract_entry import Entries, entries
from compiler.extract_own import own_function
from compiler.graph import Asset, Function, Graph, Partitions, Retry
from compiler.load import load as load_object
from compiler.vocabulary import KEY, DeclaredMachine, read_machine
from compiler.vocabulary_fields import unwrapped

RULE = "extract"


def load(target: str, root: Path | None = None) -> dagster.Definitions:
    """The Definitions that `module:attr` names, looked for from `root` (the current folder) first.

    Raises UsageError where there is no such thing, Refused with file and line where the user's code fails.
    """
    return _definitions(load_object(target, root or Path()), target)


def extract(definitions: Any, durations: Mapping[str, float] = MappingProxyType({})) -> Graph:
    """The graph of `definitions`. `durations`: seconds by asset key or unit name, of earlier runs.

    The same definitions give the same graph in whatever order they came. Raises Refused with every problem, UsageError
    for anything but Definitions.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        declared = read(_definitions(definitions, "definitions"))
    machine, wrong = read_machine(declared.value)
    made = extract_units.make(declared, machine, durations)
    units, of_checks = extract_checks.attach(declared, made, machine)
    partitions, of_partitions = extract_partitions.one_definition(declared)
    assets = _assets(declared, made.unit_of)
    graph = Graph(machine.machine, assets, units, partitions, machine.layers)
    problems = [
        *wrong,
        *made.problems,
        *of_checks,
        *of_partitions,
        *extract_partitions.mappings(declared),
        *extract_cycles.cycles(graph),
        *_outside(declared),
        *_entry_points(graph, machine),
        *_names(graph),
    ]
    if problems:
        raise Refused(problems)
    return graph


def _definitions(found: Any, target: str) -> dagster.Definitions:
    if isinstance(found, dagster.Definitions):
        return found
    raise UsageError(
        f"{target}: expected dagster.Definitions, or a function that answers them, found {type(found).__name__}"
    )


def read(definitions: dagster.Definitions) -> Declared:
    """What the definitions say, as plain data."""
    try:
        graph = definitions.resolve_asset_graph()
    except dagster.DagsterError as error:
        message = f"Dagster refuses them: {' '.join(str(error).split())}"
        raise Refused([Problem(RULE, "definitions", message, "mend what Dagster says, then compile again")]) from error
    keys = sorted(graph.get_all_asset_keys(), key=_text)
    repeated = sorted(key for key, count in Counter(map(_text, keys)).items() if count > 1)
    if repeated:
        hint = "give one of them another key"
        raise Refused([Problem(RULE, f"asset {key}", "two assets have keys that read alike", hint) for key in repeated])
    made = [each for each in graph.assets_defs if each.is_executable and (each.is_materializable or each.check_keys)]
    modules = {getattr(_decorated(each), "__module__", None) or "" for each in made}
    known = entries(sorted(filter(None, modules)))
    return Declared(
        value=unwrapped(definitions.metadata.get(KEY)),
        nodes=tuple(_node(graph.get(key)) for key in keys),
        ops=tuple(sorted((_op(each, known) for each in made if each.keys), key=lambda op: op.keys)),
        checks=tuple(
            sorted(
                (check for each in made for check in _checks(each, known)),
                key=lambda check: (check.asset, check.name, check.made_by),
            )
        ),
    )


def _text(key: dagster.AssetKey) -> str:
    return key.to_user_string()


def _texts(keys: Iterable[dagster.AssetKey]) -> tuple[str, ...]:
    return tuple(sorted(map(_text, keys)))


def _node(node: Any) -> DeclaredNode:
    metadata = node.metadata
    schema = metadata.get("dagster/column_schema")
    return DeclaredNode(
        key=_text(node.key),
        deps=_texts(each for each in node.parent_keys if each != node.key),
        value=unwrapped(metadata.get(KEY)),
        op=node.assets_def.node_def.name if node.is_materializable else "",
        group=node.group_name,
        kinds=tuple(sorted(node.kinds)),
        owners=tuple(sorted(set(node.owners))),
        tags=tuple(sorted(node.tags.items())),
        partitions=_partitions(node.partitions_def),
        mapped=tuple(
            mapped
            for parent, mapping in sorted(node.partition_mappings.items(), key=lambda item: _text(item[0]))
            if (mapped := _mapped(_text(parent), mapping))
        ),
        needs_itself=node.has_self_dependency,
        code_version=node.code_version or "",
        columns=tuple(column.name for column in getattr(unwrapped(schema), "columns", None) or ()),
        table=str(unwrapped(metadata.get("dagster/table_name")) or ""),
        dbt_id=str(unwrapped(metadata.get("dagster_dbt/unique_id")) or ""),
    )


def _partitions(found: Any) -> Partitions | str | None:
    match found:
        case None:
            return None
        case dagster.TimeWindowPartitionsDefinition():
            if found.exclusions:
                return "time windows with exclusions"
            return extract_partitions.time_windows(
                found.cron_schedule, found.start, found.end, found.fmt, found.timezone, found.end_offset
            )
        case dagster.StaticPartitionsDefinition():
            return extract_partitions.static(found.get_partition_keys())
        case dagster.DynamicPartitionsDefinition():
            return "dynamic partitions, which only Dagster's database knows"
        case dagster.MultiPartitionsDefinition():
            return "partitions of several dimensions"
        case _:
            return f"partitions of type {type(found).__name__}"


def _mapped(parent: str, mapping: Any) -> Mapped | None:
    """None for the same partition."""
    if isinstance(mapping, dagster.TimeWindowPartitionMapping):
        if mapping.start_offset == mapping.end_offset == 0:
            return None
        offsets = f"start_offset={mapping.start_offset}, end_offset={mapping.end_offset}"
        return Mapped(parent, f"TimeWindowPartitionMapping({offsets})")
    if isinstance(mapping, dagster.IdentityPartitionMapping):
        return None
    return Mapped(parent, type(mapping).__name__, everything=isinstance(mapping, dagster.AllPartitionMapping))


def _op(made: Any, known: Entries) -> DeclaredOp:
    op = made.node_def
    keys = _texts(made.keys)
    if isinstance(op, dagster.GraphDefinition):
        own = own_function(None, (), known)
        return DeclaredOp(op.name, keys, own, f"package.module:{op.name}", graph=True)
    takes = _takes(op)
    own = own_function(_decorated(made), takes, known)
    return DeclaredOp(
        name=op.name,
        keys=keys,
        own=own,
        function=own.run or f"package.module:{op.name}",
        can_subset=made.can_subset,
        takes=takes,
        config=op.has_config_field and op.config_field.is_required,
        retry=_retry(op.retry_policy),
    )


def _takes(op: Any) -> tuple[str, ...]:
    """Parameters that are given the values of other assets."""
    return tuple(sorted(each.name for each in op.input_defs if each.dagster_type.display_name != "Nothing"))


def _decorated(made: Any) -> Any:
    """The function that was decorated; None for a graph of ops."""
    compute = getattr(made.node_def, "compute_fn", None)
    return getattr(compute, "decorated_fn", compute)


def _retry(policy: dagster.RetryPolicy | None) -> Retry | None:
    """Dagster's policy in the terms of the States Language; the errors are the machine's to say."""
    if policy is None:
        return None
    interval = max(1, math.ceil(policy.delay or 0))
    backoff = 2.0 if policy.backoff is dagster.Backoff.EXPONENTIAL else 1.0
    return Retry((), interval, policy.max_retries, backoff, jitter=policy.jitter is not None)


def _checks(made: Any, known: Entries) -> Iterable[DeclaredCheckSpec]:
    op = made.node_def
    of_assets = bool(made.keys) or isinstance(op, dagster.GraphDefinition)
    own = own_function(None, (), known) if of_assets else own_function(_decorated(made), _takes(op), known)
    for spec in made.check_specs:
        yield DeclaredCheckSpec(
            asset=_text(spec.asset_key),
            name=spec.name,
            blocking=spec.blocking,
            value=unwrapped(spec.metadata.get(KEY)),
            own=own,
            made_by=op.name,
            needs=_texts(dep.asset_key for dep in spec.additional_deps),
            of_dagster="dagster/freshness_params" in spec.metadata,
        )


def _assets(declared: Declared, unit_of: Mapping[str, str]) -> tuple[Asset, ...]:
    together = {
        key: tuple(each for each in op.keys if each != key)
        for op in declared.ops
        if not op.can_subset
        for key in op.keys
    }
    return tuple(
        Asset(
            key=node.key,
            deps=node.deps,
            unit=unit_of.get(node.key, ""),
            group=node.group,
            kinds=node.kinds,
            owners=node.owners,
            tags=node.tags,
            partitioned=bool(node.op) and node.partitions is not None,
            code_version=node.code_version,
            neighbours=together.get(node.key, ()),
            columns=node.columns,
            table=node.table,
            dbt_id=node.dbt_id,
        )
        for node in declared.nodes
    )


def _outside(declared: Declared) -> list[Problem]:
    """Metadata on an asset that Dagster only shows would never be used."""
    message = 'its metadata has the key "aws", but nothing in Dagster makes it'
    hint = "drop the key, or make it an asset with a function (@asset, @multi_asset)"
    return [
        Problem(RULE, node.where, message, hint) for node in declared.nodes if not node.op and node.value is not None
    ]


def _entry_points(graph: Graph, machine: DeclaredMachine) -> list[Problem]:
    """Every function that was named is there and can be called."""
    asked: list[tuple[str, Function]] = []
    for unit in graph.units:
        asked += [(f"asset {unit.keys[0]}", each) for each in extract_units.functions(unit.steps)]
        asked += [(f"check {check.asset}: {check.name}", check.function) for check in unit.checks if check.function]
    if machine.machine.finish:
        asked.append(("definitions: finish", machine.machine.finish))
    asked += [(f"definitions: functions: {each.name}", each) for each in machine.machine.functions]
    if machine.machine.schedule and machine.machine.schedule.find_work.run:
        asked.append(("definitions: schedule", machine.machine.schedule.find_work))
    known = entries(sorted({name for _, each in asked for name in (each.run, each.call) if name}))
    return [problem for where, each in asked for problem in known.problems(where, [each])]


def _names(graph: Graph) -> tuple[Problem, ...]:
    """Two different functions of one name."""
    try:
        functions.functions(graph)
    except Refused as refused:
        return refused.problems
    return ()
