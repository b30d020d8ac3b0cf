"""Where a message goes: Amazon SNS, a Slack webhook, a terminal. Each implements `ports.Notifier`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from dpc_assets.steps.errors import InputError, RetryLater
from dpc_assets.steps.ports import Notifier

_SUBJECT_LIMIT = 100  # characters; docs.aws.amazon.com/sns/latest/api/API_Publish.html
_TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class SnsNotifier:
    """Publishes to one topic. `client` is boto3's SNS client; None makes one on first use."""

    topic_arn: str
    client: Any = None

    def send(self, subject: str, body: str, attributes: Mapping[str, str]) -> None:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        client = self.client or boto3.client("sns")
        ascii_subject = subject.encode("ascii", "replace").decode()[:_SUBJECT_LIMIT]  # SNS takes ASCII subjects only
        try:
            client.publish(
                TopicArn=self.topic_arn,
                Subject=ascii_subject,
                Message=body,
                MessageAttributes={k: {"DataType": "String", "StringValue": v} for k, v in attributes.items() if v},
            )
        except (BotoCoreError, ClientError) as error:
            raise RetryLater(f"SNS refused the message to {self.topic_arn}: {error}") from error


@dataclass(frozen=True)
class SlackNotifier:
    """Posts to an incoming webhook. `webhook` answers its address when a message is sent, never before."""

    webhook: Callable[[], str]

    def send(self, subject: str, body: str, attributes: Mapping[str, str]) -> None:
        import urllib.error
        import urllib.request

        address = self.webhook()
        if not address.startswith(("https://", "http://127.0.0.1:")):
            raise InputError("Slack webhook: expected an https:// address in the secret, found something else")
        data = json.dumps({"text": f"*{subject}*\n{body}"}, ensure_ascii=False).encode()
        request = urllib.request.Request(address, data, {"Content-Type": "application/json; charset=utf-8"})
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):
                return
        except urllib.error.URLError as error:  # the address is a secret: it stays out of the message
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            raise RetryLater(f"Slack refused the message: {error.reason}") from None


@dataclass(frozen=True)
class TerminalNotifier:
    """Writes the message to a stream: a laptop's channel."""

    stream: TextIO

    def send(self, subject: str, body: str, attributes: Mapping[str, str]) -> None:
        self.stream.write(f"{subject}\n{body}\n")
        self.stream.flush()


@dataclass(frozen=True)
class Several:
    """Sends to each in turn; one that refuses does not keep the message from the others."""

    channels: Sequence[Notifier]

    def send(self, subject: str, body: str, attributes: Mapping[str, str]) -> None:
        refused = []
        for channel in self.channels:
            try:
                channel.send(subject, body, attributes)
            except RetryLater as error:
                refused.append(str(error))
        if refused:
            raise RetryLater("\n".join(refused))
