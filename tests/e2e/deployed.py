"""The deployed platform on this machine, as tests use it: its lake, its machines, its warehouse, its messages.

Everything goes over the AWS APIs: what is called here could be called in an account.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
from botocore.exceptions import ClientError
from local_aws import LocalAws, contents

from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.store import S3Store

BUCKET = "dpc-learning-data-dev"
WORKGROUP = "dpc-learning-dev"
CLUSTER = "dpc-learning-dbt-dev"
ELT = "dpc-learning-elt"
PARENT = "dpc-learning-schedule"
ID_KEY = "a key of the tests"
OUTER = ("raw", "stage", "ref", "mart", "export")
PATIENCE_S = 420.0
WAIT_SCALE = 0.05
"""Of each wait before a retry, so that seven tries do not take half an hour."""


@dataclass(frozen=True)
class Ended:
    """An execution that has ended, and its history."""

    arn: str
    status: str
    error: str
    cause: str
    events: tuple[Mapping[str, Any], ...]

    @property
    def entered(self) -> tuple[str, ...]:
        """Names of the states entered, in order."""
        return tuple(
            each["stateEnteredEventDetails"]["name"] for each in self.events if each["type"].endswith("StateEntered")
        )

    def count(self, kind: str) -> int:
        return sum(each["type"] == kind for each in self.events)

    def tries(self, state: str) -> int:
        """How often the task of a state was scheduled."""
        known = {each["id"]: each for each in self.events}

        def of(event: Mapping[str, Any]) -> str:
            while event and not event["type"].endswith("StateEntered"):
                event = known.get(event.get("previousEventId") or 0, {})
            return str(event.get("stateEnteredEventDetails", {}).get("name", ""))

        return sum(each["type"].endswith("Scheduled") and of(each) == state for each in self.events)


@dataclass
class Deployed:
    """`aws`: the server, with everything applied. `queue`: what people are sent, kept for the tests."""

    aws: LocalAws
    queue: str
    heard: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, aws: LocalAws, outputs: Mapping[str, Any]) -> Deployed:
        """With the key of patients' ids put, and a queue that listens to the topic."""
        contents.put_id_key(aws.port, str(outputs["id_key_secret_arn"]), ID_KEY)
        sqs = aws.client("sqs")
        queue = str(sqs.create_queue(QueueName="people")["QueueUrl"])
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        aws.client("sns").subscribe(TopicArn=str(outputs["topic_arn"]), Protocol="sqs", Endpoint=arn)
        return cls(aws, queue)

    def client(self, service: str) -> Any:
        return self.aws.client(service)

    @property
    def store(self) -> S3Store:
        return S3Store(BUCKET, "", self.client("s3"))

    @property
    def warehouse(self) -> DataApiWarehouse:
        return DataApiWarehouse(self.client("redshift-data"), workgroup=WORKGROUP)

    def arn(self, machine: str) -> str:
        return f"arn:aws:states:ap-northeast-1:000000000000:stateMachine:{machine}"

    # What runs

    def start(self, given: Mapping[str, Any], machine: str = ELT) -> str:
        answer = self.client("stepfunctions").start_execution(
            stateMachineArn=self.arn(machine), input=json.dumps(given)
        )
        return str(answer["executionArn"])

    def ended(self, arn: str, within_s: float = PATIENCE_S) -> Ended:
        found = self.until(lambda: _ended(self.describe(arn)), within_s, f"{arn} did not end")
        events = tuple(self.history(arn))
        return Ended(arn, found["status"], found.get("error", ""), found.get("cause", ""), events)

    def run(self, given: Mapping[str, Any], machine: str = ELT) -> Ended:
        return self.ended(self.start(given, machine))

    def redrive(self, arn: str) -> Ended:
        self.client("stepfunctions").redrive_execution(executionArn=arn)
        return self.ended(arn)

    def stop(self, arn: str) -> Ended:
        self.client("stepfunctions").stop_execution(executionArn=arn)
        return self.ended(arn)

    def describe(self, arn: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.client("stepfunctions").describe_execution(executionArn=arn)
        return found

    def history(self, arn: str) -> Iterator[Mapping[str, Any]]:
        pages = self.client("stepfunctions").get_paginator("get_execution_history")
        for page in pages.paginate(executionArn=arn, maxResults=500):
            yield from page["events"]

    def executions(self, machine: str) -> list[Mapping[str, Any]]:
        """Oldest first."""
        found = self.client("stepfunctions").list_executions(stateMachineArn=self.arn(machine))["executions"]
        return sorted(found, key=lambda each: each["startDate"])

    def in_state(self, arn: str, state: str) -> None:
        """Waits until a task of the state has started."""
        self.until(lambda: _under_way(list(self.history(arn)), state), PATIENCE_S, f"{state} was not reached")

    def while_dbt_writes(self) -> None:
        """Waits until the container has sent the statements of some models."""
        before = self.statements_of("role-dbt-runner")
        self.until(lambda: self.statements_of("role-dbt-runner") > before + 40, 180, "dbt sent no statements")

    def until(self, found: Callable[[], Any], within_s: float, complaint: str) -> Any:
        give_up = time.monotonic() + within_s
        while not (value := found()):
            assert time.monotonic() < give_up, complaint
            time.sleep(0.25)
        return value

    # What is there

    def lake(self, prefix: str = "") -> dict[str, bytes]:
        return {each.key: self.store.read(each.key) for each in self.store.list(prefix)}

    def keys(self, prefix: str = "") -> list[str]:
        return sorted(each.key for each in self.store.list(prefix))

    def exported_months(self) -> list[str]:
        return [key.rpartition("=")[2] for key in self.keys("processed/_success/")]

    def fetch(self, sql: str) -> list[Any]:
        return self.warehouse.fetch(sql, name="test")

    def tables(self) -> dict[str, list[str]]:
        """Rows of every table, sorted, each value as text; of quality the newest run of each month."""
        return tables(self.fetch)

    def parquet(self) -> dict[str, list[str]]:
        return parquet(self.lake("processed/"))

    def state(self) -> dict[str, Any]:
        """What must be equal to an undisturbed run: tables, Parquet, markers, dictionary."""
        return {"tables": self.tables(), "parquet": self.parquet(), "success": self.exported_months()}

    # What people are sent

    def messages(self) -> list[str]:
        """Subjects and bodies that came since the last reset, oldest first."""
        sqs = self.client("sqs")
        while got := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for each in got:
                told = json.loads(each["Body"])
                self.heard.append(f"{told.get('Subject', '')}\n{told['Message']}")
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=each["ReceiptHandle"])
        return self.heard

    def hears(self, *texts: str) -> str:
        """The first message with all of the texts, once it has come: news of a failure goes over EventBridge."""
        found: str = self.until(
            lambda: next((each for each in self.messages() if all(text in each for text in texts)), ""),
            60,
            f"no message has {texts}",
        )
        return found

    # What was deployed

    def task_definition(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.client("ecs").describe_task_definition(taskDefinition=CLUSTER)
        return dict(found["taskDefinition"])

    def key(self) -> str:
        """ARN of the environment's key."""
        return str(self.client("kms").describe_key(KeyId="alias/dpc-learning-kms")["KeyMetadata"]["Arn"])

    def workgroup(self) -> str:
        """ARN of the workgroup."""
        found = self.client("redshift-serverless").get_workgroup(workgroupName=WORKGROUP)
        return str(found["workgroup"]["workgroupArn"])

    def fire(self, schedule: str) -> None:
        """What the schedule does at its time, now; dev's is off until a person turns it on."""
        scheduler = self.client("scheduler")
        found = scheduler.get_schedule(Name=schedule)
        kept = ("Name", "ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "Target", "KmsKeyArn")
        scheduler.update_schedule(State="ENABLED", **{name: found[name] for name in kept if name in found})
        self._page("schedules", "POST", {"name": schedule})

    def statements_of(self, role: str) -> int:
        """How many statements a role has sent since the server started."""
        return sum(
            each["caller"].endswith(f"/{role}") and each["operation"] == "ExecuteStatement" for each in self.aws.calls()
        )

    # What goes wrong

    def fault(self, service: str, operation: str, code: str, **more: Any) -> None:
        """The next matching requests are refused: `times`, `after`, `caller` (a role), `containing`, `status`."""
        self._page("faults", "POST", {"service": service, "operation": operation, "code": code, **more})

    def kill(self, **what: str | int) -> None:
        """`function` or `task`: its process gets SIGKILL, now or `after_ms` of the next call of it."""
        self._page("faults", "POST", {"kill": what})

    def no_faults(self) -> None:
        self._page("faults", "DELETE")

    def _page(self, name: str, method: str, told: Mapping[str, Any] | None = None) -> None:
        """A page of the server's own."""
        body = None if told is None else json.dumps(told).encode()
        asked = urllib.request.Request(f"{self.aws.endpoint}/_dpc/{name}", data=body, method=method)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            assert answer.status == 200

    def running_tasks(self) -> list[str]:
        found: list[str] = self.client("ecs").list_tasks(cluster=CLUSTER, desiredStatus="RUNNING")["taskArns"]
        return found

    # Putting it back

    def reset(self, lake: Mapping[str, bytes]) -> None:
        """As after the deployment: no execution runs, the lake holds these objects, the warehouse has no rows."""
        self.no_faults()
        for machine in (PARENT, ELT):
            for each in self.executions(machine):
                if each["status"] == "RUNNING":
                    self.stop(each["executionArn"])
        self.until(lambda: not self.running_tasks(), 60, "tasks are still running")
        contents.empty(self.aws.port, BUCKET)
        for schema in (*OUTER, "dq", "lake"):
            self.warehouse.fetch(f"DROP SCHEMA IF EXISTS {schema} CASCADE", name="reset")
        self.aws.migrate()
        for key, body in lake.items():
            self.store.write(key, body)
        self.messages().clear()


def _ended(described: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return described if described["status"] not in ("RUNNING", "PENDING_REDRIVE") else None


def _under_way(events: Sequence[Mapping[str, Any]], state: str) -> bool:
    entered = [each for each in events if each.get("stateEnteredEventDetails", {}).get("name") == state]
    started = [each for each in events if each["type"] in ("TaskSubmitted", "TaskStarted", "LambdaFunctionStarted")]
    return bool(entered) and any(each["id"] > entered[-1]["id"] for each in started)


def tables(fetch: Callable[[str], Sequence[Sequence[Any]]]) -> dict[str, list[str]]:
    """Rows of every table of a warehouse but housekeeping, sorted, each row as text."""
    names = fetch(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema IN "
        f"({', '.join(repr(each) for each in OUTER)}) AND table_type = 'BASE TABLE' ORDER BY 1"
    )
    queries = {str(name): f"SELECT * FROM {name}" for (name,) in names if not str(name).endswith("schema_migrations")}
    for name, left_out in (("dq.results_checks", ("run_id", "checked_at")), ("dq.results_rows", ("run_id",))):
        schema, _, table = name.partition(".")
        columns = fetch(
            f"SELECT column_name FROM information_schema.columns WHERE table_schema = '{schema}' "
            f"AND table_name = '{table}' ORDER BY ordinal_position"
        )
        kept = ", ".join(str(column) for (column,) in columns if column not in left_out)
        queries[name] = (
            f"SELECT {kept} FROM {name} WHERE yyyymm || ' ' || run_id IN (SELECT yyyymm || ' ' || run_id FROM (SELECT "
            "yyyymm, run_id, ROW_NUMBER() OVER (PARTITION BY yyyymm ORDER BY checked_at DESC, run_id) AS place "
            "FROM dq.results_checks) AS runs WHERE place = 1)"
        )
    return {name: sorted("\t".join(map(text, row)) for row in fetch(sql)) for name, sql in queries.items()}


def text(value: Any) -> str:
    """A value as both engines' answers tell it: exact numbers without trailing zeros, times without fractions of 0."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date):
        return str(value)
    if isinstance(value, float):
        return repr(round(value, 9) + 0.0)
    told = str(value)
    if re.fullmatch(r"-?[0-9]+\.[0-9]+", told):
        return told.rstrip("0").rstrip(".")
    return told


def parquet(objects: Mapping[str, bytes]) -> dict[str, list[str]]:
    """Rows of every Parquet object, by its key, sorted."""
    found: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder, closing(duckdb.connect()) as connection:
        for key, body in objects.items():
            if key.endswith(".parquet"):
                copy = Path(folder) / "rows.parquet"
                copy.write_bytes(body)
                rows = connection.execute(f"FROM read_parquet('{copy}')").fetchall()
                found[key] = sorted("\t".join(map(text, row)) for row in rows)
    return found


def refused(found: ClientError) -> str:
    return str(found.response["Error"]["Code"])
