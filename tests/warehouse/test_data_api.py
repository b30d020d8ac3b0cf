"""The Data API's shape: our requests and the stand-in's answers conform to botocore's own service model."""

from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError, ParamValidationError
from botocore.validate import ParamValidator
from warehouse_place import Place

from dpc_assets.local.client import DuckDBDataApi
from dpc_assets.steps.data_api import DataApiWarehouse, inserts, sql_text
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
    assert {operation for operation, _, _ in recorder.calls} == OPERATIONS.keys() - {"cancel_statement"}
    for operation, request, answer in recorder.calls:
        model = MODEL.operation_model(OPERATIONS[operation])
        assert not ParamValidator().validate(request, model.input_shape).has_errors()
        assert ParamValidator().validate(answer, model.output_shape).generate_report() == ""
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
    client, slept = Endless(), [0.0]
    warehouse = DataApiWarehouse(client, bound_seconds=60, sleep=slept.append, monotonic=lambda: sum(slept))
    with pytest.raises(RetryLater, match=r"^look: still running after 60 s; it was cancelled$"):
        warehouse.fetch("SELECT 1", name="look")
    assert 60 <= sum(slept) < 66
    assert slept[1] == 0.05
    assert max(slept) == 5.0
    assert client.cancelled == 1


def test_an_interrupted_wait_cancels_the_statement() -> None:
    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    client = Endless()
    with pytest.raises(KeyboardInterrupt):
        DataApiWarehouse(client, sleep=interrupt).fetch("SELECT 1", name="look")
    assert client.cancelled == 1


class Ended:
    """A batch that ended as it is told."""

    def __init__(self, **state: Any) -> None:
        self._state = state
        self.asked: dict[str, Any] = {}

    def batch_execute_statement(self, **request: Any) -> dict[str, Any]:
        self.asked = request
        return {"Id": "1"}

    def describe_statement(self, **_: Any) -> dict[str, Any]:
        return {"Id": "1", **self._state}


@pytest.mark.parametrize(
    ("state", "kind", "told"),
    [
        ({"Status": "FAILED", "Error": "ERROR: syntax error"}, WarehouseError, "two: ERROR: syntax error"),
        ({"Status": "FAILED"}, WarehouseError, "two: the statement was failed"),
        ({"Status": "ABORTED"}, RetryLater, "two: the statement was aborted"),
        (
            {"Status": "FAILED", "Error": "ERROR: 1023 DETAIL: Serializable isolation violation on table in Redshift"},
            RetryLater,
            "two: ERROR: 1023 DETAIL: Serializable isolation violation on table in Redshift",
        ),
        (
            {
                "Status": "FAILED",
                "Error": "Query #2 failed",
                "SubStatements": [{"Id": "1:1", "Status": "FINISHED"}, {"Id": "1:2", "Status": "FAILED", "Error": "x"}],
            },
            WarehouseError,
            "two: statement 2 of 2: x",
        ),
    ],
)
def test_how_a_batch_failed(state: dict[str, Any], kind: type[Exception], told: str) -> None:
    with pytest.raises(kind) as caught:
        DataApiWarehouse(Ended(**state)).execute(["SELECT 1", "SELECT 2"], name="two")
    assert str(caught.value) == told


def test_rows_are_minus_one_where_the_engine_gives_none() -> None:
    client = Ended(Status="FINISHED", SubStatements=[{"Id": "1:1", "ResultRows": -1}, {"Id": "1:2"}])
    warehouse = DataApiWarehouse(client, database="dpc", workgroup="wg", token=lambda: "t" * 64)
    assert warehouse.execute(["SELECT 1", "SELECT 2"], name="two") == (-1, -1)
    assert client.asked == {
        "Sqls": ["SELECT 1", "SELECT 2"],
        "Database": "dpc",
        "WorkgroupName": "wg",
        "StatementName": "two",
        "ClientToken": "t" * 64,
    }


@pytest.mark.parametrize("token", ["", "t" * 65])
def test_a_token_has_1_to_64_characters(token: str) -> None:
    with pytest.raises(InputError, match=f"expected 1 to 64 characters, found {len(token)}"):
        DataApiWarehouse(Ended(), token=lambda: token).execute(["SELECT 1"], name="one")


def test_a_long_statement_is_refused_before_it_is_sent(place: Place) -> None:
    with pytest.raises(InputError, match=r"^long: statement 2: expected at most 100000 bytes, found 100009$"):
        place.ports.warehouse.execute(["SELECT 1", "SELECT '" + "x" * 100_000 + "'"], name="long")


def test_inserts_are_cut_by_bytes() -> None:
    rows = [f"('{'漢' * 100}', {n})" for n in range(1000)]
    statements = inserts("s.t (a, n)", rows)
    assert all(len(statement.encode()) <= 100_000 for statement in statements)
    assert len(statements) == 4
    assert [row for s in statements for row in s.removeprefix("INSERT INTO s.t (a, n) VALUES\n").split(",\n")] == rows
    assert inserts("s.t", []) == []


def test_the_stand_in_refuses_what_the_service_refuses(place: Place) -> None:
    client = DuckDBDataApi(place.database, place.store)
    with pytest.raises(ParamValidationError):
        client.execute_statement(Sql=1)
    with pytest.raises(ParamValidationError):
        client.execute_statement(Sql="SELECT 1", Statement="x")
    for request in (
        {"Sql": "SELECT 1", "ClientToken": "t" * 65},
        {"Sql": "SELECT '" + "x" * 100_000 + "'"},
        {"Sql": "SELECT :a", "Parameters": [{"name": "a", "value": "1"}]},
    ):
        with pytest.raises(ClientError, match="ValidationException"):
            client.execute_statement(**request)
    for operation in ("describe_statement", "get_statement_result", "cancel_statement"):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            getattr(client, operation)(Id="00000000-0000-0000-0000-000000000000")
    made = client.execute_statement(Sql="CREATE TABLE t (n INTEGER)")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.get_statement_result(Id=made["Id"])
    with pytest.raises(ClientError, match="already FINISHED"):
        client.cancel_statement(Id=made["Id"])


def test_a_failed_batch_as_the_service_tells_it(place: Place) -> None:
    client = DuckDBDataApi(place.database, place.store)
    started = client.batch_execute_statement(Sqls=["SELECT 1", "SELECT no FROM nowhere", "SELECT 3"])
    state = client.describe_statement(Id=started["Id"])
    assert state["Status"] == "FAILED"
    assert [sub["Status"] for sub in state["SubStatements"]] == ["FINISHED", "FAILED", "ABORTED"]
    assert ParamValidator().validate(state, MODEL.shape_for("DescribeStatementResponse")).generate_report() == ""


def test_types_are_named_as_in_redshift(place: Place) -> None:
    client = DuckDBDataApi(place.database, place.store)
    sql = (
        "SELECT 1 AS i, CAST(2 AS BIGINT) AS b, SUM(CAST(2 AS BIGINT)) AS s, CAST(1.5 AS DECIMAL(9,2)) AS d, "
        "CAST(0.5 AS DOUBLE PRECISION) AS f, TRUE AS t, DATE '2025-04-01' AS day, "
        "TIMESTAMP '2025-04-01 01:02:03' AS at, 'x' AS v, CAST(NULL AS VARCHAR(3)) AS n"
    )
    started = client.execute_statement(Sql=sql)
    result = client.get_statement_result(Id=started["Id"])
    assert [(c["name"], c["typeName"]) for c in result["ColumnMetadata"]] == [
        ("i", "int4"), ("b", "int8"), ("s", "numeric"), ("d", "numeric"), ("f", "float8"), ("t", "bool"),
        ("day", "date"), ("at", "timestamp"), ("v", "varchar"), ("n", "varchar"),
    ]  # fmt: skip
    assert result["Records"] == [
        [
            {"longValue": 1}, {"longValue": 2}, {"stringValue": "2"}, {"stringValue": "1.50"}, {"doubleValue": 0.5},
            {"booleanValue": True}, {"stringValue": "2025-04-01"}, {"stringValue": "2025-04-01 01:02:03"},
            {"stringValue": "x"}, {"isNull": True},
        ]
    ]  # fmt: skip
    assert place.rows(sql) == [(1, 2, 2, "1.50", 0.5, True, "2025-04-01", "2025-04-01 01:02:03", "x", None)]


def test_a_value_too_long_reads_as_in_redshift(place: Place) -> None:
    with pytest.raises(WarehouseError) as caught:
        place.ports.warehouse.execute(
            ["CREATE TABLE t (a VARCHAR(3))", "INSERT INTO t VALUES ('漢'), ('漢字')"], name="long"
        )
    assert str(caught.value) == (
        "long: statement 2 of 2: ERROR: value too long for type character varying(3): column a"
    )


def test_a_temporary_table_ends_with_its_batch(place: Place) -> None:
    batch = [
        "CREATE TEMP TABLE seen (a VARCHAR(3))",
        "INSERT INTO seen VALUES ('x')",
        "CREATE TABLE IF NOT EXISTS t AS SELECT * FROM seen",
    ]
    place.ports.warehouse.execute(batch, name="once")
    place.ports.warehouse.execute(batch, name="twice")
    assert place.rows("SELECT table_name FROM information_schema.tables ORDER BY 1") == [("t",)]


@pytest.mark.parametrize("text", ["it's", "back\\slash", "\\'", "", "漢字\t"])
def test_literals_arrive_as_they_are(place: Place, text: str) -> None:
    assert place.rows(f"SELECT {sql_text(text)}") == [(text,)]
