"""States of units: names from keys, what is retried, what is told to whom."""

import itertools
import random

import pytest

from compiler.graph import (
    Asset,
    ContainerStep,
    Function,
    Graph,
    LambdaStep,
    Machine,
    MapStep,
    Retry,
    Schedule,
    StatementStep,
    Unit,
)
from compiler.lower import lower, parallel_name, unit_states
from compiler.parent import parent
from compiler.states import Choice, Fail, Map, Parallel, Pass, Scope, State, Succeed, Task, state_name
from compiler.tree import Parallel as ParallelTree
from compiler.tree import Plan, Series, Tree
from compiler.tree import Task as Leaf

CLEAN = Function("shop-clean", "shop.steps:clean", timeout_s=120)


def unit(name: str, *steps: object, **settings: object) -> Unit:
    return Unit(name, (name,), steps or (LambdaStep(CLEAN),), **settings)  # type: ignore[arg-type]


def graph(*units: Unit, machine: Machine | None = None, edges: tuple[tuple[str, str], ...] = ()) -> Graph:
    assets = [
        Asset(key, tuple(before for before, after in edges if after == key), unit=each.name)
        for each in units
        for key in each.keys
    ]
    return Graph(
        machine or Machine("shop", prefix="shop-"),
        tuple(sorted(assets, key=lambda asset: asset.key)),
        tuple(sorted(units, key=lambda each: each.name)),
    )


def plan(tree: Tree | None) -> Plan:
    return Plan(tree, 1.0, 1.0, (), (), "sp")


def names(scope: Scope) -> list[str]:
    found = []
    for state in scope.states:
        found.append(state.name)
        for inner in state.branches if isinstance(state, Parallel) else [state.each] if isinstance(state, Map) else []:
            found += names(inner)
    return found


def one(states: list[State], name: str) -> State:
    (found,) = [state for state in states if state.name == name]
    return found


def test_a_unit_is_asked_for_then_passed_over_or_done() -> None:
    states = unit_states(graph(unit("shop/orders")), unit("shop/orders"), "next?")
    assert states[:2] == [
        Choice("shop/orders?", "'shop/orders' in $selected", "shop/orders", "shop/orders passed over"),
        Pass("shop/orders passed over", "next?"),
    ]
    assert states[2] == Task(
        "shop/orders",
        "arn:aws:states:::lambda:invoke",
        {
            "FunctionName": "${lambda_shop_clean}",
            "Payload": {"context": "{% $states.context %}", "plan": "{% $plan %}"},
        },
        130,
        retry=(
            Retry(
                (
                    "Lambda.ServiceException",
                    "Lambda.AWSLambdaException",
                    "Lambda.SdkClientException",
                    "Lambda.TooManyRequestsException",
                )
            ),
        ),
        output={},
        next="next?",
    )


def test_a_retry_of_other_figures_stands_beside_and_of_equal_figures_is_put_together() -> None:
    slower = Machine("shop", retry=Retry(("RetryLater",), 30, 4, 2.0, 600))
    task = unit_states(graph(unit("a"), machine=slower), unit("a"), None)[2]
    assert isinstance(task, Task)
    assert [retry.errors[-1] for retry in task.retry] == ["Lambda.TooManyRequestsException", "RetryLater"]
    same = Machine("shop", retry=Retry(("RetryLater",)))
    task = unit_states(graph(unit("a"), machine=same), unit("a"), None)[2]
    assert isinstance(task, Task)
    assert [retry.errors[-2:] for retry in task.retry] == [("Lambda.TooManyRequestsException", "RetryLater")]


def test_an_error_is_retried_by_the_first_that_names_it() -> None:
    machine = Machine("shop", retry=Retry(("RetryLater",), 30, 4))
    own = unit("a", retry=Retry(("RetryLater", "Slow"), 1, 2))
    task = unit_states(graph(own, machine=machine), own, None)[2]
    assert isinstance(task, Task)
    assert [retry.errors for retry in task.retry[1:]] == [("RetryLater",), ("Slow",)]


def test_part_of_a_unit_may_be_selected() -> None:
    both = Unit("pair", ("a", "b"), (LambdaStep(CLEAN),), subset=True)
    choice, _, task = unit_states(graph(both), both, None)
    assert isinstance(choice, Choice)
    assert choice.condition == "$count($selected[$ in ['a', 'b']]) > 0"
    assert isinstance(task, Task)
    assert task.arguments["Payload"] == {
        "context": "{% $states.context %}",
        "plan": "{% $plan %}",
        "assets": "{% [$selected[$ in ['a', 'b']]] %}",
    }


def test_a_quotation_mark_in_a_group_of_ids_does_not_end_the_expression() -> None:
    step = ContainerStep("c", "t", "box", "a'b", "g")
    task = unit_states(graph(unit("a", step)), unit("a", step), None)[2]
    assert isinstance(task, Task)
    network = task.arguments["NetworkConfiguration"]
    assert network == {
        "AwsvpcConfiguration": {
            "Subnets": "{% $split('a\\'b', ',') %}",
            "SecurityGroups": "{% $split('g', ',') %}",
            "AssignPublicIp": "ENABLED",
        }
    }


def test_a_statement_is_one_state_that_is_asked_again_while_it_runs() -> None:
    step = StatementStep(("SELECT 1",), "${workgroup}", "dpc", poll_s=10, timeout_s=600)
    task = unit_states(graph(unit("a", step)), unit("a", step), None)[2]
    assert isinstance(task, Task)
    assert task.retry[-1] == Retry(("StatementRunning",), 10, 60, 1.0, 10, False)
    assert task.arguments["FunctionName"] == "${lambda_shop_statement}"
    assert task.arguments["Payload"] == {
        "context": "{% $states.context %}",
        "plan": "{% $plan %}",
        "statement": {"sql": ["SELECT 1"], "workgroup": "${workgroup}", "database": "dpc"},
    }


def test_steps_of_a_chain_follow_one_another() -> None:
    listed = MapStep(Function("shop-list", "s:list"), Function("shop-one", "s:one"), concurrency=3)
    states = unit_states(graph(), unit("files", LambdaStep(CLEAN), listed), "after")
    assert [state.name for state in states] == [
        "files?",
        "files passed over",
        "files: clean",
        "files: one items",
        "files: one each",
    ]
    each = one(states, "files: one each")
    assert isinstance(each, Map)
    assert (each.items, each.concurrency, each.next) == ("{% $states.input.items %}", 3, "after")
    assert [state.name for state in each.each.states] == ["files: one item"]


@pytest.mark.parametrize("seed", range(40))
def test_every_name_of_a_random_tree_is_its_own(seed: int) -> None:
    dice = random.Random(seed)
    keys = [f"k{number:02}" for number in range(dice.randint(1, 30))]
    dice.shuffle(keys)
    tree = random_tree(keys, dice)
    machine = lower(graph(*(unit(key) for key in keys)), plan(tree))
    found = names(machine.scope)
    assert len(found) == len(set(found))
    assert {key for key in found if key in keys} == set(keys)


def random_tree(keys: list[str], dice: random.Random, *, series: bool = True) -> Tree:
    if len(keys) == 1:
        return Leaf(keys[0])
    cuts = sorted(dice.sample(range(1, len(keys)), dice.randint(1, min(3, len(keys) - 1))))
    parts = [keys[start:end] for start, end in itertools.pairwise([0, *cuts, len(keys)])]
    items = tuple(random_tree(part, dice, series=not series) for part in parts)
    return Series(items) if series else ParallelTree(items)


def test_a_parallel_is_named_by_the_smallest_of_its_first_two_branches() -> None:
    inner = ParallelTree((Leaf("a"), Leaf("c")))
    assert parallel_name(inner.items) == "a | c"
    assert parallel_name((Series((inner, Leaf("z"))), Leaf("b"))) == "a | b"


def test_inserting_an_asset_renames_the_states_of_no_other() -> None:
    few, more = ["b", "d", "f"], ["a", "b", "c", "d", "e", "f"]
    before = lower(graph(*map(unit, few)), plan(ParallelTree(tuple(map(Leaf, few)))))
    after = lower(graph(*map(unit, more)), plan(ParallelTree(tuple(map(Leaf, more)))))
    mine = [name for name in names(before.scope) if " | " not in name]
    assert set(mine) <= set(names(after.scope))


def test_long_names_are_cut_and_stay_apart() -> None:
    key = "warehouse/" + "x" * 90
    assert state_name(key, "passed over") == "warehouse/" + "x" * 61 + "~828393c7"
    assert len(state_name(key)) == len(state_name(key, "passed over")) == 80
    assert state_name(key) != state_name(key, "passed over") != state_name(key + "y", "passed over")
    assert state_name("x" * 80) == "x" * 80


def test_an_empty_graph_goes_from_plan_to_finish() -> None:
    assert names(lower(graph(), plan(None)).scope) == ["Plan run", "Finish"]


def test_the_last_state_is_told_what_was_selected() -> None:
    machine = Machine("shop", finish=Function("shop-notify", "shop.steps:notify"))
    last = lower(graph(unit("a"), machine=machine), plan(Leaf("a"))).scope.states[-1]
    assert isinstance(last, Task)
    assert last.name == "Finish"
    assert last.next is None
    assert last.arguments["Payload"] == {
        "context": "{% $states.context %}",
        "plan": "{% $plan %}",
        "selected": "{% $selected %}",
    }


def test_no_parent_where_nothing_finds_work() -> None:
    assert parent(graph(unit("a"))) is None


def test_the_parent_runs_its_own_units_after_the_loop_in_order() -> None:
    machine = Machine("shop", prefix="shop-", schedule=Schedule("shop-daily", Function("shop-find", "s:find")))
    later = (unit("b/late", on="schedule"), unit("a/later", on="schedule"))
    found = parent(graph(unit("x"), *later, machine=machine, edges=(("x", "b/late"), ("b/late", "a/later"))))
    assert found is not None
    assert found.name == "shop-daily"
    assert names(found.scope) == [
        "Find work",
        "Run each",
        "Run",
        "Run failed",
        "b/late",
        "a/later",
        "All ran?",
        "Done",
        "Some runs failed",
    ]
    assert [state.next for state in found.scope.states if isinstance(state, Task | Map)] == [
        "Run each",
        "b/late",
        "a/later",
        "All ran?",
    ]
    assert isinstance(found.scope.states[-1], Fail)
    assert isinstance(found.scope.states[-2], Succeed)


def test_units_of_the_parent_are_told_that_there_is_no_partition() -> None:
    machine = Machine("shop", schedule=Schedule("shop-daily", Function("find", "s:find")))
    late = unit("late", on="schedule")
    found = parent(graph(late, machine=machine))
    assert found is not None
    task = one(list(found.scope.states), "late")
    assert isinstance(task, Task)
    assert task.arguments["Payload"] == {"context": "{% $states.context %}", "plan": "{% $plan %}"}
    find = found.scope.states[0]
    assert isinstance(find, Task)
    assert find.assign == {
        "plan": {"partition": None, "select": None, "full": True},
        "selected": ["late"],
        "words": {},
    }


def test_retry_figures_of_the_plan_state_wait_as_long_as_the_schedule_says() -> None:
    machine = Machine("shop", schedule=Schedule("d", Function("find", "s:find"), wait_s=600))
    first = lower(graph(unit("a"), machine=machine), plan(Leaf("a"))).scope.states[0]
    assert isinstance(first, Task)
    assert first.retry[-1] == Retry(("WriterBusyWaiting",), 60, 10, 1.0, 60, False)
