"""Redshift Serverless: reached over the Data API only, small by default, capped in money, logged."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

LOGS = {"connectionlog", "useractivitylog", "userlog"}


def passed(condition: bool) -> CheckResult:
    return CheckResult.PASSED if condition else CheckResult.FAILED


def first(conf: dict[str, list[Any]], name: str) -> Any:
    """The value of an argument; None where it is not written."""
    found = conf.get(name)
    return found[0] if isinstance(found, list) and found else found


class WorkgroupRule(BaseResourceCheck):  # type: ignore[misc]
    def __init__(self, name: str, rule: str, category: CheckCategories = CheckCategories.NETWORKING) -> None:
        super().__init__(
            name=name, id=rule, categories=[category], supported_resources=["aws_redshiftserverless_workgroup"]
        )


class NotPublic(WorkgroupRule):
    def __init__(self) -> None:
        super().__init__("The workgroup says that it is not public", "CKV_DPC_4")

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        return passed(first(conf, "publicly_accessible") is False)


class RequiresTls(WorkgroupRule):
    def __init__(self) -> None:
        super().__init__("The workgroup requires TLS (require_ssl)", "CKV_DPC_5", CheckCategories.ENCRYPTION)

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        written = [each for each in conf.get("config_parameter", []) if isinstance(each, dict)]
        keys = {str(first(each, "parameter_key")): str(first(each, "parameter_value")).lower() for each in written}
        inside = "require_ssl" in str(conf.get("dynamic", "")) or "require_ssl" in str(conf.get("config_parameter", ""))
        return passed(keys.get("require_ssl", "true" if inside else "") == "true")


class SmallAndCapped(WorkgroupRule):
    """base_capacity left out means 128. The values themselves are judged in the plan."""

    def __init__(self) -> None:
        super().__init__(
            "The workgroup's base and maximum capacity are written", "CKV_DPC_6", CheckCategories.GENERAL_SECURITY
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        base, most = first(conf, "base_capacity"), first(conf, "max_capacity")
        if base is None or most is None:
            return CheckResult.FAILED
        return passed(not isinstance(base, int) or base <= 8 or "var." in str(base))


class ServiceKeepsThePassword(BaseResourceCheck):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(
            name="Secrets Manager keeps the administrator's password, the name is not the default, logs leave",
            id="CKV_DPC_7",
            categories=[CheckCategories.IAM],
            supported_resources=["aws_redshiftserverless_namespace"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        typed = any(name in conf for name in ("admin_user_password", "admin_user_password_wo"))
        kept = first(conf, "manage_admin_password") is True and not typed
        named = first(conf, "admin_username") not in (None, "admin", "awsuser")
        logs = first(conf, "log_exports")
        return passed(kept and named and isinstance(logs, list) and set(logs) >= LOGS)


not_public = NotPublic()
requires_tls = RequiresTls()
small_and_capped = SmallAndCapped()
service_keeps_the_password = ServiceKeepsThePassword()
