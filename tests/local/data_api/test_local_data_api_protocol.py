"""Requests, answers, paging, tokens: what botocore's model and the API reference say."""

import time

import pytest
from local_data_api_place import NEW, Api

ID = "00000000-0000-0000-0000-000000000000"


def test_a_statement_is_described_as_it_is(api: Api) -> None:
    started = api.call("ExecuteStatement", Sql="SELECT 1 AS n", **NEW, WaitTimeSeconds=30)
    assert started == {
        "Id": started["Id"],
        "CreatedAt": 1_750_000_000.0,
        "Database": "dpc",
        "WorkgroupName": "dpc-learning",
        "Status": "FINISHED",
        "RedshiftPid": started["RedshiftPid"],
        "HasResultSet": True,
    }
    state = api.call("DescribeStatement", Id=started["Id"])
    assert state == {
        "Id": started["Id"],
        "CreatedAt": 1_750_000_000.0,
        "UpdatedAt": 1_750_000_000.0,
        "RedshiftPid": started["RedshiftPid"],
        "DbUser": "IAMR:role-dbt-runner",
        "Database": "dpc",
        "WorkgroupName": "dpc-learning",
        "QueryString": "SELECT 1 AS n",
        "Status": "FINISHED",
        "Duration": 0,
        "HasResultSet": True,
        "ResultRows": 1,
        "ResultSize": -1,
        "RedshiftQueryId": 1,
    }
    assert api.call("GetStatementResult", Id=started["Id"]) == {
        "Records": [[{"longValue": 1}]],
        "ColumnMetadata": [{"name": "n", "label": "n", "nullable": 1, "precision": 0, "scale": 0, "typeName": "int4"}],
        "TotalNumRows": 1,
    }


def test_a_statement_runs_on_while_its_id_is_told(api: Api) -> None:
    before = time.monotonic()
    started = api.call("ExecuteStatement", Sql=ENDLESS, **NEW)
    assert set(started) == {"Id", "CreatedAt", "Database", "WorkgroupName"}
    assert api.call("DescribeStatement", Id=started["Id"])["Status"] in ("SUBMITTED", "STARTED")
    assert api.call("DescribeStatement", Id=started["Id"], WaitTimeSeconds=1)["Status"] == "STARTED"
    assert time.monotonic() - before < 10
    api.call("CancelStatement", Id=started["Id"])


ENDLESS = "SELECT COUNT(*) FROM generate_series(1, 1000000) a(x), generate_series(1, 1000000) b(y) WHERE x * y = 7"


def test_a_statement_is_finished_when_its_result_can_be_fetched() -> None:
    """And not a moment before, though its one part is."""
    from aws_local.data_api.statements import Statement

    from dpc_assets.local.execute import Answer

    statement = Statement(["SELECT 1 AS a"], batch=False, made=1.0, name="", numbers=[1])
    statement.begin(1.0)
    part = statement.parts[0]
    part.status, part.answer, part.ended = "FINISHED", Answer(1, [("a", "INTEGER")], [(1,)]), 2.0
    told = statement.described(statement.id)
    assert (told["Status"], told["HasResultSet"]) == ("STARTED", False)
    statement.end("FINISHED", "", 2.0)
    told = statement.described(statement.id)
    assert (told["Status"], told["HasResultSet"]) == ("FINISHED", True)
    assert statement.result(statement.id, "")["Records"] == [[{"longValue": 1}]]


def test_a_batch_is_one_transaction(api: Api) -> None:
    state = api.batch("CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1), (2)", "SELECT n FROM t ORDER BY n")
    subs = [(sub["Id"], sub["Status"], sub["ResultRows"], sub["HasResultSet"]) for sub in state["SubStatements"]]
    assert subs == [
        (f"{state['Id']}:1", "FINISHED", -1, False),
        (f"{state['Id']}:2", "FINISHED", 2, False),
        (f"{state['Id']}:3", "FINISHED", 2, True),
    ]
    assert (state["Status"], state["HasResultSet"], state["ResultRows"]) == ("FINISHED", True, 2)
    assert api.call("GetStatementResult", Id=f"{state['Id']}:3")["TotalNumRows"] == 2
    assert api.call("DescribeStatement", Id=f"{state['Id']}:2")["QueryString"] == "INSERT INTO t VALUES (1), (2)"
    failed = api.batch("INSERT INTO t VALUES (3)", "INSERT INTO t VALUES ('no')", "INSERT INTO t VALUES (4)")
    assert (failed["Status"], failed["HasResultSet"], failed["ResultRows"]) == ("FAILED", False, -1)
    assert [sub["Status"] for sub in failed["SubStatements"]] == ["FINISHED", "FAILED", "ABORTED"]
    assert failed["Error"] == failed["SubStatements"][1]["Error"]
    assert failed["Error"].startswith("ERROR: Conversion Error: Could not convert string 'no' to INT32")
    assert api.rows("SELECT COUNT(*) FROM t") == [(2,)]


def test_results_come_in_pages(api: Api) -> None:
    state = api.execute("SELECT i FROM generate_series(1, 2500) AS t(i) ORDER BY i")
    first = api.call("GetStatementResult", Id=state["Id"])
    assert (len(first["Records"]), first["TotalNumRows"], first["NextToken"]) == (1000, 2500, "1000")
    assert len(api.call("GetStatementResult", Id=state["Id"], NextToken="2000")["Records"]) == 500
    assert "NextToken" not in api.call("GetStatementResult", Id=state["Id"], NextToken="2000")
    for token in ("2500", "x", "-1"):
        told = api.refused("GetStatementResult", Id=state["Id"], NextToken=token)
        assert told == ("ValidationException", "NextToken is invalid.")


def test_one_token_of_one_caller_is_one_execution(api: Api) -> None:
    api.do("CREATE TABLE t (n INTEGER)")
    first = api.execute("INSERT INTO t VALUES (1)", ClientToken="same")
    again = api.execute("INSERT INTO t VALUES (1)", ClientToken="same")
    assert first["Id"] == again["Id"]
    api.caller[0] = "arn:aws:iam::000000000000:role/role-lambda-dpc"
    other = api.execute("INSERT INTO t VALUES (1)", ClientToken="same")
    assert other["Id"] != first["Id"]
    assert api.rows("SELECT COUNT(*) FROM t") == [(2,)]


def test_statements_are_known_for_a_day(api: Api) -> None:
    state = api.execute("SELECT 1", ClientToken="yesterday")
    api.clock.now += 86_399
    api.api.sweep()
    assert api.call("DescribeStatement", Id=state["Id"])["Status"] == "FINISHED"
    api.clock.now += 2
    api.api.sweep()
    assert api.refused("DescribeStatement", Id=state["Id"]) == ("ResourceNotFoundException", "Query does not exist.")
    assert api.execute("SELECT 1", ClientToken="yesterday")["Id"] != state["Id"]


@pytest.mark.parametrize(
    "operation",
    [
        "DescribeTable", "GetStatementResultV2", "ListDatabases", "ListSchemas", "ListSessions", "ListStatements",
        "ListTables",
    ],
)  # fmt: skip
def test_every_other_call_is_a_named_error(api: Api, operation: str) -> None:
    assert api.refused(operation) == (
        "ValidationException",
        f"{operation} is not served here; served are BatchExecuteStatement, CancelStatement, DescribeStatement, "
        "ExecuteStatement, GetStatementResult.",
    )


def test_what_is_no_call_of_the_service(api: Api) -> None:
    assert api.refused("DropEverything")[0] == "UnknownOperationException"


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        ({"Sql": 1}, "Invalid type for parameter Sql"),
        ({"Statement": "SELECT 1"}, 'Missing required parameter in input: "Sql"'),
        ({"Sql": "SELECT '" + "x" * 100_000 + "'"}, "a statement has at most 100000 bytes"),
        ({"Sql": "SELECT 1", "ClientToken": "t" * 65}, "ClientToken: expected at most 64, found 65"),
        ({"Sql": "SELECT 1", "ClientToken": ""}, "Invalid length for parameter ClientToken, value: 0"),
        ({"Sql": "SELECT 1", "WaitTimeSeconds": 31}, "WaitTimeSeconds: expected at most 30, found 31"),
        ({"Sql": "SELECT 1", "WaitTimeSeconds": 0}, "Invalid value for parameter WaitTimeSeconds, value: 0"),
        ({"Sql": "SELECT 1", "SessionKeepAliveSeconds": 86_401}, "SessionKeepAliveSeconds: expected at most 86400"),
        ({"Sql": "SELECT 1", "WorkgroupName": "A"}, "Invalid length for parameter WorkgroupName"),
        ({"Sql": "SELECT 1", "WorkgroupName": "ABC"}, "WorkgroupName: expected the pattern"),
        ({"Sql": "SELECT 1", "ResultFormat": "XML"}, "ResultFormat: expected one of JSON, CSV"),
        ({"Sql": "SELECT 1", "ResultFormat": "CSV"}, "ResultFormat CSV is not served here, only JSON."),
        ({"Sql": "SELECT 1", "WithEvent": True}, "WithEvent True is not served here, only False."),
        ({"Sql": "SELECT :a", "Parameters": [{"name": "a", "value": "1"}]}, "Parameters is not served here"),
        ({"Sql": "SELECT 1", "ClusterIdentifier": "c"}, "ClusterIdentifier is not served here"),
        ({"Sql": "SELECT 1", "DbUser": "u"}, "DbUser is not served here"),
        ({"Sql": "SELECT 1", "SessionId": ID}, "SessionId excludes Database, WorkgroupName"),
    ],
)  # fmt: skip
def test_what_the_service_or_this_one_refuses(api: Api, request_: dict[str, object], told: str) -> None:
    code, message = api.refused("ExecuteStatement", **(NEW | request_))
    assert code == "ValidationException"
    assert told in message


def test_a_statement_needs_a_place(api: Api) -> None:
    told = api.refused("ExecuteStatement", Sql="SELECT 1", Database="dpc")
    assert told == ("ValidationException", "WorkgroupName: expected where no SessionId is given.")
    state = api.call("ExecuteStatement", Sql="SELECT 1", Database="dev", WorkgroupName="dpc-learning")
    state = api.call("DescribeStatement", Id=state["Id"], WaitTimeSeconds=30)
    assert (state["Status"], state["Error"]) == ("FAILED", 'ERROR: database "dev" does not exist')


@pytest.mark.parametrize("count", [0, 41])
def test_a_batch_has_1_to_40_statements(api: Api, count: int) -> None:
    code, message = api.refused("BatchExecuteStatement", Sqls=["SELECT 1"] * count, **NEW)
    assert (code, "Sqls" in message, str(count) in message) == ("ValidationException", True, True)


@pytest.mark.parametrize("mode", ["TRANSACTION", "AUTO_COMMIT"])
def test_a_batch_is_never_committed_piece_by_piece(api: Api, mode: str) -> None:
    request = {"Sqls": ["SELECT 1"], "ExecutionMode": mode, **NEW}
    if mode == "TRANSACTION":
        assert set(api.call("BatchExecuteStatement", **request)) == {"Id", "CreatedAt", *NEW}
    else:
        assert "AUTO_COMMIT is not served here" in api.refused("BatchExecuteStatement", **request)[1]


@pytest.mark.parametrize("operation", ["CancelStatement", "DescribeStatement", "GetStatementResult"])
def test_an_unknown_id(api: Api, operation: str) -> None:
    assert api.refused(operation, Id=ID) == ("ResourceNotFoundException", "Query does not exist.")


def test_no_result_where_there_is_none(api: Api) -> None:
    made = api.execute("CREATE TABLE t (n INTEGER)")
    told = "Query does not have result. Please check query status with DescribeStatement."
    assert api.refused("GetStatementResult", Id=made["Id"]) == ("ResourceNotFoundException", told)
    empty = api.execute("SELECT n FROM t")
    assert (empty["HasResultSet"], empty["ResultRows"]) == (True, 0)
    assert api.call("GetStatementResult", Id=empty["Id"])["Records"] == []


def test_a_secret_is_the_administrators(api: Api) -> None:
    secret = "arn:aws:secretsmanager:ap-northeast-1:000000000000:secret:admin"
    assert api.execute("SELECT 1", SecretArn=secret)["DbUser"] == "dpc_owner"
    state = api.execute("SELECT current_user", SecretArn=secret)
    assert api.call("GetStatementResult", Id=state["Id"])["Records"] == [[{"stringValue": "dpc_owner"}]]


def test_a_workgroup_has_a_limit_of_statements(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aws_local.data_api.service.MOST", 1)
    running = api.call("ExecuteStatement", Sql=ENDLESS, **NEW)
    told = api.refused("ExecuteStatement", Sql="SELECT 1", **NEW)
    assert told == ("ActiveStatementsExceededException", "Exceeded the maximum of 1 active statements.")
    api.call("CancelStatement", Id=running["Id"])
    assert api.rows("SELECT 1") == [(1,)]


def test_a_fault_of_ours_ends_the_statement_and_names_itself(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aws_local.data_api.link.parsed", lambda text: text.no_such_thing)
    assert api.error("SELECT 1") == (
        "ERROR: internal error of the stand-in: AttributeError: 'str' object has no attribute 'no_such_thing'"
    )
