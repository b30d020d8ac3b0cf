"""Yen to points and points to claims, with literal numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dpc_assets.sample.catalog import act, dpc_codes
from dpc_assets.sample.money import drug_points, inclusive_points, material_points


@pytest.mark.parametrize(
    ("yen", "points"),
    [("0", 0), ("5.7", 1), ("15", 1), ("15.1", 2), ("25", 2), ("25.1", 3), ("34.9", 3), ("35", 3), ("205.0", 20)],
)
def test_half_a_drug_point_is_dropped_and_more_is_one(yen: str, points: int) -> None:
    assert drug_points(Decimal(yen)) == points


@pytest.mark.parametrize(("yen", "points"), [("561", 56), ("565", 57), ("9610", 961), ("301000", 30100)])
def test_half_a_material_point_is_one(yen: str, points: int) -> None:
    assert material_points(Decimal(yen)) == points


def test_the_official_month_is_worth_24188_and_its_june_6185() -> None:
    coefficient = Decimal("1.1234")
    assert inclusive_points([2753, 2753], coefficient) == 6185
    assert inclusive_points([2782] * 7 + [2057], coefficient) == 24188
    assert inclusive_points([2782, 2782], coefficient) - 6185 == 66


def test_day_points_follow_the_periods_and_end_after_day_three() -> None:
    code = dpc_codes()["060150xx03xxxx"]
    assert [code.day_points(day) for day in (1, 2, 3, 5, 6, 30, 31)] == [4115, 4115, 1854, 1854, 1943, 1943, 0]


def test_an_act_adds_technique_drugs_and_materials() -> None:
    hip = act("hip_head")
    assert (hip.points, hip.drug, hip.material) == (19500 + 52 + 42400, 52, 42400)


def test_a_bundled_act_keeps_its_value_in_the_details_only() -> None:
    bundled = act("fluids", "bundled_1")
    assert (bundled.points, bundled.drug) == (0, 0)
    assert bundled.head.split("\t")[10] == "010000000000"
    assert {detail.split("\t")[10] for detail in bundled.details} == {"010000000000"}
    assert sum(line.points for line in bundled.lines) == act("fluids").points


def test_a_brought_in_drug_has_points_in_the_details_only() -> None:
    brought = act("brought_in")
    assert (brought.points, brought.drug, brought.head.split("\t")[10]) == (0, 0, "")
    assert [(detail.split("\t")[9], detail.split("\t")[10]) for detail in brought.details] == [
        ("00000000", "001100000000"),
        ("00000002", "001100000000"),
    ]
