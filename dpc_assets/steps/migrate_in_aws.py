"""Brings the warehouse in AWS to this release: the tables as anywhere, then users, grants, limits, external schema.

Called by hand or by the deployment, as the warehouse's administrator: users of IAM are no superusers. Safe to repeat.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dpc_assets.steps import access, migrate
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Result, Run

_KNOWN = "SELECT usename FROM pg_user WHERE usename LIKE 'IAMR:%'"


def run(run: Run, ports: Ports, event: Mapping[str, Any], settings: Mapping[str, str]) -> Result:
    """`counts`: migrations applied and users made, each 0 where nothing was missing.

    settings: DPC_ROLE_SUFFIX (may be empty), DPC_CATALOG (the Glue database), DPC_ADMIN_SECRET. Raises InputError for
    a setting that is missing and for a warehouse of another release, WarehouseError where Redshift refuses.
    """
    missing = [name for name in ("DPC_CATALOG", "DPC_ADMIN_SECRET") if not settings.get(name)]
    if missing:
        raise InputError(
            "\n".join(
                f"{name}: expected in the function's environment, found nothing; deploy again" for name in missing
            )
        )
    suffix = settings.get("DPC_ROLE_SUFFIX", "")
    applied = migrate.apply(ports, migrate.migrations())
    known = {str(row[0]) for row in ports.warehouse.fetch(_KNOWN, name="migrate-users")}
    made = [each for each in access.users(suffix) if each not in known]
    if made:
        ports.warehouse.execute([access.create(each) for each in made], name="migrate-make-users")
    applied += migrate.apply(ports, access.migrations(suffix))
    ports.warehouse.execute([access.lake(settings["DPC_CATALOG"])], name="migrate-lake")
    applied += migrate.apply(ports, [access.lake_grants(suffix)])
    return Result("migrate", counts={"applied": applied, "users": len(made)})
