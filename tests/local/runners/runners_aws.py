"""A server of these tests and what they do to it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[3]
SERVER_PYTHON = ROOT / ".venv-aws" / "bin" / "python"
ROLE = "arn:aws:iam::000000000000:role/role-lambda-dpc"
ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)


def key_of(role: str) -> dict[str, str]:
    """The keys that the server knows the role by; runners_start makes them."""
    sys.path.insert(0, str(ROOT / "infra" / "local"))
    from aws_local import identities

    made = identities.credentials(role)
    return {"aws_access_key_id": made["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": made["AWS_SECRET_ACCESS_KEY"]}


@dataclass
class Aws:
    """`process`: the server; `folder`: where it keeps everything."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str, **keys: str) -> Any:
        given = keys or {"aws_access_key_id": "person", "aws_secret_access_key": "person"}
        return boto3.client(service, endpoint_url=self.endpoint, region_name="ap-northeast-1", config=ONCE, **given)

    # Lambda

    def function(self, name: str, code: str | bytes, **config: Any) -> str:
        """A function with this index.py, or with this zip."""
        content = code if isinstance(code, bytes) else zipped({"index.py": code})
        given = {"Runtime": "python3.11", "Handler": "index.handler", "Role": ROLE, "Timeout": 20, **config}
        self.client("lambda").create_function(FunctionName=name, Code={"ZipFile": content}, **given)
        return name

    def invoke(self, name: str, event: object = None, **more: Any) -> Any:
        """(error or "", payload)."""
        answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode(), **more)
        return answer.get("FunctionError", ""), json.loads(answer["Payload"].read())

    def logs(self, group: str) -> list[str]:
        """Messages, in order."""
        found = self.client("logs").filter_log_events(logGroupName=group)["events"]
        return [each["message"] for each in found]

    # Recorder and switchboard

    def calls(self, **wanted: Any) -> list[dict[str, Any]]:
        lines = (self.folder / "calls.jsonl").read_text("utf-8").splitlines()
        found = [json.loads(line) for line in lines]
        return [each for each in found if wanted.items() <= each.items()]

    def faults(self, method: str, told: object = None) -> Any:
        body = None if told is None else json.dumps(told).encode()
        asked = urllib.request.Request(f"{self.endpoint}/_dpc/faults", data=body, method=method)
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)


def start(folder: Path, project: Path, log: Path) -> Aws:
    """A server on a free port; its standard input is a pipe whose end is its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(SERVER_PYTHON), str(Path(__file__).with_name("runners_start.py"))]
    words += [str(port), str(folder), str(project), sys.executable]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON"))}
    environ["OF_THE_SERVER"] = "not for handlers"
    with log.open("wb") as output:
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=output, stderr=output, env=environ)
    aws = Aws(port, folder, process)

    def ready() -> bool:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            with urllib.request.urlopen(f"{aws.endpoint}/_ministack/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    until(ready, 60, "the server did not start")
    return aws


def until(found: Callable[[], Any], within_s: float, complaint: str) -> Any:
    give_up = time.monotonic() + within_s
    while not (value := found()):
        assert time.monotonic() < give_up, complaint
        time.sleep(0.05)
    return value


def zipped(files: Mapping[str, str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def alive(process: int) -> bool:
    """Is there a process of this id that has not ended?"""
    try:
        return (Path("/proc") / str(process) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def name_of(text: str) -> str:
    """A name for a function: each test has its own."""
    return f"f-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
