"""The plan step: input, partition, selection, words, claim."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from compiler.graph import (
    Asset,
    Claim,
    ContainerStep,
    Function,
    Graph,
    LambdaStep,
    Machine,
    Partitions,
    Schedule,
    Unit,
)
from compiler.overrides import OVERRIDES_MAX, words_room
from compiler.runtime import plan_run
from compiler.runtime.errors import (
    AnswerTooLarge,
    NotConfigured,
    RuntimeFailure,
    UnknownSelection,
    WriterBusy,
    WriterBusyWaiting,
    WrongInput,
    WrongPartition,
)
from compiler.runtime.graph_file import SelectionGraph, from_json, read
from compiler.selection_graph import selection_graph, text

NOW = datetime(2025, 11, 23, tzinfo=UTC)
ARN = "arn:aws:states:us-east-1:123456789012:execution:shop"


def container(*words: tuple[str, str], env: tuple[tuple[str, str], ...] = ()) -> ContainerStep:
    return ContainerStep("${cluster}", "${task}", "dbt", "${subnets}", "${groups}", words=words, fuse="dbt", env=env)


def step(name: str) -> LambdaStep:
    return LambdaStep(Function(name, f"shop.steps:{name}"))


SHOP = Graph(
    Machine(
        "shop",
        claim=Claim("${bucket_data}", "logs/_writer.json"),
        schedule=Schedule("shop-schedule", Function("find", "shop.steps:find")),
    ),
    (
        Asset("raw/orders", unit="raw/orders", group="raw", partitioned=True),
        Asset("mart/sales", deps=("raw/orders",), unit="dbt", group="mart"),
        Asset("mart/board", deps=("mart/sales",), unit="dbt", group="mart"),
        Asset("mart/lone", unit="mart/lone", group="mart"),
        Asset("archive/raw", deps=("raw/orders",), unit="archive/raw", group="archive"),
        Asset("outside"),
    ),
    (
        Unit("raw/orders", ("raw/orders",), (step("copy"),)),
        Unit("dbt", ("mart/board", "mart/sales"), (container(("mart/board", "board"), ("mart/sales", "sales")),)),
        Unit("mart/lone", ("mart/lone",), (container(("mart/lone", "lone")),)),
        Unit("archive/raw", ("archive/raw",), (step("archive"),), on="schedule"),
    ),
    Partitions("monthly", start="2025-04", fmt="%Y-%m", timezone="Asia/Tokyo", day=1),
)
GRAPH = from_json(selection_graph(SHOP))


def plan(given: object, graph: SelectionGraph = GRAPH) -> dict[str, Any]:
    return plan_run.plan(graph, plan_run.checked_input(given), NOW)


def test_everything_runs_where_nothing_is_selected() -> None:
    assert plan({"partition": "2025-05"}) == {
        "plan": {"partition": "2025-05", "select": None, "full": True, "input": {"partition": "2025-05"}},
        "selected": ["mart/board", "mart/lone", "mart/sales", "raw/orders"],
        "words": {"dbt": "board sales", "mart/lone": "lone"},
    }


def test_a_selection_and_its_words() -> None:
    assert plan({"select": "mart/sales", "wait": True}) == {
        "plan": {
            "partition": None,
            "select": "mart/sales",
            "full": False,
            "input": {"select": "mart/sales", "wait": True},
        },
        "selected": ["mart/sales"],
        "words": {"dbt": "sales"},
    }


def test_a_partition_that_nothing_selected_needs_is_passed_on() -> None:
    assert plan({"partition": "2025-05", "select": "group:mart"})["plan"]["partition"] == "2025-05"
    with pytest.raises(WrongPartition, match="from 2025-04 to 2025-10; found '2031-01', which ends 2031-02-01"):
        plan({"partition": "2031-01", "select": "group:mart"})


def test_null_is_as_if_left_out() -> None:
    given = {"partition": None, "select": "mart/lone", "wait": None}
    assert plan(given)["plan"]["input"] == {"select": "mart/lone"}


def test_what_a_parent_execution_leaves_in_the_input_is_no_mistake() -> None:
    given = {"partition": "2025-05", "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": f"{ARN}:parent"}
    assert plan(given)["plan"]["input"] == {"partition": "2025-05"}


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ("2025-04", WrongInput, 'input: expected an object such as {"partition": "2025-04"}, found "2025-04"'),
        ([], WrongInput, 'input: expected an object such as {"partition": "2025-04"}, found []'),
        (
            {"month": "2025-04", "Comment": "x", "wait": "yes", "partition": 202504},
            WrongInput,
            "input.Comment: unknown field; known are partition, select, wait\n"
            "input.month: unknown field; known are partition, select, wait\n"
            "input.partition: expected a text such as 2025-04, found 202504\n"
            'input.wait: expected true or false, found "yes"',
        ),
        (
            {},
            WrongPartition,
            "partition: raw/orders is partitioned; expected a key of the form %Y-%m from 2025-04 to 2025-10, found "
            'none: start with {"partition": "..."}',
        ),
        (
            {"select": ""},
            UnknownSelection,
            "select: expected a selection, found an empty text; leave it out to run everything",
        ),
        (
            {"select": "archive/raw"},
            UnknownSelection,
            "select: archive/raw names only what shop-schedule runs after its executions: archive/raw",
        ),
    ],
)
def test_a_wrong_input_is_named(given: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        plan(given)
    assert str(caught.value) == message


def test_a_partition_where_no_asset_has_one() -> None:
    graph = from_json(selection_graph(Graph(Machine("m"), (Asset("a", unit="a"),), (Unit("a", ("a",), (step("a"),)),))))
    assert plan({}, graph)["selected"] == ["a"]
    with pytest.raises(WrongPartition, match="no asset of m is partitioned; expected none, found '2025-04'"):
        plan({"partition": "2025-04"}, graph)


def test_words_that_do_not_fit_into_one_container_run() -> None:
    keys = [f"mart/a_long_name_of_a_model_{n:04}" for n in range(400)]
    unit = Unit("dbt", tuple(keys), (container(*((key, key[5:]) for key in keys), env=(("TARGET", "${target}"),)),))
    graph = from_json(selection_graph(Graph(Machine("m"), tuple(Asset(key, unit="dbt") for key in keys), (unit,))))
    room = words_room(unit)
    assert 4000 < room < OVERRIDES_MAX
    assert graph.units["dbt"].room == room
    assert len(plan({"select": "*_00*"}, graph)["words"]["dbt"].split()) == 100
    with pytest.raises(AnswerTooLarge, match=rf"dbt: 11,\d{{3}} characters .* room for {room:,}\. Select fewer"):
        plan({}, graph)


def test_more_selected_assets_than_a_state_holds() -> None:
    keys = [f"{'x' * 90}/{n}" for n in range(3000)]
    graph = from_json(selection_graph(Graph(Machine("m"), tuple(Asset(key, unit=key) for key in keys), ())))
    with pytest.raises(AnswerTooLarge, match=r"3,000 selected assets make 29\d,\d{3} bytes; .* holds 200,000\. Select"):
        plan({}, graph)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("CLAIM_BUCKET", "lake")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="lake")
        yield client


def event(given: object, arn: str = f"{ARN}:one") -> dict[str, Any]:
    return {"context": {"Execution": {"Id": arn, "Input": given}, "StateMachine": {"Name": "shop"}}}


def started(machine: str = "shop") -> str:
    """The ARN of an execution that runs."""
    client = boto3.client("stepfunctions")
    role = "arn:aws:iam::123456789012:role/states"
    definition = json.dumps({"StartAt": "a", "States": {"a": {"Type": "Wait", "Seconds": 600, "End": True}}})
    made = client.create_state_machine(name=machine, definition=definition, roleArn=role)
    return str(client.start_execution(stateMachineArn=made["stateMachineArn"])["executionArn"])


def test_the_claim_is_taken_last(s3: Any) -> None:
    with pytest.raises(WrongPartition):
        plan_run.run(GRAPH, event({"partition": "x"}), NOW)
    assert "Contents" not in s3.list_objects_v2(Bucket="lake")
    assert plan_run.run(GRAPH, event({"partition": "2025-05"}), NOW) == plan({"partition": "2025-05"})
    held = json.loads(s3.get_object(Bucket="lake", Key="logs/_writer.json")["Body"].read())
    assert (held["execution"], held["machine"], held["partition"]) == (f"{ARN}:one", "shop", "2025-05")


def test_what_is_logged(s3: Any, capsys: pytest.CaptureFixture[str]) -> None:
    plan_run.run(GRAPH, event({"select": "mart/lone", "partition": "2025-05"}), NOW)
    with pytest.raises(WrongPartition):
        plan_run.run(GRAPH, event({"partition": "x"}), NOW)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["at"], line["partition"], line.get("outcome"), line.get("selected")) for line in lines] == [
        ("start", "2025-05", None, None),
        ("plan", "2025-05", None, 1),
        ("end", "2025-05", "ok", None),
        ("start", "x", None, None),
        ("end", "x", "WrongPartition", None),
    ]


def test_another_execution_that_runs_is_named_or_waited_for(s3: Any) -> None:
    running = started()
    plan_run.run(GRAPH, event({"partition": "2025-05"}, running), NOW)
    with pytest.raises(WriterBusy, match=running):
        plan_run.run(GRAPH, event({"partition": "2025-06"}), NOW)
    with pytest.raises(WriterBusyWaiting, match=running):
        plan_run.run(GRAPH, event({"partition": "2025-06", "wait": True}), NOW)
    boto3.client("stepfunctions").stop_execution(executionArn=running)
    assert plan_run.run(GRAPH, event({"partition": "2025-06"}), NOW)["plan"]["partition"] == "2025-06"


@pytest.mark.parametrize("wrong", [None, {}, {"context": {}}, {"context": {"Execution": "x"}}, []])
def test_an_event_without_a_context_object(wrong: Any) -> None:
    with pytest.raises(WrongInput, match="expected the context object of Step Functions"):
        plan_run.run(GRAPH, wrong, NOW)


def test_the_graph_lies_beside_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = plan_run.bind(str(tmp_path / "index.py"))
    with pytest.raises(NotConfigured, match=r"graph\.json: expected the compiled graph beside the handler"):
        handler(event({}), None)
    unclaimed = {name: value for name, value in selection_graph(SHOP).items() if name != "claim"}
    (tmp_path / "graph.json").write_text(text(unclaimed), encoding="utf-8")
    assert handler(event({"select": "mart/lone"}), None)["selected"] == ["mart/lone"]
    assert read(tmp_path / "graph.json") == from_json(unclaimed)
    (tmp_path / "graph.json").write_text('{"version": 99}', encoding="utf-8")
    with pytest.raises(NotConfigured, match="expected version 1, found 99"):
        read(tmp_path / "graph.json")


def test_graph_json_as_it_stands() -> None:
    content = selection_graph(SHOP)
    assert len(content.pop("digest")) == 64
    assert content == {
        "version": 1,
        "machine": "shop",
        "assets": {
            "archive/raw": {"deps": ["raw/orders"], "unit": "archive/raw", "group": "archive"},
            "mart/board": {"deps": ["mart/sales"], "unit": "dbt", "group": "mart"},
            "mart/lone": {"unit": "mart/lone", "group": "mart"},
            "mart/sales": {"deps": ["raw/orders"], "unit": "dbt", "group": "mart"},
            "outside": {},
            "raw/orders": {"unit": "raw/orders", "group": "raw", "partitioned": True},
        },
        "units": {
            "archive/raw": {"on": "schedule"},
            "dbt": {"words": {"mart/board": "board", "mart/sales": "sales"}, "room": 5512},
            "mart/lone": {"words": {"mart/lone": "lone"}, "room": 5506},
            "raw/orders": {},
        },
        "partitions": {"kind": "monthly", "start": "2025-04", "fmt": "%Y-%m", "timezone": "Asia/Tokyo", "day": 1},
        "claim": {"bucket": "${bucket_data}", "key": "logs/_writer.json"},
        "schedule": "shop-schedule",
    }


def test_a_thousand_assets_are_small_and_the_same_in_any_order() -> None:
    keys = [f"layer_{n % 7}/a_model_with_a_name_{n:04}" for n in range(1000)]
    assets = tuple(
        Asset(
            key,
            deps=tuple(keys[max(0, place - 3) : place]),
            unit=key,
            group=f"layer_{place % 7}",
            kinds=("dbt", "redshift"),
            owners=("team:data",),
            tags=(("tier", "gold"),),
        )
        for place, key in enumerate(keys)
    )
    units = tuple(Unit(key, (key,), (container((key, key[8:])),)) for key in keys)
    forth = text(selection_graph(Graph(Machine("m"), assets, units)))
    back = text(selection_graph(Graph(Machine("m"), assets[::-1], units[::-1])))
    assert forth == back
    assert len(forth.encode()) < 450_000


def test_every_message_is_short() -> None:
    assert len(str(RuntimeFailure("x" * 5000))) == 2000
