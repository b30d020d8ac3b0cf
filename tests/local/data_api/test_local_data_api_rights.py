"""dpc-migrate as it runs in AWS, whole, against the service; and the rules of users and rights one by one."""

import io
from datetime import UTC, datetime

import pytest
from local_data_api_place import Api, Client

from dpc_assets.steps import migrate_in_aws
from dpc_assets.steps.channels import TerminalNotifier
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Run

SECRET = "arn:aws:secretsmanager:ap-northeast-1:000000000000:secret:redshift!dpc-learning-admin-AbCdEf"
SETTINGS = {"DPC_ADMIN_SECRET": SECRET, "DPC_CATALOG": "dpc_learning", "DPC_ROLE_SUFFIX": "-dev"}
USERS = [
    "IAMR:role-lambda-dpc-dev",
    "IAMR:role-dbt-runner-dev",
    "IAMR:role-analyst-dpc-dev",
    "quicksight_reader",
]
MIGRATIONS = [
    "0001_schemas",
    "0002_raw_tables",
    "0003_loads",
    "0004_quality",
    "1001_steps",
    "1002_dbt",
    "1003_analysts",
    "1004_quicksight",
    "1005_public",
    "1006_roles_of_copy",
    "1007_lake",
]


def migrated(api: Api) -> dict[str, list[str]]:
    warehouse = DataApiWarehouse(Client(api.api), secret=SECRET)
    now = datetime(2025, 7, 1, tzinfo=UTC)
    ports = Ports(api.store, warehouse, lambda: now, TerminalNotifier(io.StringIO()), lambda: b"k")
    return migrate_in_aws.run(Run("migrate", ()), ports, {}, SETTINGS)


def grants(api: Api, user: str) -> list[tuple[str, str]]:
    """(object, privileges) that the user was given, as noted."""
    return api.rows(
        "SELECT object, string_agg(privilege, ' ' ORDER BY privilege) FROM _redshift.grants "
        f"WHERE grantee = '{user}' GROUP BY 1 ORDER BY 1"
    )


def test_every_migration_once(api: Api) -> None:
    assert migrated(api) == {"applied": MIGRATIONS, "known": [], "users": USERS}
    assert migrated(api) == {"applied": [], "known": MIGRATIONS, "users": []}
    assert api.rows("SELECT usename, usesuper FROM pg_user ORDER BY 1") == [
        ("IAMR:role-analyst-dpc-dev", False),
        ("IAMR:role-dbt-runner-dev", False),
        ("IAMR:role-lambda-dpc-dev", False),
        ("dpc_owner", True),
        ("quicksight_reader", False),
    ]
    assert api.rows("SELECT DISTINCT nspname FROM pg_namespace ORDER BY 1") == [
        (name,) for name in ("dq", "export", "lake", "mart", "public", "raw", "ref", "stage")
    ]


def test_who_has_which_rights(api: Api) -> None:
    migrated(api)
    assert grants(api, "quicksight_reader") == [("mart", "usage")]
    assert grants(api, "IAMR:role-lambda-dpc-dev") == [
        ("dq", "usage"),
        ("dq.results_checks", "delete insert select"),
        ("dq.results_rows", "delete insert select"),
        ("export", "create usage"),
        ("mart", "usage"),
        ("raw", "usage"),
        *[(f"raw.{name}", "delete insert select") for name in ("dn", "efg", "efn", "ff1", "ff4", "hn", "kn", "loads")],
        ("ref", "usage"),
        ("ref.dpc_points_import", "select"),
        ("ref.facility_master", "delete insert select"),
        ("stage", "usage"),
    ]


def test_tables_of_dbt_are_read_by_default(api: Api) -> None:
    migrated(api)
    api.caller[0] = "arn:aws:iam::000000000000:role/role-dbt-runner"
    api.do("CREATE TABLE mart.t (a INTEGER)")  # by role-dbt-runner, which is no user of the environment -dev
    assert not [each for user in USERS for each in grants(api, user) if each[0] == "mart.t"]
    api.do(
        'ALTER DEFAULT PRIVILEGES IN SCHEMA mart GRANT SELECT ON TABLES TO "quicksight_reader"',
        "CREATE TABLE mart.u AS SELECT 1 AS a",
    )
    assert grants(api, "quicksight_reader") == [("mart", "usage"), ("mart.u", "select")]
    api.do("DROP TABLE mart.u")
    assert grants(api, "quicksight_reader") == [("mart", "usage")]


def test_a_dropped_user_is_made_again_with_its_rights(api: Api) -> None:
    migrated(api)
    before = grants(api, "quicksight_reader")
    api.do("DROP USER quicksight_reader")
    assert grants(api, "quicksight_reader") == []
    assert migrated(api) == {"applied": MIGRATIONS[4:], "known": MIGRATIONS[:4], "users": ["quicksight_reader"]}
    assert grants(api, "quicksight_reader") == before


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ('CREATE USER "dpc_owner" PASSWORD DISABLE', 'user "dpc_owner" already exists'),
        ("DROP USER nobody", 'user "nobody" does not exist'),
        ("ALTER USER nobody CONNECTION LIMIT 10", 'user "nobody" does not exist'),
        ("GRANT USAGE ON SCHEMA nowhere TO dpc_owner", 'schema "nowhere" does not exist'),
        ("GRANT SELECT ON ALL TABLES IN SCHEMA public, nowhere TO dpc_owner", 'schema "nowhere" does not exist'),
        ("GRANT SELECT ON public.t TO dpc_owner", 'relation "public.t" does not exist'),
        ("GRANT USAGE ON SCHEMA public TO nobody", 'user "nobody" does not exist'),
        (
            "ALTER DEFAULT PRIVILEGES FOR USER someone IN SCHEMA public GRANT SELECT ON TABLES TO dpc_owner",
            "permission denied for schema public",
        ),
        (
            "ALTER DEFAULT PRIVILEGES FOR USER nobody IN SCHEMA public GRANT SELECT ON TABLES TO dpc_owner",
            'user "nobody" does not exist',
        ),
    ],
)
def test_what_redshift_refuses(api: Api, statement: str, told: str) -> None:
    api.do("CREATE USER someone PASSWORD DISABLE")
    assert api.error(statement) == f"ERROR: {told}"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'd' IAM_ROLE default", "CREATE EXTERNAL SCHEMA"),
        ("GRANT ASSUMEROLE ON DEFAULT TO dpc_owner FOR COPY, UNLOAD", "GRANT ASSUMEROLE"),
        ("REVOKE ASSUMEROLE ON ALL FROM PUBLIC FOR ALL", "GRANT ASSUMEROLE"),
        ("GRANT USAGE ON SCHEMA other TO dpc_owner", "GRANT on an external schema"),
    ],
)
def test_external_resources_are_outside_of_transactions(api: Api, statement: str, what: str) -> None:
    api.do("CREATE EXTERNAL SCHEMA IF NOT EXISTS other FROM DATA CATALOG DATABASE 'd' IAM_ROLE default")
    failed = api.batch("SELECT 1", statement)
    assert failed["Error"] == f"ERROR: {what} cannot run inside a transaction block"
    api.do(statement)


def test_an_external_schema_is_made_once(api: Api) -> None:
    made = "CREATE EXTERNAL SCHEMA {}lake FROM DATA CATALOG DATABASE 'd' IAM_ROLE default"
    api.do(made.format("IF NOT EXISTS "), made.format("IF NOT EXISTS "))
    assert api.error(made.format("")) == 'ERROR: schema "lake" already exists'


def test_rights_are_undone_with_their_transaction(api: Api) -> None:
    failed = api.batch("CREATE USER someone PASSWORD DISABLE", "SELECT * FROM nowhere")
    assert failed["Status"] == "FAILED"
    assert api.rows("SELECT usename FROM pg_user") == [("dpc_owner",)]
