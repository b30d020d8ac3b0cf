"""Executions of Step Functions as they are read: what one is, and its whole history.

Source: Step Functions API Reference, DescribeExecution and GetExecutionHistory. Whoever reads needs `kms:Decrypt` where
the machine is under a key of the account.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dpc_assets.steps.errors import RetryLater
from dpc_assets.steps.failures import Event

_PAGE = 1000
_MOST_PAGES = 25
"""25,000 events are the longest history that a standard execution can have."""


@dataclass(frozen=True)
class Executions:
    """`client` is boto3's client of Step Functions. Both methods raise RetryLater where AWS refuses."""

    client: Any

    def describe(self, arn: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._asked("describe_execution", executionArn=arn)
        return found

    def history(self, arn: str) -> Sequence[Event]:
        """Every event, oldest first, inputs and causes included."""
        events: list[Event] = []
        more: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            page = self._asked("get_execution_history", executionArn=arn, maxResults=_PAGE, **more)
            events += page["events"]
            if not page.get("nextToken"):
                break
            more = {"nextToken": page["nextToken"]}
        return events

    def _asked(self, operation: str, **given: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self.client, operation)(**given)
        except (BotoCoreError, ClientError) as error:
            raise RetryLater(f"{given['executionArn']}: Step Functions refused: {error}") from error
