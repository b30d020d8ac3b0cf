"""What may not come into the state, and what may not run while Terraform applies."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.data.base_check import BaseDataCheck
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class NoSecretInTheState(BaseResourceCheck):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(
            name="No value of a secret, no user and no key of a user: the state would hold them",
            id="CKV_DPC_10",
            categories=[CheckCategories.SECRETS],
            supported_resources=[
                "aws_iam_access_key",
                "aws_iam_user",
                "aws_iam_user_login_profile",
                "aws_secretsmanager_secret_version",
                "aws_ssm_parameter",
                "random_password",
                "tls_private_key",
            ],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        return CheckResult.FAILED


class NothingRunsAtApply(BaseResourceCheck):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(
            name="Nothing runs while Terraform applies: no provisioner, no invocation, no statement",
            id="CKV_DPC_11",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["aws_*", "null_resource", "terraform_data", "local_file"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        runs = ("aws_lambda_invocation", "aws_redshiftdata_statement", "null_resource", "terraform_data", "local_file")
        return CheckResult.FAILED if self.entity_type in runs or "provisioner" in conf else CheckResult.PASSED


class NothingIsBuiltAtPlan(BaseDataCheck):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(
            name="A plan builds nothing, fetches nothing and runs no program",
            id="CKV_DPC_12",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_data=["archive_file", "external", "http", "aws_secretsmanager_secret_version"],
        )

    def scan_data_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        return CheckResult.FAILED


no_secret_in_the_state = NoSecretInTheState()
nothing_runs_at_apply = NothingRunsAtApply()
nothing_is_built_at_plan = NothingIsBuiltAtPlan()
