"""ECS here: what a task sees, its states, how it is stopped and killed, what is left of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from runners_aws import ROOT, Aws, alive, start, until

ROLE = "arn:aws:iam::000000000000:role/role-dbt-task"
EXECUTION = "arn:aws:iam::000000000000:role/role-dbt-execution"
GROUP = "/ecs/dbt"
IMAGE = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/dpc-learning-dbt-dev:none"


def registered(aws: Aws, family: str, **container: Any) -> str:
    """A definition of one container; answers its family."""
    told = {
        "name": "dbt",
        "image": IMAGE,
        "essential": True,
        "environment": [{"name": "DO", "value": ""}, {"name": "WORD", "value": "of the definition"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {"awslogs-group": GROUP, "awslogs-region": "ap-northeast-1", "awslogs-stream-prefix": "run"},
        },
    }
    if not aws.client("logs").describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]:
        aws.client("logs").create_log_group(logGroupName=GROUP)
    aws.client("ecs").register_task_definition(
        family=family,
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        taskRoleArn=ROLE,
        executionRoleArn=EXECUTION,
        containerDefinitions=[{**told, **container}],
    )
    return family


def run(aws: Aws, family: str, **environment: str) -> str:
    """Starts a task; answers its ARN."""
    given = [{"name": name, "value": value} for name, value in environment.items()]
    answer = aws.client("ecs").run_task(
        taskDefinition=family,
        launchType="FARGATE",
        overrides={"containerOverrides": [{"name": "dbt", "environment": given}]},
    )
    assert answer["failures"] == [] and answer["tasks"][0]["lastStatus"] == "PROVISIONING"
    return str(answer["tasks"][0]["taskArn"])


def told(aws: Aws, task: str) -> dict[str, Any]:
    found: dict[str, Any] = aws.client("ecs").describe_tasks(tasks=[task])["tasks"][0]
    return found


def ended(aws: Aws, task: str) -> dict[str, Any]:
    found: dict[str, Any] = until(
        lambda: (now := told(aws, task))["lastStatus"] == "STOPPED" and now, 20, "the task did not stop"
    )
    return found


def output(aws: Aws, task: str) -> list[str]:
    stream = f"run/dbt/{task.rpartition('/')[2]}"
    streams = aws.client("logs").describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=stream)["logStreams"]
    if not streams:
        return []
    found = aws.client("logs").get_log_events(logGroupName=GROUP, logStreamName=stream, startFromHead=True)["events"]
    return [each["message"] for each in found]


def processes(aws: Aws, task: str) -> list[int]:
    """Of the command and of its child, which has a session of its own."""
    line: str = until(
        lambda: [each for each in output(aws, task) if each.startswith("processes ")], 20, "did not start"
    )[0]
    return [int(each) for each in line.split()[1:]]


def test_a_task_runs_to_its_end(aws: Aws) -> None:
    task = run(aws, registered(aws, "ends"))
    found = ended(aws, task)
    assert (found["stopCode"], found["stoppedReason"]) == (
        "EssentialContainerExited",
        "Essential container in task exited",
    )
    assert [(each["name"], each["lastStatus"], each["exitCode"]) for each in found["containers"]] == [
        ("dbt", "STOPPED", 0)
    ]
    assert found["createdAt"] <= found["pullStartedAt"] <= found["startedAt"] <= found["stoppedAt"]
    assert aws.client("ecs").list_tasks(family="ends", desiredStatus="RUNNING")["taskArns"] == []


def test_the_environment_is_the_images_the_definitions_and_the_states(aws: Aws) -> None:
    task = run(aws, registered(aws, "sees", command=["a", "b"]), WORD="of the state", TASK_TOKEN="abc")
    ended(aws, task)
    environ, cwd = output(aws, task)
    found = json.loads(environ.removeprefix("environ "))
    work, image = Path(found["HOME"]), Path(found["PYTHONPATH"])
    assert found["TMPDIR"] == found["HOME"]
    assert cwd.split()[1:] == [str(work), str(image / "beside/words.py"), "a", "b"]
    assert image.name == "app" and not (work.exists() or image.exists())  # removed with the task
    for name in ("HOME", "TMPDIR", "PYTHONPATH", "PATH", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        assert found.pop(name)
    assert found == {
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "AWS_REGION": "ap-northeast-1",
        "AWS_SESSION_TOKEN": "",
        "DO": "",
        "GREETING": "good morning",
        "LANG": "C.UTF-8",
        "TASK_TOKEN": "abc",
        "WORD": "of the state",
    }


def test_the_exit_status_is_told(aws: Aws) -> None:
    found = ended(aws, run(aws, registered(aws, "fails"), DO="fail"))
    assert found["containers"][0]["exitCode"] == 3
    assert found["stopCode"] == "EssentialContainerExited"


def test_a_task_calls_as_its_role(aws: Aws) -> None:
    ended(aws, run(aws, registered(aws, "calls"), DO="call"))
    assert [(each["service"], each["operation"]) for each in aws.calls(caller=ROLE)] == [("s3", "ListBuckets")]
    assert aws.calls(caller=EXECUTION, operation="PutLogEvents", via="ecs-tasks.amazonaws.com")


@pytest.mark.parametrize(("do", "status"), [("obey", 7), ("wait", 143)])
def test_stopping_asks_first(aws: Aws, do: str, status: int) -> None:
    task = run(aws, registered(aws, f"stopped-{do}"), DO=do)
    ours = processes(aws, task)
    answer = aws.client("ecs").stop_task(task=task, reason="enough")["task"]
    assert (answer["desiredStatus"], answer["lastStatus"]) == ("STOPPED", "STOPPING")
    found = ended(aws, task)
    assert (found["stopCode"], found["stoppedReason"]) == ("UserInitiated", "enough")
    assert found["containers"][0]["exitCode"] == status
    assert not any(map(alive, ours))


def test_who_does_not_stop_is_killed_after_the_stop_timeout(aws: Aws) -> None:
    task = run(aws, registered(aws, "refuses", stopTimeout=2), DO="refuse")
    ours = processes(aws, task)
    aws.client("ecs").stop_task(task=task)
    assert told(aws, task)["lastStatus"] == "STOPPING"
    found = ended(aws, task)
    assert (found["containers"][0]["exitCode"], found["stoppedReason"]) == (137, "Task stopped by user")
    assert not any(map(alive, ours))


def test_a_task_is_killed_on_demand(aws: Aws) -> None:
    task = run(aws, registered(aws, "killed"), DO="wait")
    ours = processes(aws, task)
    assert aws.faults("POST", {"kill": {"task": "killed"}}) == {"killed": 1}
    found = ended(aws, task)
    assert (found["containers"][0]["exitCode"], found["stopCode"]) == (137, "EssentialContainerExited")
    assert not any(map(alive, ours))
    assert aws.faults("POST", {"kill": {"task": "killed", "after_ms": 50}}) == {"killed": 0}
    assert ended(aws, run(aws, "killed", DO="wait"))["containers"][0]["exitCode"] == 137


@pytest.mark.parametrize("image", ["python:3.11", "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/other@sha256:0"])
def test_another_image_cannot_be_pulled(aws: Aws, image: str) -> None:
    found = ended(aws, run(aws, registered(aws, "other", image=image)))
    assert found["stopCode"] == "TaskFailedToStart"
    assert found["stoppedReason"].startswith("CannotPullContainerError: ")
    assert "exitCode" not in found["containers"][0] and "startedAt" not in found


def test_a_log_group_that_is_not_there_stops_the_task(aws: Aws) -> None:
    driver = {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/none", "awslogs-region": "ap-northeast-1"}}
    found = ended(aws, run(aws, registered(aws, "unlogged", logConfiguration=driver)))
    assert found["stoppedReason"].startswith("ResourceInitializationError: failed to validate logger args")


def test_what_was_never_run_cannot_be_stopped(aws: Aws) -> None:
    with pytest.raises(aws.client("ecs").exceptions.InvalidParameterException, match="not found"):
        aws.client("ecs").stop_task(task="0" * 32)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_the_server(tmp_path: Path, small_project: Path, aws: Aws, how: signal.Signals) -> None:
    own = start(tmp_path / "state", small_project, tmp_path / "log")
    ours = processes(own, run(own, registered(own, "left"), DO="refuse"))
    code = "import os, time\nprint(os.getpid())\ndef handler(event, context):\n    time.sleep(300)\n"
    own.function("left", code)
    own.client("lambda").invoke(FunctionName="left", InvocationType="Event", Payload=b"{}")

    def started() -> list[str]:
        groups = own.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/left")["logGroups"]
        return own.logs("/aws/lambda/left")[1:] if groups else []

    ours.append(int(until(started, 20, "the function did not start")[0]))
    assert all(map(alive, ours))
    os.kill(own.process.pid, how)
    with own.process as process:
        process.wait(timeout=20)
    until(lambda: not any(map(alive, ours)), 10, "processes are left")


def test_the_dbt_image_holds_what_its_dockerfile_copies(tmp_path: Path) -> None:
    """The real one, started without its variables: the runner imports, and says what it lacks."""
    sys.path.insert(0, str(ROOT / "infra" / "local"))
    from aws_local import image

    found = image.read((ROOT / "infra/image/Dockerfile").read_text("utf-8"))
    image.unpack(found, ROOT, tmp_path / "image")
    (tmp_path / "work").mkdir()
    made = image.placed(found, tmp_path / "image", tmp_path / "work", Path(sys.executable))
    app = tmp_path / "image/app"
    environ: Mapping[str, str] = {**made.environ, "AWS_DEFAULT_REGION": "ap-northeast-1", "PATH": "/usr/bin:/bin"}
    assert (environ["DBT_PROJECT_DIR"], environ["HOME"]) == (str(app / "dbt"), str(tmp_path / "work"))
    assert (app / "dbt/dbt_project.yml").is_file() and not (app / "dpc_assets").exists()
    done = subprocess.run(made.command, env=environ, cwd=made.cwd, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[0] == "TASK_TOKEN: expected a value, found none"
