"""Two months through every function of the manifest, by the entry of its zip, over moto and the Data API on DuckDB.

What is prepared and looked at in between is the test's own work and is not recorded. A function is called as often as
it takes to see it do all that it can: take the writer's claim over from an execution that ended, find a part too many.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from aws_operations import ACCOUNT, KEY, REGION, WORKGROUP
from call_recorder import HeardDataApi, Recorder
from month_prepared import deliver_late, prepare

from compiler.runtime import plan_run
from compiler.runtime.graph_file import SelectionGraph
from compiler.runtime.handler import bind
from dpc_assets.local import compiled
from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.steps import in_lambda
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.errors import DataHeld, RetryLater
from dpc_assets.steps.store import S3Store

MONTHS = ("2025-04", "2025-05")
"""A finding holds the export of the first."""
BUCKET = "dpc-learning-data-dev"
WAREHOUSE_ROLE = "role-redshift-copy"
NOW = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)

RUNNING: list[Deployment] = []
"""The one that is called: a zip's adapter is found by its name."""


def call(step: Callable[..., Any], event: Mapping[str, Any], context: Any) -> object:
    """`in_lambda.call`, with the clients and the environment of the deployment under test."""
    here = RUNNING[-1]
    return in_lambda.answer(step, event, context, here.environ, here.client, lambda: here.now)


@dataclass
class Deployment:
    """The manifest's functions over a lake in moto and a warehouse in a file. `holes`: what Terraform fills in."""

    folder: Path
    functions: Mapping[str, Mapping[str, Any]]
    recorder: Recorder
    holes: dict[str, str] = field(default_factory=dict)
    clients: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW
    environ: Mapping[str, str] = field(default_factory=dict)
    executions: int = 0

    def set_up(self) -> None:
        """Bucket, secrets, topic, and a lake of deliveries."""
        s3, secrets = self.client("s3"), self.client("secretsmanager")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        name = "dpc-learning"
        self.holes |= {
            "account_id": ACCOUNT,
            "region": REGION,
            "data_bucket": BUCKET,
            "data_bucket_arn": f"arn:aws:s3:::{BUCKET}",
            "kms_key_arn": KEY,
            "redshift_workgroup": name,
            "admin_secret_arn": secrets.create_secret(Name=f"{name}/admin", SecretString="{}")["ARN"],
            "catalog_database": "dpc_learning_dev_warehouse",
            "name_suffix": "",
            "redshift_workgroup_arn": WORKGROUP,
            "id_key_secret_arn": secrets.create_secret(Name=f"{name}/id-key")["ARN"],
            "slack_secret_arn": secrets.create_secret(Name=f"{name}/slack")["ARN"],
            "topic_arn": self.client("sns").create_topic(Name=f"{name}-notifications-dev")["TopicArn"],
        }
        for machine in ("dpc-learning-elt", "dpc-learning-schedule"):
            hole = machine.replace("-", "_")
            self.holes[f"machine_{hole}"] = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{machine}"
            self.holes[f"executions_{hole}"] = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{machine}:*"
        prepare(self.store, MONTHS)

    def client(self, service: str) -> Any:
        if service not in self.clients:
            if service == "redshift-data":
                local = DuckDBDataApi(self.folder / "dpc.duckdb", self.store)
                self.clients[service] = HeardDataApi(local, self.recorder, WAREHOUSE_ROLE)
            else:
                self.clients[service] = boto3.client(service)
        return self.clients[service]

    @property
    def store(self) -> S3Store:
        return S3Store(BUCKET, "", self.client("s3"))

    def invoke(self, name: str, month: str = MONTHS[-1], context: object = None, **event: Any) -> Any:
        """One call of a function in an execution of its own, so that a writing one finds a claim that has ended."""
        self.executions += 1
        function = self.functions[name]
        given = self._event(function, month, event)
        self.environ = {key: self.filled(value) for key, value in function["env"].items()}
        RUNNING.append(self)
        try:
            with self.recorder.caller(name):
                return self._handler(function)(given, context)
        finally:
            RUNNING.pop()

    def send(self, name: str, event: dict[str, Any], context: object = None) -> Any:
        """One call by another service, with an event of its own."""
        function = self.functions[name]
        self.environ = {key: self.filled(value) for key, value in function["env"].items()}
        RUNNING.append(self)
        try:
            with self.recorder.caller(name):
                return self._handler(function)(event, context)
        finally:
            RUNNING.pop()

    def filled(self, text: str) -> str:
        """A text of the manifest with the values of its holes."""
        for hole, value in self.holes.items():
            text = text.replace("${" + hole + "}", value)
        return text

    def _handler(self, function: Mapping[str, Any]) -> Callable[[Mapping[str, Any], object], Any]:
        if function["runs"] == "compiler.runtime.plan_run:handler":
            graph = SelectionGraph(
                "dpc-learning-elt", nodes={}, claim={"bucket": BUCKET, "key": "logs/runs/_writer.json"}
            )
            return lambda event, _context: plan_run.run(graph, event, NOW)
        assert function["call"] == "dpc_assets.steps.in_lambda:call"
        return bind(function["runs"], "month_in_aws:call", bool(function["writes"]), {"bucket": "", "key": ""})

    def _event(self, function: Mapping[str, Any], month: str, event: dict[str, Any]) -> dict[str, Any]:
        name = f"run-{self.executions}"
        machine = event.pop("machine", "dpc-learning-elt")
        execution = {
            "Id": f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{machine}:{name}",
            "Name": name,
            "Input": event.pop("asked", {}),
            "StartTime": "2025-07-01T02:58:00.123Z",
            "RedriveCount": 0,
        }
        state = {"Name": function["file"], "EnteredTime": "2025-07-01T02:59:00Z", "RetryCount": 0}
        context = {"Execution": execution, "State": state, "StateMachine": {"Name": machine}}
        plan = {"plan": {"partition": month, "select": None, "full": True, "input": {}}}
        return dict(json.loads(json.dumps({"context": context, **plan, **event})))

    def build_marts(self) -> None:
        """What the container does: its own permissions are compared elsewhere."""
        compiled.build(self.folder / "dpc.duckdb", MONTHS)

    def fetch(self, sql: str) -> list[Any]:
        return DataApiWarehouse(self.client("redshift-data")).fetch(sql, name="test")


class NoTimeLeft:
    """Lambda's context of a function that is about to be stopped."""

    def get_remaining_time_in_millis(self) -> int:
        return 0


def migrations(here: Deployment) -> None:
    """Twice, the second time too late."""
    api = here.client("redshift-data")
    here.send("dpc-migrate", {})
    api.running = True
    with pytest.raises(RetryLater):
        here.send("dpc-migrate", {}, NoTimeLeft())
    api.running = False


def find_work(here: Deployment) -> None:
    here.invoke("dpc-find-work")


def plan(here: Deployment) -> None:
    """Takes the claim where there is none, then from an execution that has ended."""
    here.invoke("dpc-plan")
    here.invoke("dpc-plan")


def validate_manifest(here: Deployment) -> None:
    """Judges, then finds its verdicts."""
    for month in (*MONTHS, MONTHS[0]):
        here.invoke("dpc-validate-manifest", month)


def normalize(here: Deployment) -> None:
    """Without the key of the ids, then with it; then a part too many is found by looking, and one by judging."""
    for month in MONTHS:
        _normalize(here, month)
    here.client("secretsmanager").put_secret_value(SecretId=here.holes["id_key_secret_arn"], SecretString="k" * 32)
    for month in MONTHS:
        _normalize(here, month)
    judged = next(each.key for each in here.store.list("stage/"))
    too_many = judged.rpartition("/")[0] + "/part-9999.tsv.gz"
    month = judged.split("yyyymm=")[1][:7]
    here.store.write(too_many, b"")
    here.invoke("dpc-normalize-pending", month)
    here.store.delete(judged)
    here.store.write(too_many, b"")
    _normalize(here, month)


def _normalize(here: Deployment, month: str) -> None:
    for item in here.invoke("dpc-normalize-pending", month)["items"]:
        here.invoke("dpc-normalize", month, item=item)


def copy(here: Deployment) -> None:
    for month in MONTHS:
        for item in here.invoke("dpc-copy-raw-pending", month)["items"]:
            here.invoke("dpc-copy-raw", month, item=item)
            late(here, "dpc-copy-raw", month, item=item)
    late(here, "dpc-copy-raw-pending")


def record_loads(here: Deployment) -> None:
    """With a hospital that delivered after the others were loaded, and was refused."""
    deliver_late(here.store, MONTHS[-1])
    here.invoke("dpc-validate-manifest")
    for month in MONTHS:
        here.invoke("dpc-record-loads", month)
    late(here, "dpc-record-loads")


def quality(here: Deployment) -> None:
    here.build_marts()
    for month in MONTHS:
        here.invoke("dpc-check-quality", month)
    late(here, "dpc-check-quality")


def export(here: Deployment) -> None:
    """Twice: a dataset that has become empty has its files deleted, an unchanged dictionary is read and left."""
    here.invoke("dpc-export")
    DataApiWarehouse(here.client("redshift-data")).execute(["DELETE FROM mart.cost_monthly"], name="test")
    here.invoke("dpc-export")
    late(here, "dpc-export")


def finish(here: Deployment) -> None:
    """The held month is another than the execution's: it is looked up whether it waits for its export."""
    with pytest.raises(DataHeld):
        here.invoke("dpc-finish", selected=["export/fact_stay"])
    late(here, "dpc-finish")
    here.invoke("dpc-find-work")


def archive(here: Deployment) -> None:
    """Years later the parent moves both months; the next to write meets its claim, and nothing is new."""
    here.now = datetime(2039, 7, 1, 3, 0, tzinfo=UTC)
    here.invoke("dpc-archive-raw", machine="dpc-learning-schedule")
    here.invoke("dpc-archive-raw", machine="dpc-learning-schedule")
    here.now = NOW
    here.invoke("dpc-plan")
    here.invoke("dpc-find-work")
    here.invoke("dpc-validate-manifest", MONTHS[0])


def notice(here: Deployment) -> None:
    """An execution of each machine that was there and has ended badly."""
    client = boto3.client("stepfunctions")
    role = f"arn:aws:iam::{ACCOUNT}:role/role-stepfunctions-dpc"
    for name in ("dpc-learning-elt", "dpc-learning-schedule"):
        machine = client.create_state_machine(name=name, definition='{"StartAt": "x", "States": {}}', roleArn=role)
        started = client.start_execution(stateMachineArn=machine["stateMachineArn"], input='{"partition": "2025-04"}')
        here.send("dpc-notice", {"detail": {"executionArn": started["executionArn"], "status": "FAILED"}})


def late(here: Deployment, name: str, *given: Any, **event: Any) -> None:
    """The function's time is over while its statement runs: it is cancelled."""
    here.client("redshift-data").running = True
    try:
        with pytest.raises(RetryLater):
            here.invoke(name, *given, context=NoTimeLeft(), **event)
    finally:
        here.client("redshift-data").running = False


STAGES: tuple[Callable[[Deployment], None], ...] = (
    migrations,
    find_work,
    plan,
    validate_manifest,
    normalize,
    copy,
    record_loads,
    quality,
    export,
    finish,
    archive,
    notice,
)
"""The functions in the order of the machine."""
