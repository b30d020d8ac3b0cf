"""The warehouse's users and rights, as the administrator of Redshift is asked for them: literal SQL, in order."""

import itertools
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlglot
from redshift_administrator import Administrator

from dpc_assets.steps import access, find_work, in_lambda, migrate, migrate_in_aws
from dpc_assets.steps.errors import InputError, WarehouseError

GOLDEN = Path(__file__).parent / "migrations.sql"
STEPS, DBT, ANALYST = "IAMR:role-lambda-dpc", "IAMR:role-dbt-runner", "IAMR:role-analyst-dpc"
QUICKSIGHT = "quicksight_reader"
USERS = [STEPS, DBT, ANALYST, QUICKSIGHT]
SECRET = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:redshift!dpc-learning-dev-admin-AbCdEf"
ENVIRON = {
    "DPC_WORKGROUP": "dpc-learning-dev",
    "DPC_LAKE": "s3://lake",
    "DPC_ADMIN_SECRET": SECRET,
    "DPC_CATALOG": "dpc_learning_dev_warehouse",
    "DPC_ROLE_SUFFIX": "",
}
TABLES = ["0001_schemas", "0002_raw_tables", "0003_loads", "0004_quality"]
RIGHTS = [
    "1001_steps",
    "1002_dbt",
    "1003_analysts",
    "1004_quicksight",
    "1005_public",
    "1006_roles_of_copy",
    "1007_lake",
]
NAMES = access.names("", "dpc_learning_dev_warehouse")
EVERY = (*migrate.migrations(), *migrate.in_redshift(NAMES))
STATEMENTS = [(each.name, statement) for each in EVERY for statement in each.statements]
ALONE = {"1006_roles_of_copy", "1007_lake"}
MAKERS = {"stage": {DBT}, "mart": {DBT}, "ref": {DBT, ""}, "raw": {""}, "dq": {""}}
"""Who makes the tables of a schema; '' is the administrator, by migrations."""


@pytest.fixture
def redshift(tmp_path: Path) -> Administrator:
    return Administrator(tmp_path)


class Calls:
    """`dpc-migrate` as Lambda calls it: a minute later each time, of one invocation that is tried again."""

    def __init__(self, redshift: Administrator) -> None:
        self.redshift = redshift
        self.minutes = itertools.count()

    def __call__(self, event: dict[str, Any] | None = None, **environ: str) -> Any:
        now = datetime(2025, 7, 1, 3, 0, tzinfo=UTC) + timedelta(minutes=next(self.minutes))
        context = SimpleNamespace(aws_request_id="8f0b2a54", get_remaining_time_in_millis=lambda: 900_000)
        return in_lambda.answer(
            migrate_in_aws.run, event or {}, context, ENVIRON | environ, lambda _: self.redshift, lambda: now
        )


@pytest.fixture
def call(redshift: Administrator) -> Calls:
    return Calls(redshift)


def written(migrations: tuple[migrate.Migration, ...]) -> str:
    """Every migration with its statements, as a reader would apply them."""
    parts = []
    for each in migrations:
        how = "each by itself" if each.alone else "one transaction"
        where = "Redshift only" if each.redshift_only else "every warehouse"
        parts.append(f"-- {each.name}: {where}, {how}\n" + "".join(f"{s.rstrip(';')};\n" for s in each.statements))
    return "\n".join(parts)


def test_the_sql_of_every_migration_word_for_word() -> None:
    """What was applied once is never edited: a new text is a new migration."""
    assert written(EVERY) == GOLDEN.read_text(encoding="utf-8")


def test_the_order_and_what_only_redshift_has() -> None:
    assert [each.name for each in EVERY] == TABLES + RIGHTS
    assert [each.name for each in EVERY if each.redshift_only] == RIGHTS
    assert {each.name for each in EVERY if each.alone} == ALONE
    assert all(1 <= len(each.statements) < 40 for each in EVERY)
    assert len({each.digest for each in EVERY}) == len(EVERY)


def test_a_new_warehouse_gets_users_then_tables_rights_and_the_external_schema(
    redshift: Administrator, call: Calls
) -> None:
    assert call() == {"applied": TABLES + RIGHTS, "known": [], "users": USERS}
    assert redshift.users == {"dpc_owner", *USERS}
    changes = [each for each in redshift.done if not each[0].startswith(("SELECT", "CREATE SCHEMA IF NOT EXISTS raw"))]
    forgotten = (
        "DELETE FROM raw.schema_migrations WHERE name IN ('1001_steps', '1002_dbt', '1003_analysts', "
        "'1004_quicksight', '1005_public', '1006_roles_of_copy', '1007_lake')"
    )
    wanted = [(*(f'CREATE USER "{user}" PASSWORD DISABLE' for user in USERS), forgotten)]
    for each in EVERY:
        statements = tuple(statement.rstrip(";") for statement in each.statements)
        note = f"INSERT INTO raw.schema_migrations VALUES ('{each.name}', '{each.digest}')"
        wanted += [(one,) for one in statements] + [(note,)] if each.alone else [(*statements, note)]
    tables = wanted.pop(1)  # begins as the start does
    assert changes == wanted
    assert tables in redshift.done


def test_it_is_the_administrator_who_asks_each_time_under_a_new_token(redshift: Administrator, call: Calls) -> None:
    call()
    call()
    assert set(redshift.secrets) == {SECRET}
    assert len(set(redshift.tokens)) == len(redshift.tokens) > 20
    assert max(map(len, redshift.tokens)) == 64


def test_a_second_call_changes_nothing(redshift: Administrator, call: Calls) -> None:
    call()
    before = len(redshift.done)
    assert call() == {"applied": [], "known": TABLES + RIGHTS, "users": []}
    looked = ["CREATE SCHEMA IF NOT EXISTS raw", "SELECT name, digest FROM raw.schema_migrations"]
    assert [each[0] for each in redshift.done[before:]] == [*looked, "SELECT usename FROM pg_user", *looked]


def test_with_the_context_of_an_execution_its_id_is_the_token(redshift: Administrator, call: Calls) -> None:
    event = {"context": {"Execution": {"Id": "migrate-1", "Name": "migrate-1"}}}
    told = call(event)
    asked, done = list(redshift.tokens), len(redshift.done)
    assert call(event) == told  # an Id that is not new is answered what was answered then
    assert (redshift.tokens, len(redshift.done)) == (asked * 2, done)
    assert call({"context": {"Execution": {"Id": "migrate-2", "Name": "migrate-2"}}})["known"] == TABLES + RIGHTS


def test_a_plain_event_is_refused_by_a_step_of_the_machine() -> None:
    with pytest.raises(InputError, match="expected the context of an execution in `context`"):
        in_lambda.answer(find_work.run, {}, None, ENVIRON, lambda _: None, lambda: datetime.now(UTC))


def test_users_that_redshift_made_at_their_first_call_are_left(redshift: Administrator, call: Calls) -> None:
    redshift.users.add(STEPS)
    assert call()["users"] == [DBT, ANALYST, QUICKSIGHT]


def test_rights_of_a_user_that_was_dropped_are_given_again(redshift: Administrator, call: Calls) -> None:
    call()
    redshift.drop(DBT)
    redshift.refused = "ALTER USER"
    with pytest.raises(WarehouseError):
        call()
    redshift.refused = ""
    assert call() == {"applied": RIGHTS[2:], "known": TABLES + RIGHTS[:2], "users": []}
    redshift.drop(DBT)
    before = len(redshift.done)
    assert call() == {"applied": RIGHTS, "known": TABLES, "users": [DBT]}
    again = [statement for each in redshift.done[before:] for statement in each]
    assert [s for _, s in STATEMENTS if DBT in s] == [s for s in again if DBT in s and not s.startswith("CREATE USER")]


def test_a_refused_migration_keeps_what_came_before_and_is_tried_again(redshift: Administrator, call: Calls) -> None:
    redshift.refused = "ALTER USER"
    with pytest.raises(WarehouseError, match=r"migrate-1003_analysts: statement 5 of 7: .*the statement is refused"):
        call()
    kept = [statement for each in redshift.done for statement in each]
    assert not [statement for statement in kept if ANALYST in statement and not statement.startswith("CREATE USER")]
    redshift.refused = ""
    assert call() == {"applied": RIGHTS[2:], "known": TABLES + RIGHTS[:2], "users": []}


def test_of_a_migration_without_a_transaction_the_note_comes_last(redshift: Administrator, call: Calls) -> None:
    redshift.refused = "GRANT USAGE ON SCHEMA lake"
    with pytest.raises(WarehouseError, match=r"migrate-1007_lake: .*the statement is refused"):
        call()
    redshift.refused = ""
    assert call()["applied"] == ["1007_lake"]
    made = [each for each in redshift.done if each[0].startswith("CREATE EXTERNAL SCHEMA")]
    assert len(made) == 2


def test_every_edited_migration_is_named_and_nothing_is_done(redshift: Administrator, call: Calls) -> None:
    call()
    before = len(redshift.done)
    with pytest.raises(InputError) as refused:
        call(DPC_CATALOG="dpc_learning_dev")
    digest = next(each.digest for each in EVERY if each.name == "1007_lake")
    assert str(refused.value).startswith(
        "the warehouse was made by another release: migration 1007_lake differs: expected the digest of the applied "
        f"one, {digest[:12]}, found "
    )
    with pytest.raises(InputError) as all_of_them:
        call(DPC_ROLE_SUFFIX="-dev")
    assert re.findall(r"migration (\w+) differs", str(all_of_them.value)) == [
        name for name in RIGHTS if name != "1005_public"
    ]
    assert redshift.users == {"dpc_owner", *USERS}
    looked = ["CREATE SCHEMA IF NOT EXISTS raw", "SELECT name, digest FROM raw.schema_migrations"]
    assert [each[0] for each in redshift.done[before:]] == looked * 2


def test_the_suffix_of_an_environment_stands_in_every_role(redshift: Administrator, call: Calls) -> None:
    assert call(DPC_ROLE_SUFFIX="-dev")["users"] == [f"{STEPS}-dev", f"{DBT}-dev", f"{ANALYST}-dev", QUICKSIGHT]
    plain = [statement for each in migrate.in_redshift(NAMES) for statement in each.statements]
    other = [
        statement
        for each in migrate.in_redshift(access.names("-dev", "dpc_learning_dev_warehouse"))
        for statement in each.statements
    ]
    assert [each.replace('-dev"', '"') for each in other] == plain


def readers(pattern: str) -> set[tuple[str, str]]:
    """(user, schema) of every match; the pattern's groups are schemas and user."""
    return {
        (found[2], schema)
        for _, statement in STATEMENTS
        for found in re.finditer(pattern, statement)
        for schema in found[1].split(", ")
    }


def test_who_reads_which_schema() -> None:
    assert readers(r'GRANT [A-Z, ]*SELECT[A-Z, ]* ON ALL TABLES IN SCHEMA (.+) TO "(.+)"') == {
        *((STEPS, schema) for schema in ("raw", "stage", "mart", "ref", "dq")),
        *((DBT, schema) for schema in ("raw", "ref")),
        *((ANALYST, schema) for schema in ("mart", "ref", "dq")),
        (QUICKSIGHT, "mart"),
    }
    assert readers(r'GRANT [A-Z, ]*USAGE[A-Z, ]* ON SCHEMA (.+) TO "(.+)"') == {
        *((STEPS, schema) for schema in ("raw", "stage", "mart", "ref", "dq", "export")),
        *((DBT, schema) for schema in ("raw", "stage", "mart", "ref")),
        *((ANALYST, schema) for schema in ("mart", "ref", "dq", "lake")),
        (QUICKSIGHT, "mart"),
    }
    assert readers(r'GRANT [A-Z, ]*CREATE[A-Z, ]* ON SCHEMA (.+) TO "(.+)"') == {
        (STEPS, "export"),
        *((DBT, schema) for schema in ("stage", "mart", "ref")),
    }


def test_who_reads_the_tables_of_today_reads_those_of_tomorrow() -> None:
    """dbt makes a mart anew each time; a later migration makes one more table."""
    tomorrow = {
        (found["user"], schema, found["maker"] or "")
        for _, statement in STATEMENTS
        if (
            found := re.match(
                r'ALTER DEFAULT PRIVILEGES (?:FOR USER "(?P<maker>[^"]+)" )?IN SCHEMA (?P<schemas>[a-z, ]+) '
                r'GRANT [A-Z, ]*SELECT[A-Z, ]* ON TABLES TO "(?P<user>[^"]+)"$',
                statement,
            )
        )
        for schema in found["schemas"].split(", ")
    }
    today = readers(r'GRANT [A-Z, ]*SELECT[A-Z, ]* ON ALL TABLES IN SCHEMA (.+) TO "(.+)"')
    assert tomorrow == {(user, schema, maker) for user, schema in today for maker in MAKERS[schema] if maker != user}


def test_nobody_but_the_administrator_touches_the_notes_or_a_table_itself() -> None:
    assert [s for _, s in STATEMENTS if "raw.schema_migrations" in s] == [
        f'REVOKE ALL ON raw.schema_migrations FROM "{STEPS}"',
        f'REVOKE ALL ON raw.schema_migrations FROM "{DBT}"',
    ]
    granted = {
        word for _, s in STATEMENTS for found in re.findall(r"GRANT ([A-Z, ]+) ON ", s) for word in found.split(", ")
    }
    assert granted == {"SELECT", "INSERT", "DELETE", "USAGE", "CREATE", "ASSUMEROLE"}
    assert not [s for _, s in STATEMENTS if "WITH GRANT OPTION" in s or "OWNER TO" in s or " TO PUBLIC" in s]


@pytest.mark.parametrize(("name", "statement"), STATEMENTS)
def test_a_statement_of_redshift(name: str, statement: str) -> None:
    """One statement, by sqlglot; what it knows no grammar for, by the grammars of the Developer Guide."""
    (tree,) = sqlglot.parse(statement.rstrip(";"), read="redshift")
    assert tree is not None
    if isinstance(tree, sqlglot.exp.Command):
        assert re.fullmatch("|".join(GRAMMARS), statement)


USER = r'"[A-Za-z0-9:_-]+"'
SCHEMAS = r"[a-z]+(, [a-z]+)*"
TABLE_RIGHTS = r"(SELECT|INSERT|DELETE)(, (SELECT|INSERT|DELETE))*"
GRAMMARS = (
    rf"GRANT (USAGE|CREATE)(, CREATE)? ON SCHEMA {SCHEMAS} TO {USER}",
    rf"GRANT {TABLE_RIGHTS} ON ALL TABLES IN SCHEMA {SCHEMAS} TO {USER}",
    rf"ALTER DEFAULT PRIVILEGES (FOR USER {USER} )?IN SCHEMA {SCHEMAS} GRANT {TABLE_RIGHTS} ON TABLES TO {USER}",
    rf"ALTER USER {USER} CONNECTION LIMIT [1-9][0-9]*",
    rf"ALTER USER {USER} SET statement_timeout TO [1-9][0-9]*",
    r"REVOKE ASSUMEROLE ON ALL FROM PUBLIC FOR ALL",
    rf"GRANT ASSUMEROLE ON DEFAULT TO {USER} FOR COPY, UNLOAD",
    r"CREATE EXTERNAL SCHEMA IF NOT EXISTS [a-z]+ FROM DATA CATALOG DATABASE '[a-z0-9_]+' IAM_ROLE default",
)


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"DPC_ADMIN_SECRET": ""}, r"DPC_ADMIN_SECRET: expected in the function's environment, found nothing"),
        (
            {"DPC_CATALOG": "x'; DROP", "DPC_ROLE_SUFFIX": '"dev'},
            r"(?s)DPC_ROLE_SUFFIX: expected nothing or a suffix such as -dev, found '\"dev'.*"
            r"DPC_CATALOG: expected the name of the Glue database of the exports, found \"x'; DROP\"",
        ),
        ({"DPC_CATALOG": ""}, "DPC_CATALOG: expected the name of the Glue database of the exports, found ''"),
        ({"DPC_ROLE_SUFFIX": "${name_suffix}"}, "DPC_ROLE_SUFFIX: expected nothing or a suffix"),
    ],
)
def test_a_wrong_setting_is_named_before_anything_is_asked(
    redshift: Administrator, call: Calls, environ: dict[str, str], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        call(**environ)
    assert redshift.names == []
