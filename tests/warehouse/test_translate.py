"""Redshift SQL and the DuckDB SQL it becomes, word for word; and what it answers where the dialects differ silently."""

import duckdb
import pytest

from dpc_assets.formats.ddl import raw_table
from dpc_assets.local.translate import CannotTranslate, translate

GOLDENS = {
    "CREATE SCHEMA IF NOT EXISTS raw": "CREATE SCHEMA IF NOT EXISTS raw",
    "CREATE TABLE IF NOT EXISTS dq.x (a VARCHAR(20) NOT NULL ENCODE zstd, b BIGINT) DISTSTYLE ALL SORTKEY (a)": (
        "CREATE TABLE IF NOT EXISTS dq.x (a TEXT NOT NULL CHECK (STRLEN(a) <= 20), b BIGINT)"
    ),
    "create temp table t (a varchar(3))": "CREATE TEMPORARY TABLE t (a TEXT CHECK (STRLEN(a) <= 3))",
    "SELECT GETDATE() AS a, SYSDATE AS b": (
        "SELECT CAST(NOW() AT TIME ZONE 'UTC' AS TIMESTAMP) AS a, CAST(NOW() AT TIME ZONE 'UTC' AS TIMESTAMP) AS b"
    ),
    "SELECT NVL(a, b), ISNULL(a, b) FROM t": "SELECT COALESCE(a, b), COALESCE(a, b) FROM t",
    "SELECT OCTET_LENGTH(a), LEN(a) FROM t": "SELECT STRLEN(a), LENGTH(a) FROM t",
    r"SELECT a FROM t WHERE a LIKE 'x\\_%'": r"SELECT a FROM t WHERE a LIKE 'x\_%' ESCAPE '\'",
    r"SELECT a FROM t WHERE a ~ '^A301[0-9]*$'": "SELECT a FROM t WHERE REGEXP_MATCHES(a, '^A301[0-9]*$')",
    "SELECT a FROM t MINUS SELECT a FROM u": "SELECT a FROM t EXCEPT SELECT a FROM u",
    "DELETE FROM raw.a USING raw.b WHERE raw.a.x = raw.b.x": "DELETE FROM raw.a USING raw.b WHERE raw.a.x = raw.b.x",
    "GRANT SELECT ON raw.a TO analyst": "",
    "ANALYZE raw.a": "",
    "LOCK raw.a": "",
    "VACUUM": "",
    'CREATE USER "IAMR:role-analyst-dpc" PASSWORD DISABLE': "",
    'alter user "IAMR:role-analyst-dpc" set statement_timeout to 600000': "",
    'ALTER  DEFAULT PRIVILEGES IN SCHEMA raw GRANT SELECT ON TABLES TO "IAMR:role-dbt-runner"': "",
    "CREATE EXTERNAL SCHEMA IF NOT EXISTS lake FROM DATA CATALOG DATABASE 'lake' IAM_ROLE default": "",
    "SELECT usename FROM pg_user": "SELECT usename FROM (SELECT CURRENT_USER() AS usename) AS pg_user",
    "SELECT u.usename FROM pg_user AS u": "SELECT u.usename FROM (SELECT CURRENT_USER() AS usename) AS u",
}


@pytest.mark.parametrize("redshift", GOLDENS)
def test_becomes_word_for_word(redshift: str) -> None:
    assert translate(redshift) == GOLDENS[redshift]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("SELECT 1; SELECT 2", "expected one statement, found 2"),
        ("BEGIN", "a batch is one transaction"),
        ("COMMIT", "a batch is one transaction"),
        ("SELECT LISTAGG(DISTINCT a, ',') FROM t", "LISTAGG"),
        ("alter table a.b append from a.c", "expected a statement that runs on both engines"),
        ("CREATE USERS", "expected a statement that runs on both engines"),
        ("SELECT FROM WHERE", ""),
    ],
)
def test_refuses_what_would_mean_something_else(statement: str, told: str) -> None:
    with pytest.raises(CannotTranslate) as refused:
        translate(statement)
    assert told in str(refused.value)


def test_a_literal_keeps_backslash_and_quote() -> None:
    translated = translate("SELECT 'a\\\\b', 'it''s', '\\\\'")
    with duckdb.connect() as connection:
        assert connection.execute(translated).fetchall() == [("a\\b", "it's", "\\")]


def test_a_raw_table_holds_its_widths_in_bytes() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA raw")
        connection.execute(translate(raw_table("FF4")))
        columns = connection.execute("SELECT column_name, column_type FROM (DESCRIBE raw.ff4)").fetchall()
        assert columns[:6] == [
            ("submission_yyyymm", "VARCHAR"),
            ("submission_facility", "VARCHAR"),
            ("submission_version", "INTEGER"),
            ("file_name", "VARCHAR"),
            ("line_no", "BIGINT"),
            ("facility_code", "VARCHAR"),
        ]
        row = "'202504', '131000123', 1, 'FF4_131000123_2504.txt', 1, '131000123', 'p', 'a', 'd', "
        connection.execute(f"INSERT INTO raw.ff4 VALUES ({row}'あ')")  # 3 bytes in VARCHAR(3)
        with pytest.raises(duckdb.ConstraintException):
            connection.execute(f"INSERT INTO raw.ff4 VALUES ({row}'ああ')")
