"""No network of our own, and nothing comes in."""

from __future__ import annotations

from collections.abc import Iterator

from infra_check.design.texts import of_type
from infra_check.plans import Resource

NONE_OF = (
    "aws_eip",
    "aws_internet_gateway",
    "aws_lb",
    "aws_nat_gateway",
    "aws_redshiftserverless_endpoint_access",
    "aws_route_table",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_endpoint",
)
WAREHOUSE_PORT = 5439


def no_network(resources: list[Resource]) -> Iterator[str]:
    for each in of_type(resources, *NONE_OF):
        yield f"{each.address}: expected no {each.type}"
    for each in of_type(resources, "aws_lambda_function"):
        if each.values.get("vpc_config"):
            yield f"{each.address}: expected no vpc_config"


def no_ingress(resources: list[Resource]) -> Iterator[str]:
    """None; with QuickSight exactly one, from its group to the warehouse's, on the warehouse's port."""
    rules = of_type(resources, "aws_vpc_security_group_ingress_rule")
    for each in of_type(resources, "aws_security_group"):
        if each.values.get("ingress"):
            yield f"{each.address}: expected no ingress in the group itself"
    for each in of_type(resources, "aws_security_group_rule"):
        if each.values.get("type") != "egress":
            yield f"{each.address}: expected aws_vpc_security_group_ingress_rule, which says what it lets in"
    for each in rules:
        ranges = [name for name in ("cidr_ipv4", "cidr_ipv6", "prefix_list_id") if each.values.get(name)]
        if ranges:
            yield f"{each.address}: lets in by {', '.join(ranges)}: expected another security group"
        if not each.values.get("referenced_security_group_id"):
            yield f"{each.address}: expected referenced_security_group_id"
        if (each.values.get("from_port"), each.values.get("to_port")) != (WAREHOUSE_PORT, WAREHOUSE_PORT):
            yield f"{each.address}: expected port {WAREHOUSE_PORT} only"
    wanted = 1 if of_type(resources, "aws_quicksight_vpc_connection") else 0
    if len(rules) != wanted:
        yield f"expected {wanted} ingress rules, found {[each.address for each in rules]}"
