"""Brings the warehouse in AWS to this release: users, the tables as anywhere, then grants, limits, external schema.

Called by hand or by the deployment, as the warehouse's administrator: users of IAM are no superusers. Safe to repeat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dpc_assets.steps import access, migrate
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Run


def run(run: Run, ports: Ports, event: Mapping[str, Any], settings: Mapping[str, str]) -> dict[str, list[str]]:
    """Names of the migrations `applied` now, of those `known` before, and of the `users` made.

    settings: DPC_ADMIN_SECRET, DPC_CATALOG (the Glue database), DPC_ROLE_SUFFIX (may be empty). Raises InputError for
    a missing or wrong setting and for a warehouse of another release, WarehouseError where Redshift refuses.
    """
    if not settings.get("DPC_ADMIN_SECRET"):
        raise InputError("DPC_ADMIN_SECRET: expected in the function's environment, found nothing; deploy again")
    named = access.names(settings.get("DPC_ROLE_SUFFIX", ""), settings.get("DPC_CATALOG", ""))
    rights = migrate.in_redshift(named)
    wanted = [*migrate.migrations(), *rights]
    migrate.noted(ports, wanted)
    made = _make_users(access.users(named), [each.name for each in rights], ports)
    found = migrate.apply(ports, wanted)
    return {"applied": list(found.applied), "known": list(found.known), "users": made}


def _make_users(wanted: Sequence[str], rights: Sequence[str], ports: Ports) -> list[str]:
    """Those that are missing. One that was dropped lost its rights, though they are noted: all are given again."""
    known = {str(row[0]) for row in ports.warehouse.fetch("SELECT usename FROM pg_user", name="migrate-users")}
    missing = [each for each in wanted if each not in known]
    if missing:
        statements = [*map(access.create, missing), migrate.forget(rights)]
        ports.warehouse.execute(statements, name="migrate-make-users")
    return missing
