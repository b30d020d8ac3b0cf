"""The network: none of our own, nothing comes in, no function is inside it."""

from __future__ import annotations

from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck


class NoNetworkOfOurOwn(BaseResourceCheck):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(
            name="No NAT gateway, no VPC endpoint, no network that is paid by the hour or opened",
            id="CKV_DPC_1",
            categories=[CheckCategories.NETWORKING],
            supported_resources=[
                "aws_eip",
                "aws_internet_gateway",
                "aws_lb",
                "aws_nat_gateway",
                "aws_subnet",
                "aws_vpc",
                "aws_vpc_endpoint",
                "aws_vpc_endpoint_service",
                "aws_vpn_gateway",
                "aws_redshiftserverless_endpoint_access",
            ],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        return CheckResult.FAILED


class NoFunctionInAVpc(BaseResourceCheck):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(
            name="No Lambda function is inside a VPC",
            id="CKV_DPC_2",
            categories=[CheckCategories.NETWORKING],
            supported_resources=["aws_lambda_function"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        inside = "vpc_config" in conf or "vpc_config" in str(conf.get("dynamic", ""))
        return CheckResult.FAILED if inside else CheckResult.PASSED


class NothingComesIn(BaseResourceCheck):  # type: ignore[misc]
    """A group may let in another group, and nothing else. How many such rules there are is counted in the plan."""

    def __init__(self) -> None:
        super().__init__(
            name="No security group lets in an address range",
            id="CKV_DPC_3",
            categories=[CheckCategories.NETWORKING],
            supported_resources=[
                "aws_security_group",
                "aws_security_group_rule",
                "aws_vpc_security_group_ingress_rule",
            ],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        kind = self.entity_type
        if kind == "aws_security_group":
            inline = "ingress" in conf or "ingress" in str(conf.get("dynamic", ""))
            return CheckResult.FAILED if inline else CheckResult.PASSED
        if kind == "aws_security_group_rule" and conf.get("type") == ["egress"]:
            return CheckResult.PASSED
        ranges = any(name in conf for name in ("cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "self"))
        ranges = ranges or any(name in conf for name in ("cidr_ipv4", "cidr_ipv6", "prefix_list_id"))
        group = "source_security_group_id" in conf or "referenced_security_group_id" in conf
        return CheckResult.PASSED if group and not ranges else CheckResult.FAILED


no_network = NoNetworkOfOurOwn()
no_function_in_a_vpc = NoFunctionInAVpc()
nothing_comes_in = NothingComesIn()
