"""Definitions that cannot be compiled: each refusal with its words, and all of them at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import extract_steps
import pytest
from dagster import (
    AllPartitionMapping,
    AssetCheckResult,
    AssetCheckSpec,
    AssetDep,
    AssetsDefinition,
    AssetSpec,
    Config,
    DailyPartitionsDefinition,
    Definitions,
    DynamicPartitionsDefinition,
    LastPartitionMapping,
    MonthlyPartitionsDefinition,
    MultiPartitionsDefinition,
    Output,
    StaticPartitionsDefinition,
    TimeWindowPartitionMapping,
    TimeWindowPartitionsDefinition,
    asset,
    asset_check,
    graph_asset,
    multi_asset,
    op,
)

from compiler.errors import Refused, UsageError
from compiler.extract import extract, load

WORK: dict[str, Any] = {"aws": {"lambda": {"run": "extract_steps:work"}}}
CONTAINER = {"cluster": "c", "task_definition": "t", "container": "dbt", "subnets": "s", "security_groups": "g"}
MONTHS = MonthlyPartitionsDefinition(start_date="2025-04", fmt="%Y-%m")


def refusal(*assets: Any, checks: Any = (), durations: dict[str, float] | None = None, **machine: Any) -> list[str]:
    definitions = Definitions(assets=assets, asset_checks=checks, metadata={"aws": machine})
    with pytest.raises(Refused) as refused:
        extract(definitions, durations or {})
    return str(refused.value).splitlines()


def works(name: str, deps: Any = (), **more: Any) -> AssetsDefinition:
    @asset(name=name, deps=[*deps], **{"metadata": WORK, **more})
    def body() -> Iterator[Any]:
        yield

    return body


def runs(name: str, value: Any, **more: Any) -> AssetsDefinition:
    return works(name, metadata={"aws": value}, **more)


def multi(*specs: AssetSpec, **more: Any) -> AssetsDefinition:
    @multi_asset(specs=specs, **{"name": "several", **more})
    def body() -> Iterator[Any]:
        yield

    return body


# assets


def test_an_asset_without_the_key_is_refused_with_the_line_to_add() -> None:
    @asset
    def orders() -> None:
        pass

    plain = asset(name="plain")(extract_steps.work)
    assert refusal(orders, plain) == [
        'asset orders: its metadata lacks the key "aws": nothing says how it runs in AWS [extract]',
        '    add: metadata={"aws": {"lambda": {"run": "test_extract_refused:orders"}}}, but name another function: its '
        "own function test_extract_refused:orders stands in a module that imports dagster, which no Lambda function "
        "has",
        'asset plain: its metadata lacks the key "aws": nothing says how it runs in AWS [extract]',
        '    add: metadata={"aws": {"lambda": {"run": "extract_steps:work"}}}',
    ]


def test_a_dbt_node_without_the_key_is_refused_with_a_line_for_dbt() -> None:
    node = AssetSpec("fact", metadata={"dagster_dbt/unique_id": "model.shop.fact"})
    assert refusal(multi(node)) == [
        'asset fact: its metadata lacks the key "aws": nothing says how it runs in AWS [extract]',
        '    add in get_asset_spec of its DagsterDbtTranslator: metadata={"aws": {"dbt": {"cluster": "${cluster}", '
        '"task_definition": "${task_definition}", "container": "dbt", "subnets": "${subnets}", '
        '"security_groups": "${security_groups}"}}}',
    ]


def test_a_function_of_a_script_cannot_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def orders() -> None:
        pass

    monkeypatch.setattr(orders, "__module__", "__main__")
    made = asset(metadata={"aws": {"lambda": {}}})(orders)
    assert "stands in the script that was started, which nothing can import by name" in refusal(made)[0]
    named = runs("a", {"lambda": {"run": "__main__:orders"}})
    assert refusal(named)[0] == "asset a: no module __main__ for __main__:orders [entry]"


def test_metadata_on_what_nothing_makes() -> None:
    assert refusal(AssetSpec("outside", metadata=WORK)) == [
        'asset outside: its metadata has the key "aws", but nothing in Dagster makes it [extract]',
        "    drop the key, or make it an asset with a function (@asset, @multi_asset)",
    ]


def test_a_graph_of_ops() -> None:
    @op
    def one() -> int:
        return 1

    @graph_asset(metadata=WORK)
    def graphed() -> Any:
        return one()

    assert refusal(graphed) == [
        "asset graphed: is made by a graph of ops: an execution cannot look into it [extract]",
        '    make it one asset, whose steps are declared as {"aws": {"chain": [...]}}',
    ]


class Needed(Config):
    rows: int


class Optional(Config):
    rows: int = 3


def test_an_op_that_needs_configuration() -> None:
    @asset(metadata=WORK)
    def needed(config: Needed) -> None:
        pass

    @asset(metadata=WORK)
    def not_needed(config: Optional) -> None:
        pass

    assert refusal(needed, not_needed) == [
        "asset needed: cannot start without configuration, which nobody gives it in AWS [extract]",
        "    give every field of its config a default",
    ]


def test_an_asset_function_that_takes_values() -> None:
    takes = asset(name="totals", metadata={"aws": {"lambda": {}}})(extract_steps.takes_orders)
    assert refusal(works("orders"), takes) == [
        'asset totals: metadata aws.lambda.run: expected a function as "package.module:function", found nothing; '
        "its own function extract_steps:takes_orders takes the values of orders: in AWS nothing is passed but control "
        "data: declare deps=[...] and read from your store [vocabulary]",
        "    name a plain function of a module that does not import dagster: "
        'metadata={"aws": {"lambda": {"run": "package.module:function"}}}',
    ]


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (
            extract_steps.with_context,
            "its own function extract_steps:with_context asks for Dagster's context, which there is none of in AWS",
        ),
        (
            extract_steps.factory(),
            "its own function extract_steps:inner is defined inside another function or class",
        ),
        (extract_steps.wrapped(extract_steps.work), "its own function is not what extract_steps calls work"),
        (
            lambda: None,
            "its own function test_extract_refused:lambda stands in a module that imports dagster, which no "
            "Lambda function has",
        ),
    ],
)
def test_an_own_function_that_cannot_run_alone(function: Any, reason: str) -> None:
    made = asset(name="a", metadata={"aws": {"lambda": {}}})(function)
    assert refusal(made)[0] == (
        'asset a: metadata aws.lambda.run: expected a function as "package.module:function", found nothing; '
        f"{reason} [vocabulary]"
    )


@pytest.mark.parametrize(
    ("run", "lines"),
    [
        (
            "extract_step:work",
            ["asset a: no module extract_step for extract_step:work [entry]", "    near it: extract_steps"],
        ),
        (
            "shop_that_is_not.steps:work",
            [
                "asset a: no module shop_that_is_not.steps for shop_that_is_not.steps:work [entry]",
                "    run dpc-compile in the project's folder, or install the project in place "
                "(pip install --editable .)",
            ],
        ),
        (
            "extract_steps:wrok",
            ["asset a: extract_steps has no wrok [entry]", "    near it: work"],
        ),
        (
            "extract_steps:zzz",
            [
                "asset a: extract_steps has no zzz [entry]",
                "    functions there: bit_by_bit, by_partition, call, factory, later, other, run, takes_orders, "
                "with_context, work, wrapped",
            ],
        ),
        (
            "test_extract_refused:works",
            [
                "asset a: test_extract_refused:works cannot run in AWS: its module imports dagster, which no Lambda "
                "function has [entry]",
                "    move the function to a module without dagster, call it from the asset's body, and name it there",
            ],
        ),
        (
            "extract_steps:takes_orders",
            [
                "asset a: extract_steps:takes_orders asks for orders, which nothing gives it in AWS [entry]",
                "    it may ask for partition, select, item, event, assets, context, and reads what other assets made "
                "from your store; give other parameters a default, or name an adapter that calls it: "
                '{"lambda": {"call": "package.module:function"}}',
            ],
        ),
        (
            "extract_steps:later",
            [
                "asset a: extract_steps:later is a coroutine function: called, it does nothing [entry]",
                "    name a plain function that does the work and returns control data",
            ],
        ),
        (
            "extract_steps:bit_by_bit",
            [
                "asset a: extract_steps:bit_by_bit yields: called, it does nothing [entry]",
                "    name a plain function that does the work and returns control data",
            ],
        ),
    ],
)
def test_an_entry_point_that_is_not_there_or_cannot_be_called(run: str, lines: list[str]) -> None:
    assert refusal(runs("a", {"lambda": {"run": run}})) == lines


def test_entry_points_of_the_definitions_and_of_checks() -> None:
    check = AssetCheckSpec("c", asset="a", metadata={"aws": {"lambda": {"run": "extract_steps:gone"}}})
    lines = refusal(works("a", check_specs=[check]), finish={"lambda": {"run": "extract_steps:done"}}, call="nowhere:x")
    assert [line for line in lines if not line.startswith("    ")] == [
        "asset a: no module nowhere for nowhere:x [entry]",
        "check a: c: extract_steps has no gone [entry]",
        "check a: c: no module nowhere for nowhere:x [entry]",
        "definitions: finish: extract_steps has no done [entry]",
        "definitions: finish: no module nowhere for nowhere:x [entry]",
    ]


def test_two_functions_of_one_name() -> None:
    small = runs("small", {"lambda": {"run": "extract_steps:work"}})
    large = runs("large", {"lambda": {"run": "extract_steps:work", "memory_mb": 1024}})
    assert refusal(small, large) == [
        "small: function work (extract_steps:work) differs from function work (extract_steps:work), which has the same "
        "name or the same hole [functions]",
        '    give one of the two another name: {"lambda": {"name": "..."}}',
    ]


def test_layers_that_are_not_declared() -> None:
    value = {"lambda": {"run": "extract_steps:work", "layers": ["isal", "${arn}", "zstd"]}}
    assert refusal(runs("a", value), layers={"zstd": {"requirements": "zstd.txt"}}) == [
        "asset a: metadata aws.lambda.layers: no layer isal is declared; there are: zstd [extract]",
        '    declare it: Definitions(metadata={"aws": {"layers": {"isal": {"requirements": "..."}}}})',
    ]


def test_two_steps_of_a_chain_with_one_name() -> None:
    step = {"lambda": {"run": "extract_steps:work"}}
    assert refusal(runs("a", {"chain": [step, step]})) == [
        "asset a: metadata aws.chain: two steps would be called a: work [extract]",
        '    call the function once, or give one of them another name: {"lambda": {"name": "..."}}',
    ]


# multi-assets, dbt


def test_keys_that_declare_different_values() -> None:
    other = {"aws": {"lambda": {"run": "extract_steps:other"}}}
    assert refusal(multi(AssetSpec("a", metadata=WORK), AssetSpec("b", metadata=other), AssetSpec("c"))) == [
        "asset b: is made by several together with a, and declares another value [extract]",
        "    let all keys of a multi-asset carry the same value, or one of them",
    ]


def test_one_wrong_value_on_several_keys_is_reported_once() -> None:
    wrong = {"aws": {"lambda": {"memory_mb": 1, "run": "extract_steps:work"}}}
    assert refusal(multi(AssetSpec("b", metadata=wrong), AssetSpec("a", metadata=wrong))) == [
        "asset a: metadata aws.lambda.memory_mb: expected an integer from 128 to 10240, found 1 [vocabulary]"
    ]


def test_dbt_beside_something_else_in_one_op() -> None:
    dbt = {"aws": {"dbt": CONTAINER}, "dagster_dbt/unique_id": "model.shop.a"}
    assert refusal(multi(AssetSpec("a", metadata=dbt), AssetSpec("b", metadata=WORK), can_subset=True)) == [
        "asset b: declares another kind of step than its neighbours, which run in containers that may be fused "
        "[extract]",
        "    move it out of several",
    ]


def test_a_dbt_node_that_has_no_name() -> None:
    assert refusal(runs("a", {"dbt": CONTAINER})) == [
        'asset a: metadata aws.dbt.word: expected the dbt node\'s name: there is no "dagster_dbt/unique_id" beside it '
        "[extract]",
        '    declare it: {"dbt": {"word": "..."}}',
    ]


def test_a_fuse_label_that_is_the_name_of_a_unit() -> None:
    node = AssetSpec("a", metadata={"aws": {"dbt": CONTAINER}, "dagster_dbt/unique_id": "model.shop.a"})
    assert refusal(multi(node, name="x"), works("dbt")) == [
        'asset a: its fuse label "dbt" is also the name of a unit [extract]',
        '    give it another label: "fuse": "..."',
    ]


def test_two_units_of_one_name() -> None:
    several = multi(AssetSpec("a", metadata=WORK), AssetSpec("b"), name="orders")
    assert refusal(several, runs("orders", WORK["aws"], op_tags={})) == [
        "asset orders: its unit orders has the name of the unit of a, b [extract]",
        "    rename the op orders",
    ]


# cycles


def test_a_multi_asset_that_would_wait_for_itself() -> None:
    several = multi(AssetSpec("a", metadata=WORK), AssetSpec("c", deps=["b"]), can_subset=True)
    assert refusal(several, works("b", ["a"]), works("z", ["c"])) == [
        "unit b: waits for itself: b -> several -> b (several makes a, c as one) [cycles]",
        "    let several be two multi-assets, before and after",
    ]


def test_assets_that_wait_for_one_another() -> None:
    assert refusal(works("x", ["z"]), works("y", ["x"]), works("z", ["y"]), works("after", ["z"])) == [
        "asset x: waits for itself: x -> y -> z -> x [cycles]",
        "    drop one of these dependencies",
    ]


def test_dbt_nodes_that_meet_another_asset_between_them_are_no_cycle() -> None:
    def node(key: str, *deps: str) -> AssetSpec:
        return AssetSpec(
            key, deps=deps, metadata={"aws": {"dbt": CONTAINER}, "dagster_dbt/unique_id": f"model.shop.{key}"}
        )

    definitions = Definitions(assets=[multi(node("a"), node("c", "b"), can_subset=True), works("b", ["a"])])
    assert extract(definitions).edges == {("a", "b"), ("b", "c")}


def test_what_runs_on_the_schedule_comes_last_and_has_no_partition() -> None:
    late = {**WORK["aws"], "on": "schedule"}
    schedule = {"machine": "s", "find_work": {"lambda": {"run": "extract_steps:run"}}}
    assert refusal(runs("late", late), works("early", ["late"]), schedule=schedule) == [
        "unit early: depends on late, which runs later, in the parent machine [cycles]",
        '    let both run "on" the same machine',
    ]
    assert refusal(runs("late", late, partitions_def=MONTHS)) == [
        'asset late: metadata aws.on: "schedule", but it is partitioned [extract]',
        "    a step on the schedule looks after all partitions itself: drop the partitions",
        'asset late: metadata aws.on: "schedule", but the definitions declare no schedule [extract]',
        '    declare it: Definitions(metadata={"aws": {"schedule": {...}}}), or leave "on" out',
    ]


# partitions


def test_two_partition_definitions() -> None:
    days = DailyPartitionsDefinition(start_date="2025-01-01", timezone="Asia/Tokyo", hour_offset=3)
    assets = [works("a", partitions_def=MONTHS), works("b", partitions_def=days), works("c", partitions_def=MONTHS)]
    assert refusal(*assets, works("d")) == [
        "definitions: expected one partition definition in a machine, found 2: "
        "monthly from 2025-04 (UTC, written %Y-%m): a, c; "
        "daily from 2025-01-01 (Asia/Tokyo, at 03:00, written %Y-%m-%d): b [partitions]",
        "    one beside unpartitioned assets is normal; compile each of the others from definitions of its own",
    ]


@pytest.mark.parametrize(
    ("partitions", "words"),
    [
        (DynamicPartitionsDefinition(name="shops"), "dynamic partitions, which only Dagster's database knows"),
        (
            MultiPartitionsDefinition({"a": StaticPartitionsDefinition(["x"]), "b": StaticPartitionsDefinition(["y"])}),
            "partitions of several dimensions",
        ),
        (
            TimeWindowPartitionsDefinition(start="2025-01-01", fmt="%Y-%m-%d", cron_schedule="0 0 */2 * *"),
            "time windows of a cron of their own (0 0 */2 * *)",
        ),
        (
            TimeWindowPartitionsDefinition(start="2025-01-01", fmt="%Y-%m-%d", cron_schedule="0 0 1 1 *"),
            "time windows of a cron of their own (0 0 1 1 *)",
        ),
    ],
)
def test_partitions_that_cannot_be_compiled(partitions: Any, words: str) -> None:
    assert refusal(works("a", partitions_def=partitions)) == [
        f"asset a: has {words}: a machine has static, hourly, daily, weekly or monthly partitions [partitions]",
        "    partition it by one of these, or not at all",
    ]


MAPPING_HINT = (
    "    depend on the same partition (no partition mapping); what reads several partitions is an unpartitioned asset"
)


@pytest.mark.parametrize(
    ("mapping", "partitioned", "words"),
    [
        (
            TimeWindowPartitionMapping(start_offset=-1, end_offset=-1),
            True,
            "TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)",
        ),
        (
            TimeWindowPartitionMapping(start_offset=-1),
            True,
            "TimeWindowPartitionMapping(start_offset=-1, end_offset=0)",
        ),
        (AllPartitionMapping(), True, "AllPartitionMapping"),
        (LastPartitionMapping(), False, "LastPartitionMapping"),
    ],
)
def test_a_partition_mapping(mapping: Any, partitioned: bool, words: str) -> None:
    dep = AssetDep("a", partition_mapping=mapping)
    child = works("b", [dep], partitions_def=MONTHS if partitioned else None)
    assert refusal(works("a", partitions_def=MONTHS), child) == [
        f"asset b: reads a through {words}, which cannot be compiled: an execution runs one partition of everything "
        "[partitions]",
        MAPPING_HINT,
    ]


def test_an_asset_that_depends_on_its_own_past() -> None:
    before = AssetDep("a", partition_mapping=TimeWindowPartitionMapping(start_offset=-1, end_offset=-1))
    assert refusal(multi(AssetSpec("a", deps=[before], metadata=WORK, partitions_def=MONTHS))) == [
        "asset a: depends on an earlier partition of itself, which no run of one partition can see to [partitions]",
        "    let the step read what earlier runs left in its store, and drop the dependency",
    ]


# checks


STAYS = 'where it does not block and shall only run in Dagster: metadata={"aws": {"on": "dagster"}}'


def checked(value: Any = None, **more: Any) -> Any:
    @asset_check(**{"asset": "a", "metadata": None if value is None else {"aws": value}, **more})
    def paid() -> AssetCheckResult:
        return AssetCheckResult(passed=True)

    return paid


def test_a_separate_check_without_a_function() -> None:
    hint = (
        '    add: metadata={"aws": {"lambda": {"run": "test_extract_refused:paid"}}}, but name another function: its '
        "own function test_extract_refused:paid stands in a module that imports dagster, which no Lambda function has; "
        "or, "
    ) + STAYS
    assert refusal(works("a"), checks=[checked()]) == [
        'check a: paid: its metadata lacks the key "aws": it would never run in AWS [checks]',
        hint,
    ]
    assert refusal(works("a"), checks=[checked(blocking=True)]) == [
        'check a: paid: its metadata lacks the key "aws": it cannot block in AWS [checks]',
        hint,
    ]


def test_a_blocking_check_that_stays_in_dagster() -> None:
    assert refusal(works("a"), checks=[checked({"on": "dagster"}, blocking=True)]) == [
        "check a: paid: blocking, and stays in Dagster: it cannot block in AWS [checks]",
        f"    {STAYS}",
    ]


def test_a_blocking_check_inside_a_step_that_may_not_raise() -> None:
    assert refusal(works("a", check_specs=[AssetCheckSpec("paid", asset="a", blocking=True)])) == [
        "check a: paid: blocking, and made inside the asset's own step, of which nothing says that it raises: it "
        "cannot block in AWS [checks]",
        '    once the step raises where the check fails, declare {"checks": "inside"} on the asset; or give the check '
        'a function of its own: AssetCheckSpec(..., metadata={"aws": {"lambda": {"run": "..."}}})',
    ]


def test_a_check_of_what_nothing_makes() -> None:
    assert refusal(AssetSpec("a"), works("b"), checks=[checked(WORK["aws"])]) == [
        "check a: paid: checks a, which nothing here makes: it would never run in AWS [checks]",
        f"    {STAYS}",
    ]


def test_a_check_that_reads_what_may_not_be_there() -> None:
    reads = checked(WORK["aws"], additional_deps=["b"])
    assert refusal(works("a"), works("b"), checks=[reads]) == [
        "check a: paid: also reads b, which a does not depend on: it may not have been made yet [checks]",
        "    let a depend on b, or check b instead",
    ]
    assert extract(Definitions(assets=[works("a", ["b"]), works("b")], asset_checks=[reads])).units[0].checks


# all at once


def test_every_problem_of_every_asset_at_once() -> None:
    @asset
    def bare() -> None:
        pass

    lines = refusal(
        bare,
        runs("large", {"lambda": {"run": "extract_steps:work", "memory_mb": 99999}}),
        works("dynamic", partitions_def=DynamicPartitionsDefinition(name="x")),
        works("x", ["y"]),
        works("y", ["x"]),
        runs("nowhere", {"lambda": {"run": "nowhere:run"}}),
        checks=[checked(asset="x", blocking=True)],
        durations={"x": -1.0},
        machine="a b",
    )
    assert [line.partition("[")[2] for line in lines if not line.startswith("    ")] == [
        "checks]",
        "cycles]",
        "entry]",
        "extract]",
        "extract]",
        "partitions]",
        "vocabulary]",
        "vocabulary]",
    ]
    assert [line for line in lines if "duration of x" in line] == [
        "duration of x: expected seconds, 0 or more, found -1.0 [extract]"
    ]


def test_dagsters_own_refusal_is_passed_on_in_one_line() -> None:
    one, two = works("a"), works("a")
    assert refusal(one, two) == [
        "definitions: Dagster refuses them: Duplicate asset key: AssetKey(['a']) [extract]",
        "    mend what Dagster says, then compile again",
    ]


def test_anything_but_definitions() -> None:
    with pytest.raises(UsageError) as refused:
        extract([works("a")])
    assert str(refused.value) == (
        "definitions: expected dagster.Definitions, or a function that answers them, found list"
    )


# load


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to import from, whose modules are forgotten afterwards."""
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def module(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.py").write_text(text, encoding="utf-8")


def test_definitions_are_loaded_by_name_or_called(project: Path) -> None:
    module(
        project,
        "loaded_by_name",
        "import warnings\nfrom dagster import Definitions, definitions\nwarnings.warn('loud')\n"
        "defs = Definitions()\ndef make():\n    return defs\n@definitions\ndef lazy():\n    return defs\n",
    )
    assert isinstance(load("loaded_by_name:defs"), Definitions)
    assert load("loaded_by_name:make") is load("loaded_by_name:lazy") is load("loaded_by_name:defs")


def test_what_is_loaded_has_to_be_definitions(project: Path) -> None:
    module(project, "loaded_wrong", "other = 3\n")
    with pytest.raises(UsageError) as refused:
        load("loaded_wrong:other")
    assert str(refused.value) == (
        "loaded_wrong:other: expected dagster.Definitions, or a function that answers them, found int"
    )


def test_an_output_with_a_value_is_no_reason_to_refuse() -> None:
    @asset(metadata=WORK)
    def a() -> Output[int]:
        return Output(1)

    assert extract(Definitions(assets=[a])).units[0].name == "a"
