"""Who the users of the warehouse in AWS are. What each may is SQL: `sql/1*.sql`, where `$name` stands for a user.

A role of IAM is the database user `IAMR:<role>` (Redshift Management Guide, "Configuring IAM permissions" of the Data
API), which has no rights by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dpc_assets.steps.errors import InputError

_ROLES = {"steps": "role-lambda-dpc", "dbt": "role-dbt-runner", "analyst": "role-analyst-dpc"}
_READER = {"quicksight": "quicksight_reader"}
"""QuickSight speaks no Data API: a person gives its user a password. Until then nobody is this user."""

_SUFFIX = re.compile(r"(-[a-z0-9]+)*")
_CATALOG = re.compile(r"[a-z0-9_]{1,255}")


def names(suffix: str, catalog: str) -> Mapping[str, str]:
    """What stands for each `$name` of the migrations: the users, and the Glue database of the exports.

    suffix: what the environment's names of roles end in. Raises InputError that names every wrong setting.
    """
    wrong = []
    if not _SUFFIX.fullmatch(suffix):
        wrong.append(f"DPC_ROLE_SUFFIX: expected nothing or a suffix such as -dev, found {suffix!r}; deploy again")
    if not _CATALOG.fullmatch(catalog):
        wrong.append(f"DPC_CATALOG: expected the name of the Glue database of the exports, found {catalog!r}")
    if wrong:
        raise InputError("\n".join(wrong))
    return {**{key: f"IAMR:{role}{suffix}" for key, role in _ROLES.items()}, **_READER, "catalog": catalog}


def users(named: Mapping[str, str]) -> tuple[str, ...]:
    """The database users among `names`."""
    return tuple(named[key] for key in (*_ROLES, *_READER))


def create(user: str) -> str:
    """Redshift has no CREATE USER IF NOT EXISTS: only for a user that is not there."""
    return f'CREATE USER "{user}" PASSWORD DISABLE'
