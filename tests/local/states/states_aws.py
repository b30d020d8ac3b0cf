"""A server of these tests, and what they do to it. boto3 reads every answer by the service's own model."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

HERE = Path(__file__).resolve().parent
SERVER_PYTHON = HERE.parents[2] / ".venv-aws" / "bin" / "python"
REGION = "ap-northeast-1"
ROLE = "arn:aws:iam::000000000000:role/role-stepfunctions-dpc"
INVOKE = "arn:aws:states:::lambda:invoke"
WAIT_SCALE = 0.02

Json = Any


def machine(start: str, states: Mapping[str, Json], **fields: Json) -> str:
    return json.dumps({"QueryLanguage": "JSONata", "StartAt": start, "States": dict(states), **fields})


def task(name: str, payload: Json = "{% $states.input %}", **fields: Json) -> dict[str, Json]:
    """A Lambda task that ends its scope unless `Next` is given; its output is the payload."""
    found = {
        "Type": "Task",
        "Resource": INVOKE,
        "Arguments": {"FunctionName": name, "Payload": payload},
        "Output": "{% $states.result.Payload %}",
        "TimeoutSeconds": 60,
        **fields,
    }
    return found if "Next" in found else {**found, "End": True}


def waiting(name: str, **fields: Json) -> dict[str, Json]:
    """A task that hands its token to a function and waits for somebody to send it."""
    given = {"token": "{% $states.context.Task.Token %}"}
    output = "{% $states.result %}"
    return task(name, given, Resource=INVOKE + ".waitForTaskToken", Output=output, **fields)


@dataclass
class Aws:
    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @cache  # noqa: B019
    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id="person",
            aws_secret_access_key="person",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=60, inject_host_prefix=False),
        )

    def __hash__(self) -> int:
        return self.port

    @property
    def states(self) -> Any:
        return self.client("stepfunctions")

    def function(self, name: str, code: str) -> None:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as written:
            written.writestr("index.py", code)
        self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Handler="index.handler",
            Role=ROLE,
            Timeout=30,
            Code={"ZipFile": content.getvalue()},
        )

    def machine(self, name: str, definition: str, **more: Any) -> str:
        made = self.states.create_state_machine(name=name, definition=definition, roleArn=ROLE, **more)
        return str(made["stateMachineArn"])

    def machine_update(self, name: str, definition: str) -> None:
        arn = f"arn:aws:states:{REGION}:000000000000:stateMachine:{name}"
        self.states.update_state_machine(stateMachineArn=arn, definition=definition)

    def start(self, machine: str, given: Json = None, **more: Any) -> str:
        text = json.dumps({} if given is None else given)
        return str(self.states.start_execution(stateMachineArn=machine, input=text, **more)["executionArn"])

    def ended(self, arn: str, seconds: float = 30) -> dict[str, Any]:
        """What DescribeExecution tells once the execution has ended."""
        return self.until(lambda: self.describe(arn), lambda told: told["status"] != "RUNNING", seconds)

    def describe(self, arn: str) -> dict[str, Any]:
        found: dict[str, Any] = self.states.describe_execution(executionArn=arn)
        found.pop("ResponseMetadata")
        return found

    def history(self, arn: str) -> list[dict[str, Any]]:
        pages = self.states.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [event for page in pages for event in page["events"]]

    def types(self, arn: str) -> list[str]:
        return [event["type"] for event in self.history(arn)]

    def token(self, arn: str) -> str:
        """The token of the task that is waited for."""

        def newest() -> Any:
            types = [event["type"] for event in self.history(arn)]
            if "TaskSubmitted" not in types[-1:]:
                return None
            scheduled = [each for each in self.history(arn) if each["type"] == "TaskScheduled"][-1]
            return json.loads(scheduled["taskScheduledEventDetails"]["parameters"])["Payload"]["token"]

        return str(self.until(newest, bool))

    def until(self, ask: Callable[[], Any], holds: Callable[[Any], bool], seconds: float = 20) -> Any:
        end = time.monotonic() + seconds
        while not holds(found := ask()):
            assert time.monotonic() < end, found
            time.sleep(0.02)
        return found


def listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


def serve(folder: Path, log: Path) -> Aws:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [SERVER_PYTHON, HERE / "states_start.py", str(port), str(folder), str(WAIT_SCALE)],
            stdin=subprocess.PIPE,
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    end = time.monotonic() + 30
    while not listens(port):
        assert process.poll() is None, log.read_text("utf-8")
        assert time.monotonic() < end, log.read_text("utf-8")
        time.sleep(0.1)
    return Aws(port, folder, process)
