"""Who may do what in the warehouse, as migrations that only AWS has: DuckDB knows neither users nor grants.

A role of IAM is the database user `IAMR:<role>` (Redshift Management Guide, "Generating database credentials"), which
has no rights by itself. Sources: Redshift Database Developer Guide, GRANT, ALTER DEFAULT PRIVILEGES, CREATE EXTERNAL
SCHEMA.
"""

from __future__ import annotations

from dpc_assets.steps.errors import InputError
from dpc_assets.steps.migrate import Migration

STEPS, DBT, ANALYST = "role-lambda-dpc", "role-dbt-runner", "role-analyst-dpc"

LAKE = "lake"
"""The external schema over what is exported."""

ANALYST_CONNECTIONS, ANALYST_SECONDS = 10, 600
"""People who ask ad hoc: sessions at a time of all of them together, and how long one statement may take."""


def users(suffix: str) -> tuple[str, ...]:
    """The database users of the deployment. `suffix`: what the environment's names of roles end in."""
    return tuple(f"IAMR:{name}{suffix}" for name in (STEPS, DBT, ANALYST))


def create(user: str) -> str:
    """Redshift has no CREATE USER IF NOT EXISTS: only for a user that is not there."""
    return f"CREATE USER {_quoted(user)} PASSWORD DISABLE"


def migrations(suffix: str) -> tuple[Migration, ...]:
    """Grants and limits. `suffix` stands in the names, so two environments have digests of their own."""
    steps, dbt, analyst = (_quoted(each) for each in users(suffix))
    return (
        Migration("1001_steps", _steps(steps)),
        Migration("1002_dbt", _dbt(dbt, steps, analyst)),
        Migration("1003_analysts", _analysts(analyst)),
        Migration("1004_roles_of_copy", _roles_of_copy(steps)),
    )


def lake(catalog: str) -> str:
    """The external schema, by itself: Redshift may refuse it inside a transaction with others. Safe to repeat.

    `catalog`: name of the Glue database. Raises InputError for a name that is none.
    """
    if not catalog.replace("_", "").isalnum():
        raise InputError(f"DPC_CATALOG: expected the name of the Glue database of the exports, found {catalog!r}")
    return f"CREATE EXTERNAL SCHEMA IF NOT EXISTS {LAKE} FROM DATA CATALOG DATABASE '{catalog}' IAM_ROLE default"


def lake_grants(suffix: str) -> Migration:
    """After `lake`: who may read it."""
    return Migration("1005_lake", (f"GRANT USAGE ON SCHEMA {LAKE} TO {_quoted(users(suffix)[2])}",))


def _steps(steps: str) -> tuple[str, ...]:
    """They load raw, judge into dq, keep a copy of the exports, and read what dbt makes."""
    rows = "SELECT, INSERT, DELETE"
    return (
        f"GRANT USAGE ON SCHEMA raw, stage, mart, ref, dq, export TO {steps}",
        f"GRANT {rows} ON ALL TABLES IN SCHEMA raw, dq TO {steps}",
        f"REVOKE ALL ON raw.schema_migrations FROM {steps}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA raw, dq GRANT {rows} ON TABLES TO {steps}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA ref TO {steps}",
        f"GRANT {rows} ON ref.facility_master TO {steps}",
        f"GRANT CREATE ON SCHEMA export TO {steps}",
    )


def _dbt(dbt: str, steps: str, analyst: str) -> tuple[str, ...]:
    """It reads raw and owns what it makes; what it makes may be read by the steps, the marts by analysts too."""
    return (
        f"GRANT USAGE ON SCHEMA raw, dq TO {dbt}",
        f"GRANT USAGE, CREATE ON SCHEMA stage, mart, ref TO {dbt}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA raw, ref, dq TO {dbt}",
        f"REVOKE ALL ON raw.schema_migrations FROM {dbt}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA raw, ref, dq GRANT SELECT ON TABLES TO {dbt}",
        f"ALTER DEFAULT PRIVILEGES FOR USER {dbt} IN SCHEMA stage, mart, ref GRANT SELECT ON TABLES TO {steps}",
        f"ALTER DEFAULT PRIVILEGES FOR USER {dbt} IN SCHEMA mart, ref GRANT SELECT ON TABLES TO {analyst}",
    )


def _analysts(analyst: str) -> tuple[str, ...]:
    """They read marts, references and findings; never raw or stage, where lines of patients are."""
    return (
        f"GRANT USAGE ON SCHEMA mart, ref, dq TO {analyst}",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA ref, dq TO {analyst}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA ref, dq GRANT SELECT ON TABLES TO {analyst}",
        f"ALTER USER {analyst} CONNECTION LIMIT {ANALYST_CONNECTIONS}",
        f"ALTER USER {analyst} SET statement_timeout TO {ANALYST_SECONDS * 1000}",
    )


def _roles_of_copy(steps: str) -> tuple[str, ...]:
    """Everybody may use the warehouse's role in COPY and UNLOAD until that is taken away: then only the steps."""
    return (
        "REVOKE ASSUMEROLE ON ALL FROM PUBLIC FOR ALL",
        f"GRANT ASSUMEROLE ON DEFAULT TO {steps} FOR COPY, UNLOAD",
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
