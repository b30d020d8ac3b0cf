"""Rules of the graph, of its machines' limits and of what is uploaded: what each says, with the figures."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import golden_graphs
import pytest

from compiler import check, emit, fuse, lower, pack, plan
from compiler.check import bundle_rules
from compiler.errors import Problem
from compiler.graph import (
    Asset,
    Check,
    ContainerStep,
    Function,
    Graph,
    LambdaStep,
    Machine,
    MapStep,
    Schedule,
    StatementStep,
    Unit,
)

STEP = Function("shop-step", "shop.steps:step")
CONTAINER = ContainerStep("c", "t", "dbt", "s", "g")


def unit(name: str, *steps: object, **settings: Any) -> Unit:
    return Unit(name, (name,), steps or (LambdaStep(STEP),), **settings)  # type: ignore[arg-type]


def graph(*units: Unit, edges: tuple[tuple[str, str], ...] = (), **machine: Any) -> Graph:
    assets = [
        Asset(key, tuple(before for before, after in edges if after == key), unit=each.name)
        for each in units
        for key in each.keys
    ]
    return Graph(Machine(**{"name": "shop", "prefix": "shop-", **machine}), tuple(assets), tuple(units))


def function(**settings: Any) -> Graph:
    return graph(unit("a", LambdaStep(replace(STEP, **settings))))


REFUSED: dict[str, tuple[Graph, Problem]] = {
    problem.rule + f" {number}": (broken, problem)
    for number, (broken, problem) in enumerate(
        [
            (
                Graph(Machine("shop"), (Asset("outside"),), ()),
                Problem(
                    "empty_graph",
                    "definitions",
                    "expected an asset that runs, found none among 1 assets",
                    "give an asset the metadata key aws",
                ),
            ),
            (
                graph(unit("a"), edges=(("b", "a"),)),
                Problem(
                    "unknown_dep",
                    "asset a",
                    "expected to depend on assets that are known, found b",
                    "declare it, or drop the dependency",
                ),
            ),
            (
                replace(graph(unit("a")), assets=(Asset("a", unit="a"), Asset("b", unit="c"))),
                Problem("unknown_unit", "asset b", "expected a unit that makes it, found c which does not"),
            ),
            (
                replace(graph(unit("a")), assets=(Asset("a"),)),
                Problem("unknown_unit", "unit a", "expected an asset that it makes, found a"),
            ),
            (
                replace(graph(unit("a")), units=(unit("a"), unit("a"))),
                Problem("duplicate_unit", "unit a", "expected one unit of a name, found 2"),
            ),
            (
                graph(unit("a"), unit("b"), unit("c"), edges=(("a", "b"), ("b", "a"), ("b", "c"))),
                Problem(
                    "unit_cycle",
                    "unit a",
                    "expected no unit to wait for itself, found 3 in a cycle or behind one: a, b, c",
                    "drop one of these dependencies, or split a multi-asset",
                ),
            ),
            (
                replace(graph(unit("a")), assets=(Asset("a", unit="a", partitioned=True),)),
                Problem(
                    "missing_partitions",
                    "definitions",
                    "expected the partitions of a, found none",
                    "one partition definition is known to a machine",
                ),
            ),
            (
                graph(unit("a", checks=(Check("a", "full", blocking=True),))),
                Problem(
                    "check_that_cannot_block",
                    "check full of a",
                    "expected a blocking check to run in AWS, found neither a function nor a step that runs it",
                    'give it {"lambda": {"run": "module:function"}}, or blocking=False',
                ),
            ),
            (
                graph(unit("a", checks=(Check("b", "full", inside=True),)), unit("b")),
                Problem(
                    "check_that_cannot_block",
                    "check full of b",
                    "expected an asset of unit a, found b: it would not be waited for",
                ),
            ),
            (
                graph(unit("a", on="schedule")),
                Problem(
                    "schedule_without_parent",
                    "unit a",
                    'expected a schedule for a unit with on="schedule", found none',
                    "declare the schedule",
                ),
            ),
            (
                graph(unit("a", on="schedule"), unit("b"), edges=(("a", "b"),), schedule=Schedule("up", STEP)),
                Problem(
                    "schedule_without_parent",
                    "unit b",
                    "expected to wait for what runs before it, found a which runs later, on the schedule",
                    "let both run on the same machine",
                ),
            ),
            (
                function(timeout_s=901),
                Problem(
                    "bad_function",
                    "function shop-step",
                    "timeout_s: expected 1 to 900 s, found 901",
                    "split the step, make it a map over items, or a container",
                ),
            ),
            (
                function(memory_mb=64),
                Problem("bad_function", "function shop-step", "memory_mb: expected 128 to 10,240 MB, found 64"),
            ),
            (
                function(ephemeral_mb=20_480),
                Problem("bad_function", "function shop-step", "ephemeral_mb: expected 512 to 10,240 MB, found 20,480"),
            ),
            (
                function(name="x" * 65),
                Problem(
                    "bad_function",
                    f"function {'x' * 65}",
                    "name: expected 1 to 64 letters, digits, - and _, found 65 characters",
                    'give it another: {"lambda": {"name": "..."}}',
                ),
            ),
            (
                function(layers=("a", "b", "c", "d", "e", "f")),
                Problem(
                    "bad_function",
                    "function shop-step",
                    "layers: expected at most 5, found 6",
                    "put packages into one layer",
                ),
            ),
            (
                function(env=(("LONG", "x" * 4000), ("ARN", "${some_arn}"))),
                Problem(
                    "bad_function",
                    "function shop-step",
                    "env: expected at most 4,096 bytes, found 4,107 with holes of 100 filled in",
                    "keep long values in Parameter Store and name them here",
                ),
            ),
            (
                function(env=(("AWS_REGION", "x"),)),
                Problem(
                    "bad_function",
                    "function shop-step",
                    "env: expected a name that Lambda does not keep for itself, found AWS_REGION",
                    "rename it",
                ),
            ),
            (
                graph(unit("a", MapStep(STEP, STEP, 41))),
                Problem(
                    "bad_step",
                    "unit a",
                    "concurrency: expected 1 to 40, found 41",
                    "an inline Map runs 40 items at a time; more of them wait",
                ),
            ),
            (
                graph(unit("a", StatementStep(("select 1",) * 41, "w", "d"))),
                Problem(
                    "bad_step",
                    "unit a",
                    "sql: expected 1 to 40 statements, found 41",
                    "they are one transaction of the Data API: split the step",
                ),
            ),
            (
                graph(unit("a", StatementStep(("x" * 100_001,), "w", "d"))),
                Problem(
                    "bad_step",
                    "unit a",
                    "sql 1: expected at most 100,000 bytes, found 100,001",
                    "split it, or keep it in the warehouse as a procedure",
                ),
            ),
            (
                graph(unit("a", replace(CONTAINER, heartbeat_s=60, timeout_s=60))),
                Problem(
                    "bad_step",
                    "unit a",
                    "heartbeat_s: expected 1 to less than timeout_s (60), found 60",
                    "beat more often, or wait longer",
                ),
            ),
            (
                graph(unit("Finish")),
                Problem(
                    "state_name_taken",
                    "unit Finish",
                    'expected one state "Finish", found 2: of the machine, unit Finish',
                    "rename the op or the fuse label, or give a function that comes twice another name",
                ),
            ),
            (
                graph(unit("Run", on="schedule"), unit("b"), schedule=Schedule("up", STEP)),
                Problem(
                    "state_name_taken",
                    "unit Run",
                    'expected one state "Run", found 2: of the parent machine, unit Run',
                    "rename the op or the fuse label, or give a function that comes twice another name",
                ),
            ),
            (
                graph(unit("a"), unit("a?")),
                Problem(
                    "state_name_taken",
                    "unit a?",
                    'expected one state "a?", found 2: of unit a, unit a?',
                    "rename the op or the fuse label, or give a function that comes twice another name",
                ),
            ),
            (
                graph(unit("a", LambdaStep(STEP), LambdaStep(STEP))),
                Problem(
                    "state_name_taken",
                    "unit a",
                    'expected one state "a: step", found 2: of unit a',
                    "rename the op or the fuse label, or give a function that comes twice another name",
                ),
            ),
            (
                graph(unit("a"), name="my shop"),
                Problem(
                    "machine_name",
                    "machine",
                    'expected 1 to 80 letters, digits, - and _ in the name, found "my shop"',
                    'set "machine" in the metadata of the Definitions',
                ),
            ),
            (
                graph(unit("a"), schedule=Schedule("shop", STEP)),
                Problem("machine_name", "machine", 'expected two names, found "shop" for both machines'),
            ),
        ]
    )
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_graph_that_breaks_a_rule_is_refused_with_the_figures(name: str) -> None:
    broken, problem = REFUSED[name]
    assert [each for each in check.graph(broken) if each.rule == problem.rule] == [problem]


def test_every_rule_of_the_graph_has_its_word() -> None:
    assert {problem.rule for _, problem in REFUSED.values()} == {rule.__name__ for rule in check.GRAPH}


def test_words_that_do_not_fit_into_the_overrides_are_refused() -> None:
    words = tuple((f"a{number}", "w" * 99) for number in range(100))
    (problem,) = check.graph(graph(unit("a", replace(CONTAINER, words=words))))
    assert problem.rule == "bad_step"
    assert problem.message.endswith("characters, found 10,000: overrides hold 8,192")
    assert check.graph(graph(unit("a", replace(CONTAINER, words=words[:40])))) == ()


def machines(fused: Graph) -> Mapping[str, str]:
    return {"shop": emit.emit(lower.lower(fused, plan.plan(fused, "levels")))}


def test_a_definition_of_more_than_a_megabyte_is_refused_with_the_bytes_an_asset() -> None:
    fused = graph(*(unit(f"group/asset_{number:04}") for number in range(1300)))
    texts = machines(fused)
    problems = {problem.rule: problem for problem in check.machine_of_graph(fused, texts)}
    size = len(texts["shop"].replace("${lambda_shop_step}", "x" * 100).replace("${lambda_shop_plan}", "x" * 100))
    assert len(texts["shop"]) < 1_048_576 < size
    assert problems["definition_size"] == Problem(
        "definition_size",
        "machine shop",
        f"expected a definition of at most 1,048,576 bytes, found {size:,} ({size // 1300} an asset)",
        "fuse or merge small assets, or compile groups of assets to machines of their own",
    )


def test_a_run_of_more_than_25000_events_is_refused() -> None:
    steps = [LambdaStep(Function(f"f{number}", "m:f")) for number in range(60)]
    wide = graph(*(unit(f"{number}", *steps) for number in range(90)))
    text = machines(wide)
    (problem,) = [each for each in check.machine_of_graph(wide, text) if each.rule == "history_events"]
    assert problem.message == "expected at most 25,000 history events in a full run, found about 27,193"
    assert "fuse" in problem.hint


def test_keys_that_do_not_fit_into_one_answer_are_refused() -> None:
    long = graph(*(unit(f"{'g' * 200}/{number:04}") for number in range(1000)))
    (problem,) = [each for each in check.machine_of_graph(long, {}) if each.rule == "selection_size"]
    assert problem.message == "expected selected keys and words of at most 200,000 bytes, found 209,027"


def test_arguments_of_more_than_256_kib_are_refused() -> None:
    big = graph(unit("a", StatementStep(("x" * 99_000,) * 3, "w", "d")))
    (problem,) = check.machine_of_graph(big, machines(big))
    assert problem.rule == "arguments_size"
    assert problem.where == 'machine shop, state "a"'
    assert problem.message == "Arguments: expected at most 262,144 bytes, found 297,263"


def test_what_fits_is_not_refused() -> None:
    fused = graph(*(unit(f"group/asset_{number:04}") for number in range(1000)))
    assert check.machine_of_graph(fused, machines(fused)) == ()


@pytest.mark.parametrize("name", sorted(path.parent.name for path in golden_graphs.GOLDEN.glob("*/graph.json")))
def test_the_goldens_break_nothing(name: str) -> None:
    declared = golden_graphs.graph(name)
    assert check.graph(declared) == check.graph(fuse.fuse(declared)) == ()


def zip_of(name: str, size: int) -> pack.Zip:
    return pack.Zip(name, pack.pack({"data": b"\0" * size}), ("data",))


def manifest(*zips: pack.Zip, policy: int = 100, layers: tuple[str, ...] = ()) -> dict[str, Any]:
    functions = {each.name: {"sha256": each.sha256, "layers": list(layers)} for each in zips}
    return {"functions": functions, "roles": {"lambda": {"name": "role-lambda", "size": policy}}}


def test_a_zip_of_more_than_50_mb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    big = zip_of("shop-step", 50 * 1024 * 1024)
    (problem,) = check.bundles([big], manifest(big))
    assert (problem.rule, problem.where) == ("zip_size", "zip shop-step")
    assert problem.message == f"expected a zip of at most 52,428,800 bytes, found {big.size:,}"


def test_a_function_of_more_than_250_mb_with_its_layers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_rules, "UNZIPPED_BYTES", 1000)
    step, layer = zip_of("shop-step", 400), zip_of("pandas", 601)
    (problem,) = check.bundles([step], manifest(step, layers=("pandas",)), {"pandas": layer})
    assert problem == Problem(
        "unzipped_size",
        "zip shop-step",
        "expected at most 1,000 bytes unzipped, found 1,001 with pandas",
        "split the layer, or make it a container",
    )
    assert check.bundles([step], manifest(step)) == ()
    assert bundle_rules.ZIPPED_BYTES * 5 == 250 * 1024 * 1024


def test_too_many_layers_a_missing_zip_and_a_long_policy_are_refused() -> None:
    step = zip_of("shop-step", 10)
    found = check.bundles([step], manifest(step, policy=10_241, layers=tuple("abcdef")))
    assert [(problem.rule, problem.where, problem.message) for problem in found] == [
        ("layer_count", "function shop-step", "expected at most 5 layers, found 6: a, b, c, d, e, f"),
        ("policy_size", "role role-lambda (lambda)", "expected a policy of at most 10,240 characters, found 10,241"),
    ]
    other = json.loads(json.dumps(manifest(step)).replace(step.sha256, "0" * 64))
    other["functions"]["shop-lost"] = {"sha256": "", "layers": []}
    assert [(problem.rule, problem.where) for problem in check.bundles([step], other)] == [
        ("missing_zip", "function shop-lost"),
        ("missing_zip", "function shop-step"),
    ]


def test_every_rule_of_bundles_is_tried_here() -> None:
    assert {rule.__name__ for rule in check.BUNDLES} == {
        "zip_size",
        "unzipped_size",
        "layer_count",
        "missing_zip",
        "policy_size",
    }
    assert {rule.__name__ for rule in check.LIMITS} == {
        "definition_size",
        "history_events",
        "selection_size",
        "arguments_size",
    }
