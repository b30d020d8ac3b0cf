"""Refuses what would fail in AWS, before anything is deployed: one function a rule, all problems at once.

`machine(text)` judges any definition in the Amazon States Language; `OURS` are rules that AWS does not have and every
machine of this compiler keeps. A rule takes the machine and yields problems that carry the rule's name.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from compiler.check import (
    bundle_rules,
    expression_rules,
    field_rules,
    graph_rules,
    house_rules,
    limits,
    path_rules,
    resource_rules,
    structure_rules,
    value_rules,
    variable_rules,
)
from compiler.check.read import Machine, read
from compiler.errors import Problem
from compiler.graph import Graph
from compiler.pack import Zip

Rule = Callable[[Machine], Iterator[Problem]]

LANGUAGE: tuple[Rule, ...] = (
    structure_rules.no_start_at,
    structure_rules.dangling_next,
    structure_rules.escaping_branch,
    structure_rules.unreachable_state,
    structure_rules.next_or_end,
    structure_rules.no_terminal_state,
    structure_rules.duplicate_name,
    structure_rules.long_name,
    field_rules.query_language,
    field_rules.unknown_field,
    field_rules.missing_field,
    field_rules.exclusive_fields,
    field_rules.jsonpath_field,
    field_rules.jsonata_field,
    value_rules.bad_type,
    value_rules.out_of_range,
    value_rules.integer_for_float,
    value_rules.heartbeat_not_below_timeout,
    value_rules.states_all_not_last,
    value_rules.map_config,
    resource_rules.bad_arn,
    resource_rules.task_token,
    expression_rules.bad_jsonata,
    expression_rules.top_level_reference,
    expression_rules.states_field,
    variable_rules.undefined_variable,
    variable_rules.shadowed_variable,
    variable_rules.reserved_variable,
    path_rules.bad_intrinsic,
    path_rules.bad_path,
    path_rules.bad_choice_rule,
    path_rules.duplicate_key,
)
"""Rules of the States Language and of AWS: a definition that breaks one is refused or fails when it runs."""

OURS: tuple[Rule, ...] = (
    house_rules.task_without_timeout,
    house_rules.token_without_heartbeat,
    house_rules.choice_without_default,
    house_rules.inline_concurrency,
    house_rules.template_directive,
    house_rules.stray_hole,
    house_rules.unknown_error_name,
)
"""Rules that our own machines keep beside those of the language."""


GRAPH: tuple[Callable[[Graph], Iterator[Problem]], ...] = (
    graph_rules.empty_graph,
    graph_rules.unknown_dep,
    graph_rules.unknown_unit,
    graph_rules.duplicate_unit,
    graph_rules.unit_cycle,
    graph_rules.missing_partitions,
    graph_rules.check_that_cannot_block,
    graph_rules.schedule_without_parent,
    graph_rules.bad_function,
    graph_rules.bad_step,
    graph_rules.state_name_taken,
    graph_rules.machine_name,
)
"""Rules of the graph, before and after fusing."""

LIMITS: tuple[Callable[[Graph, Mapping[str, str]], Iterator[Problem]], ...] = (
    limits.definition_size,
    limits.history_events,
    limits.selection_size,
    limits.arguments_size,
)
"""Limits of the machines of a graph, by name of the machine."""

BUNDLES: tuple[Callable[[Iterable[Zip], Mapping[str, Any], Mapping[str, Zip]], Iterator[Problem]], ...] = (
    bundle_rules.zip_size,
    bundle_rules.unzipped_size,
    bundle_rules.layer_count,
    bundle_rules.missing_zip,
    bundle_rules.policy_size,
)
"""Rules of what is uploaded."""


def machine(definition: str | Mapping[str, Any], rules: Iterable[Rule] = LANGUAGE) -> tuple[Problem, ...]:
    """Everything that is wrong with a definition (JSON text, or its parsed form), sorted, each problem once."""
    found, problems = read(definition)
    broken = set(problems)
    if found is not None:
        broken.update(problem for rule in rules for problem in rule(found))
    return tuple(sorted(broken))


def graph(declared: Graph) -> tuple[Problem, ...]:
    """Everything that is wrong with a graph, sorted, each problem once."""
    return tuple(sorted({problem for rule in GRAPH for problem in rule(declared)}))


def machine_of_graph(fused: Graph, machines: Mapping[str, str]) -> tuple[Problem, ...]:
    """The limits that the machines of a graph break (texts by machine name), and what its fused units break."""
    found = {problem for rule in LIMITS for problem in rule(fused, machines)}
    return tuple(sorted(found.union(*(rule(fused) for rule in GRAPH))))


def bundles(
    zips: Iterable[Zip], manifest: Mapping[str, Any], layers: Mapping[str, Zip] | None = None
) -> tuple[Problem, ...]:
    """What is wrong with zips, the zips of their layers (by name, where they have been built) and the roles."""
    packed = tuple(zips)
    return tuple(sorted({problem for rule in BUNDLES for problem in rule(packed, manifest, layers or {})}))
