"""The channels: SNS against moto, the webhook against a real local server, the terminal against a stream."""

import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from moto import mock_aws

from dpc_assets.steps.channels import Several, SlackNotifier, SnsNotifier, TerminalNotifier
from dpc_assets.steps.errors import InputError, RetryLater

REGION = "ap-northeast-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


class Webhook(BaseHTTPRequestHandler):
    status = 200
    bodies: list[object] = []  # noqa: RUF012 - one server a test, cleared by its fixture

    def do_POST(self) -> None:
        self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def webhook() -> Iterator[str]:
    Webhook.status, Webhook.bodies = 200, []
    server = HTTPServer(("127.0.0.1", 0), Webhook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/T000/secret"
    server.shutdown()
    thread.join()
    server.server_close()


def test_sns_gets_subject_body_and_attributes(aws: None) -> None:
    topic = boto3.client("sns").create_topic(Name="dpc")["TopicArn"]
    queue = boto3.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:q")
    SnsNotifier(topic).send("DPC 2025-04: DONE", "本文", {"outcome": "DONE", "months": ""})
    (message,) = boto3.client("sqs").receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(message["Body"])
    assert (body["Subject"], body["Message"]) == ("DPC 2025-04: DONE", "本文")
    assert body["MessageAttributes"] == {"outcome": {"Type": "String", "Value": "DONE"}}


def test_sns_that_refuses_may_be_tried_later(aws: None) -> None:
    with pytest.raises(RetryLater, match="SNS refused the message to arn:aws:sns"):
        SnsNotifier(f"arn:aws:sns:{REGION}:123456789012:absent").send("s", "b", {})


def test_slack_gets_one_json_text(webhook: str) -> None:
    SlackNotifier(lambda: webhook).send("DPC 2025-04: HELD", "保留", {})
    assert Webhook.bodies == [{"text": "*DPC 2025-04: HELD*\n保留"}]


def test_slack_that_refuses_does_not_tell_the_secret_address(webhook: str) -> None:
    Webhook.status = 500
    with pytest.raises(RetryLater) as caught:
        SlackNotifier(lambda: webhook).send("s", "b", {})
    assert str(caught.value) == "Slack refused the message: Internal Server Error"


def test_a_webhook_has_to_be_https() -> None:
    with pytest.raises(InputError, match="expected an https:// address"):
        SlackNotifier(lambda: "file:///etc/hostname").send("s", "b", {})


def test_one_channel_that_refuses_does_not_silence_the_others(webhook: str) -> None:
    Webhook.status = 500
    stream = io.StringIO()
    with pytest.raises(RetryLater):
        Several((SlackNotifier(lambda: webhook), TerminalNotifier(stream))).send("DPC 2025-04: DONE", "body", {})
    assert stream.getvalue() == "DPC 2025-04: DONE\nbody\n"
