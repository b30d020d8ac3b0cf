"""What ministack answers otherwise than AWS, so that Terraform would wait in vain, plan a change that is none, or make
what does not work."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import botocore.session
from ministack import app

from aws_local import query as forms
from aws_local.settings import Settings

Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]

_SIZE = "x-amz-transition-default-minimum-object-size"


def install(settings: Settings) -> None:
    """Mends what is known to be wrong."""
    app.SERVICE_HANDLERS["s3"] = _copies(_lifecycle(app.SERVICE_HANDLERS["s3"]))
    app._handle_s3_control_request = _account_block(app._handle_s3_control_request)
    app.SERVICE_HANDLERS["monitoring"] = _alarms(app.SERVICE_HANDLERS["monitoring"])
    app.SERVICE_HANDLERS["cloudtrail"] = _trail(app.SERVICE_HANDLERS["cloudtrail"])
    app.SERVICE_HANDLERS["states"] = _tracing(app.SERVICE_HANDLERS["states"])
    app.SERVICE_HANDLERS["secretsmanager"] = _secrets(app.SERVICE_HANDLERS["secretsmanager"])


def _lifecycle(handler: Handler) -> Handler:
    """GetBucketLifecycleConfiguration answers the header of PutBucketLifecycleConfiguration, as the API reference of
    both says; ministack answers its default. The provider waits until both are the same."""
    sizes: dict[str, str] = {}

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        status, told, content = await handler(method, path, headers, body, query)
        if "lifecycle" in query and status < 300:
            if method == "PUT":
                sizes[path] = headers.get(_SIZE, "all_storage_classes_128K")
            if method in ("GET", "PUT"):
                told = {**told, _SIZE: sizes[path]}
        return status, told, content

    return handle


def _copies(handler: Handler) -> Handler:
    """CopyObject makes the checksum that x-amz-checksum-algorithm asks for (API_CopyObject.html), which ministack makes
    where it is asked for as PutObject does."""

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        asked = headers.get("x-amz-checksum-algorithm")
        if method == "PUT" and asked and "x-amz-copy-source" in headers and not query:
            headers = {**headers, "x-amz-sdk-checksum-algorithm": asked}
        return await handler(method, path, headers, body, query)

    return handle


def _account_block(handler: Callable[..., Awaitable[Answer | None]]) -> Callable[..., Awaitable[Answer | None]]:
    """The account's own block of public buckets (API_control_PutPublicAccessBlock.html), which ministack has only for
    each bucket. GetPublicAccessBlock answers what was put, or NoSuchPublicAccessBlockConfiguration."""
    kept: list[bytes] = []

    async def handle(path: str, method: str, body: bytes, *rest: Any) -> Answer | None:
        if path != "/v20180820/configuration/publicAccessBlock":
            return await handler(path, method, body, *rest)
        xml = {"Content-Type": "application/xml"}
        if method == "PUT":
            kept[:] = [body]
            return 201, xml, b""
        if method == "DELETE":
            kept.clear()
            return 204, xml, b""
        return (200, xml, kept[0]) if kept else (404, xml, _NO_BLOCK)

    return handle


_NO_BLOCK = (
    b"<ErrorResponse><Error><Code>NoSuchPublicAccessBlockConfiguration</Code>"
    b"<Message>The public access block configuration was not found</Message></Error></ErrorResponse>"
)


def _alarms(handler: Handler) -> Handler:
    """DescribeAlarms answers an alarm as PutMetricAlarm was given it (API_MetricAlarm.html). Over the query protocol
    ministack keeps no expressions (Metrics) and answers ten of the fields."""
    model = botocore.session.get_session().get_service_model("cloudwatch")

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        action = form.get("Action")
        if action == "DescribeAlarms":
            return _described(forms.read(model.operation_model(action).input_shape, form))
        answer = await handler(method, path, headers, body, query)
        if action == "PutMetricAlarm" and answer[0] == 200:
            _keep(forms.read(model.operation_model(action).input_shape, form))
        return answer

    def _keep(asked: dict[str, Any]) -> None:
        from ministack.services import cloudwatch

        kept = cloudwatch._alarms[asked["AlarmName"]]
        told = {name: kept[name] for name in kept if name in _ANSWERED}
        cloudwatch._alarms[asked["AlarmName"]] = {
            "ActionsEnabled": True,
            "Dimensions": [],
            **told,
            **{name: value for name, value in asked.items() if name != "Tags"},
        }

    def _described(asked: dict[str, Any]) -> Answer:
        from ministack.services import cloudwatch

        status, _, content = cloudwatch._describe_alarms({}, asked, False, is_json=True)
        if status != 200:
            return cloudwatch._describe_alarms(asked, {}, False)  # type: ignore[no-any-return]
        shape = model.operation_model("DescribeAlarms").output_shape
        told = json.loads(content)
        for each in told["MetricAlarms"]:
            for name in ("StateUpdatedTimestamp", "AlarmConfigurationUpdatedTimestamp"):
                if name in each:
                    each[name] = datetime.fromtimestamp(each[name], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        result = f"<DescribeAlarmsResult>{forms.written(shape, told)}</DescribeAlarmsResult>"
        return cloudwatch._xml(200, "DescribeAlarmsResponse", result)  # type: ignore[no-any-return]

    return handle


_ANSWERED = (
    "AlarmArn",
    "AlarmConfigurationUpdatedTimestamp",
    "StateReason",
    "StateUpdatedTimestamp",
    "StateValue",
)
"""What an alarm has that nobody asked for."""


def _trail(handler: Handler) -> Handler:
    """GetTrail and ListTags answer the log group, its role and the tags that CreateTrail was given
    (API_CreateTrail.html); ministack keeps those of UpdateTrail and AddTags only."""

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        answer = await handler(method, path, headers, body, query)
        if headers.get("x-amz-target", "").endswith(".CreateTrail") and answer[0] == 200:
            from ministack.services import cloudtrail

            asked = json.loads(body)
            cloudtrail._update_trail({name: asked[name] for name in _TRAIL_KEEPS if name in asked})
            told = json.loads(answer[2])
            cloudtrail._add_tags({"ResourceId": told["TrailARN"], "TagsList": asked.get("TagsList", [])})
        return answer

    return handle


def _tracing(handler: Handler) -> Handler:
    """DescribeStateMachine answers the tracing that a machine was made or changed with (API_DescribeStateMachine.html);
    ministack keeps logging and encryption only."""

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        answer = await handler(method, path, headers, body, query)
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if operation in ("CreateStateMachine", "UpdateStateMachine") and answer[0] == 200:
            from ministack.services import stepfunctions

            asked = json.loads(body)
            arn = asked.get("stateMachineArn") or json.loads(answer[2])["stateMachineArn"]
            if "tracingConfiguration" in asked:
                stepfunctions._state_machines[arn]["tracingConfiguration"] = asked["tracingConfiguration"]
        return answer

    return handle


def _secrets(handler: Handler) -> Handler:
    """CreateSecret without a value makes no version, so that GetSecretValue finds none (API_CreateSecret.html);
    ministack makes one without a value."""

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Answer:
        answer = await handler(method, path, headers, body, query)
        if headers.get("x-amz-target", "").endswith(".CreateSecret") and answer[0] == 200:
            from ministack.services import secretsmanager

            asked = json.loads(body)
            if not {"SecretString", "SecretBinary"} & asked.keys():
                secretsmanager._secrets[asked["Name"]]["Versions"].clear()
                told = {name: value for name, value in json.loads(answer[2]).items() if name != "VersionId"}
                return answer[0], answer[1], json.dumps(told).encode()
        return answer

    return handle


_TRAIL_KEEPS = ("Name", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn")
