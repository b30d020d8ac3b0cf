"""What runs: functions, machines, the container, the schedule, and their logs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from infra_check.design.texts import nested, of_type
from infra_check.plans import Resource

RUNTIME = "python3.11"
DAILY = re.compile(r"cron\(\d+ \d+ (\* \* \?|\? \* \*) \*\)")
YEAR = 365
BY_DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")


def functions(resources: list[Resource]) -> Iterator[str]:
    found = of_type(resources, "aws_lambda_function")
    if not found:
        yield "expected functions, found none"
    for each in found:
        if each.values.get("runtime") != RUNTIME:
            yield f"{each.address}: runtime: expected {RUNTIME}, found {each.values.get('runtime')}"
        if each.values.get("vpc_config"):
            yield f"{each.address}: expected no vpc_config"
        if nested(each.values, "tracing_config/mode") != "Active":
            yield f"{each.address}: expected tracing"
        if not each.values.get("source_code_hash"):
            yield f"{each.address}: expected the digest of its zip"
    for each in of_type(resources, "aws_lambda_function_url"):
        yield f"{each.address}: expected no address that calls a function"
    for each in of_type(resources, "aws_lambda_permission"):
        if each.values.get("principal") == "*" or not each.values.get("source_account"):
            yield f"{each.address}: expected a service of this account as the only caller"


def machines(resources: list[Resource]) -> Iterator[str]:
    found = of_type(resources, "aws_sfn_state_machine")
    if not found:
        yield "expected state machines, found none"
    for each in found:
        if nested(each.values, "logging_configuration/level") != "ALL":
            yield f"{each.address}: expected its whole history in the log"
        if nested(each.values, "tracing_configuration/enabled") is not True:
            yield f"{each.address}: expected tracing"


def container(resources: list[Resource]) -> Iterator[str]:
    found = of_type(resources, "aws_ecs_task_definition")
    if not found:
        yield "expected a task definition, found none"
    for task in found:
        text = task.values.get("container_definitions")
        if not isinstance(text, str):
            yield f"{task.address}: its containers are not known while planning"
            continue
        if task.values.get("task_role_arn") == task.values.get("execution_role_arn"):
            yield f"{task.address}: expected two roles: what starts the container may not do what it does"
        for each in json.loads(text):
            where = f"{task.address}: {each['name']}"
            if str(each.get("user", "")).split(":")[0] in ("", "0", "root"):
                yield f"{where}: expected a user that is not root, found {each.get('user')!r}"
            if each.get("readonlyRootFilesystem") is not True:
                yield f"{where}: expected a read-only root"
            if each.get("privileged"):
                yield f"{where}: expected no privileges"
            if not BY_DIGEST.fullmatch(each.get("image", "")):
                yield f"{where}: image: expected one by digest, found {each.get('image')}"
            if "ALL" not in (each.get("linuxParameters") or {}).get("capabilities", {}).get("drop", []):
                yield f"{where}: expected all capabilities to be dropped"
            if (each.get("logConfiguration") or {}).get("logDriver") != "awslogs":
                yield f"{where}: expected its log in CloudWatch"


def daily(resources: list[Resource]) -> Iterator[str]:
    schedules = of_type(resources, "aws_scheduler_schedule")
    if len(schedules) != 1:
        yield f"expected one schedule, found {len(schedules)}"
    for each in schedules:
        if not DAILY.fullmatch(str(each.values.get("schedule_expression"))):
            yield f"{each.address}: expected once a day, found {each.values.get('schedule_expression')}"
        if each.values.get("schedule_expression_timezone") in (None, "UTC"):
            yield f"{each.address}: expected the hospitals' time zone"
        if not nested(each.values, "target/dead_letter_config/arn"):
            yield f"{each.address}: expected a queue for starts that fail"


def logs(resources: list[Resource]) -> Iterator[str]:
    groups = {each.name: each for each in of_type(resources, "aws_cloudwatch_log_group")}
    for each in groups.values():
        kept = each.values.get("retention_in_days") or 0
        if kept < YEAR:
            yield f"{each.address}: expected at least {YEAR} days, found {kept or 'no end, which nobody chose'}"
    for each in of_type(resources, "aws_lambda_function"):
        if f"/aws/lambda/{each.name}" not in groups:
            yield f"{each.address}: expected its log group: Lambda makes a missing one itself, without key and end"
