"""Where the data lies: keys, buckets, topics, queues, the trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra_check.design.texts import conditions, nested, of_type, several, statements
from infra_check.keys import KEYS
from infra_check.plans import KEY, Resource

DATA_ACTIONS = frozenset(
    f"s3:{name}"
    for name in (
        *("AbortMultipartUpload", "DeleteObject", "DeleteObjectVersion", "GetObject", "GetObjectVersion"),
        *("ListBucket", "ListBucketVersions", "PutObject", "RestoreObject"),
        *("GetObject*", "PutObject*", "DeleteObject*"),
    )
)
KEPT = ("raw/", "stage/", "processed/", "archive/", "logs/", "ref/")


def one_key(resources: list[Resource]) -> Iterator[str]:
    for each in resources:
        for path in KEYS.get(each.type, ()):
            found = nested(each.values, path)
            if found != KEY:
                yield f"{each.address}: {path}: expected the ARN of alias/dpc-learning-kms, found {found!r}"
    keys = of_type(resources, "aws_kms_key")
    if len(keys) != 1:
        yield f"expected one KMS key, found {[each.address for each in keys]}"
    for each in keys:
        if each.values.get("enable_key_rotation") is not True:
            yield f"{each.address}: expected enable_key_rotation"
        if (each.values.get("deletion_window_in_days") or 30) < 30:
            yield f"{each.address}: expected 30 days before it is deleted: it holds the data"


def tls_only(resources: list[Resource]) -> Iterator[str]:
    for kind, policy, by in (
        ("aws_s3_bucket", "aws_s3_bucket_policy", "bucket"),
        ("aws_sns_topic", "aws_sns_topic_policy", "arn"),
        ("aws_sqs_queue", "aws_sqs_queue_policy", "queue_url"),
    ):
        for each in of_type(resources, kind):
            names = {each.name, each.values.get("arn"), each.values.get("url"), each.values.get("id")} - {None}
            mine = [other for other in of_type(resources, policy) if other.values.get(by) in names]
            if not any(_refuses_plain(other.values.get("policy"), kind) for other in mine):
                yield f"{each.address}: expected a policy that denies everything where aws:SecureTransport is false"


def _refuses_plain(text: object, kind: str) -> bool:
    for each in statements(text):
        plain = list(conditions(each)) == [("Bool", "aws:SecureTransport", ["false"])]
        everybody = each.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        both = kind != "aws_s3_bucket" or {str(one)[-2:] == "/*" for one in several(each["Resource"])} == {True, False}
        if each["Effect"] == "Deny" and plain and everybody and both:
            return True
    return False


def upload_addresses(resources: list[Resource]) -> Iterator[str]:
    """A deny by address names data actions only and spares roles and services: else the pipeline locks itself out."""
    found = 0
    for policy in of_type(resources, "aws_s3_bucket_policy"):
        for each in statements(policy.values.get("policy")):
            known = {key: (operator, values) for operator, key, values in conditions(each)}
            if "aws:SourceIp" not in known:
                continue
            found += 1
            where = f"{policy.address}: {each.get('Sid', 'the statement with aws:SourceIp')}"
            operator, addresses = known["aws:SourceIp"]
            if each["Effect"] != "Deny" or operator != "NotIpAddress":
                yield f"{where}: expected Deny with NotIpAddress, found {each['Effect']} with {operator}"
            for address in addresses:
                if address in ("0.0.0.0/0", "::/0"):
                    yield f"{where}: {address} is everybody"
            for action in several(each.get("Action")):
                if action not in DATA_ACTIONS:
                    yield f"{where}: {action}: expected actions on data, so that nobody is locked out"
            if "aws:PrincipalArn" not in known:
                yield f"{where}: expected the pipeline's roles to be exempt (aws:PrincipalArn)"
            if not {"aws:PrincipalIsAWSService", "aws:ViaAWSService"} & set(known):
                yield f"{where}: expected AWS services to be exempt (aws:PrincipalIsAWSService or aws:ViaAWSService)"
    if not found:
        yield "expected a statement of the data bucket's policy that restricts the addresses of uploads, found none"


def buckets(resources: list[Resource]) -> Iterator[str]:
    for bucket in of_type(resources, "aws_s3_bucket"):
        mine = [each for each in resources if each.values.get("bucket") == bucket.name and each is not bucket]
        about = {each.type: each for each in mine}
        versioning = about.get("aws_s3_bucket_versioning")
        if versioning is None or nested(versioning.values, "versioning_configuration/status") != "Enabled":
            yield f"{bucket.address}: expected versioning"
        block = about.get("aws_s3_bucket_public_access_block")
        names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        open_for = [name for name in names if block is None or block.values.get(name) is not True]
        if open_for:
            yield f"{bucket.address}: expected all four blocks of public access, lacks {', '.join(open_for)}"
        owner = about.get("aws_s3_bucket_ownership_controls")
        if owner is None or nested(owner.values, "rule/object_ownership") != "BucketOwnerEnforced":
            yield f"{bucket.address}: expected ACLs to be off (BucketOwnerEnforced)"
        if bucket.values.get("force_destroy"):
            yield f"{bucket.address}: force_destroy would delete patients' data with one command"


def lifecycle(resources: list[Resource]) -> Iterator[str]:
    for each in of_type(resources, "aws_s3_bucket_lifecycle_configuration"):
        if each.values.get("transition_default_minimum_object_size") != "varies_by_storage_class":
            yield f"{each.address}: expected varies_by_storage_class, else small objects stay behind"
        if "dpc-learning-data" not in str(each.values.get("bucket")):
            continue
        deep = 0
        for rule in each.values.get("rule", []):
            prefix = str(nested(rule, "filter/prefix") or nested(rule, "filter/and/prefix") or "")
            where = f"{each.address}: {rule.get('id')}"
            if rule.get("transition"):
                deep += any(one.get("storage_class") == "DEEP_ARCHIVE" for one in rule["transition"])
                if not prefix.startswith("archive/"):
                    yield f"{where}: moves {prefix or 'everything'}: expected archive/ only, the rest stays readable"
            days = nested(rule, "expiration/days") or nested(rule, "expiration/date")
            if days and (not prefix or any(prefix.startswith(kept) for kept in KEPT)):
                yield f"{where}: deletes {prefix or 'everything'}: expected that no data expires"
        if not deep:
            yield f"{each.address}: expected archive/ to go to DEEP_ARCHIVE"


def trail(resources: list[Resource]) -> Iterator[str]:
    trails = of_type(resources, "aws_cloudtrail")
    if len(trails) != 1:
        yield f"expected one trail, found {len(trails)}"
    for each in trails:
        for name in ("enable_log_file_validation", "include_global_service_events", "is_multi_region_trail"):
            if each.values.get(name) is not True:
                yield f"{each.address}: expected {name}"
        if not any(_all_management(one) for one in each.values.get("advanced_event_selector") or []):
            yield f"{each.address}: expected management events, reads and writes"
        data = [one for one in resources if one.type == "aws_s3_bucket" and "dpc-learning-data" in one.name]
        own = each.values.get("s3_bucket_name")
        if own in {one.name for one in data}:
            yield f"{each.address}: expected a bucket of its own, found the one that it watches"
        told = str(each.values.get("advanced_event_selector")) + str(each.values.get("event_selector"))
        for bucket in data:
            if f"{bucket.values.get('arn')}/" not in told:
                yield f"{each.address}: expected data events of {bucket.name}"
        if f"arn:aws:s3:::{own}/" in told or "'arn:aws:s3'" in told or '"arn:aws:s3"' in told:
            yield f"{each.address}: it records what it writes itself, without end"


def _all_management(selector: Mapping[str, Any]) -> bool:
    """Whether it selects management events and nothing narrows them (readOnly, eventSource)."""
    fields = {each["field"]: several(each.get("equals")) for each in selector.get("field_selector") or []}
    return fields == {"eventCategory": ["Management"]}
