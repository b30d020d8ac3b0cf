"""A token task beats while it works, and stops when nobody waits for it."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from compiler.runtime.token import ATTEMPTS, beat, fail, interval, keep_beating, succeed

TOKEN = "AAAA"


class Clock:
    """Time that passes only by waiting; the work ends after `work_s`."""

    def __init__(self, work_s: float = float("inf")) -> None:
        self.now = 0.0
        self.work_s = work_s
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += seconds
        return self.now >= self.work_s

    def read(self) -> float:
        return self.now


class Beats:
    """Step Functions as far as heartbeats go: answers one after the other, the last for ever; None is accepted."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.heard = 0

    def send_task_heartbeat(self, taskToken: str) -> dict[str, Any]:
        assert taskToken == TOKEN
        self.heard += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer:
            raise answer
        return {}


def said(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "-"}}, "SendTaskHeartbeat")


DOWN = EndpointConnectionError(endpoint_url="https://states.amazonaws.com")


def run(beats: Beats, clock: Clock) -> bool:
    return keep_beating(beats, TOKEN, 40.0, clock.wait, give_up_s=120.0, clock=clock.read)


def test_it_beats_until_the_work_ends() -> None:
    beats, clock = Beats(None), Clock(work_s=100)
    assert run(beats, clock) is True
    assert (beats.heard, clock.waits) == (3, [40.0, 40.0, 40.0])


@pytest.mark.parametrize("code", ["TaskTimedOut", "InvalidToken", "TaskDoesNotExist"])
def test_it_stops_within_one_interval_when_nobody_waits(code: str) -> None:
    beats, clock = Beats(None, None, said(code)), Clock()
    assert run(beats, clock) is False
    assert clock.now == 80.0


@pytest.mark.parametrize("hiccup", [said("ThrottlingException"), DOWN])
def test_a_missed_answer_is_no_end(hiccup: Exception) -> None:
    beats, clock = Beats(hiccup, hiccup, None, hiccup, hiccup, None), Clock(work_s=240)
    assert run(beats, clock) is True
    assert beats.heard == 6


def test_silence_for_as_long_as_the_state_allows_is_the_end() -> None:
    beats, clock = Beats(None, DOWN), Clock()
    assert run(beats, clock) is False
    assert clock.now == 120.0


def test_the_interval_fits_three_times_into_the_states_patience() -> None:
    assert interval(120) == 40.0
    assert interval(1) == 1.0


def stubbed(*answers: tuple[str, str | None]) -> tuple[Any, Stubber]:
    client = boto3.client(
        "stepfunctions", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    stub = Stubber(client)
    for operation, code in answers:
        if code:
            stub.add_client_error(operation, code)
        else:
            stub.add_response(operation, {})
    stub.activate()
    return client, stub


def test_one_beat() -> None:
    client, stub = stubbed(
        ("send_task_heartbeat", None),
        ("send_task_heartbeat", "TaskTimedOut"),
        ("send_task_heartbeat", "ThrottlingException"),
    )
    assert [beat(client, TOKEN) for _ in range(3)] == [True, False, None]
    stub.assert_no_pending_responses()


REPORTS: list[tuple[str, Callable[[Any, Clock], bool]]] = [
    ("send_task_success", lambda client, clock: succeed(client, TOKEN, {"rows": 1}, clock.wait)),
    ("send_task_failure", lambda client, clock: fail(client, TOKEN, "DbtFailed", "fact: error", clock.wait)),
]


@pytest.mark.parametrize(("operation", "report"), REPORTS)
def test_a_report_is_tried_again_where_no_answer_comes(operation: str, report: Callable[[Any, Clock], bool]) -> None:
    client, stub = stubbed((operation, "ThrottlingException"), (operation, "ServiceUnavailable"), (operation, None))
    clock = Clock()
    assert report(client, clock) is True
    assert clock.waits == [1.0, 2.0]
    stub.assert_no_pending_responses()


@pytest.mark.parametrize(("operation", "report"), REPORTS)
def test_a_report_that_nobody_waits_for(operation: str, report: Callable[[Any, Clock], bool]) -> None:
    client, _ = stubbed((operation, "TaskDoesNotExist"))
    assert report(client, Clock()) is False


@pytest.mark.parametrize(("operation", "report"), REPORTS)
def test_a_report_that_never_arrives_is_an_error(operation: str, report: Callable[[Any, Clock], bool]) -> None:
    client, stub = stubbed(*[(operation, "ThrottlingException")] * ATTEMPTS)
    with pytest.raises(ClientError, match="ThrottlingException"):
        report(client, Clock())
    stub.assert_no_pending_responses()
    client, _ = stubbed((operation, "AccessDeniedException"))
    with pytest.raises(ClientError, match="AccessDenied"):
        report(client, Clock())


def test_what_is_too_long_is_cut_or_refused() -> None:
    client, stub = stubbed()
    stub.add_response("send_task_failure", {}, {"taskToken": TOKEN, "error": "E" * 256, "cause": "c" * 32_768})
    assert fail(client, TOKEN, "E" * 300, "c" * 40_000, Clock().wait) is True
    with pytest.raises(ValueError, match="output: expected at most 262,144 bytes, found 300,"):
        succeed(client, TOKEN, {"x": "y" * 300_000}, Clock().wait)
