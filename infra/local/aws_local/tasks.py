"""ECS on Fargate: RunTask starts processes; ministack keeps clusters, definitions and the records of tasks.

States, stop codes and reasons: docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html and
stopped-task-error-codes.html. The image of the dbt task always stands in, whatever its digest and even before there
is one; on AWS a task whose image was not pushed stops with CannotPullContainerError, as any other image does here.
Not held: CPU and memory, the user, the read-only root, the network; a start takes no minute.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ministack.core.concurrency import resource_lock
from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import cloudwatch_logs, ecs

from aws_local import calls, container, identities, image, logs
from aws_local.settings import Settings

DBT = re.compile(r"(^|/)dpc-learning-dbt[a-z0-9-]*([:@].*)?$")
"""Repository of the dbt task, as infra/terraform/modules/pipeline names it, with any tag or digest."""

STOP_S, LONGEST_STOP_S = 30, 120
"""Between SIGTERM and SIGKILL, where a definition says nothing, and at most: stopTimeout of API_ContainerDefinition."""

Response = tuple[int, Mapping[str, str], bytes]


@dataclass
class Task:
    """A task under way. `record` is ministack's, whose keys are those of DescribeTasks."""

    record: dict[str, Any]
    definition: Mapping[str, Any]
    stopping: str = ""
    """Why somebody stopped it."""
    process: subprocess.Popen[bytes] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def id(self) -> str:
        return str(self.record["taskArn"]).rpartition("/")[2]

    @property
    def wanted(self) -> Mapping[str, Any]:
        """The definition of its container."""
        found: Mapping[str, Any] = self.definition["containerDefinitions"][0]
        return found

    @property
    def overridden(self) -> Mapping[str, Any]:
        given = self.record["overrides"].get("containerOverrides", ())
        return next((each for each in given if each.get("name") == self.wanted["name"]), {})

    def signal(self, which: int) -> bool:
        with self.lock:
            alive = self.process is not None and self.process.poll() is None
            if alive and self.process is not None:
                self.process.send_signal(which)
            return alive

    def named(self, name: str) -> bool:
        return name in (self.id, self.record["taskArn"], self.definition["family"])


class CannotStart(Exception):
    """The reason, as `stoppedReason` has it."""


@dataclass
class Tasks:
    """`lifeline`: an open pipe; its end is the end of every container."""

    settings: Settings
    lifeline: tuple[int, int] = field(default_factory=os.pipe)
    running: dict[str, Task] = field(default_factory=dict)
    doomed: dict[str, float] = field(default_factory=dict)

    def run(self, data: dict[str, Any]) -> Response:
        """RunTask: ministack makes the records, which then begin their lives here."""
        answer: Response = _ministacks["RunTask"](data)
        if answer[0] != 200:
            return answer
        content = _json(answer)
        begun = []
        for told in content["tasks"]:
            record = ecs._tasks[told["taskArn"]]
            definition = ecs._task_defs[ecs._resolve_td_key(record["taskDefinitionArn"])]
            task = Task(record, definition)
            _change(record, lastStatus="PROVISIONING", startedAt=None, pullStartedAt=None, pullStoppedAt=None)
            for each in record["containers"]:
                each.update(lastStatus="PENDING", runtimeId=None)
            self.running[record["taskArn"]] = task
            begun.append(task)
        content["tasks"] = [ecs._sanitize(each.record) for each in begun]
        made: Response = ecs.json_response(content)
        for each in begun:
            threading.Thread(target=self._live, args=(each, (get_account_id(), get_region())), daemon=True).start()
        return made

    def stop(self, data: dict[str, Any]) -> Response:
        """StopTask: SIGTERM, then SIGKILL after the container's stopTimeout. The answer does not wait for either."""
        cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
        record = ecs._resolve_task(data.get("task", ""), cluster) if cluster else None
        task = self.running.get(record["taskArn"]) if record else None
        if task is None or record is None:
            answer: Response = _ministacks["StopTask"](data)  # refuses, or tells of one that has stopped
            return answer
        with task.lock:
            task.stopping = data.get("reason") or "Task stopped by user"
            _change(record, desiredStatus="STOPPED", lastStatus="STOPPING", stoppingAt=ecs._iso())
        if task.signal(signal.SIGTERM):
            wait_s = min(task.wanted.get("stopTimeout", STOP_S), LONGEST_STOP_S)
            timer = threading.Timer(wait_s, task.signal, (signal.SIGQUIT,))
            timer.daemon = True
            timer.start()
        made: Response = ecs.json_response({"task": ecs._sanitize(record)})
        return made

    def kill(self, name: str) -> int:
        return sum(each.signal(signal.SIGQUIT) for each in list(self.running.values()) if each.named(name))

    def close(self) -> None:
        """Containers end when nobody holds the other end of their lifeline."""
        os.close(self.lifeline[1])

    def _live(self, task: Task, scope: tuple[str, str]) -> None:
        """From PROVISIONING to STOPPED."""
        with request_scope(*scope):
            folder = self.settings.folder / "tasks" / task.id
            try:
                status = self._contain(task, folder)
                why, code = "Essential container in task exited", "EssentialContainerExited"
            except CannotStart as reason:
                status, why, code = None, str(reason), "TaskFailedToStart"
            if task.stopping:
                why, code = task.stopping, "UserInitiated"
            shutil.rmtree(folder, ignore_errors=True)
            for each in task.record["containers"]:
                each.update(lastStatus="STOPPED", exitCode=status)
            now = ecs._iso()
            stopped = {"stoppedReason": why, "stopCode": code, "stoppedAt": now, "executionStoppedAt": now}
            stopping = task.record.get("stoppingAt") or now
            del self.running[task.record["taskArn"]]
            _change(task.record, lastStatus="STOPPED", desiredStatus="STOPPED", stoppingAt=stopping, **stopped)

    def _contain(self, task: Task, folder: Path) -> int | None:
        """The exit status of the container; None where it was stopped before it began. Raises CannotStart."""
        _change(task.record, lastStatus="PENDING", pullStartedAt=ecs._iso())
        place = _log_place(task)
        made = self._pulled(task, folder)
        _change(task.record, pullStoppedAt=ecs._iso())
        environ = {**made.environ, **self._environ(task)}
        words = [sys.executable, "-I", "-S", container.__file__, str(self.lifeline[0]), *made.command]
        words += task.overridden.get("command") or task.wanted.get("command") or []
        with task.lock:
            if task.stopping:
                return None
            task.process = subprocess.Popen(
                words,
                env=environ,
                cwd=made.cwd,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=(self.lifeline[0],),
                start_new_session=True,
            )
            _change(task.record, lastStatus="RUNNING", startedAt=ecs._iso())
            task.record["containers"][0].update(lastStatus="RUNNING", runtimeId=f"{task.id.replace('-', '')}-1")
        self._doom(task)
        self._follow(task, place)
        return _exit_code(task.process.wait())

    def _pulled(self, task: Task, folder: Path) -> image.Container:
        names = [each["image"] for each in task.definition["containerDefinitions"]]
        if len(names) != 1 or not DBT.search(names[0]):
            raise CannotStart(
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
                f"{', '.join(names)}: not found (on this laptop a task has one container, of the dbt image)"
            )
        found = image.read((self.settings.project / "infra/image/Dockerfile").read_text("utf-8"))
        work = folder / "work"
        work.mkdir(parents=True)
        image.unpack(found, self.settings.project, folder / "image")
        return image.placed(found, folder / "image", work, self.settings.task_python)

    def _environ(self, task: Task) -> dict[str, str]:
        """What Fargate adds to the image's; where it gives a task its role's keys by an address, they stand here."""
        role = task.record["overrides"].get("taskRoleArn") or task.definition.get("taskRoleArn")
        given = [*task.wanted.get("environment", ()), *task.overridden.get("environment", ())]
        return {
            "PATH": f"{self.settings.task_python.parent}:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "AWS_DEFAULT_REGION": self.settings.region,
            "AWS_REGION": self.settings.region,
            **{each["name"]: each["value"] for each in given},
            "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
            "AWS_ENDPOINT_URL": self.settings.endpoint,
            **(identities.credentials(role) if role else {}),
        }

    def _follow(self, task: Task, place: tuple[str, str] | None) -> None:
        """The container's output, line by line, until nobody can write to it any more."""
        assert task.process is not None and task.process.stdout is not None
        role = task.definition.get("executionRoleArn", "")
        told = {"logGroupName": place[0], "logStreamName": place[1]} if place else {}
        with task.process.stdout as output:
            for line in output:
                if place and logs.write(*place, [line.decode("utf-8", "replace").rstrip("\n")]):
                    calls.note(role, "logs", "CreateLogStream", told, via="ecs-tasks.amazonaws.com")
                    calls.note(role, "logs", "PutLogEvents", told, via="ecs-tasks.amazonaws.com")

    def _doom(self, task: Task) -> None:
        for name in [each for each in self.doomed if task.named(each)]:
            timer = threading.Timer(self.doomed.pop(name), task.signal, (signal.SIGQUIT,))
            timer.daemon = True
            timer.start()


_installed: list[Tasks] = []
_ministacks: dict[str, Any] = {}


def install(settings: Settings) -> None:
    """Takes the place of ministack's RunTask and StopTask; it starts nothing itself where there is no Docker."""
    found = Tasks(settings)
    _installed[:] = [found]
    _ministacks.update({name: ecs._ACTION_MAP[name] for name in ("RunTask", "StopTask")})
    ecs._ACTION_MAP.update(RunTask=found.run, StopTask=found.stop)


def kill(name: str, after_s: float | None = None) -> int:
    """Kills tasks by family, id or ARN: now, or `after_s` into the next one. How many were killed now."""
    (found,) = _installed
    if after_s is None:
        return found.kill(name)
    found.doomed[name] = after_s
    return 0


def spare() -> None:
    """Forgets what was to be killed."""
    for each in _installed:
        each.doomed.clear()


def close() -> None:
    for each in _installed:
        each.close()


def _exit_code(status: int) -> int:
    """Of the container, also where a signal met it before it could answer one (SIGQUIT stands for SIGKILL)."""
    return status if status >= 0 else 128 + (signal.SIGKILL if -status == signal.SIGQUIT else -status)


def _log_place(task: Task) -> tuple[str, str] | None:
    """(group, stream) of the awslogs driver. Raises CannotStart where the group is missing."""
    told = task.wanted.get("logConfiguration") or {}
    options = told.get("options") or {}
    if told.get("logDriver") != "awslogs":
        return None
    group = options["awslogs-group"]
    if group not in cloudwatch_logs._log_groups and options.get("awslogs-create-group") != "true":
        raise CannotStart(
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
            f"ResourceNotFoundException: The specified log group does not exist: {group}"
        )
    return group, f"{options.get('awslogs-stream-prefix', 'ecs')}/{task.wanted['name']}/{task.id}"


def _change(record: dict[str, Any], **values: Any) -> None:
    """One change that DescribeTasks shows, in one piece."""
    with resource_lock("ecs-task", record["taskArn"]):
        record.update(values)
        ecs._bump_task_version(record)
    ecs._recount_cluster(ecs._cluster_name_from_arn(record["clusterArn"]))


def _json(answer: Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer[2])
    return found
