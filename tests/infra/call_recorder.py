"""What is called in AWS, by whom: a hook on every client that boto3 makes, and one around the Data API on DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.session
from botocore.model import OperationModel

PREFIX = {"stepfunctions": "states"}
"""boto3's name of a service -> IAM's, where they differ."""


@dataclass(frozen=True)
class Called:
    """One call: who made it, IAM's prefix of the service, the operation, and what was given."""

    by: str
    service: str
    operation: str
    given: dict[str, Any] = field(hash=False)


@dataclass
class Recorder:
    """Every call since `installed`, in order. Calls that nobody is said to make are the tests' own."""

    calls: list[Called] = field(default_factory=list)
    callers: list[str] = field(default_factory=list)

    @contextmanager
    def caller(self, name: str) -> Iterator[None]:
        self.callers.append(name)
        try:
            yield
        finally:
            self.callers.pop()

    def note(self, service: str, operation: str, given: dict[str, Any]) -> None:
        if self.callers:
            kept = {name: value for name, value in given.items() if name != "Body"}
            self.calls.append(Called(self.callers[-1], PREFIX.get(service, service), operation, kept))

    def session(self) -> boto3.Session:
        """A session whose clients are heard."""
        heard = botocore.session.Session()

        def hear(params: dict[str, Any], model: OperationModel, **_: Any) -> None:
            self.note(model.service_model.service_name, model.name, params)

        heard.register("provide-client-params.*.*", hear)
        return boto3.Session(botocore_session=heard)


class HeardDataApi:
    """The Data API's stand-in: its calls are noted by their operations; what it does itself, the warehouse does.

    While `running`, no statement ever ends.
    """

    def __init__(self, client: Any, recorder: Recorder, warehouse: str) -> None:
        self._client = client
        self._recorder = recorder
        self._warehouse = warehouse
        self.running = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        operation = "".join(word.title() for word in name.split("_"))

        def heard(**given: Any) -> Any:
            self._recorder.note("redshift-data", operation, given)
            if self.running and operation == "CancelStatement":
                return {"Status": True}
            with self._recorder.caller(self._warehouse):
                answer = method(**given)
            return {**answer, "Status": "STARTED"} if self.running and operation == "DescribeStatement" else answer

        return heard
