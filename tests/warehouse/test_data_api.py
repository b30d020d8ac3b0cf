"""The Data API's shape: our requests and the stand-in's answers conform to botocore's own service model."""

from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator
from warehouse_place import Place

from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.steps.data_api import DataApiWarehouse, sql_text
from dpc_assets.steps.errors import InputError, RetryLater, WarehouseError

MODEL = botocore.session.get_session().get_service_model("redshift-data")
OPERATIONS = {
    "batch_execute_statement": "BatchExecuteStatement",
    "execute_statement": "ExecuteStatement",
    "describe_statement": "DescribeStatement",
    "get_statement_result": "GetStatementResult",
    "cancel_statement": "CancelStatement",
}


class Recorder:
    """Hands every call on to the stand-in and keeps request and answer."""

    def __init__(self, client: DuckDBDataApi) -> None:
        self._client = client
        self.calls: list[tuple[str, dict[str, Any], dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> dict[str, Any]:
            answer: dict[str, Any] = getattr(self._client, operation)(**request)
            self.calls.append((operation, request, answer))
            return answer

        return call


def test_requests_and_answers_conform_to_the_service_model(place: Place) -> None:
    recorder = Recorder(DuckDBDataApi(place.database, place.store))
    warehouse = DataApiWarehouse(recorder)
    warehouse.execute(
        ["CREATE SCHEMA raw", "CREATE TABLE raw.t (a VARCHAR(9), n INTEGER, d DECIMAL(9,2))"], name="make"
    )
    warehouse.execute(["INSERT INTO raw.t VALUES ('x', 1, 1.50), (NULL, 2, NULL)"], name="fill")
    assert warehouse.fetch("SELECT a, n, d, n = 1, DATE '2025-04-01' FROM raw.t ORDER BY n", name="look") == [
        ("x", 1, "1.50", True, "2025-04-01"),
        (None, 2, None, False, "2025-04-01"),
    ]
    recorder.cancel_statement(Id="00000000-0000-0000-0000-000000000000")
    assert {operation for operation, _, _ in recorder.calls} == OPERATIONS.keys()
    for operation, request, answer in recorder.calls:
        model = MODEL.operation_model(OPERATIONS[operation])
        assert not ParamValidator().validate(request, model.input_shape).has_errors()
        known = set(model.output_shape.members)
        assert answer.keys() <= known, f"{operation} answers {answer.keys() - known}"
        if operation == "get_statement_result":
            report = ParamValidator().validate({"Records": answer["Records"]}, model.output_shape)
            assert not [e for e in report._errors if e[1].startswith("Records")]
        assert len(str(request.get("ClientToken", ""))) <= 64


def test_a_batch_is_one_transaction(place: Place) -> None:
    warehouse = place.ports.warehouse
    warehouse.execute(["CREATE SCHEMA raw", "CREATE TABLE raw.t (n INTEGER)"], name="make")
    with pytest.raises(WarehouseError, match=r"^fill: statement 2 of 3: .*Could not convert string 'no'"):
        warehouse.execute(
            ["INSERT INTO raw.t VALUES (1)", "INSERT INTO raw.t VALUES ('no')", "INSERT INTO raw.t VALUES (3)"],
            name="fill",
        )
    assert place.rows("SELECT COUNT(*) FROM raw.t") == [(0,)]


def test_affected_rows(place: Place) -> None:
    place.ports.warehouse.execute(["CREATE TABLE t (n INTEGER)"], name="make")
    assert place.ports.warehouse.execute(
        ["INSERT INTO t VALUES (1), (2)", "DELETE FROM t WHERE n = 1"], name="change"
    ) == (2, 1)


@pytest.mark.parametrize("count", [0, 41])
def test_a_batch_has_1_to_40_statements(place: Place, count: int) -> None:
    with pytest.raises(InputError, match=f"expected 1 to 40 statements in one transaction, found {count}"):
        place.ports.warehouse.execute(["SELECT 1"] * count, name="many")


def test_results_come_in_pages(place: Place) -> None:
    rows = place.rows("SELECT i FROM generate_series(1, 2500) AS t(i) ORDER BY i")
    assert [row[0] for row in rows] == list(range(1, 2501))


def test_one_token_is_one_execution(place: Place) -> None:
    client = DuckDBDataApi(place.database, place.store)
    client.execute_statement(Sql="CREATE TABLE t (n INTEGER)", ClientToken="make")
    first = client.execute_statement(Sql="INSERT INTO t VALUES (1)", ClientToken="same")
    again = client.execute_statement(Sql="INSERT INTO t VALUES (1)", ClientToken="same")
    assert first["Id"] == again["Id"]
    assert place.rows("SELECT COUNT(*) FROM t") == [(1,)]


def test_integers_divide_as_in_redshift(place: Place) -> None:
    assert place.rows("SELECT 7 / 2") == [(3,)]


class Refusing:
    def __init__(self, code: str) -> None:
        self._code = code

    def execute_statement(self, **_: Any) -> dict[str, Any]:
        raise ClientError({"Error": {"Code": self._code, "Message": "no"}}, "ExecuteStatement")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ThrottlingException", RetryLater),
        ("InternalServerException", RetryLater),
        ("ValidationException", WarehouseError),
    ],
)
def test_errors_say_what_the_caller_should_do(code: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match="Redshift Data API, execute_statement"):
        DataApiWarehouse(Refusing(code)).fetch("SELECT 1", name="look")


class Endless:
    """A statement that never ends; counts what it is asked."""

    def __init__(self) -> None:
        self.cancelled = 0

    def execute_statement(self, **_: Any) -> dict[str, Any]:
        return {"Id": "1"}

    def describe_statement(self, **_: Any) -> dict[str, Any]:
        return {"Id": "1", "Status": "STARTED"}

    def cancel_statement(self, **_: Any) -> dict[str, Any]:
        self.cancelled += 1
        return {"Status": True}


def test_polling_has_a_bound_and_then_cancels() -> None:
    client, slept = Endless(), []
    with pytest.raises(RetryLater, match="still running after"):
        DataApiWarehouse(client, bound_seconds=60, sleep=slept.append).fetch("SELECT 1", name="look")
    assert 60 <= sum(slept) < 66
    assert client.cancelled == 1


@pytest.mark.parametrize("text", ["it's", "back\\slash", "\\'", "", "漢字\t"])
def test_literals_arrive_as_they_are(place: Place, text: str) -> None:
    assert place.rows(f"SELECT {sql_text(text)}") == [(text,)]
