"""Who may take a role."""

from __future__ import annotations

from collections.abc import Iterator

from infra_check.design.texts import conditions, of_type, several, statements
from infra_check.plans import ACCOUNT, Resource

SPARED = {
    "lambda.amazonaws.com": "Lambda sends no source account when it takes a function's role",
    "quicksight.amazonaws.com": "QuickSight does not say for whom it takes the role of a VPC connection",
}
"""Services that give no aws:SourceAccount."""


def trusted(resources: list[Resource]) -> Iterator[str]:
    roles = of_type(resources, "aws_iam_role")
    if not roles:
        yield "expected roles, found none"
    for role in roles:
        found = statements(role.values.get("assume_role_policy"))
        if not found:
            yield f"{role.address}: who may take it is not known while planning"
        for each in found:
            principal = each.get("Principal")
            if principal == "*" or "*" in several((principal or {}).get("AWS")):
                yield f"{role.address}: everybody may take it"
                continue
            keys = {key.lower() for _, key, _ in conditions(each)}
            for service in several((principal or {}).get("Service")):
                if service not in SPARED and "aws:sourceaccount" not in keys:
                    yield f"{role.address}: {service}: expected aws:SourceAccount, so that no other account can use it"
            for one in several((principal or {}).get("AWS")):
                if ACCOUNT not in str(one):
                    yield f"{role.address}: {one}: expected this account"
    for each in of_type(resources, "aws_iam_role_policy_attachment"):
        if str(each.values.get("policy_arn")).startswith("arn:aws:iam::aws:"):
            yield f"{each.address}: expected a policy of ours, found AWS's {each.values['policy_arn']}"
