"""One execution writes at a time."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from compiler.runtime.claim import ROUNDS, Hold, Place, take
from compiler.runtime.errors import ClaimUnreachable, WriterBusy, WriterBusyWaiting

PLACE = Place("lake", "logs/runs/_writer.json")
ARN = "arn:aws:states:ap-northeast-1:123456789012:execution:shop-elt"
OURS = Hold(f"{ARN}:ours", "shop-elt", "2025-04", "2025-11-23T03:00:00+00:00")
THEIRS = Hold(f"{ARN}:theirs", "shop-elt", "2025-03", "2025-11-22T03:00:00+00:00")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=PLACE.bucket)
        yield client


class Executions:
    """Step Functions as far as it is asked: the states of executions by ARN; one that is not here does not exist."""

    def __init__(self, **states: str) -> None:
        self.states = {f"{ARN}:{name}": state for name, state in states.items()}
        self.asked = 0
        self.before: Callable[[], None] = lambda: None

    def describe_execution(self, executionArn: str) -> dict[str, Any]:
        self.asked += 1
        self.before()
        if executionArn not in self.states:
            raise ClientError({"Error": {"Code": "ExecutionDoesNotExist", "Message": ""}}, "DescribeExecution")
        return {"status": self.states[executionArn], "startDate": datetime(2025, 11, 22, tzinfo=UTC)}


def holder(s3: Any) -> str:
    return str(json.loads(s3.get_object(Bucket=PLACE.bucket, Key=PLACE.key)["Body"].read())["execution"])


def test_the_first_takes_it_and_finds_it_its_own_ever_after(s3: Any) -> None:
    executions = Executions(ours="RUNNING")
    assert take(PLACE, OURS, s3, executions) == "taken"
    assert take(PLACE, OURS, s3, executions) == "ours"
    assert executions.asked == 0
    assert json.loads(s3.get_object(Bucket=PLACE.bucket, Key=PLACE.key)["Body"].read()) == {
        "execution": f"{ARN}:ours",
        "machine": "shop-elt",
        "partition": "2025-04",
        "taken_at": "2025-11-23T03:00:00+00:00",
    }


@pytest.mark.parametrize(("wait", "error"), [(False, WriterBusy), (True, WriterBusyWaiting)])
def test_a_running_holder_is_named(s3: Any, wait: bool, error: type[Exception]) -> None:
    executions = Executions(ours="RUNNING", theirs="RUNNING")
    take(PLACE, THEIRS, s3, executions)
    with pytest.raises(error) as caught:
        take(PLACE, OURS, s3, executions, wait=wait)
    then = "it is waited for" if wait else 'wait until it has ended, or start with "wait": true'
    assert str(caught.value) == (
        f"one execution writes at a time: {ARN}:theirs (shop-elt, partition 2025-03) has been writing since "
        f"2025-11-22T03:00:00+00:00; {then}. To look at it: aws stepfunctions describe-execution "
        f"--execution-arn {ARN}:theirs (claim: s3://lake/logs/runs/_writer.json)"
    )
    assert holder(s3) == f"{ARN}:theirs"


@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", ""])
def test_a_holder_that_has_ended_or_is_forgotten_is_replaced(s3: Any, state: str) -> None:
    executions = Executions(**({"theirs": state} if state else {}))
    take(PLACE, THEIRS, s3, executions)
    assert take(PLACE, OURS, s3, executions) == "replaced"
    assert holder(s3) == f"{ARN}:ours"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"execution": 7}', b"\xff"])
def test_what_names_no_execution_holds_nothing(s3: Any, body: bytes) -> None:
    s3.put_object(Bucket=PLACE.bucket, Key=PLACE.key, Body=body)
    assert take(PLACE, OURS, s3, Executions()) == "replaced"
    assert holder(s3) == f"{ARN}:ours"


def test_a_redriven_execution_meets_the_one_that_came_after(s3: Any) -> None:
    executions = Executions(theirs="FAILED", ours="RUNNING")
    take(PLACE, THEIRS, s3, executions)
    take(PLACE, OURS, s3, executions)
    executions.states[f"{ARN}:theirs"] = "RUNNING"
    with pytest.raises(WriterBusy):
        take(PLACE, THEIRS, s3, executions)
    executions.states[f"{ARN}:ours"] = "SUCCEEDED"
    assert take(PLACE, THEIRS, s3, executions) == "replaced"


def test_of_two_that_replace_an_ended_holder_one_does(s3: Any) -> None:
    """Between our look at the holder and our PUT, a third execution replaces it: its claim is seen and stands."""
    third = Hold(f"{ARN}:third", "shop-elt", None, "2025-11-23T03:00:01+00:00")
    executions = Executions(theirs="FAILED", third="RUNNING", ours="RUNNING")
    take(PLACE, THEIRS, s3, executions)

    def faster() -> None:
        executions.before = lambda: None
        take(PLACE, third, s3, executions)

    executions.before = faster
    with pytest.raises(WriterBusy, match=r"third \(shop-elt, no partition\)"):
        take(PLACE, OURS, s3, executions)
    assert holder(s3) == f"{ARN}:third"


def test_the_claim_vanishes_between_look_and_put(s3: Any) -> None:
    executions = Executions(theirs="FAILED")
    take(PLACE, THEIRS, s3, executions)

    def gone() -> None:
        executions.before = lambda: None
        s3.delete_object(Bucket=PLACE.bucket, Key=PLACE.key)

    executions.before = gone
    assert take(PLACE, OURS, s3, executions) == "taken"
    assert holder(s3) == f"{ARN}:ours"


def test_a_race_that_is_always_lost_ends(s3: Any) -> None:
    executions = Executions(theirs="FAILED")
    take(PLACE, THEIRS, s3, executions)
    executions.before = lambda: s3.put_object(
        Bucket=PLACE.bucket, Key=PLACE.key, Body=json.dumps({"execution": f"{ARN}:theirs", "n": executions.asked})
    )
    with pytest.raises(ClaimUnreachable, match=f"lost the race for the writer's claim {ROUNDS} times"):
        take(PLACE, OURS, s3, executions)
    assert executions.asked == ROUNDS


def stubbed(service: str) -> tuple[Any, Stubber]:
    client = boto3.client(
        service, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    return client, Stubber(client)


def test_reading_is_refused_for_a_missing_claim_where_listing_is_not_allowed() -> None:
    client, stub = stubbed("s3")
    stub.add_client_error("get_object", "AccessDenied", http_status_code=403)
    stub.add_response("put_object", {"ETag": '"1"'})
    with stub:
        assert take(PLACE, OURS, client, Executions()) == "taken"


def test_a_claim_that_is_there_and_cannot_be_read() -> None:
    client, stub = stubbed("s3")
    stub.add_client_error("get_object", "AccessDenied", http_status_code=403)
    stub.add_client_error("put_object", "PreconditionFailed", http_status_code=412)
    with stub, pytest.raises(ClaimUnreachable, match="cannot read the writer's claim s3://lake/logs/runs/"):
        take(PLACE, OURS, client, Executions())


@pytest.mark.parametrize("code", ["SlowDown", "NoSuchBucket", "KMS.DisabledException"])
def test_other_answers_of_s3_are_tried_again_by_the_state(code: str) -> None:
    client, stub = stubbed("s3")
    stub.add_client_error("get_object", code, http_status_code=400)
    with stub, pytest.raises(ClaimUnreachable, match=code):
        take(PLACE, OURS, client, Executions())
    client, stub = stubbed("s3")
    stub.add_client_error("get_object", "NoSuchKey", http_status_code=404)
    stub.add_client_error("put_object", code, http_status_code=400)
    with stub, pytest.raises(ClaimUnreachable, match=f"cannot write the writer's claim .*{code}"):
        take(PLACE, OURS, client, Executions())


def test_a_conflict_while_another_writes_is_looked_at_again() -> None:
    client, stub = stubbed("s3")
    stub.add_client_error("get_object", "NoSuchKey", http_status_code=404)
    stub.add_client_error("put_object", "ConditionalRequestConflict", http_status_code=409)
    stub.add_client_error("get_object", "NoSuchKey", http_status_code=404)
    stub.add_response("put_object", {"ETag": '"1"'})
    with stub:
        assert take(PLACE, OURS, client, Executions()) == "taken"
    stub.assert_no_pending_responses()


def test_a_holder_whose_state_cannot_be_read(s3: Any) -> None:
    take(PLACE, THEIRS, s3, Executions())
    client, stub = stubbed("stepfunctions")
    stub.add_client_error("describe_execution", "AccessDeniedException")
    with stub, pytest.raises(ClaimUnreachable, match=f"held by {ARN}:theirs, whose state cannot be read"):
        take(PLACE, OURS, s3, client)
    assert holder(s3) == f"{ARN}:theirs"


def test_no_network() -> None:
    class Down:
        def get_object(self, **_: object) -> None:
            raise EndpointConnectionError(endpoint_url="https://lake.s3.amazonaws.com")

    with pytest.raises(ClaimUnreachable, match="EndpointConnectionError"):
        take(PLACE, OURS, Down(), Executions())
