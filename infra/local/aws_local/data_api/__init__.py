"""The Redshift Data API on a DuckDB file: the calls that our code and dbt-redshift's macros make, and no others.

Followed: docs.aws.amazon.com/redshift-data/latest/APIReference and the "Data API" chapter of the Redshift Management
Guide. The SQL is translated as for the warehouse of a laptop (dpc_assets.local); what only a Redshift has is kept
beside it (catalog, ddl, rights) in the schema `_redshift` of the file.

Not emulated, so that a green run here proves nothing about it:

* who may do what: rights are noted, never enforced; any caller may ask about any statement and use any session;
  whatever secret is given, the user is the administrator;
* the planner, queues and time limits; waiting for locks (a conflict of two transactions is error 1023 at once);
* AVG of integers, CHAR padding, comparison of trailing blanks, NUMERIC's result scales (tests/dbt lints the models for
  them); VARCHAR lengths of CREATE TABLE AS and of added columns; external tables, SUPER, SHOW, stored procedures;
* parameters, events, CSV results, GetStatementResultV2, the List calls; a limit of requests that wait for a statement.
"""

from __future__ import annotations

from collections.abc import Callable

from aws_local import identities
from aws_local.settings import ACCOUNT, Settings

COPY_ROLE = "role-redshift-copy"
"""The namespace's default role: the one that COPY and UNLOAD read and write the lake with."""


_CLOSING: list[Callable[[], None]] = []


def install(settings: Settings) -> None:
    """Serves `redshift-data` of the server that is about to start."""
    from aws_local import json_service
    from aws_local.data_api.lakes import buckets
    from aws_local.data_api.service import DataApi
    from aws_local.data_api.warehouse import Warehouse

    role = identities.credentials(f"arn:aws:iam::{ACCOUNT}:role/{COPY_ROLE}")
    warehouse = Warehouse(settings.warehouse, buckets(settings.endpoint, settings.region, role))
    api = DataApi(warehouse, caller=identities.calling, user_of=database_user)
    api.start_sweeping()
    _CLOSING.append(api.close)
    json_service.add("redshift-data", api.handle)


def close() -> None:
    """Stops what runs and closes the warehouse file."""
    while _CLOSING:
        _CLOSING.pop()()


def database_user(caller: str) -> str:
    """Redshift's user of a caller: `IAMR:<role>` of a role, `IAM:<name>` of a person (Redshift Management Guide)."""
    if caller == identities.PERSON:
        return f"IAM:{identities.PERSON}"
    return f"IAMR:{caller.rpartition('/')[2]}"
