"""Every rule finds its fault, and nothing else does: one hospital per case, judged in one run."""

from __future__ import annotations

import pytest
from conftest import CLEAN, Outcomes, facility
from dq_cases import CASES, Case

from dpc_assets.steps.rules import catalog

NUMBERED = [pytest.param(number, case, id=f"{case.rule}-{number}") for number, case in enumerate(CASES)]
ELSEWHERE = {"F07"}
"""Rules whose case needs the facility list: test_dq_step.py."""


def failing(judged: Outcomes, hospital: str, month: str) -> set[str]:
    return {rule for (m, code, rule), found in judged.items() if (m, code) == (month, hospital) and found[0] == "fail"}


def test_every_rule_has_a_violating_and_a_clean_example() -> None:
    covered = {case.rule for case in CASES if case.bad}
    assert covered | ELSEWHERE == {rule.id for rule in catalog()}


@pytest.mark.parametrize(("number", "case"), NUMBERED)
def test_the_fault_is_found_and_nothing_else(judged: Outcomes, number: int, case: Case) -> None:
    hospital = facility(number, "bad")
    assert failing(judged, hospital, case.month) == {case.rule} | case.also
    if case.failed_rows is not None:
        assert judged[case.month, hospital, case.rule][1] == case.failed_rows


@pytest.mark.parametrize(("number", "case"), NUMBERED)
def test_what_is_near_to_the_fault_passes(judged: Outcomes, number: int, case: Case) -> None:
    assert failing(judged, facility(number, "good"), case.month) == case.good_fails


@pytest.mark.parametrize("month", ["202504", "202505"])
def test_a_clean_submission_has_no_finding(judged: Outcomes, month: str) -> None:
    assert failing(judged, CLEAN, month) == set()


def test_a_neighbour_that_is_not_loaded_alarms_nothing(judged_april_only: Outcomes) -> None:
    assert failing(judged_april_only, CLEAN, "202504") == set()


def test_rules_that_read_one_month_do_not_see_the_others(judged: Outcomes, judged_april_only: Outcomes) -> None:
    local = {rule.id for rule in catalog() if rule.reads == "month"}
    alone = {key: found for key, found in judged_april_only.items() if key[2] in local}
    among_others = {key: found for key, found in judged.items() if key[2] in local and key[0] == "202504"}
    assert alone == among_others
