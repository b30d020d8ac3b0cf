"""The generated handler: what a step is given, what becomes of its answer, what is logged."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
import runtime_steps
from moto import mock_aws

from compiler.runtime.errors import AnswerTooLarge, CheckFailed, NotConfigured, WrongAnswer, WrongInput
from compiler.runtime.handler import bind

ARN = "arn:aws:states:us-east-1:123456789012:execution:shop:run-1"
CONTEXT = {
    "Execution": {"Id": ARN, "Name": "run-1", "Input": {"partition": "2025-04"}, "RedriveCount": 1},
    "State": {"Name": "raw/orders", "RetryCount": 2},
    "StateMachine": {"Id": "arn:aws:states:us-east-1:123456789012:stateMachine:shop", "Name": "shop"},
}
PLAN = {"partition": "2025-04", "select": None, "full": True, "input": {}}
EVENT = {"context": CONTEXT, "plan": PLAN}


def call(step: str, event: object = EVENT, **options: Any) -> dict[str, Any]:
    return bind(f"runtime_steps:{step}", **options)(event, "lambda")


def test_a_step_is_given_what_its_signature_names() -> None:
    runtime_steps.calls.clear()
    assert call("nothing") == {}
    assert call("by_partition") == {"files": ["a", "b"], "rows": 3}
    assert runtime_steps.calls == [{}, {"partition": "2025-04", "select": None}]
    assert call("with_defaults") == {"partition": "2025-04", "item": "none", "other": 7}
    unpartitioned = {"context": CONTEXT, "plan": {**PLAN, "partition": None}}
    assert call("with_defaults", unpartitioned)["partition"] == "all"
    assert call("of_item", {**EVENT, "item": "f1", "assets": ["a"]}) == {"items": ["f1", "a"]}
    assert call("whole") == {"value": "['context', 'plan'] lambda"}
    assert call("gathers") == {"value": 0}
    assert call("Steps.inner") == {"rows": 1}


def test_an_adapter_calls_the_step() -> None:
    event = {**EVENT, "item": 7}
    assert call("nothing", event, call="runtime_steps:adapter") == {"step": "nothing", "item": 7, "context": "lambda"}


@pytest.mark.parametrize(
    ("step", "event", "message"),
    [
        ("of_item", EVENT, "runtime_steps:of_item needs item, which the event of this state does not hold"),
        (
            "by_partition",
            {"context": CONTEXT},
            "runtime_steps:by_partition needs partition, which the event of this state does not hold",
        ),
        (
            "needs_more",
            EVENT,
            "runtime_steps:needs_more has the parameter warehouse; a step may name partition, select, item, event, "
            "assets, context, and what else it needs has a default or comes from an adapter "
            '("call" in the metadata)',
        ),
        ("nothing", [], "event: expected an object with the execution's context, found list"),
        ("nothing", {"context": "x"}, "event.context: expected the context object of Step Functions, found str"),
    ],
)
def test_what_an_event_lacks_is_named(step: str, event: object, message: str) -> None:
    with pytest.raises(WrongInput) as caught:
        call(step, event)
    assert str(caught.value) == message


@dataclass(frozen=True)
class Verdict:
    passed: bool
    rows: int


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, {}),
        ({}, {}),
        ({"a": (1, 2.5, None, True)}, {"a": [1, 2.5, None, True]}),
        ([], {"items": []}),
        (({"key": "f1"}, Verdict(True, 1)), {"items": [{"key": "f1"}, {"passed": True, "rows": 1}]}),
        (7, {"value": 7}),
        ("東京", {"value": "東京"}),
        (Verdict(False, 2), {"passed": False, "rows": 2}),
    ],
)
def test_answers_become_control_data(given: object, expected: dict[str, Any]) -> None:
    assert call("answers", {**EVENT, "answer": given}) == expected


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (object(), "runtime_steps:answers answered object: $.value is of type object"),
        ({"files": [{"at": b"x"}]}, "runtime_steps:answers answered dict: $.files[0].at is of type bytes"),
        ({"rate": float("nan")}, "runtime_steps:answers answered dict: $.rate is nan"),
        ({"rows": {1, 2}}, "runtime_steps:answers answered dict: $.rows is of type set"),
        ([{(1, 2): 3}], "runtime_steps:answers answered list: $.items[0] has a key of type tuple"),
    ],
)
def test_an_answer_that_is_not_json_is_named(given: object, said: str) -> None:
    with pytest.raises(WrongAnswer) as caught:
        call("answers", {**EVENT, "answer": given})
    assert str(caught.value) == (
        f"{said}. Expected control data: nothing, or names, counts, digests and addresses as JSON"
    )


def test_a_large_answer_is_refused_by_name() -> None:
    assert len(call("answers", {**EVENT, "answer": ["x" * 990] * 200})["items"]) == 200
    with pytest.raises(AnswerTooLarge, match=r"runtime_steps:answers answered 200,\d{3} bytes; expected at most 200,0"):
        call("answers", {**EVENT, "answer": ["東" * 331] * 201})


@pytest.mark.parametrize("given", [True, {"passed": True}, Verdict(True, 1), {"rows": 2}, 3])
@pytest.mark.parametrize("blocking", [True, False])
def test_a_check_that_passes(given: object, blocking: bool) -> None:
    answer = call("answers", {**EVENT, "check": "fresh", "blocking": blocking, "answer": given})
    assert answer["passed"] is True


@pytest.mark.parametrize("given", [False, None, {}, [], {"passed": False, "rows": 2}, Verdict(False, 2)])
def test_a_check_that_does_not_pass(given: object) -> None:
    event = {**EVENT, "check": "fresh", "answer": given}
    assert call("answers", {**event, "blocking": False})["passed"] is False
    with pytest.raises(CheckFailed, match="raw/orders: the blocking check fresh did not pass; it answered "):
        call("answers", {**event, "blocking": True})


def test_one_line_at_the_start_and_one_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    about = {
        "execution": "run-1",
        "redrive": 1,
        "state": "raw/orders",
        "retry": 2,
        "partition": "2025-04",
        "function": "runtime_steps:nothing",
    }
    call("nothing")
    start, end = map(json.loads, capsys.readouterr().out.splitlines())
    seconds = end.pop("seconds")
    assert start == {"at": "start", **about}
    assert end == {"at": "end", "outcome": "ok", **about}
    assert 0 <= seconds < 5
    with pytest.raises(LookupError):
        call("fails")
    printed = capsys.readouterr().out
    assert json.loads(printed.splitlines()[1])["outcome"] == "LookupError"
    assert "secret" not in printed


def test_a_step_is_imported_when_it_is_bound() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        bind("no_such_module:run")
    with pytest.raises(AttributeError, match="no_such_step"):
        bind("runtime_steps:no_such_step")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="lake")
        yield client


DECLARED = {"bucket": "${bucket_data}", "key": "logs/_writer.json"}


def test_a_writing_step_holds_the_claim(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIM_BUCKET", "lake")
    handler = bind("runtime_steps:nothing", writes=True, claim=DECLARED)
    assert handler(EVENT, None) == {}
    assert handler(EVENT, None) == {}
    held = json.loads(s3.get_object(Bucket="lake", Key="logs/_writer.json")["Body"].read())
    assert (held["execution"], held["machine"], held["partition"]) == (ARN, "shop", "2025-04")
    with pytest.raises(WrongInput, match="expected the ARN of an execution"):
        handler({"context": {}, "plan": PLAN}, None)


def test_a_reading_step_takes_no_claim(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIM_BUCKET", "lake")
    assert bind("runtime_steps:nothing", claim=DECLARED)(EVENT, None) == {}
    assert "Contents" not in s3.list_objects_v2(Bucket="lake")


def test_a_machine_without_a_claim_needs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLAIM_BUCKET", raising=False)
    assert bind("runtime_steps:nothing", writes=True)(EVENT, None) == {}


def test_a_claim_whose_bucket_nobody_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLAIM_BUCKET", raising=False)
    with pytest.raises(NotConfigured) as caught:
        bind("runtime_steps:nothing", writes=True, claim=DECLARED)(EVENT, None)
    assert str(caught.value) == (
        "the environment variable CLAIM_BUCKET is not set: the bucket of the writer's claim is ${bucket_data}"
    )
    monkeypatch.setenv("CLAIM_BUCKET", "lake")
    monkeypatch.delenv("CLAIM_KEY", raising=False)
    with pytest.raises(NotConfigured, match="CLAIM_KEY is not set: the key of the writer's claim is not known"):
        bind("runtime_steps:nothing", writes=True)(EVENT, None)
