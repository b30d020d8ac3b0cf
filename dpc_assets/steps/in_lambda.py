"""How a step runs in AWS Lambda: the event becomes its `Run`, the environment its `Ports`, its answer control data.

The only module of the steps that reads the environment, and it does when a step is called:

    DPC_LAKE            s3://bucket or s3://bucket/prefix
    DPC_WORKGROUP       Redshift Serverless workgroup
    DPC_DATABASE        database in it
    DPC_ID_KEY_SECRET   ARN of the secret that holds the HMAC key of `raw.kn`
    DPC_SNS_TOPIC       ARN of the topic of run summaries
    DPC_SLACK_SECRET    ARN of the secret that holds the address of a Slack webhook; without a value: no Slack
    DPC_ADMIN_SECRET    ARN of the secret of the warehouse's administrator: for the function that migrates, no other

A step names what it takes beyond `run` and `ports`: `item` (of a map), `asked` (the execution's input), `full` (nothing
was left out), `selected` (asset keys). One that names `event` is called by other services or by hand, with any event
and without an execution; `executions` reads those of Step Functions; `settings` is the environment. Clients and secrets
are kept for the life of the container.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import math
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any

from dpc_assets.steps.channels import Several, SlackNotifier, SnsNotifier
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.errors import InputError, RetryLater
from dpc_assets.steps.executions import Executions
from dpc_assets.steps.ports import Clock, Notifier, Ports
from dpc_assets.steps.run import Result, Run
from dpc_assets.steps.store import S3Store

MARGIN_SECONDS = 15.0
"""Left of the function's time when a statement that still runs is cancelled."""

_RUN_ID_BYTES = 64

Client = Callable[[str], Any]
"""The client of an AWS service by boto3's name for it."""


def call(step: Callable[..., Any], event: Mapping[str, Any], context: Any) -> object:
    """What every function of the pipeline does when it is invoked: `answer` in this container."""
    return answer(step, event, context, os.environ, _client, lambda: datetime.now(UTC))


def answer(
    step: Callable[..., Any],
    event: Mapping[str, Any],
    context: Any,
    environ: Mapping[str, str],
    client: Client,
    clock: Clock,
) -> object:
    """Calls the step; answers a Result as a small object, any other control data as it is.

    event: `context` (the context object of Step Functions), `plan`, `selected`, `item`, each where the state gives it.
    context: Lambda's. Raises what the step raises, whose class is the error's name in the machine.
    """
    named = inspect.signature(step).parameters
    if "event" in named and not event.get("context"):
        event = {**event, "context": {"Execution": _call_of(context, clock)}}
    run = run_of(event)
    plan = event.get("plan") or {}
    offered = {
        "item": event.get("item"),
        "asked": _execution(event).get("Input") or {},
        "full": bool(plan.get("full", False)),
        "selected": event.get("selected") or (),
        "event": event,
        "executions": Executions(_Lazy(client, "stepfunctions")),
        "settings": environ,
    }
    taken = {name: offered[name] for name in named if name in offered}
    found = step(run, ports_of(event, context, environ, client, clock), **taken)
    if not isinstance(found, Result):
        return found
    told = small(found)
    line = {"run_id": run.run_id, "partition": plan.get("partition"), **told}
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    return told


def run_of(event: Mapping[str, Any]) -> Run:
    """The run: named like the execution (a redrive keeps the name), of the plan's month, begun with the execution."""
    execution = _execution(event)
    month = (event.get("plan") or {}).get("partition")
    name, started = str(execution["Name"]), execution.get("StartTime")
    if len(name.encode()) > _RUN_ID_BYTES:
        name = name.encode()[:47].decode(errors="ignore") + "-" + hashlib.sha256(name.encode()).hexdigest()[:16]
    return Run(name, (str(month),) if month else (), datetime.fromisoformat(str(started)) if started else None)


def ports_of(event: Mapping[str, Any], context: Any, environ: Mapping[str, str], client: Client, clock: Clock) -> Ports:
    """The ports over AWS. What a setting is missing for is refused when it is used, not before."""
    attempt = _attempt(event)
    number = count()
    warehouse = DataApiWarehouse(
        _Lazy(client, "redshift-data"),
        database=environ.get("DPC_DATABASE") or "dpc",
        workgroup=environ.get("DPC_WORKGROUP", ""),
        secret=environ.get("DPC_ADMIN_SECRET", ""),
        token=lambda: hashlib.sha256(f"{attempt}\n{next(number)}".encode()).hexdigest(),
        remaining=lambda: _remaining(context),
    )
    return Ports(
        store=_store(environ, client),
        warehouse=warehouse,
        clock=clock,
        notifier=_Channels(environ, client),
        id_key=lambda: _secret(client, _setting(environ, "DPC_ID_KEY_SECRET")).encode(),
    )


def small(result: Result) -> dict[str, object]:
    """A result as the answer of a state: of its notes only how many, because they may quote patients' ids.

    They stand where access is controlled: verdicts under logs/validation/, findings in the schema dq.
    """
    return {**asdict(result), "notes": len(result.notes)}


def _attempt(event: Mapping[str, Any]) -> str:
    """What tells one attempt of one call from all others: a retry and a redrive must not be handed an old failure."""
    execution, state = _execution(event), event["context"].get("State") or {}
    parts = (
        execution.get("Id"),
        execution.get("RedriveCount", 0),
        state.get("Name"),
        state.get("EnteredTime"),
        state.get("RetryCount", 0),
        event.get("item"),
    )
    return json.dumps(parts, sort_keys=True)


def _execution(event: Mapping[str, Any]) -> Mapping[str, Any]:
    found = (event.get("context") or {}).get("Execution") or {}
    if not found.get("Name"):
        raise InputError("event: expected the context of an execution in `context`; start the state machine instead")
    return dict(found)


def _call_of(context: Any, clock: Clock) -> Mapping[str, Any]:
    """Stands for the execution where there is none. A call tried again has the same id: the time tells them apart."""
    name = f"call-{getattr(context, 'aws_request_id', '') or 'by-hand'}"
    now = clock().isoformat()
    return {"Id": f"{name} {now}", "Name": name, "StartTime": now}


def _remaining(context: Any) -> float:
    told = getattr(context, "get_remaining_time_in_millis", None)
    return float(told()) / 1000 - MARGIN_SECONDS if told else math.inf


def _setting(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise InputError(f"{name}: expected in the function's environment, found nothing; deploy the functions again")
    return value


def _store(environ: Mapping[str, str], client: Client) -> S3Store:
    address = _setting(environ, "DPC_LAKE")
    scheme, separator, rest = address.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not separator or not bucket:
        raise InputError(f"DPC_LAKE: expected s3://bucket or s3://bucket/prefix, found {address!r}")
    return S3Store(bucket, prefix, _Lazy(client, "s3"))


@dataclass(frozen=True)
class _Lazy:
    """A client that is made when its first method is called: a step that touches no warehouse loads none."""

    client: Client
    service: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client(self.service), name)


@dataclass(frozen=True)
class _Channels:
    """The topic, and Slack where its secret has a value; each message asks anew."""

    environ: Mapping[str, str]
    client: Client

    def send(self, subject: str, body: str, attributes: Mapping[str, str]) -> None:
        topic = SnsNotifier(_setting(self.environ, "DPC_SNS_TOPIC"), _Lazy(self.client, "sns"))
        channels: list[Notifier] = [topic]
        secret = self.environ.get("DPC_SLACK_SECRET", "")
        if secret and _has_value(self.client, secret):
            channels.append(SlackNotifier(lambda: _secret(self.client, secret)))
        Several(channels).send(subject, body, attributes)


def _has_value(client: Client, secret: str) -> bool:
    try:
        return bool(_secret(client, secret))
    except InputError:
        return False
    except RetryLater:
        return True  # the channel meets it again, after the others have sent


@cache
def _secret(client: Client, secret: str) -> str:
    """The value of a secret. Raises InputError where it has none yet, RetryLater where it cannot be read now."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return str(client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"])
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code == "ResourceNotFoundException":
            raise InputError(f"{secret}: the secret has no value; put one with `aws secretsmanager`") from error
        raise RetryLater(f"{secret}: Secrets Manager refused ({code}); check access and run again") from error
    except BotoCoreError as error:
        raise RetryLater(f"{secret}: Secrets Manager was not reached: {error}") from error


@cache
def _client(service: str) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.client(service, config=Config(retries={"mode": "standard", "total_max_attempts": 6}))
