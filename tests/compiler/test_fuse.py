"""Containers put together: as few as possible, no cycle, nothing lost."""

import itertools
import random
from dataclasses import replace

import pytest

from compiler.fuse import fuse
from compiler.graph import Asset, Check, ContainerStep, Function, Graph, LambdaStep, Machine, Unit

CONTAINER = ContainerStep("${cluster}", "${task}", "dbt", "${subnets}", "${groups}", fuse="dbt", startup_s=40.0)


def model(key: str, label: str = "dbt", **settings: object) -> Unit:
    step = replace(CONTAINER, fuse=label, words=((key, key.split("/")[-1]),))
    return Unit(key, (key,), (step,), duration_s=10.0, subset=True, **settings)  # type: ignore[arg-type]


def python(key: str) -> Unit:
    return Unit(key, (key,), (LambdaStep(Function(key, f"shop.steps:{key}")),), duration_s=5.0)


def graph(units: list[Unit], edges: list[tuple[str, str]]) -> Graph:
    deps = {unit.name: tuple(sorted(before for before, after in edges if after == unit.name)) for unit in units}
    assets = tuple(Asset(unit.name, deps[unit.name], unit=unit.name) for unit in units)
    return Graph(Machine("shop"), assets, tuple(sorted(units, key=lambda unit: unit.name)))


def runs(fused: Graph) -> list[tuple[str, tuple[str, ...]]]:
    return [(unit.name, unit.keys) for unit in fused.units if isinstance(unit.steps[0], ContainerStep)]


def is_acyclic(fused: Graph) -> bool:
    left = {unit.name for unit in fused.units}
    edges = set(fused.edges)
    while ready := {name for name in left if not any(after == name for _, after in edges)}:
        left -= ready
        edges = {(before, after) for before, after in edges if before not in ready}
    return not left


def test_models_without_anything_between_are_one_run() -> None:
    fused = fuse(
        graph(
            [python("raw"), model("stage/a"), model("stage/b"), model("mart/c")],
            [("raw", "stage/a"), ("stage/a", "mart/c")],
        )
    )
    assert runs(fused) == [("dbt", ("mart/c", "stage/a", "stage/b"))]
    unit = fused.unit["dbt"]
    assert unit.steps[0].words == (("mart/c", "c"), ("stage/a", "a"), ("stage/b", "b"))  # type: ignore[union-attr]
    assert unit.duration_s == 40.0 + 10.0 + 10.0
    assert unit.subset
    assert {asset.key: asset.unit for asset in fused.assets} == {
        "raw": "raw",
        "stage/a": "dbt",
        "stage/b": "dbt",
        "mart/c": "dbt",
    }
    assert fused.edges == {("raw", "dbt")}


def test_a_python_asset_between_two_models_parts_them() -> None:
    fused = fuse(graph([model("a"), python("p"), model("b"), model("c")], [("a", "p"), ("p", "b"), ("a", "c")]))
    assert runs(fused) == [("b", ("b",)), ("dbt", ("a", "c"))]
    assert fused.unit["b"].duration_s == 50.0
    assert fused.edges == {("dbt", "p"), ("p", "b")}


def test_a_second_run_of_several_is_named_by_its_smallest_key() -> None:
    edges = [("a", "p"), ("p", "z"), ("p", "y")]
    assert runs(fuse(graph([model("a"), python("p"), model("y"), model("z")], edges))) == [
        ("dbt", ("a",)),
        ("dbt: y", ("y", "z")),
    ]


def test_two_labels_share_no_run_and_the_order_with_fewest_runs_is_found() -> None:
    # Taking label "one" first needs one, two, one; taking "two" first needs two, one.
    units = [model("a", "one"), model("b", "two"), model("c", "one")]
    assert runs(fuse(graph(units, [("b", "c")]))) == [("one", ("a", "c")), ("two", ("b",))]


def test_other_settings_are_another_container() -> None:
    slow = replace(model("b"), steps=(replace(CONTAINER, timeout_s=60 * 60 * 4, words=(("b", "b"),)),))
    assert runs(fuse(graph([model("a"), slow], []))) == [("b", ("b",)), ("dbt", ("a",))]


def test_a_model_with_a_check_of_its_own_runs_alone() -> None:
    checked = model("b", checks=(Check("b", "counted", blocking=True, function=Function("f", "m:f")),))
    assert runs(fuse(graph([model("a"), checked, model("c")], [("a", "b"), ("b", "c")]))) == [
        ("b", ("b",)),
        ("c", ("c",)),
        ("dbt", ("a",)),
    ]


def test_tests_of_the_models_stay_with_the_run() -> None:
    inside = Check("a", "unique", blocking=True, inside=True)
    fused = fuse(graph([model("a", checks=(inside,)), model("b")], []))
    assert fused.unit["dbt"].checks == (inside,)


def test_words_over_the_overrides_are_two_runs_in_order() -> None:
    names = [f"m{number:02}_{'x' * 240}" for number in range(30)]
    chain = list(itertools.pairwise(names))
    fused = fuse(graph([model(name) for name in names], chain))
    parts = [keys for _, keys in sorted(runs(fused), key=lambda run: run[1])]
    assert [len(part) for part in parts] == [22, 8]
    assert sorted(itertools.chain(*parts)) == names
    assert is_acyclic(fused)


@pytest.mark.parametrize("seed", range(60))
def test_fewest_runs_of_any_graph_without_a_cycle(seed: int) -> None:
    dice = random.Random(seed)
    names = [f"n{number}" for number in range(dice.randint(1, 7))]
    labels = {name: dice.choice(["", "one", "two"]) for name in names}
    units = [model(name, labels[name]) if labels[name] else python(name) for name in names]
    edges = [pair for pair in itertools.combinations(names, 2) if dice.random() < 0.4]
    fused = fuse(graph(units, edges))
    assert is_acyclic(fused)
    assert sorted(key for unit in fused.units for key in unit.keys) == sorted(names)
    assert len(runs(fused)) == fewest(names, labels, edges)


def fewest(names: list[str], labels: dict[str, str], edges: list[tuple[str, str]]) -> int:
    """Over every order of the nodes that the edges allow: how often a run of one label begins, at least."""
    best = len(names)
    for order in itertools.permutations(names):
        place = {name: index for index, name in enumerate(order)}
        if any(place[before] > place[after] for before, after in edges):
            continue
        count, current = 0, ""
        for name in order:
            if labels[name] and labels[name] != current:
                count += 1
            current = labels[name]
        best = min(best, count)
    return best


def test_the_order_of_units_does_not_matter() -> None:
    units = [python("raw"), model("a"), model("b"), model("c", "other")]
    edges = [("raw", "a"), ("a", "c"), ("c", "b")]
    first = fuse(graph(units, edges))
    assert all(fuse(graph(list(order), edges)).units == first.units for order in itertools.permutations(units))
