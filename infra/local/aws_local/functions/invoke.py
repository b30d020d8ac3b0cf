"""From ministack's record of a function to an answer: its environment, its log lines, its error document."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ministack.services import lambda_svc

from aws_local import calls, identities, logs
from aws_local.functions.libraries import linked
from aws_local.functions.pool import Pool
from aws_local.functions.unpack import remove, unpacked
from aws_local.functions.worker import Answer, Plan
from aws_local.settings import Settings

RUNTIME = "python3.11"
MOST_BYTES = 6_291_556
"""Of an answer: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, 6 MB."""


@dataclass
class Functions:
    """Everything below `settings.folder / "functions"`."""

    settings: Settings
    pool: Pool = field(init=False)
    sdk: Path = field(init=False)

    WRITTEN: ClassVar[str] = "aws_local"
    """Marks answers whose log lines stand in CloudWatch Logs already."""

    def __post_init__(self) -> None:
        self.pool = Pool(self._folder / "work")
        self.sdk = linked(self._folder / "sdk")

    @property
    def _folder(self) -> Path:
        return self.settings.folder / "functions"

    def execute(self, func: Mapping[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        """Takes the place of ministack's function of this name: same arguments, same keys in the answer."""
        config = func.get("config") or func
        if config.get("Runtime") != RUNTIME or not func.get("code_zip"):
            message = f"{config.get('Runtime')} without code or unknown: only zips for {RUNTIME} run on this laptop"
            body = {"errorType": "Runtime.InvalidRuntime", "errorMessage": message}
            return {"body": body, "error": True, "log": message}
        plan = self.plan(config, func["code_zip"])
        with self.pool.taken(plan) as worker:
            log = _Log(plan, config, worker.stream)
            log.say([f"START RequestId: {request_id} Version: {config.get('Version', '$LATEST')}"])
            begun = time.monotonic()
            trace = lambda_svc._xray_trace_id_for_invocation(config)
            answer = _checked(worker.answer(event, request_id, config["FunctionArn"], trace, log.say))
            took_s = time.monotonic() - begun - answer.init_s
            log.say([f"END RequestId: {request_id}", _report(config, request_id, took_s, answer)])
            calls.note(config["Role"], "logs", "PutLogEvents", log.place, via="lambda.amazonaws.com")
            if answer.lost:
                worker.kill()
                worker.process.wait()
        text = "\n".join(log.lines)
        if answer.failed:
            return {"body": answer.body, "error": True, "log": text, "log_source": self.WRITTEN}
        return {"body": answer.body, "log": text, "log_source": self.WRITTEN}

    def plan(self, config: Mapping[str, Any], code: bytes) -> Plan:
        task = unpacked(self._folder / "code", code)
        zips = [lambda_svc._resolve_layer_zip(each) for each in config.get("Layers") or ()]
        layers = [unpacked(self._folder / "code", each) for each in zips if each]
        paths = [place for each in layers for place in (each / "python/lib/python3.11/site-packages", each / "python")]
        return Plan(
            config["FunctionName"],
            config["Handler"],
            (task, *paths, self.sdk),
            _environ(config, task, self.settings),
            float(config.get("Timeout", 3)),
        )

    def close(self) -> None:
        self.pool.close()
        remove(self._folder)


@dataclass
class _Log:
    """Log events of one invocation, written as they come."""

    plan: Plan
    config: Mapping[str, Any]
    stream: str
    lines: list[str] = field(default_factory=list)

    @property
    def place(self) -> dict[str, str]:
        return {"logGroupName": self.plan.environ["AWS_LAMBDA_LOG_GROUP_NAME"], "logStreamName": self.stream}

    def say(self, events: list[str]) -> None:
        self.lines += events
        if logs.write(self.place["logGroupName"], self.stream, events):
            calls.note(self.config["Role"], "logs", "CreateLogStream", self.place, via="lambda.amazonaws.com")


def _environ(config: Mapping[str, Any], task: Path, settings: Settings) -> dict[str, str]:
    """docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Defined runtime environment variables".

    Added: AWS_ENDPOINT_URL. Left out: what names places of AWS's own runtime, which is not here. The worker adds the
    log stream, and HOME and TMPDIR, which lead to its own folder instead of to /tmp and to this person's settings.
    """
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
    own = {
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_ENDPOINT_URL": settings.endpoint,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{RUNTIME}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
        "AWS_LAMBDA_FUNCTION_NAME": config["FunctionName"],
        "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": group,
        "AWS_REGION": settings.region,
        "LAMBDA_TASK_ROOT": str(task),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TZ": ":UTC",
        "_HANDLER": config["Handler"],
        **identities.credentials(config["Role"]),
    }
    return {**(config.get("Environment") or {}).get("Variables", {}), **own}


def _checked(answer: Answer) -> Answer:
    if answer.failed or len(json.dumps(answer.body, ensure_ascii=False).encode()) <= MOST_BYTES:
        return answer
    message = f"Response payload size exceeded maximum allowed payload size ({MOST_BYTES} bytes)."
    return Answer({"errorType": "Function.ResponseSizeTooLarge", "errorMessage": message}, failed=True)


def _report(config: Mapping[str, Any], request_id: str, took_s: float, answer: Answer) -> str:
    took_ms = took_s * 1000
    parts = [
        f"REPORT RequestId: {request_id}",
        f"Duration: {took_ms:.2f} ms",
        f"Billed Duration: {-(-took_ms // 1):.0f} ms",
        f"Memory Size: {config.get('MemorySize', 128)} MB",
        f"Max Memory Used: {answer.memory_mb} MB",
    ]
    return "\t".join([*parts, *([f"Init Duration: {answer.init_s * 1000:.2f} ms"] if answer.init_s else [])])
