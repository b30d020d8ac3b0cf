"""What the dbt task does: one `dbt build` of what the state machine asks for, answered by its task token.

Environment, from the state (compiler.runtime.names.CONTAINER_VARIABLES) and the task definition:

    TASK_TOKEN, HEARTBEAT_S     whom to answer, and how often the machine wants to hear something (seconds)
    EXECUTION, UNIT, REDRIVE    ARN of the execution, the unit of the machine, how often it was redriven
    WORDS                       dbt selection: names of models and seeds, separated by blanks
    PARTITION                   the month (2025-04), or empty for every month that is loaded
    CLAIM_BUCKET, CLAIM_KEY     the writer's claim; both or neither
    DPC_LAKE                    s3://bucket: artifacts go below logs/dbt/
    DPC_DBT_TARGET              target of profiles.yml, which reads DPC_WORKGROUP, DPC_DATABASE and AWS_REGION
    DBT_PROJECT_DIR, DBT_PROFILES_DIR   where the project is; TMPDIR is the only place that is written to

Exit status: 0 done, 1 the run failed and that was told, 2 the environment is wrong, 3 nobody waits any more.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from compiler.runtime import handler, token
from compiler.runtime.errors import RuntimeFailure

DONE, FAILED, WRONG, GONE = 0, 1, 2, 3

GRACE_S, AGAIN_S = 45.0, 10.0
"""For dbt to cancel what runs in the warehouse, and until it is asked again. Fargate kills all after 120 s."""

_LAST_LINES = 40
_ARTIFACTS = ("run_results.json", "manifest.json", "dbt.log")
_FOR_LATER = re.compile(
    r"throttl|too ?many ?requests|active(sessions|statements)exceeded|could not connect|was not reached|"
    r"connection (refused|reset|timed out)|timed out|session (ended|is not available|is expired|with id)|was aborted|"
    r"serializable isolation|concurrent transaction|could not open relation with oid|"
    r"internal ?server|service ?unavailable|expired ?token",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Task:
    """What the state machine asks for."""

    token: str
    execution: str
    unit: str
    words: tuple[str, ...]
    partition: str
    heartbeat_s: float
    lake: str
    target: str
    project: Path
    profiles: Path

    @property
    def name(self) -> str:
        return self.execution.rpartition(":")[2]

    @property
    def place(self) -> tuple[str, str]:
        """(bucket, key prefix) of the artifacts."""
        bucket, _, prefix = self.lake.removeprefix("s3://").partition("/")
        whole = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        return bucket, f"{whole}logs/dbt/{self.partition or 'all'}/{self.name}/{self.unit}/"


class Wrong(Exception):
    """The environment cannot be used; the text names every variable."""


def task_of(environ: Mapping[str, str]) -> Task:
    """Raises Wrong with all that is missing or malformed."""
    needed = (
        "TASK_TOKEN",
        "EXECUTION",
        "UNIT",
        "WORDS",
        "HEARTBEAT_S",
        "DPC_LAKE",
        "DPC_DBT_TARGET",
        "DBT_PROJECT_DIR",
    )
    problems = [f"{name}: expected a value, found none" for name in needed if not environ.get(name)]
    month = environ.get("PARTITION", "")
    if month and not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", month):
        problems.append(f"PARTITION: expected a month such as 2025-04 or nothing, found {month!r}")
    words = tuple(environ.get("WORDS", "").split())
    problems += [f"WORDS: expected names of models, found {each!r}" for each in words if not re.fullmatch(r"\w+", each)]
    try:
        heartbeat = float(environ.get("HEARTBEAT_S") or 0)
    except ValueError:
        heartbeat = 0
        problems.append(f"HEARTBEAT_S: expected seconds, found {environ['HEARTBEAT_S']!r}")
    if environ.get("DPC_LAKE") and not environ["DPC_LAKE"].startswith("s3://"):
        problems.append(f"DPC_LAKE: expected s3://bucket, found {environ['DPC_LAKE']!r}")
    if problems:
        raise Wrong("\n".join([*problems, "The state machine and the task definition give these: deploy both again."]))
    project = Path(environ["DBT_PROJECT_DIR"])
    return Task(
        environ["TASK_TOKEN"],
        environ["EXECUTION"],
        environ["UNIT"],
        words,
        month,
        heartbeat,
        environ["DPC_LAKE"],
        environ["DPC_DBT_TARGET"],
        project,
        Path(environ.get("DBT_PROFILES_DIR") or project),
    )


@dataclass
class Work:
    """dbt as a process of its own, which can be stopped from another thread. `why`: who stopped it, "" nobody."""

    command: Sequence[str]
    ended: threading.Event = field(default_factory=threading.Event)
    why: str = ""
    last: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_LINES))
    process: subprocess.Popen[str] | None = None

    def run(self) -> int:
        """dbt's exit status; its words go to this process's output as they come."""
        if self.why:
            return -signal.SIGTERM
        environ = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_INDIRECT_SELECTION": "buildable"}
        with subprocess.Popen(
            self.command,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as self.process:
            assert self.process.stdout is not None
            for line in self.process.stdout:
                self.last.append(line.rstrip())
                sys.stdout.write(line)
                sys.stdout.flush()
        return self.process.returncode

    def stop(self, why: str) -> None:
        """dbt cancels its statements on SIGINT (CancelStatement); what has not ended after the grace is killed."""
        if not self.why:
            self.why = why
            threading.Thread(target=self._end, daemon=True).start()

    def _end(self) -> None:
        """Asks more than once: a statement that was about to begin when dbt cancelled the others is not among them."""
        for _ in range(int(GRACE_S / AGAIN_S)):
            self._signal(signal.SIGINT)
            if self.ended.wait(AGAIN_S):
                return
        self._signal(signal.SIGKILL)

    def _signal(self, which: int) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, which)


def command(task: Task, folder: Path, former: Path | None) -> list[str]:
    """`dbt build` of the words, or `dbt retry` of what a former attempt of this execution left undone."""
    places = ["--project-dir", str(task.project), "--profiles-dir", str(task.profiles), "--target", task.target]
    places += ["--target-path", str(folder), "--log-path", str(folder)]
    dbt = [str(beside) if (beside := Path(sys.executable).with_name("dbt")).exists() else "dbt", "--no-use-colors"]
    if former is not None:
        return [*dbt, "retry", "--state", str(former), *places]
    months = json.dumps({"months": task.partition.replace("-", "")})
    return [*dbt, "build", "--exclude-resource-type", "unit_test", "--vars", months, *places, "--select", *task.words]


def failed_nodes(results: Mapping[str, Any]) -> Iterator[tuple[str, bool, str]]:
    """(node, is it a test, what dbt says) of what failed, in dbt's order."""
    for each in results.get("results", ()):
        if each["status"] in ("error", "fail", "runtime error"):
            node = str(each["unique_id"])
            yield node, node.startswith("test."), " ".join(str(each.get("message") or each["status"]).split())


def outcome(status: int, results: Mapping[str, Any] | None, last: Sequence[str]) -> tuple[str, str]:
    """(error class, cause); ("", "") where all is well. The class decides: RetryLater is tried again by the machine."""
    if status == 0:
        return "", ""
    nodes = list(failed_nodes(results or {}))
    if not nodes:
        said = "\n".join(last)
        if status < 0:
            return "RetryLater", f"dbt was killed by signal {-status}: too little memory in the task?\n{said}"
        return ("RetryLater" if _FOR_LATER.search(said) else "DbtFailed"), f"dbt ended with status {status}\n{said}"
    cause = "\n".join(f"{node}: {message}" for node, _, message in nodes)
    if all(not is_test and _FOR_LATER.search(message) for _, is_test, message in nodes):
        return "RetryLater", cause
    return ("DbtTestFailed" if all(is_test for _, is_test, _ in nodes) else "DbtFailed"), cause


def results_of(folder: Path) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = json.loads((folder / "run_results.json").read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found


def keep(s3: Any, task: Task, folder: Path) -> str:
    """Stores the artifacts; what could not be stored is said and hides nothing: the run's outcome matters more."""
    bucket, prefix = task.place
    for name in _ARTIFACTS:
        if (folder / name).is_file():
            try:
                s3.upload_file(str(folder / name), bucket, prefix + name)
            except (BotoCoreError, ClientError, boto3.exceptions.S3UploadFailedError) as error:
                sys.stdout.write(f"artifacts were not stored in s3://{bucket}/{prefix}: {error}\n")
                return ""
    return f"s3://{bucket}/{prefix}"


def former_attempt(s3: Any, task: Task, folder: Path) -> Path | None:
    """What an earlier attempt of the same execution left: only what it did not finish is run again."""
    bucket, prefix = task.place
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name in ("run_results.json", "manifest.json"):
            (folder / name).write_bytes(s3.get_object(Bucket=bucket, Key=prefix + name)["Body"].read())
    except (BotoCoreError, ClientError):
        return None
    found = results_of(folder)
    undone = any(each["status"] not in ("success", "pass", "warn") for each in (found or {}).get("results", ()))
    return folder if undone else None


def run(task: Task, stepfunctions: Any, s3: Any, folder: Path) -> int:
    """Runs, beats, tells. Answers the exit status."""
    context = {"Execution": {"Id": task.execution}, "StateMachine": {"Name": task.execution.split(":")[-2]}}
    handler.hold_claim(context, task.partition or None, handler.claim_place(None))
    work = Work(command(task, folder / "target", former_attempt(s3, task, folder / "former")))
    (folder / "target").mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: work.stop("signal"))

    def beats() -> None:
        waited_for = token.keep_beating(
            stepfunctions,
            task.token,
            token.interval(task.heartbeat_s),
            work.ended.wait,
            give_up_s=task.heartbeat_s,
            clock=time.monotonic,
        )
        if not waited_for:
            work.stop("gone")

    beating = threading.Thread(target=beats, daemon=True)
    beating.start()
    status = work.run()
    work.ended.set()
    beating.join()
    stored = keep(s3, task, folder / "target")
    if work.why == "gone":
        sys.stdout.write("Nobody waits for this task any more: dbt was stopped, and another attempt may write.\n")
        return GONE
    if work.why == "signal":
        token.fail(stepfunctions, task.token, "RetryLater", "the task was stopped from outside (SIGTERM)", _slept)
        return FAILED
    results = results_of(folder / "target")
    error, cause = outcome(status, results, work.last)
    if error:
        where = f"\nartifacts: {stored}" if stored else ""
        return FAILED if token.fail(stepfunctions, task.token, error, cause + where, _slept) else GONE
    counts: dict[str, int] = {}
    for each in (results or {}).get("results", ()):
        counts[each["status"]] = counts.get(each["status"], 0) + 1
    told = {"step": "dbt", "counts": counts, "artifacts": stored}
    return DONE if token.succeed(stepfunctions, task.token, told, _slept) else GONE


def _slept(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def main(environ: Mapping[str, str]) -> int:
    patience = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})
    stepfunctions = boto3.client("stepfunctions", config=patience)
    try:
        task = task_of(environ)
    except Wrong as wrong:
        sys.stderr.write(f"{wrong}\n")
        if environ.get("TASK_TOKEN"):
            token.fail(stepfunctions, environ["TASK_TOKEN"], "NotConfigured", str(wrong), _slept)
        return WRONG
    try:
        with tempfile.TemporaryDirectory(prefix="dbt-") as folder:
            return run(task, stepfunctions, boto3.client("s3", config=patience), Path(folder))
    except RuntimeFailure as failure:  # the claim is another's, or cannot be read
        sys.stderr.write(f"{failure}\n")
        token.fail(stepfunctions, task.token, type(failure).__name__, str(failure), _slept)
        return FAILED


if __name__ == "__main__":
    sys.exit(main(os.environ))
