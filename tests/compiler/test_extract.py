"""Definitions to the graph: each kind of asset, multi-assets, checks, partitions, retries, dbt, durations, order."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import extract_steps
import pytest
import synthetic_assets
from dagster import (
    AllPartitionMapping,
    AssetCheckResult,
    AssetCheckSpec,
    AssetDep,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    Backoff,
    DailyPartitionsDefinition,
    Definitions,
    HourlyPartitionsDefinition,
    Jitter,
    MonthlyPartitionsDefinition,
    PartitionsDefinition,
    RetryPolicy,
    StaticPartitionsDefinition,
    TableColumn,
    TableSchema,
    TimeWindowPartitionMapping,
    TimeWindowPartitionsDefinition,
    WeeklyPartitionsDefinition,
    asset,
    asset_check,
    build_last_update_freshness_checks,
    multi_asset,
    observable_source_asset,
)

from compiler.extract import extract
from compiler.graph import (
    Asset,
    Check,
    ContainerStep,
    Function,
    Graph,
    LambdaStep,
    MapStep,
    Partitions,
    Retry,
    StatementStep,
    Unit,
)

WORK: dict[str, Any] = {"aws": {"lambda": {"run": "extract_steps:work"}}}
WORK_STEP = LambdaStep(Function("work", "extract_steps:work"))
CONTAINER = {"cluster": "c", "task_definition": "t", "container": "dbt", "subnets": "s", "security_groups": "g"}
DBT_STEP = ContainerStep("c", "t", "dbt", "s", "g", fuse="dbt")
MONTHS = MonthlyPartitionsDefinition(start_date="2025-04", fmt="%Y-%m", timezone="Asia/Tokyo", end_offset=1)


def works(key: str, deps: list[str] | None = None, **more: Any) -> AssetsDefinition:
    """An asset that runs `work`; key parts are divided by /."""

    @asset(key=key.split("/"), deps=[AssetKey(dep.split("/")) for dep in deps or []], **{"metadata": WORK, **more})
    def body() -> Iterator[Any]:
        yield

    return body


def graph_of(*assets: Any, checks: Any = (), durations: dict[str, float] | None = None, **machine: Any) -> Graph:
    definitions = Definitions(assets=assets, asset_checks=checks, metadata={"aws": machine})
    return extract(definitions, durations or {})


def test_the_foreign_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "foreign"))
    from shop.definitions import defs

    graph = extract(defs)
    assert [(asset.key, asset.deps, asset.group, asset.partitioned) for asset in graph.assets] == [
        ("monthly_figures", ("orders",), "mart", False),
        ("orders", ("raw_customers", "raw_orders", "raw_payments"), "mart", False),
        ("raw_customers", (), "raw", False),
        ("raw_orders", (), "raw", True),
        ("raw_payments", ("raw_orders",), "raw", False),
    ]
    env = (("SHOP_FOLDER", "/mnt/shop"),)
    figures = Function("shop-monthly-figures", "shop.steps:monthly_figures", timeout_s=60, env=env)
    paid = Function("shop-orders-are-paid", "shop.checks:orders_are_paid", timeout_s=30, env=env)
    orders = Function("shop-orders", "shop.steps:orders", env=env)
    assert graph.units == (
        Unit("monthly_figures", ("monthly_figures",), (LambdaStep(figures),)),
        Unit(
            "orders",
            ("orders",),
            (LambdaStep(orders),),
            (Check("orders", "orders_are_paid", blocking=True, function=paid),),
            duration_s=90.0,
        ),
        Unit(
            "raw_customers",
            ("raw_customers",),
            (LambdaStep(Function("shop-raw-customers", "shop.steps:raw_customers", env=env)),),
        ),
        Unit(
            "raw_orders",
            ("raw_orders",),
            (LambdaStep(Function("shop-raw-orders", "shop.steps:raw_orders", env=env)),),
            duration_s=30.0,
            retry=Retry(("States.TaskFailed",), interval_s=10, attempts=2, backoff=1.0, cap_s=120, jitter=False),
        ),
        Unit(
            "raw_payments",
            ("raw_payments",),
            (LambdaStep(Function("shop-raw-payments", "shop.steps:raw_payments", memory_mb=1024, env=env)),),
        ),
    )
    assert graph.partitions == Partitions("monthly", start="2025-01", fmt="%Y-%m", day=1)
    assert (graph.machine.name, graph.layers) == ("shop", ())


def test_everything_that_dagster_says_of_an_asset() -> None:
    spec = AssetSpec(
        ["mart", "fact"],
        deps=["outside", "raw"],
        group_name="mart",
        kinds={"table", "sql"},
        owners=["team:b", "team:a"],
        tags={"tier": "1"},
        code_version="7",
        metadata={
            **WORK,
            "dagster/column_schema": TableSchema([TableColumn("id"), TableColumn("amount")]),
            "dagster/table_name": "shop.mart.fact",
        },
    )

    @multi_asset(specs=[spec], name="fact")
    def fact() -> None:
        pass

    assert graph_of(fact, works("raw")).assets[0] == Asset(
        key="mart/fact",
        deps=("outside", "raw"),
        unit="mart/fact",
        group="mart",
        kinds=("sql", "table"),
        owners=("team:a", "team:b"),
        tags=(("dagster/kind/sql", ""), ("dagster/kind/table", ""), ("tier", "1")),
        code_version="7",
        columns=("id", "amount"),
        table="shop.mart.fact",
    )


@pytest.mark.filterwarnings("ignore:Function `observable_source_asset`")
def test_what_dagster_does_not_make_has_no_unit_and_is_looked_through() -> None:
    @observable_source_asset
    def seen() -> None:
        pass

    external = AssetSpec("outside", deps=["first"])
    graph = graph_of(works("first"), external, seen, works("last", ["outside", "seen", "unheard_of"]))
    assert {asset.key: asset.unit for asset in graph.assets} == {
        "first": "first",
        "last": "last",
        "outside": "",
        "seen": "",
        "unheard_of": "",
    }
    assert graph.edges == {("first", "last")}


def test_every_kind_of_step() -> None:
    function = {"run": "extract_steps:other"}
    values: dict[str, Any] = {
        "chained": {"chain": [{"lambda": {"run": "extract_steps:work"}}, {"lambda": function}]},
        "contained": {"fargate": CONTAINER, "duration_s": 400},
        "mapped": {"map": {"items": {"run": "extract_steps:work"}, "each": function, "concurrency": 2}},
        "stated": {"statement": {"sql": "ANALYZE", "workgroup": "w", "database": "d"}},
        "worded": {"fargate": {**CONTAINER, "word": "nightly"}},
    }
    graph = graph_of(*(works(key, metadata={"aws": value}) for key, value in values.items()))
    work, other = Function("work", "extract_steps:work"), Function("other", "extract_steps:other")
    container = ContainerStep("c", "t", "dbt", "s", "g")
    assert {unit.name: unit.steps for unit in graph.units} == {
        "chained": (LambdaStep(work), LambdaStep(other)),
        "contained": (ContainerStep("c", "t", "dbt", "s", "g", words=(("contained", "contained"),)),),
        "mapped": (MapStep(work, other, 2),),
        "stated": (StatementStep(("ANALYZE",), "w", "d"),),
        "worded": (ContainerStep("c", "t", "dbt", "s", "g", words=(("worded", "nightly"),)),),
    }
    assert container.fuse == ""
    assert {unit.name: unit.duration_s for unit in graph.units}["contained"] == 400.0


def test_the_assets_own_function_is_what_runs() -> None:
    made = asset(name="own", metadata={"aws": {"lambda": {}}})(extract_steps.work)
    assert graph_of(made, prefix="shop-").units[0].steps == (LambdaStep(Function("shop-work", "extract_steps:work")),)


def test_a_body_that_takes_values_may_name_a_function_that_does_not() -> None:
    @asset(metadata=WORK)
    def totals(orders: list[int]) -> None:
        pass

    assert graph_of(works("orders"), totals).unit["totals"].steps == (WORK_STEP,)


def test_what_an_adapter_calls_may_ask_for_anything() -> None:
    value = {"lambda": {"run": "extract_steps:takes_orders", "call": "extract_steps:call"}}
    unit = graph_of(works("a", metadata={"aws": value})).units[0]
    assert unit.steps == (LambdaStep(Function("takes-orders", "extract_steps:takes_orders", "extract_steps:call")),)


def test_a_function_may_be_any_name_of_its_module() -> None:
    value = {"lambda": {"run": "extract_steps:made"}}
    assert graph_of(works("a", metadata={"aws": value})).units[0].steps == (
        LambdaStep(Function("made", "extract_steps:made")),
    )


def multi(*specs: AssetSpec, **more: Any) -> AssetsDefinition:
    @multi_asset(specs=specs, **{"name": "several", **more})
    def body() -> Iterator[Any]:
        yield

    return body


def test_a_multi_asset_is_one_unit_of_neighbours() -> None:
    graph = graph_of(
        multi(AssetSpec("a", metadata=WORK), AssetSpec("b"), AssetSpec("c", deps=["a"])), works("d", ["b"])
    )
    assert graph.units[1] == Unit("several", ("a", "b", "c"), (WORK_STEP,))
    assert {asset.key: asset.neighbours for asset in graph.assets} == {
        "a": ("b", "c"),
        "b": ("a", "c"),
        "c": ("a", "b"),
        "d": (),
    }
    assert graph.edges == {("several", "d")}


def test_a_multi_asset_that_can_be_subset_is_told_which() -> None:
    value = {"aws": {"lambda": {"run": "extract_steps:work"}, "duration_s": 30}}
    specs = [AssetSpec("a", metadata=value), AssetSpec("b", metadata={"aws": {**value["aws"], "duration_s": 50}})]
    graph = graph_of(multi(*specs, can_subset=True))
    assert graph.units == (Unit("several", ("a", "b"), (WORK_STEP,), duration_s=50.0, subset=True),)
    assert [asset.neighbours for asset in graph.assets] == [(), ()]


def dbt_spec(key: str, deps: list[str], kind: str = "model", **fields: Any) -> AssetSpec:
    value = {"dbt": {**CONTAINER, **fields}}
    return AssetSpec(key, deps=deps, metadata={"aws": value, "dagster_dbt/unique_id": f"{kind}.shop.{key}"})


def test_dbt_nodes_are_units_of_their_own() -> None:
    specs = [
        dbt_spec("codes", [], "seed"),
        dbt_spec("stage", ["codes"]),
        dbt_spec("mart", ["between"], fuse="late", word="mart+"),
    ]
    checks = [
        AssetCheckSpec("unique_stage", asset="stage", blocking=True),
        AssetCheckSpec("accepted_stage", asset="stage"),
    ]
    graph = graph_of(multi(*specs, name="dbt_shop", can_subset=True, check_specs=checks), works("between", ["stage"]))
    late = ContainerStep("c", "t", "dbt", "s", "g", words=(("mart", "mart+"),), fuse="late")
    assert graph.units == (
        Unit("between", ("between",), (WORK_STEP,)),
        Unit("codes", ("codes",), (ContainerStep("c", "t", "dbt", "s", "g", (("codes", "codes"),), "dbt"),)),
        Unit("mart", ("mart",), (late,)),
        Unit(
            "stage",
            ("stage",),
            (ContainerStep("c", "t", "dbt", "s", "g", (("stage", "stage"),), "dbt"),),
            (
                Check("stage", "accepted_stage", inside=True),
                Check("stage", "unique_stage", blocking=True, inside=True),
            ),
        ),
    )
    assert {asset.key: asset.dbt_id for asset in graph.assets}["codes"] == "seed.shop.codes"
    assert graph.edges == {("codes", "stage"), ("stage", "between"), ("between", "mart")}


def test_a_dbt_node_without_a_value_takes_its_neighbours() -> None:
    bare = AssetSpec("b", metadata={"dagster_dbt/unique_id": "model.shop.b.v2"})
    graph = graph_of(multi(dbt_spec("a", [], word="other"), bare, can_subset=True))
    assert [unit.steps for unit in graph.units] == [
        (ContainerStep("c", "t", "dbt", "s", "g", (("a", "other"),), "dbt"),),
        (ContainerStep("c", "t", "dbt", "s", "g", (("b", "b.v2"),), "dbt"),),
    ]


def test_containers_that_are_not_fused_are_one_unit_of_words() -> None:
    specs = [AssetSpec(key, metadata={"aws": {"fargate": {**CONTAINER, "word": key.upper()}}}) for key in "ab"]
    step = ContainerStep("c", "t", "dbt", "s", "g", (("a", "A"), ("b", "B")))
    assert graph_of(multi(*specs, can_subset=True)).units == (Unit("several", ("a", "b"), (step,), subset=True),)


# checks


def test_a_check_with_a_function_is_a_state_of_its_own() -> None:
    @asset_check(asset="a", blocking=True, metadata={"aws": {"lambda": {"run": "extract_steps:other"}}})
    def apart() -> AssetCheckResult:
        return AssetCheckResult(passed=True)

    inside = AssetCheckSpec(
        "named", asset="a", blocking=True, metadata={"aws": {"lambda": {"run": "extract_steps:run"}}}
    )
    seen = AssetCheckSpec("seen", asset="a")
    graph = graph_of(works("a", check_specs=[inside, seen]), checks=[apart])
    assert graph.units[0].checks == (
        Check("a", "apart", blocking=True, function=Function("other", "extract_steps:other")),
        Check("a", "named", blocking=True, function=Function("extract-steps", "extract_steps:run")),
        Check("a", "seen", inside=True),
    )


def test_a_blocking_check_inside_a_step_that_raises() -> None:
    value = {"aws": {**WORK["aws"], "checks": "inside"}}
    check = AssetCheckSpec("paid", asset="a", blocking=True)
    graph = graph_of(works("a", metadata=value, check_specs=[check]))
    assert graph.units[0].checks == (Check("a", "paid", blocking=True, inside=True),)


@pytest.mark.filterwarnings("ignore:Function `build_last_update")
def test_checks_that_stay_in_dagster_are_left_out() -> None:
    @asset_check(asset="a", metadata={"aws": {"on": "dagster"}})
    def looked_at() -> AssetCheckResult:
        return AssetCheckResult(passed=True)

    freshness = build_last_update_freshness_checks(assets=["a"], lower_bound_delta=timedelta(hours=1))
    assert graph_of(works("a"), checks=[looked_at, *freshness]).units[0].checks == ()


# partitions and retries


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            MONTHS,
            Partitions("monthly", start="2025-04", fmt="%Y-%m", timezone="Asia/Tokyo", end_offset=1, day=1),
        ),
        (
            MonthlyPartitionsDefinition("2025-01-20", day_offset=15, hour_offset=3, end_date="2025-06-15"),
            Partitions("monthly", start="2025-02-15", end="2025-06-15", fmt="%Y-%m-%d", hour=3, day=15),
        ),
        (DailyPartitionsDefinition("2025-01-01"), Partitions("daily", start="2025-01-01", fmt="%Y-%m-%d")),
        (
            DailyPartitionsDefinition("2025-01-01", hour_offset=4, minute_offset=30, end_offset=-1),
            Partitions("daily", start="2025-01-01", fmt="%Y-%m-%d", end_offset=-1, minute=30, hour=4),
        ),
        (
            WeeklyPartitionsDefinition("2025-01-01", day_offset=1),
            Partitions("weekly", start="2025-01-06", fmt="%Y-%m-%d", day=1),
        ),
        (
            HourlyPartitionsDefinition("2025-01-01-00:00", minute_offset=15),
            Partitions("hourly", start="2025-01-01-00:15", fmt="%Y-%m-%d-%H:%M", minute=15),
        ),
        (
            TimeWindowPartitionsDefinition(
                start=datetime(2025, 1, 1, 12, tzinfo=UTC), fmt="%Y-%m-%d", cron_schedule="@daily"
            ),
            Partitions("daily", start="2025-01-02", fmt="%Y-%m-%d"),
        ),
        (StaticPartitionsDefinition(["tokyo", "osaka"]), Partitions("static", keys=("tokyo", "osaka"))),
    ],
)
def test_partitions(given: PartitionsDefinition, expected: Partitions) -> None:
    found = graph_of(works("a", partitions_def=given), works("b", ["a"]))
    assert found.partitions == expected
    assert [asset.partitioned for asset in found.assets] == [True, False]
    if expected.start:
        assert given.get_first_partition_key() == expected.start


def test_mappings_that_mean_the_same_partition_or_all() -> None:
    same = AssetDep("a", partition_mapping=TimeWindowPartitionMapping())
    every = AssetDep("a", partition_mapping=AllPartitionMapping())
    child = works("b", partitions_def=MONTHS)
    named = multi(AssetSpec("c", deps=[same], metadata=WORK, partitions_def=MONTHS), name="c")
    in_full = multi(AssetSpec("d", deps=[every], metadata=WORK), name="d")
    graph = graph_of(works("a", partitions_def=MONTHS), child, named, in_full)
    assert [asset.partitioned for asset in graph.assets] == [True, True, True, False]


@pytest.mark.parametrize(
    ("policy", "machine", "expected"),
    [
        (RetryPolicy(), {}, Retry(("States.TaskFailed",), 1, 1, 1.0, 120, False)),
        (
            RetryPolicy(max_retries=4, delay=2.2, backoff=Backoff.EXPONENTIAL, jitter=Jitter.FULL),
            {},
            Retry(("States.TaskFailed",), 3, 4, 2.0, 120, True),
        ),
        (
            RetryPolicy(max_retries=2, delay=600, backoff=Backoff.LINEAR, jitter=Jitter.PLUS_MINUS),
            {"retry": {"errors": ["Busy"], "cap_s": 300}},
            Retry(("Busy",), 600, 2, 1.0, 600, True),
        ),
    ],
)
def test_retry_policies(policy: RetryPolicy, machine: dict[str, Any], expected: Retry) -> None:
    assert graph_of(works("a", retry_policy=policy), **machine).units[0].retry == expected


# durations, order


def test_earlier_runs_go_before_estimates() -> None:
    several = multi(AssetSpec("a", metadata=WORK), AssetSpec("b"))
    timed = works("c", metadata={"aws": {**WORK["aws"], "duration_s": 7}})
    assets = (several, timed, works("d"))
    assert [unit.duration_s for unit in graph_of(*assets).units] == [7.0, 60.0, 60.0]
    durations = {"a": 11.0, "b": 12.0, "c": 13.0, "gone": 5.0}
    assert [unit.duration_s for unit in graph_of(*assets, durations=durations).units] == [13.0, 60.0, 12.0]
    assert [unit.duration_s for unit in graph_of(*assets, durations={"several": 3, "a": 11}).units] == [7.0, 60.0, 3.0]


def test_the_settings_of_the_definitions_reach_every_function() -> None:
    graph = graph_of(
        works("a"),
        env={"LAKE": "s3://x"},
        prefix="p-",
        call="extract_steps:call",
        finish={"lambda": {"run": "extract_steps:other"}},
        layers={"isal": {"requirements": "isal.txt"}},
        schedule={"machine": "s", "find_work": {"lambda": {"run": "extract_steps:run", "layers": ["isal"]}}},
    )
    env = (("LAKE", "s3://x"),)
    call = "extract_steps:call"
    assert graph.units[0].steps == (LambdaStep(Function("p-work", "extract_steps:work", call, env=env)),)
    assert graph.machine.finish == Function("p-other", "extract_steps:other", call, env=env)
    assert graph.machine.schedule is not None
    assert graph.machine.schedule.find_work.name == "p-extract-steps"
    assert graph.layers == (("isal", "isal.txt"),)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_definitions_changes_nothing(seed: int) -> None:
    checks = [AssetCheckSpec(name, asset="b") for name in ("one", "two")]
    assets = [
        works("a", partitions_def=MONTHS),
        multi(AssetSpec("b", deps=["a", "x"], metadata=WORK), AssetSpec("c"), check_specs=checks),
        multi(dbt_spec("d", ["b"]), dbt_spec("e", ["d", "c"]), name="dbt", can_subset=True),
        works("f", ["e", "a"], owners=["team:b", "team:a"], kinds={"z", "y"}),
        AssetSpec("x"),
    ]
    expected = graph_of(*assets)
    chance = random.Random(seed)
    chance.shuffle(assets)
    assert graph_of(*assets) == expected


def test_a_hundred_synthetic_assets() -> None:
    graph = extract(synthetic_assets.definitions(100, 3))
    assert len(graph.units) == len(graph.assets) == 100
    assert graph.edges == {
        (parent, key) for key, parents in synthetic_assets.layered(100, 3).items() for parent in parents
    }
