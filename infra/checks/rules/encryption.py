"""The customer managed key on everything that takes one. Which types do is compared with the provider's schema."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck
from infra_check.keys import KEYS


class NamesOurKey(BaseResourceCheck):  # type: ignore[misc]
    """Written, and neither AWS's own key nor empty. That it is our key is read in the plan."""

    def __init__(self) -> None:
        super().__init__(
            name="It is encrypted with the customer managed key",
            id="CKV_DPC_8",
            categories=[CheckCategories.ENCRYPTION],
            supported_resources=list(KEYS),
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        for path in KEYS[self.entity_type]:
            found: Any = conf
            for name in path.split("/"):
                while isinstance(found, list):
                    found = found[0] if found else None
                found = found.get(name) if isinstance(found, dict) else None
            while isinstance(found, list):
                found = found[0] if found else None
            if not isinstance(found, str) or not found or found.startswith("alias/aws/"):
                return CheckResult.FAILED
        return CheckResult.PASSED


names_our_key = NamesOurKey()
