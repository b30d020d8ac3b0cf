"""The Data API in this process: every request and answer is held against botocore's model on the way."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aws_local.data_api import lakes
from aws_local.data_api.service import DataApi
from aws_local.data_api.warehouse import Warehouse
from aws_local.errors import AwsError
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from dpc_assets.local.requests import service
from dpc_assets.steps.store import FolderStore

NEW = {"Database": "dpc", "WorkgroupName": "dpc-learning"}
USER = "IAMR:role-dbt-runner"


@dataclass
class Clock:
    """Seconds since the epoch, as the test sets them."""

    now: float = 1_750_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Api:
    """The service, who calls it, and the time it believes in."""

    api: DataApi
    store: FolderStore
    clock: Clock
    caller: list[str] = field(default_factory=lambda: ["arn:aws:iam::000000000000:role/role-dbt-runner"])

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        answer = self.api.handle(operation, request)
        report = ParamValidator().validate(answer, service().operation_model(operation).output_shape)
        assert report.generate_report() == ""
        return answer

    def execute(self, sql: str, session: str = "", **more: Any) -> dict[str, Any]:
        """Runs a statement to its end; its description."""
        target = {"SessionId": session} if session else NEW
        started = self.call("ExecuteStatement", Sql=sql, WaitTimeSeconds=30, **target, **more)
        return self.call("DescribeStatement", Id=started["Id"])

    def session(self, keep_alive: int = 300) -> str:
        """A new session that is idle."""
        return str(self.execute("SELECT 1", SessionKeepAliveSeconds=keep_alive)["SessionId"])

    def batch(self, *sqls: str, **more: Any) -> dict[str, Any]:
        target = {} if "SessionId" in more else NEW
        started = self.call("BatchExecuteStatement", Sqls=list(sqls), WaitTimeSeconds=30, **target, **more)
        return self.call("DescribeStatement", Id=started["Id"])

    def do(self, *sqls: str, session: str = "") -> None:
        """Runs statements one by one; each has to end well."""
        for sql in sqls:
            state = self.execute(sql, session)
            assert state["Status"] == "FINISHED", (sql, state["Error"])

    def rows(self, sql: str, session: str = "") -> list[tuple[Any, ...]]:
        """Runs a query; its rows, numerics as text."""
        state = self.execute(sql, session)
        assert state["Status"] == "FINISHED", (sql, state["Error"])
        found, following = [], {}
        while True:
            page = self.call("GetStatementResult", Id=state["Id"], **following)
            for record in page["Records"]:
                found.append(tuple(None if "isNull" in value else next(iter(value.values())) for value in record))
            if "NextToken" not in page:
                return found
            following = {"NextToken": page["NextToken"]}

    def error(self, sql: str, session: str = "") -> str:
        """Runs a statement that has to fail; with what."""
        state = self.execute(sql, session)
        assert state["Status"] == "FAILED", (sql, state)
        return str(state["Error"])

    def refused(self, operation: str, **request: Any) -> tuple[str, str]:
        """Sends a request that has to be refused; code and message."""
        try:
            answer = self.api.handle(operation, request)
        except AwsError as error:
            return error.code, str(error)
        raise AssertionError(f"{operation} was answered: {answer}")


class Client:
    """boto3's methods over the service."""

    def __init__(self, api: DataApi) -> None:
        self._api = api

    def __getattr__(self, name: str) -> Any:
        operation = re.sub(r"(?:^|_)([a-z])", lambda found: found[1].upper(), name)

        def call(**request: Any) -> dict[str, Any]:
            try:
                return self._api.handle(operation, request)
            except AwsError as error:
                raise ClientError({"Error": {"Code": error.code, "Message": str(error)}}, operation) from error

        return call


def made(folder: Path) -> Api:
    clock, caller = Clock(), ["arn:aws:iam::000000000000:role/role-dbt-runner"]
    warehouse = Warehouse(folder / "dpc.duckdb", lakes.folder(folder / "lake"))
    users = {caller[0]: USER}
    api = DataApi(warehouse, caller=lambda: caller[0], user_of=lambda who: users.get(who, "IAM:person"), now=clock)
    return Api(api, FolderStore(folder / "lake"), clock, caller)
