"""The warehouse's users and grants, as the administrator of Redshift is asked for them: literal SQL, in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import sqlglot
from botocore.stub import ANY, Stubber

from dpc_assets.steps import access, in_lambda, migrate, migrate_in_aws
from dpc_assets.steps.errors import InputError, WarehouseError

STEPS, DBT, ANALYST = '"IAMR:role-lambda-dpc"', '"IAMR:role-dbt-runner"', '"IAMR:role-analyst-dpc"'
SECRET = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:redshift!dpc-learning-dev-admin-AbCdEf"
ENVIRON = {
    "DPC_WORKGROUP": "dpc-learning-dev",
    "DPC_LAKE": "s3://lake",
    "DPC_ADMIN_SECRET": SECRET,
    "DPC_CATALOG": "dpc_learning_dev_warehouse",
    "DPC_ROLE_SUFFIX": "",
}
NOW = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)
CREATED = datetime(2025, 7, 1, 2, 59, tzinfo=UTC)

GRANTS = {
    "1001_steps": (
        f"GRANT USAGE ON SCHEMA raw, stage, mart, ref, dq, export TO {STEPS}",
        f"GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA raw, dq TO {STEPS}",
        f"REVOKE ALL ON raw.schema_migrations FROM {STEPS}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA raw, dq GRANT SELECT, INSERT, DELETE ON TABLES TO {STEPS}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA ref TO {STEPS}",
        f"GRANT SELECT, INSERT, DELETE ON ref.facility_master TO {STEPS}",
        f"GRANT CREATE ON SCHEMA export TO {STEPS}",
    ),
    "1002_dbt": (
        f"GRANT USAGE ON SCHEMA raw, dq TO {DBT}",
        f"GRANT USAGE, CREATE ON SCHEMA stage, mart, ref TO {DBT}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA raw, ref, dq TO {DBT}",
        f"REVOKE ALL ON raw.schema_migrations FROM {DBT}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA raw, ref, dq GRANT SELECT ON TABLES TO {DBT}",
        f"ALTER DEFAULT PRIVILEGES FOR USER {DBT} IN SCHEMA stage, mart, ref GRANT SELECT ON TABLES TO {STEPS}",
        f"ALTER DEFAULT PRIVILEGES FOR USER {DBT} IN SCHEMA mart, ref GRANT SELECT ON TABLES TO {ANALYST}",
    ),
    "1003_analysts": (
        f"GRANT USAGE ON SCHEMA mart, ref, dq TO {ANALYST}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA ref, dq TO {ANALYST}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA ref, dq GRANT SELECT ON TABLES TO {ANALYST}",
        f"ALTER USER {ANALYST} CONNECTION LIMIT 10",
        f"ALTER USER {ANALYST} SET statement_timeout TO 600000",
    ),
    "1004_roles_of_copy": (
        "REVOKE ASSUMEROLE ON ALL FROM PUBLIC FOR ALL",
        f"GRANT ASSUMEROLE ON DEFAULT TO {STEPS} FOR COPY, UNLOAD",
    ),
}
LAKE = (
    "CREATE EXTERNAL SCHEMA IF NOT EXISTS lake FROM DATA CATALOG DATABASE 'dpc_learning_dev_warehouse' IAM_ROLE default"
)


class DataApi:
    """Answers in the order of the calls, each compared with the service's model by botocore."""

    def __init__(self) -> None:
        self.client = boto3.client("redshift-data", region_name="ap-northeast-1")
        self.stub = Stubber(self.client)
        self.asked: list[list[str]] = []
        self.tokens: list[str] = []
        self.secrets: set[str] = set()
        self.client.meta.events.register("provide-client-params.redshift-data.*", self._heard)

    def _heard(self, params: dict[str, Any], **_: Any) -> None:
        if sql := params.get("Sqls") or ([params["Sql"]] if "Sql" in params else []):
            self.asked.append(sql)
            self.tokens.append(params["ClientToken"])
            self.secrets.add(params.get("SecretArn", ""))

    def batch(self, error: str = "") -> None:
        given = {"Id": "1", "CreatedAt": CREATED}
        self.stub.add_response("batch_execute_statement", given, ANY_OF("Sqls"))
        state = {"Id": "1", "Status": "FAILED", "Error": error} if error else {"Id": "1", "Status": "FINISHED"}
        self.stub.add_response("describe_statement", state, None)

    def rows(self, rows: list[tuple[str, ...]]) -> None:
        self.stub.add_response("execute_statement", {"Id": "1", "CreatedAt": CREATED}, ANY_OF("Sql"))
        self.stub.add_response("describe_statement", {"Id": "1", "Status": "FINISHED", "HasResultSet": True}, None)
        records = [[{"stringValue": value} for value in row] for row in rows]
        self.stub.add_response("get_statement_result", {"Records": records}, None)


def ANY_OF(sql: str) -> dict[str, Any]:
    """The arguments of a call as the administrator."""
    target = {"Database": "dpc", "WorkgroupName": "dpc-learning-dev", "SecretArn": SECRET}
    return {sql: ANY, "StatementName": ANY, "ClientToken": ANY, **target}


@contextmanager
def api() -> Iterator[DataApi]:
    found = DataApi()
    with found.stub:
        yield found
        found.stub.assert_no_pending_responses()


def called(found: DataApi, environ: dict[str, str] | None = None) -> Any:
    return in_lambda.answer(
        migrate_in_aws.run, {}, None, ENVIRON if environ is None else environ, lambda _: found.client, lambda: NOW
    )


def noted(each: migrate.Migration) -> tuple[str, str]:
    return each.name, each.digest


def test_a_new_warehouse_gets_tables_then_users_grants_and_the_external_schema() -> None:
    tables = [noted(each) for each in migrate.migrations()]
    with api() as found:
        found.batch()
        found.rows([])
        for _ in tables:
            found.batch()
        found.rows([("IAMR:role-dbt-runner",)])
        found.batch()
        found.batch()
        found.rows(tables)
        for _ in GRANTS:
            found.batch()
        found.batch()
        found.batch()
        found.rows(tables)
        found.batch()
        assert called(found)["counts"] == {"applied": 9, "users": 2}
    assert found.secrets == {SECRET}
    assert len(set(found.tokens)) == len(found.tokens)
    asked = found.asked[2 + len(tables) :]
    assert asked[1] == [f"CREATE USER {STEPS} PASSWORD DISABLE", f"CREATE USER {ANALYST} PASSWORD DISABLE"]
    assert {tuple(each[:-1]) for each in asked[4:8]} == set(GRANTS.values())
    assert all(each[-1].startswith("INSERT INTO raw.schema_migrations VALUES ('1") for each in asked[4:8])
    assert asked[8] == [LAKE]
    assert asked[-1][0] == f"GRANT USAGE ON SCHEMA lake TO {ANALYST}"


def test_a_second_call_changes_nothing() -> None:
    known = [noted(each) for each in (*migrate.migrations(), *access.migrations(""), access.lake_grants(""))]
    with api() as found:
        found.batch()
        found.rows(known)
        found.rows([(each,) for each in access.users("")])
        found.batch()
        found.rows(known)
        found.batch()
        found.batch()
        found.rows(known)
        assert called(found)["counts"] == {"applied": 0, "users": 0}


def test_a_refused_grant_is_said_and_what_came_before_is_kept() -> None:
    known = [noted(each) for each in migrate.migrations()]
    with api() as found:
        found.batch()
        found.rows(known)
        found.rows([(each,) for each in access.users("")])
        found.batch()
        found.rows(known)
        found.batch()
        found.batch("permission denied for schema stage")
        with pytest.raises(WarehouseError, match=r"migrate-1002_dbt.*permission denied for schema stage"):
            called(found)


def test_a_grant_of_another_release_is_named() -> None:
    known = [noted(each) for each in migrate.migrations()]
    with api() as found:
        found.batch()
        found.rows(known)
        found.rows([(each,) for each in access.users("")])
        found.batch()
        found.rows([*known, ("1001_steps", "0" * 64)])
        with pytest.raises(InputError, match="migration 1001_steps differs"):
            called(found)


def test_the_grants() -> None:
    assert {each.name: each.statements for each in access.migrations("")} == GRANTS
    assert access.lake("dpc_learning_dev_warehouse") == LAKE


def test_the_suffix_of_an_environment_stands_in_every_name() -> None:
    assert access.users("-dev") == ("IAMR:role-lambda-dpc-dev", "IAMR:role-dbt-runner-dev", "IAMR:role-analyst-dpc-dev")
    plain = [statement for each in access.migrations("") for statement in each.statements]
    other = [statement for each in access.migrations("-dev") for statement in each.statements]
    assert [each.replace('-dev"', '"') for each in other] == plain


def test_analysts_never_see_lines_of_patients() -> None:
    theirs = [each for name in GRANTS for each in GRANTS[name] if ANALYST in each and "SCHEMA" in each]
    assert len(theirs) == 4
    assert not [each for each in theirs if "raw" in each or "stage" in each]


@pytest.mark.parametrize("statement", [each for one in GRANTS.values() for each in one if each.startswith("GRANT")])
def test_grants_parse_as_sql(statement: str) -> None:
    assert sqlglot.parse_one(statement, dialect="redshift").key in ("grant", "command")


def test_settings_that_are_missing_are_all_named() -> None:
    with api() as found, pytest.raises(InputError, match=r"(?s)DPC_CATALOG: expected.*DPC_ADMIN_SECRET: expected"):
        called(found, {"DPC_LAKE": "s3://lake"})


def test_a_catalog_that_is_none() -> None:
    with pytest.raises(InputError, match='expected the name of the Glue database of the exports, found "x\'; DROP"'):
        access.lake("x'; DROP")
