"""The control plane of Redshift Serverless, as far as Terraform uses it: namespace, workgroup, usage limits, tags.

Follows docs.aws.amazon.com/redshift-serverless/latest/APIReference and the service's model in botocore. Nothing takes
time here: what AWS makes in minutes is AVAILABLE at once. Every other operation is refused by name.
"""

from __future__ import annotations

import json
import secrets
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aws_local import json_service, requests
from aws_local.errors import AwsError
from aws_local.settings import ACCOUNT, Settings

SERVICE = "redshift-serverless"

DEFAULTS = {
    "auto_mv": "true",
    "datestyle": "ISO, MDY",
    "enable_case_sensitive_identifier": "false",
    "enable_user_activity_logging": "true",
    "max_query_execution_time": "14400",
    "query_group": "default",
    "require_ssl": "false",
    "search_path": "$user, public",
    "use_fips_ssl": "false",
}
"""Parameters of a workgroup that asks for none. The service answers with all of them, whichever were asked for; these
values are those of the provider's own acceptance tests (internal/service/redshiftserverless/workgroup_test.go, its
releases 5.x; later ones find require_ssl true), not of a page of AWS."""

MEASURES = (
    "max_io_skew",
    "max_join_row_count",
    "max_nested_loop_join_row_count",
    "max_query_blocks_read",
    "max_query_cpu_time",
    "max_query_cpu_usage_percent",
    "max_query_queue_time",
    "max_query_temp_blocks_to_disk",
    "max_return_row_count",
    "max_scan_row_count",
)
"""Limits of a query (cm-c-wlm-query-monitoring-rules.html), and so keys of parameters, beside the one in DEFAULTS."""

Record = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """What there is, by name or id, as the API answers it. `tags`: by ARN."""

    namespaces: dict[str, Record] = field(default_factory=dict)
    workgroups: dict[str, Record] = field(default_factory=dict)
    limits: dict[str, Record] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)


_ACCOUNT = Account()


def install(settings: Settings) -> None:
    """Adds the service."""

    def handle(operation: str, request: Record) -> Mapping[str, Any]:
        requests.check(SERVICE, operation, request)
        if operation not in _OPERATIONS:
            raise requests.Missing(SERVICE, operation)
        with _ACCOUNT.lock:
            answer: Mapping[str, Any] = _OPERATIONS[operation](settings.region, request)
            return json.loads(json.dumps(answer))  # type: ignore[no-any-return]

    json_service.add(SERVICE, handle)


def workgroup(name: str) -> Record:
    """The workgroup. Raises ResourceNotFoundException."""
    return _found(_ACCOUNT.workgroups, name, "workgroup")


def namespace_of(workgroup_name: str) -> Record:
    """The namespace of the workgroup: dbName, adminPasswordSecretArn, defaultIamRoleArn and the rest."""
    return _found(_ACCOUNT.namespaces, workgroup(workgroup_name)["namespaceName"], "namespace")


def _create_namespace(region: str, request: Record) -> Record:
    name = request["namespaceName"]
    if name in _ACCOUNT.namespaces:
        raise AwsError("ConflictException", f"The namespace {name} already exists.")
    if request.get("manageAdminPassword") and "adminUserPassword" in request:
        raise AwsError("ValidationException", "adminUserPassword cannot be given where manageAdminPassword is true.")
    made = {
        **_identity(region, "namespace"),
        "namespaceName": name,
        "dbName": request.get("dbName", "dev"),
        "adminUsername": request.get("adminUsername", "admin"),
        "kmsKeyId": request.get("kmsKeyId", "AWS_OWNED_KMS_KEY"),
        "logExports": request.get("logExports", []),
        "iamRoles": [],
        "status": "AVAILABLE",
        "creationDate": _now(),
    }
    _roles(made, request)
    if request.get("manageAdminPassword"):
        made |= _managed_password(made, request)
    _ACCOUNT.namespaces[name] = made
    _keep_tags(made["namespaceArn"], request)
    return {"namespace": made}


def _get_namespace(region: str, request: Record) -> Record:
    return {"namespace": _found(_ACCOUNT.namespaces, request["namespaceName"], "namespace")}


def _update_namespace(region: str, request: Record) -> Record:
    found = _found(_ACCOUNT.namespaces, request["namespaceName"], "namespace")
    _only(request, {"namespaceName", "adminUsername", "kmsKeyId", "logExports", "iamRoles", "defaultIamRoleArn"})
    found |= {name: request[name] for name in ("adminUsername", "kmsKeyId", "logExports") if name in request}
    _roles(found, request)
    return {"namespace": found}


def _delete_namespace(region: str, request: Record) -> Record:
    found = _found(_ACCOUNT.namespaces, request["namespaceName"], "namespace")
    _only(request, {"namespaceName"})
    if any(each["namespaceName"] == request["namespaceName"] for each in _ACCOUNT.workgroups.values()):
        raise AwsError("ConflictException", f"The namespace {request['namespaceName']} still has a workgroup.")
    if "adminPasswordSecretArn" in found:
        _forget_password(found["adminPasswordSecretArn"])
    _ACCOUNT.tags.pop(found["namespaceArn"], None)
    return {"namespace": _ACCOUNT.namespaces.pop(request["namespaceName"]) | {"status": "DELETING"}}


def _create_workgroup(region: str, request: Record) -> Record:
    name = request["workgroupName"]
    if name in _ACCOUNT.workgroups:
        raise AwsError("ConflictException", f"The workgroup {name} already exists.")
    _found(_ACCOUNT.namespaces, request["namespaceName"], "namespace")
    port = request.get("port", 5439)
    made = {
        **_identity(region, "workgroup"),
        "workgroupName": name,
        "namespaceName": request["namespaceName"],
        "baseCapacity": request.get("baseCapacity", 128),
        "configParameters": _parameters({}, request),
        "enhancedVpcRouting": request.get("enhancedVpcRouting", False),
        "publiclyAccessible": request.get("publiclyAccessible", False),
        "securityGroupIds": request.get("securityGroupIds", []),
        "subnetIds": request.get("subnetIds", []),
        "trackName": request.get("trackName", "current"),
        "port": port,
        "endpoint": {
            "address": f"{name}.{ACCOUNT}.{region}.redshift-serverless.amazonaws.com",
            "port": port,
            "vpcEndpoints": [],
        },
        "status": "AVAILABLE",
        "creationDate": _now(),
        **{key: request[key] for key in ("maxCapacity", "ipAddressType", "pricePerformanceTarget") if key in request},
    }
    _ACCOUNT.workgroups[name] = made
    _keep_tags(made["workgroupArn"], request)
    return {"workgroup": made}


def _get_workgroup(region: str, request: Record) -> Record:
    return {"workgroup": workgroup(request["workgroupName"])}


def _update_workgroup(region: str, request: Record) -> Record:
    found = workgroup(request["workgroupName"])
    given = {name: value for name, value in request.items() if name not in ("workgroupName", "configParameters")}
    if "port" in given:
        found["endpoint"] = found["endpoint"] | {"port": given["port"]}
    if "configParameters" in request:
        given["configParameters"] = _parameters(_values(found["configParameters"]), request)
    found |= given
    return {"workgroup": found}


def _delete_workgroup(region: str, request: Record) -> Record:
    found = workgroup(request["workgroupName"])
    for each in [key for key, limit in _ACCOUNT.limits.items() if limit["resourceArn"] == found["workgroupArn"]]:
        del _ACCOUNT.limits[each]
    _ACCOUNT.tags.pop(found["workgroupArn"], None)
    return {"workgroup": _ACCOUNT.workgroups.pop(request["workgroupName"]) | {"status": "DELETING"}}


def _create_usage_limit(region: str, request: Record) -> Record:
    _owned(request["resourceArn"])
    made = {"period": "monthly", "breachAction": "log", **request, **_identity(region, "usagelimit", "usageLimit")}
    same = ("resourceArn", "usageType", "period", "breachAction")
    if any(all(each[key] == made[key] for key in same) for each in _ACCOUNT.limits.values()):
        raise AwsError("ConflictException", "There is a usage limit of this type, period and action already.")
    _ACCOUNT.limits[made["usageLimitId"]] = made
    return {"usageLimit": made}


def _get_usage_limit(region: str, request: Record) -> Record:
    return {"usageLimit": _found(_ACCOUNT.limits, request["usageLimitId"], "usage limit")}


def _update_usage_limit(region: str, request: Record) -> Record:
    found = _found(_ACCOUNT.limits, request["usageLimitId"], "usage limit")
    found |= request
    return {"usageLimit": found}


def _delete_usage_limit(region: str, request: Record) -> Record:
    _found(_ACCOUNT.limits, request["usageLimitId"], "usage limit")
    return {"usageLimit": _ACCOUNT.limits.pop(request["usageLimitId"])}


def _list_tags(region: str, request: Record) -> Record:
    _owned(request["resourceArn"])
    kept = _ACCOUNT.tags.get(request["resourceArn"], {})
    return {"tags": [{"key": key, "value": value} for key, value in kept.items()]}


def _tag(region: str, request: Record) -> Record:
    _owned(request["resourceArn"])
    _keep_tags(request["resourceArn"], request)
    return {}


def _untag(region: str, request: Record) -> Record:
    _owned(request["resourceArn"])
    for key in request["tagKeys"]:
        _ACCOUNT.tags.get(request["resourceArn"], {}).pop(key, None)
    return {}


_OPERATIONS: Mapping[str, Callable[[str, Record], Record]] = {
    "CreateNamespace": _create_namespace,
    "GetNamespace": _get_namespace,
    "UpdateNamespace": _update_namespace,
    "DeleteNamespace": _delete_namespace,
    "CreateWorkgroup": _create_workgroup,
    "GetWorkgroup": _get_workgroup,
    "UpdateWorkgroup": _update_workgroup,
    "DeleteWorkgroup": _delete_workgroup,
    "CreateUsageLimit": _create_usage_limit,
    "GetUsageLimit": _get_usage_limit,
    "UpdateUsageLimit": _update_usage_limit,
    "DeleteUsageLimit": _delete_usage_limit,
    "ListTagsForResource": _list_tags,
    "TagResource": _tag,
    "UntagResource": _untag,
}


def _found(store: Mapping[str, Record], key: str, what: str) -> Record:
    if key not in store:
        raise AwsError("ResourceNotFoundException", f"There is no {what} {key}.")
    return store[key]


def _owned(arn: str) -> None:
    """Refuses an ARN that nothing here has."""
    everything = (*_ACCOUNT.namespaces.values(), *_ACCOUNT.workgroups.values(), *_ACCOUNT.limits.values())
    if arn not in [value for each in everything for key, value in each.items() if key.endswith("Arn")]:
        raise AwsError("ResourceNotFoundException", f"There is no {arn}.")


def _only(request: Record, known: set[str]) -> None:
    """What is asked for beyond `known` would be passed over in silence."""
    for name in request.keys() - known:
        raise requests.Missing(SERVICE, f"{name} of this operation")


def _identity(region: str, kind: str, word: str = "") -> Record:
    number = str(uuid.uuid4())
    arn = f"arn:aws:redshift-serverless:{region}:{ACCOUNT}:{kind}/{number}"
    return {f"{word or kind}Id": number, f"{word or kind}Arn": arn}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _keep_tags(arn: str, request: Record) -> None:
    kept = _ACCOUNT.tags.setdefault(arn, {})
    kept |= {each["key"]: each["value"] for each in request.get("tags", [])}


def _roles(namespace: Record, request: Record) -> None:
    """Roles are answered as the service prints them, "IamRole(applyStatus=in-sync, iamRoleArn=...)", which is the form
    that the provider reads."""
    if "iamRoles" in request:
        namespace["iamRoles"] = [f"IamRole(applyStatus=in-sync, iamRoleArn={each})" for each in request["iamRoles"]]
    if "defaultIamRoleArn" in request:
        default = request["defaultIamRoleArn"]
        if default and not any(f"iamRoleArn={default})" in each for each in namespace["iamRoles"]):
            raise AwsError("ValidationException", f"defaultIamRoleArn: {default} is not one of iamRoles.")
        namespace["defaultIamRoleArn"] = default


def _values(parameters: list[dict[str, str]]) -> dict[str, str]:
    return {each["parameterKey"]: each["parameterValue"] for each in parameters}


def _parameters(before: Mapping[str, str], request: Record) -> list[dict[str, str]]:
    asked = _values(request.get("configParameters") or [])
    unknown = sorted(asked.keys() - {*DEFAULTS, *MEASURES})
    if unknown:
        raise AwsError("ValidationException", f"configParameters: no parameter is called {', '.join(unknown)}.")
    inforce = {**DEFAULTS, **before, **asked}
    return [{"parameterKey": key, "parameterValue": inforce[key]} for key in sorted(inforce)]


def _managed_password(namespace: Record, request: Record) -> Record:
    """A secret that the service makes and keeps (redshift-secrets-manager-integration.html). It is told from others by
    its name, redshift!NAMESPACE-USER, and by the tag aws:secretsmanager:owningService."""
    from ministack.services import secretsmanager

    value = json.dumps({"username": namespace["adminUsername"], "password": secrets.token_urlsafe(24)})
    arn, _ = secretsmanager._store_new_secret(
        f"redshift!{namespace['namespaceName']}-{namespace['adminUsername']}",
        secret_string=value,
        description=f"Administrator of the namespace {namespace['namespaceName']}",
        tags=[{"Key": "aws:secretsmanager:owningService", "Value": "redshift"}],
        kms_key_id=request.get("adminPasswordSecretKmsKeyId"),
    )
    key = request.get("adminPasswordSecretKmsKeyId")
    return {"adminPasswordSecretArn": arn, **({"adminPasswordSecretKmsKeyId": key} if key else {})}


def _forget_password(arn: str) -> None:
    from ministack.services import secretsmanager

    secretsmanager._delete_secret({"SecretId": arn, "ForceDeleteWithoutRecovery": True})
