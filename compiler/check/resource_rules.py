"""Rules about what a task calls.

The shapes: https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html, connect-supported-services and
connect-to-resource. A `${hole}` stands for any part of an ARN.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from compiler.check.read import Machine, State, shown, texts
from compiler.errors import Problem

PARTITIONS = ("aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f")

SERVICES: Mapping[str, frozenset[str]] = {
    name: frozenset(calls.split())
    for name, calls in {
        "apigateway": "invoke",
        "athena": "startQueryExecution stopQueryExecution getQueryExecution getQueryResults",
        "batch": "submitJob",
        "bedrock": "invokeModel createModelCustomizationJob",
        "codebuild": "startBuild stopBuild batchDeleteBuilds batchGetReports startBuildBatch stopBuildBatch "
        "retryBuildBatch deleteBuildBatch",
        "databrew": "startJobRun",
        "dynamodb": "getItem putItem updateItem deleteItem",
        "ecs": "runTask",
        "eks": "",
        "elasticmapreduce": "",
        "emr-containers": "",
        "emr-serverless": "",
        "events": "putEvents",
        "glue": "startJobRun",
        "http": "invoke",
        "lambda": "invoke",
        "mediaconvert": "createJob",
        "s3": "getObject listObjectsV2 putObject",
        "sagemaker": "",
        "sns": "publish",
        "sqs": "sendMessage",
        "states": "startExecution",
        "task": "",
    }.items()
}
"""Optimized integrations and their calls; no calls: any (there are many). `task` is an example of the language."""

PATTERNS = ("", "sync", "sync:2", "waitForTaskToken")

_HOLE = re.compile(r"\$\{[^{}]*\}")
_ANY = "\0"
_REGION = re.compile(r"[a-z]+(-[a-z]+)*-\d+")
_ACCOUNT = re.compile(r"\d{10,12}")
_FUNCTION = re.compile(r"function:[A-Za-z0-9_-]{1,64}(:([A-Za-z0-9_-]{1,128}|\$LATEST))?")
_ACTIVITY = re.compile(r"(activity|task):[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f]{1,80}")
_CALL = re.compile(r"(?P<service>[a-z0-9-]+):(?P<call>[A-Za-z0-9]+)(\.(?P<pattern>[A-Za-z]+(:2)?))?")
_SDK = re.compile(r"aws-sdk:[a-z0-9]+:[a-zA-Z0-9]+(\.(?P<pattern>[A-Za-z]+(:2)?))?")
_TOKEN = re.compile(
    r"(\$\$|context)\s*\.\s*Task\s*(\.\s*Token\b|(?![\s.\w]))"
    r"|\$states\s*\.\s*context\s*(?![\s.\w])|\$\$(?![.\w])|\$states\b(?!\s*\.)"
)
"""The token, or an object of the context that holds it."""


def bad_arn(machine: Machine) -> Iterator[Problem]:
    """Resource is the ARN of a service integration, a Lambda function or an activity."""
    for state in machine.states:
        for place, resource in _resources(state):
            wrong = wrong_resource(resource)
            if wrong:
                message = f"{place}: expected {wrong}, found {shown(resource)}"
                yield Problem("bad_arn", state.where, message, "e.g. arn:aws:states:::lambda:invoke, or a ${hole}")


def _resources(state: State) -> Iterator[tuple[str, Any]]:
    if state.type == "Task" and "Resource" in state.body:
        yield "Resource", state.body["Resource"]
    for name in ("ItemReader", "ResultWriter"):
        inner = state.body.get(name)
        if isinstance(inner, Mapping) and "Resource" in inner:
            yield f"{name}.Resource", inner["Resource"]


def wrong_resource(resource: Any) -> str:
    """What was expected of a Resource that is wrong, else nothing."""
    if not isinstance(resource, str):
        return "the ARN of what is called, as a string"
    filled = _HOLE.sub(_ANY, resource)
    if re.search(r"\s", filled):
        return "no space in the ARN"
    parts = filled.split(":", 5)
    if re.fullmatch(_ANY + r"(:[\w$-]+)?", filled):
        return ""
    if len(parts) < 6 or parts[0] != "arn":
        return "an ARN (arn:partition:service:region:account:resource)"
    _, partition, service, region, account, rest = parts
    if partition != _ANY and partition.removesuffix(_ANY) not in PARTITIONS:
        return f"a partition of {', '.join(PARTITIONS)}"
    if _ANY in service:
        return ""
    if service == "states" and not region and not account:
        return _wrong_call(rest)
    if service not in ("states", "lambda", "swf"):
        return "a service integration (arn:aws:states:::...), a Lambda function or an activity"
    if service == "lambda" and not region and not account:
        region, account = _ANY, _ANY
    if not (_ANY in region or _REGION.fullmatch(region)):
        return "a region such as ap-northeast-1 in the ARN"
    if not (_ANY in account or _ACCOUNT.fullmatch(account)):
        return "an account of 12 digits in the ARN"
    if _ANY in rest or (_FUNCTION if service == "lambda" else _ACTIVITY).fullmatch(rest):
        return ""
    if service == "states" and not rest.startswith(("activity", "task")):
        return _wrong_call(rest)
    return "function:NAME or function:NAME:ALIAS" if service == "lambda" else "activity:NAME"


def _wrong_call(rest: str) -> str:
    if _ANY in rest:
        return ""
    sdk, call = _SDK.fullmatch(rest), _CALL.fullmatch(rest)
    found = sdk or call
    if not found:
        return "service:call, service:call.pattern or aws-sdk:service:call after arn:aws:states:::"
    if (found["pattern"] or "") not in PATTERNS:
        return f"one of {', '.join(f'.{pattern}' for pattern in PATTERNS if pattern)} after the call"
    if call and call["service"] not in SERVICES:
        return "an optimized integration of Step Functions (others are aws-sdk:service:call)"
    if call and SERVICES[call["service"]] and call["call"] not in SERVICES[call["service"]]:
        calls = ", ".join(sorted(SERVICES[call["service"]]))
        return f"one of the calls that Step Functions has for {call['service']} ({calls})"
    return ""


def task_token(machine: Machine) -> Iterator[Problem]:
    """A task that waits for its token hands the token to what it calls; no other task has one."""
    for state in machine.states:
        resource = state.body.get("Resource")
        if state.type == "Task" and isinstance(resource, str) and resource.endswith(".waitForTaskToken"):
            given = [state.body.get(name) for name in ("Arguments", "Parameters")]
            if not any(_TOKEN.search(text) for value in given for _, _, text in texts(value)):
                message = "expected the task token in what is called, found none: the task could never end"
                hint = "give it {% $states.context.Task.Token %} (JSONPath: $$.Task.Token)"
                yield Problem("task_token", state.where, message, hint)
