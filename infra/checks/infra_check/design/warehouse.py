"""The warehouse's size, its money, its doors."""

from __future__ import annotations

from collections.abc import Iterator

from infra_check.design.texts import of_type
from infra_check.plans import Resource

BASE_RPU = 8
WARN = 0.8
LOGS = {"connectionlog", "useractivitylog", "userlog"}


def capacity(resources: list[Resource]) -> Iterator[str]:
    groups = of_type(resources, "aws_redshiftserverless_workgroup")
    if len(groups) != 1:
        yield f"expected one workgroup, found {len(groups)}"
    for each in groups:
        base, most = each.values.get("base_capacity"), each.values.get("max_capacity")
        if base != BASE_RPU:
            yield f"{each.address}: base_capacity: expected {BASE_RPU}, found {base}"
        if not isinstance(most, int) or not BASE_RPU <= most <= 64:
            yield f"{each.address}: max_capacity: expected a cap of at most 64, found {most}"
    limits = {
        each.values.get("breach_action"): each.values.get("amount", 0)
        for each in of_type(resources, "aws_redshiftserverless_usage_limit")
        if each.values.get("usage_type") == "serverless-compute"
    }
    stop = limits.pop("deactivate", None)
    if stop is None:
        yield "expected a usage limit that deactivates, found none"
    elif not any(action in ("log", "emit-metric") and amount == int(stop * WARN) for action, amount in limits.items()):
        yield f"expected a usage limit that warns at {int(stop * WARN)} of {stop} RPU-hours, found {limits}"


def workgroup(resources: list[Resource]) -> Iterator[str]:
    for each in of_type(resources, "aws_redshiftserverless_workgroup"):
        if each.values.get("publicly_accessible") is not False:
            yield f"{each.address}: expected publicly_accessible = false"
        settings = {one["parameter_key"]: one["parameter_value"] for one in each.values.get("config_parameter") or []}
        if settings.get("require_ssl") != "true":
            yield f"{each.address}: expected require_ssl"
        if not any("query" in name or "execution" in name for name in settings):
            yield f"{each.address}: expected limits of a query (max_query_execution_time and others), found {settings}"
        groups = each.values.get("security_group_ids") or []
        if len(groups) != 1:
            yield f"{each.address}: expected one security group of ours, found {groups}"
    for each in of_type(resources, "aws_redshiftserverless_namespace"):
        if set(each.values.get("log_exports") or []) < LOGS:
            yield f"{each.address}: expected log_exports {sorted(LOGS)}"
        if each.values.get("manage_admin_password") is not True or each.values.get("admin_user_password"):
            yield f"{each.address}: expected the administrator's password to be kept by Secrets Manager"
        if each.values.get("admin_username") in ("admin", "awsuser"):
            yield f"{each.address}: expected another name for the administrator than the default"
