"""What two builds differ in: each kind of change found and said once, and nothing where nothing changed."""

import json
from dataclasses import replace
from typing import Any

from compiler.cli.diff import text
from compiler.diff import Change, FieldChange, Snapshot, diff, to_json

STATES: dict[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "a",
    "States": {
        "a": {"Type": "Task", "TimeoutSeconds": 60, "Next": "b | c"},
        "b | c": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "b", "States": {"b": {"Type": "Task", "End": True}}},
                {"StartAt": "c", "States": {"c": {"Type": "Task", "End": True}}},
            ],
            "End": True,
        },
    },
}
BEFORE = Snapshot(
    machine={"name": "shop"},
    assets={"a": {"unit": "a"}, "b": {"unit": "b", "deps": ["a"]}, "c": {"unit": "c", "deps": ["a"]}},
    units={name: {"keys": [name], "duration_s": 60.0} for name in "abc"},
    plan={"series": [{"task": "a"}, {"parallel": [{"task": "b"}, {"task": "c"}]}]},
    machines={"shop": STATES},
    functions={"shop-a": {"memory_mb": 512, "sha256": "aa"}},
    permissions={"role-machine": {"lambda:InvokeFunction on ${lambda_shop_a}": {}}},
    figures={"makespan_s": 120.0, "usd_per_run": 0.001},
)


def changed(**fields: Any) -> tuple[Change, ...]:
    return diff(BEFORE, replace(BEFORE, **fields))


def test_equal_builds_do_not_differ() -> None:
    assert diff(BEFORE, replace(BEFORE)) == ()
    assert to_json(()) == {"same": True, "changes": {}}
    assert text(()) == "no difference"


def test_an_asset_comes_goes_and_changes() -> None:
    assets = {"a": {"unit": "a"}, "b": {"unit": "b", "deps": ["a"], "group": "mart"}, "d": {"unit": "d"}}
    assert changed(assets=assets) == (
        Change("assets", "changed", "b", (FieldChange("group", None, "mart"),)),
        Change("assets", "removed", "c"),
        Change("assets", "added", "d"),
    )


def test_seconds_alone_are_a_retiming() -> None:
    units = {**BEFORE.units, "a": {"keys": ["a"], "duration_s": 42.0}, "b": {"keys": ["b", "x"], "duration_s": 1.0}}
    assert changed(units=units) == (
        Change("units", "retimed", "a", (FieldChange("duration_s", 60.0, 42.0),)),
        Change("units", "changed", "b", (FieldChange("duration_s", 60.0, 1.0), FieldChange("keys", ["b"], ["b", "x"]))),
    )


def test_a_unit_that_waits_for_others_has_moved() -> None:
    plan = {"series": [{"task": "a"}, {"task": "b"}, {"task": "c"}]}
    assert changed(plan=plan) == (Change("plan", "moved", "c", (FieldChange("waits_for", ["a"], ["b"]),)),)


def test_a_new_unit_moves_nobody_by_itself() -> None:
    plan = {"series": [{"task": "a"}, {"parallel": [{"task": "b"}, {"task": "c"}, {"task": "d"}]}]}
    units = {**BEFORE.units, "d": {"keys": ["d"], "duration_s": 60.0}}
    assert changed(plan=plan, units=units) == (Change("units", "added", "d"),)


def test_states_are_found_at_every_depth() -> None:
    states = json.loads(json.dumps(STATES))
    states["States"]["a"]["TimeoutSeconds"] = 90
    inner = states["States"]["b | c"]["Branches"][1]["States"]
    inner["c"] = {"Type": "Task", "Next": "c check"}
    inner["c check"] = {"Type": "Task", "End": True}
    assert changed(machines={"shop": states}) == (
        Change("states", "changed", "shop: a", (FieldChange("TimeoutSeconds", 60, 90),)),
        Change("states", "changed", "shop: c", (FieldChange("End", True, None), FieldChange("Next", None, "c check"))),
        Change("states", "added", "shop: c check"),
    )


def test_permissions_are_compared_action_by_action() -> None:
    condition = {"condition": {"StringEquals": {"aws:x": "1"}}}
    permissions = {
        "role-machine": {"lambda:InvokeFunction on ${lambda_shop_b}": condition},
        "role-lambda": {"s3:Get on *": {}},
    }
    assert changed(permissions=permissions) == (
        Change("permissions", "added", "role-lambda: s3:Get on *"),
        Change("permissions", "removed", "role-machine: lambda:InvokeFunction on ${lambda_shop_a}"),
        Change("permissions", "added", "role-machine: lambda:InvokeFunction on ${lambda_shop_b}"),
    )


def test_text_and_json_say_all_areas() -> None:
    changes = changed(
        machine={"name": "shop", "timeout_s": 10},
        assets={**BEFORE.assets, "b": {"unit": "b", "deps": ["c", "d"]}},
        functions={"shop-a": {"memory_mb": 1024, "sha256": "bb"}},
        figures={"makespan_s": 90.0, "usd_per_run": 0.001},
    )
    assert text(changes).splitlines() == [
        "machine",
        "  ~ machine  timeout_s: +10",
        "",
        "assets",
        "  ~ b  deps: +c +d -a",
        "",
        "functions",
        "  ~ shop-a",
        "      memory_mb: 512 -> 1024",
        "      sha256: aa -> bb",
        "",
        "figures",
        "  ~ figures  makespan_s: 120 -> 90",
    ]
    assert to_json(changes[:2]) == {
        "same": False,
        "changes": {
            "machine": [
                {
                    "kind": "changed",
                    "name": "machine",
                    "fields": [{"name": "timeout_s", "before": None, "after": 10}],
                }
            ],
            "assets": [
                {
                    "kind": "changed",
                    "name": "b",
                    "fields": [{"name": "deps", "before": ["a"], "after": ["c", "d"]}],
                }
            ],
        },
    }


def test_the_other_way_round_is_the_opposite() -> None:
    other = replace(BEFORE, assets={"a": {"unit": "a"}}, functions={})
    there, back = diff(BEFORE, other), diff(other, BEFORE)
    turned = {"added": "removed", "removed": "added"}
    assert [(each.area, turned[each.kind], each.name) for each in there] == [
        (each.area, each.kind, each.name) for each in back
    ]
