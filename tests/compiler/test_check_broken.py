"""Every kind of broken machine is caught by the rule of its name, wherever in a machine it stands."""

import json
from collections import Counter

import pytest
from broken_machines import cases, inside
from valid_machines import VALID

from compiler import check
from compiler.check import LANGUAGE

EIGHTEEN = {
    "dangling_next",
    "unreachable_state",
    "next_or_end",
    "unknown_field",
    "bad_type",
    "bad_jsonata",
    "escaping_branch",
    "duplicate_name",
    "states_all_not_last",
    "jsonpath_field",
    "undefined_variable",
    "heartbeat_not_below_timeout",
    "long_name",
    "no_terminal_state",
    "bad_arn",
    "bad_intrinsic",
    "no_start_at",
    "integer_for_float",
}


def test_every_variant_is_caught_everywhere() -> None:
    missed = [
        (rule, language, place, broken)
        for rule, language, broken in cases()
        for place, machine in inside(language, broken).items()
        if rule not in {problem.rule for problem in check.machine(json.dumps(machine))}
    ]
    assert missed == []


def test_the_variants_are_of_every_rule_of_the_language() -> None:
    assert {rule for rule, _, _ in cases()} == {rule.__name__ for rule in LANGUAGE}
    counts = Counter(rule for rule, _, _ in cases())
    assert set(counts) >= EIGHTEEN
    assert min(counts[rule] for rule in EIGHTEEN) >= 6


@pytest.mark.parametrize("name", VALID)
def test_a_valid_machine_gives_nothing(name: str) -> None:
    assert check.machine(json.dumps(VALID[name])) == ()
    assert check.machine(VALID[name]) == ()


def test_a_valid_scope_gives_nothing_inside_others() -> None:
    fine = {
        name: {field: value for field, value in machine.items() if field in ("StartAt", "States", "Comment")}
        for name, machine in VALID.items()
    }
    found = {
        (name, place): problems
        for name, machine in VALID.items()
        for place, whole in inside(machine.get("QueryLanguage", "JSONPath"), fine[name]).items()
        if (problems := [problem for problem in check.machine(whole) if problem.rule != "duplicate_name"])
    }
    assert found == {}
