"""The steps as Lambda calls them: S3, SNS and Secrets Manager as moto serves them, the warehouse on DuckDB."""

import io
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.sample import generate
from dpc_assets.steps import (
    copy_raw,
    find_work,
    in_lambda,
    migrate,
    normalize,
    record_loads,
    validate_manifest,
)
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.errors import InputError, RetryLater
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Result, Run
from dpc_assets.steps.store import FolderStore, S3Store

MONTH = "2025-04"
NOW = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)
ARN = "arn:aws:states:ap-northeast-1:123456789012:execution:dpc-learning-elt:monday"
ID_KEY = "k" * 32


def event(state: str = "raw/submissions", **given: Any) -> dict[str, Any]:
    """What the machine hands to a function: the context object, the plan, and what the state adds."""
    execution = {
        "Id": ARN,
        "Name": ARN.rpartition(":")[2],
        "Input": {"partition": MONTH},
        "StartTime": "2025-07-01T02:58:00.123Z",
        "RedriveCount": 0,
    }
    context = {
        "Execution": execution | given.pop("execution", {}),
        "State": {"Name": state, "EnteredTime": "2025-07-01T02:59:00Z", "RetryCount": given.pop("retry", 0)},
    }
    plan = {"plan": {"partition": MONTH, "select": None, "full": True, "input": {}}}
    return json.loads(json.dumps({"context": context, **plan, **given}))


@dataclass(frozen=True)
class Cloud:
    """A lake in S3, a warehouse behind the Data API, and the environment of the functions."""

    client: Callable[[str], Any]
    environ: Mapping[str, str]

    def call(self, step: Callable[..., Any], **given: Any) -> Any:
        return in_lambda.answer(step, event(**given), None, self.environ, self.client, lambda: NOW)

    @property
    def store(self) -> S3Store:
        return S3Store("lake", "", self.client("s3"))

    def fetch(self, sql: str) -> list[Any]:
        return DataApiWarehouse(self.client("redshift-data")).fetch(sql, name="test")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-northeast-1")
    with mock_aws():
        yield


@pytest.fixture
def cloud(aws: None, tmp_path: Path) -> Cloud:
    boto3.client("s3").create_bucket(Bucket="lake", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    secrets = boto3.client("secretsmanager")
    data_api = DuckDBDataApi(tmp_path / "aws.duckdb", S3Store("lake", "", boto3.client("s3")))

    @cache
    def client(service: str) -> Any:
        return data_api if service == "redshift-data" else boto3.client(service)

    return Cloud(
        client,
        {
            "DPC_LAKE": "s3://lake",
            "DPC_WORKGROUP": "dpc-learning",
            "DPC_DATABASE": "dpc",
            "DPC_ID_KEY_SECRET": secrets.create_secret(Name="id-key", SecretString=ID_KEY)["ARN"],
            "DPC_SNS_TOPIC": boto3.client("sns").create_topic(Name="dpc")["TopicArn"],
            "DPC_SLACK_SECRET": secrets.create_secret(Name="slack")["ARN"],
        },
    )


def staged_and_judged(store: FolderStore | S3Store) -> dict[str, bytes]:
    kept = {each.key: store.read(each.key) for part in ("stage/", "logs/") for each in store.list(part)}
    return {key: re.sub(rb'"judged_at": "[^"]*"', b"", data) for key, data in kept.items()}


def raw_rows(fetch: Callable[[str], list[Any]]) -> dict[str, list[Any]]:
    tables = ("raw.loads", "raw.ff1", "raw.efn", "raw.dn", "raw.hn", "raw.kn", "raw.ff4", "raw.efg")
    return {table: sorted(fetch(f"SELECT * FROM {table}"), key=str) for table in tables}


def test_the_steps_of_raw_leave_what_they_leave_on_a_laptop(cloud: Cloud, tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "lake")
    generate(store, MONTH, months=1, facilities=2, stays=3, seed=5)
    for each in store.list(""):
        cloud.store.write(each.key, store.read(each.key))
    laptop = Ports(
        store,
        DataApiWarehouse(DuckDBDataApi(tmp_path / "laptop.duckdb", store)),
        lambda: NOW,
        notifier=None,  # type: ignore[arg-type]
        id_key=lambda: ID_KEY.encode(),
    )
    run = Run("laptop", (MONTH,))
    for step in (migrate, validate_manifest, normalize, copy_raw, record_loads):
        step.run(run, laptop)

    cloud.call(migrate.run)
    cloud.call(validate_manifest.run)
    items = cloud.call(normalize.pending)
    facilities = sorted({each.key.split("/")[2] for each in store.list("raw/")})
    assert [each["versions"] for each in items] == [[f"{MONTH}/{facility}/v1"] for facility in facilities]
    for item in reversed(items):  # in any order
        cloud.call(normalize.one, item=item)
    for item in cloud.call(copy_raw.pending):
        cloud.call(copy_raw.one, item=item)
    cloud.call(record_loads.run)

    assert staged_and_judged(cloud.store) == staged_and_judged(store)
    assert raw_rows(cloud.fetch) == raw_rows(partial(laptop.warehouse.fetch, name="test"))
    assert cloud.call(normalize.pending) == []


def test_an_item_that_has_been_done_is_left_alone(cloud: Cloud) -> None:
    generate(cloud.store, MONTH, months=1, facilities=1, stays=1, seed=5)
    (item,) = cloud.call(normalize.pending)
    first = cloud.call(normalize.one, item=item)
    assert (first["counts"]["judged"], first["counts"]["files"]) == (1, 7)
    before = staged_and_judged(cloud.store)
    again = cloud.call(normalize.one, item=item)
    assert again["counts"] == {"judged": 0, "files": 0, "records": 0, "bytes": 0}
    assert staged_and_judged(cloud.store) == before


def test_a_version_name_that_is_none(cloud: Cloud) -> None:
    with pytest.raises(InputError, match=r"expected a name such as 2025-04/131000123/v1, found '\.\./x'"):
        cloud.call(normalize.one, item={"versions": ["../x"]})


def test_many_versions_share_an_item(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    for number in range(normalize.ITEMS + 1):
        store.write(f"raw/yyyymm={MONTH}/131000123/v{number + 1}/_manifest.json", b"{}")
    ports = Ports(store, warehouse=None, clock=lambda: NOW, notifier=None, id_key=bytes)  # type: ignore[arg-type]
    items = normalize.pending(Run("r", (MONTH,)), ports)
    assert len(items) == 251
    assert [len(each["versions"]) for each in items] == [2] * 250 + [1]
    assert sorted(name for each in items for name in each["versions"]) == sorted(
        f"{MONTH}/131000123/v{number + 1}" for number in range(normalize.ITEMS + 1)
    )


def nothing(run: Run, ports: Ports) -> list[str]:
    return [run.run_id, str(run.months), str(run.started_at)]


def test_the_run_is_the_execution(cloud: Cloud) -> None:
    assert cloud.call(nothing) == ["monday", "('2025-04',)", "2025-07-01 02:58:00.123000+00:00"]
    told = cloud.call(nothing, plan={"partition": None, "full": False}, execution={"Name": "長" * 40})
    assert told[:2] == ["長" * 15 + "-" + "d129006d767f6c36", "()"]


def test_a_step_gets_what_it_names(cloud: Cloud) -> None:
    def names(run: Run, ports: Ports, asked: Any, item: Any, *, full: bool, selected: Sequence[str]) -> list[Any]:
        return [asked, item, full, selected]

    assert cloud.call(names, item={"a": 1}, selected=["raw/ff1"]) == [{"partition": MONTH}, {"a": 1}, True, ["raw/ff1"]]
    assert cloud.call(names, plan=None, execution={"Input": {}}) == [{}, None, False, ()]


def test_the_daily_step_takes_the_input_of_its_machine(cloud: Cloud) -> None:
    generate(cloud.store, MONTH, months=2, facilities=1, stays=1, seed=5, resubmission=False)
    both = [{"partition": "2025-04"}, {"partition": "2025-05"}]
    assert cloud.call(find_work.run, plan=None, execution={"Input": {}}) == both
    asked = {"from": "2025-05", "to": "2025-06"}
    assert cloud.call(find_work.run, plan=None, execution={"Input": asked}) == both[1:]


def test_answer_and_log_are_control_data_without_the_notes(cloud: Cloud) -> None:
    def talkative(run: Run, ports: Ports) -> Result:
        return Result("talkative", counts={"rows": 3}, notes=("patient 0000000001 admitted 2025-04-02",) * 100)

    printed = io.StringIO()
    with redirect_stdout(printed):
        told = cloud.call(talkative)
    assert told == {"step": "talkative", "counts": {"rows": 3}, "versions": {}, "notes": 100, "keys": {}}
    (line,) = printed.getvalue().splitlines()
    assert json.loads(line) == {"run_id": "monday", "partition": MONTH, **told}


@pytest.mark.parametrize(
    ("name", "value", "step", "said"),
    [
        ("DPC_LAKE", "", find_work.run, "DPC_LAKE: expected in the function's environment, found nothing"),
        (
            "DPC_LAKE",
            "folder/lake",
            find_work.run,
            "DPC_LAKE: expected s3://bucket or s3://bucket/prefix, found 'folder/lake'",
        ),
        ("DPC_LAKE", "s3://", find_work.run, "DPC_LAKE: expected s3://bucket or s3://bucket/prefix, found 's3://'"),
    ],
)
def test_a_missing_setting_is_named(cloud: Cloud, name: str, value: str, step: Any, said: str) -> None:
    without = Cloud(cloud.client, {**cloud.environ, name: value})
    with pytest.raises(InputError) as refused:
        without.call(step)
    assert str(refused.value).startswith(said)


def test_a_call_by_hand_is_told_to_start_the_machine() -> None:
    with pytest.raises(InputError, match="expected the context of an execution in `context`"):
        in_lambda.answer(nothing, {}, None, {}, boto3.client, lambda: NOW)


class Seen:
    """A Data API that is asked once and remembers the token of the call."""

    def __init__(self) -> None:
        self.tokens: list[str] = []

    def batch_execute_statement(self, ClientToken: str, **request: Any) -> dict[str, str]:
        self.tokens.append(ClientToken)
        return {"Id": "1"}

    def describe_statement(self, Id: str) -> dict[str, Any]:
        return {"Status": "FINISHED"}


def tokens(given: dict[str, Any]) -> list[str]:
    seen = Seen()
    ports = in_lambda.ports_of(given, None, {"DPC_LAKE": "s3://lake"}, lambda service: seen, lambda: NOW)
    for _ in range(2):
        ports.warehouse.execute(["SELECT 1"], name="one")
    return seen.tokens


def test_each_statement_of_each_attempt_has_its_own_token() -> None:
    attempts = [
        event("raw/loads"),
        event("raw/loads", retry=1),
        event("raw/loads", execution={"RedriveCount": 1}),
        event("raw/loads", execution={"Id": ARN + "-2"}),
        event("dq/results_checks"),
        event("raw/loads", item={"facility": "131000123"}),
        event("raw/loads", item={"facility": "271000456"}),
    ]
    found = [token for each in attempts for token in tokens(each)]
    assert len(set(found)) == 14
    assert {len(token) for token in found} == {64}
    assert found == [token for each in attempts for token in tokens(each)]  # one attempt, told twice


class Ending:
    """Lambda's context with little time left."""

    def get_remaining_time_in_millis(self) -> int:
        return 15_200


class Endless(Seen):
    cancelled = False

    def describe_statement(self, Id: str) -> dict[str, Any]:
        return {"Status": "STARTED"}

    def cancel_statement(self, Id: str) -> dict[str, Any]:
        self.cancelled = True
        return {"Status": True}


def test_a_statement_is_cancelled_before_the_function_ends() -> None:
    api = Endless()
    ports = in_lambda.ports_of(event(), Ending(), {"DPC_LAKE": "s3://lake"}, lambda service: api, lambda: NOW)
    with pytest.raises(RetryLater, match="one: still running after 0 s; it was cancelled"):
        ports.warehouse.execute(["SELECT 1"], name="one")
    assert api.cancelled


def test_the_id_key_is_read_when_it_is_needed_and_kept(cloud: Cloud) -> None:
    asked = []

    def client(service: str) -> Any:
        asked.append(service)
        return boto3.client(service)

    ports = in_lambda.ports_of(event(), None, cloud.environ, client, lambda: NOW)
    assert asked == []
    assert (ports.id_key(), ports.id_key()) == (ID_KEY.encode(), ID_KEY.encode())
    assert asked == ["secretsmanager"]


def test_a_secret_without_a_value_is_for_a_person_and_a_refusal_for_later(cloud: Cloud) -> None:
    slack = cloud.environ["DPC_SLACK_SECRET"]
    empty = in_lambda.ports_of(event(), None, {**cloud.environ, "DPC_ID_KEY_SECRET": slack}, cloud.client, lambda: NOW)
    with pytest.raises(InputError, match="the secret has no value"):
        empty.id_key()
    unset = in_lambda.ports_of(event(), None, {"DPC_LAKE": "s3://lake"}, cloud.client, lambda: NOW)
    with pytest.raises(InputError, match="DPC_ID_KEY_SECRET: expected in the function's environment"):
        unset.id_key()

    def refusing(service: str) -> Any:
        made = boto3.client(service)
        made.meta.events.register("before-send.secrets-manager", _denied)
        return made

    refused = in_lambda.ports_of(event(), None, cloud.environ, refusing, lambda: NOW)
    with pytest.raises(RetryLater, match="Secrets Manager refused"):
        refused.id_key()


def _denied(request: Any, **kwargs: Any) -> Any:
    from botocore.awsrequest import AWSResponse

    class Body:
        def stream(self, *args: Any, **kwargs: Any) -> Iterator[bytes]:
            yield b'{"__type": "AccessDeniedException", "message": "not you"}'

    return AWSResponse(request.url, 400, {"content-type": "application/x-amz-json-1.1"}, Body())


def messages(cloud: Cloud) -> list[str]:
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.sns import sns_backends

    backend = sns_backends[DEFAULT_ACCOUNT_ID]["ap-northeast-1"]
    return [sent[1] for sent in backend.topics[cloud.environ["DPC_SNS_TOPIC"]].sent_notifications]


def test_a_message_goes_to_the_topic_and_to_slack_once_its_secret_has_a_value(cloud: Cloud) -> None:
    ports = in_lambda.ports_of(event(), None, cloud.environ, cloud.client, lambda: NOW)
    ports.notifier.send("DPC 2025-04: DONE", "body", {})
    assert messages(cloud) == ["body"]
    cloud.client("secretsmanager").put_secret_value(SecretId=cloud.environ["DPC_SLACK_SECRET"], SecretString="nowhere")
    with pytest.raises(InputError, match="expected an https:// address in the secret"):
        ports.notifier.send("DPC 2025-04: DONE", "second", {})
    assert messages(cloud) == ["body", "second"]


def test_the_entry_reads_this_process(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in cloud.environ.items():
        monkeypatch.setenv(name, value)
    assert "DPC_LAKE" in os.environ
    in_lambda._client.cache_clear()
    generate(cloud.store, MONTH, months=1, facilities=1, stays=1, seed=5)
    assert in_lambda.call(validate_manifest.run, event(), None) == {
        "step": "validate_manifest",
        "counts": {"versions": 1, "known": 0, "rejected": 0, "strays": 0},
        "versions": {},
        "notes": 0,
        "keys": {},
    }
