"""The smallest plan that contradicts no statement of the design, with QuickSight."""

from __future__ import annotations

import json
from typing import Any

from infra_check.plans import ACCOUNT, KEY, REGION, Resource

BUCKET = "dpc-learning-data-dev"
TRAIL = "dpc-learning-trail-dev"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:dpc-learning-notifications-dev"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dpc-learning-undelivered-dev"
BLOCKED = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def tls_only(*arns: str) -> dict[str, Any]:
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    return {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": list(arns), "Condition": plain}


def upload() -> dict[str, Any]:
    return {
        "Sid": "UploadAddresses",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:PutObject", "s3:GetObject"],
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
        "Condition": {
            "NotIpAddress": {"aws:SourceIp": ["203.0.113.0/24"]},
            "ArnNotLike": {"aws:PrincipalArn": [f"arn:aws:iam::{ACCOUNT}:role/role-lambda-dpc"]},
            "Bool": {"aws:PrincipalIsAWSService": "false"},
        },
    }


def trust(service: str) -> str:
    found: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}}
    if service != "lambda":
        found["Condition"] = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    return policy({**found, "Action": "sts:AssumeRole"})


CONTAINER = {
    "name": "dbt",
    "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/dbt@sha256:{'0' * 64}",
    "user": "10001",
    "readonlyRootFilesystem": True,
    "privileged": False,
    "linuxParameters": {"capabilities": {"drop": ["ALL"]}},
    "logConfiguration": {"logDriver": "awslogs"},
}


def bucket(name: str, *statements: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A bucket and everything that belongs to it, by address."""
    arn, word = f"arn:aws:s3:::{name}", name.split("-")[2]
    sse = {"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": KEY}]}
    owner = {"bucket": name, "rule": [{"object_ownership": "BucketOwnerEnforced"}]}
    text = policy(tls_only(arn, f"{arn}/*"), *statements)
    return {
        f"aws_s3_bucket.{word}": {"bucket": name, "arn": arn, "id": name, "force_destroy": False},
        f"aws_s3_bucket_policy.{word}": {"bucket": name, "policy": text},
        f"aws_s3_bucket_server_side_encryption_configuration.{word}": {"bucket": name, "rule": [sse]},
        f"aws_s3_bucket_versioning.{word}": {"bucket": name, "versioning_configuration": [{"status": "Enabled"}]},
        f"aws_s3_bucket_public_access_block.{word}": {"bucket": name, **dict.fromkeys(BLOCKED, True)},
        f"aws_s3_bucket_ownership_controls.{word}": owner,
    }


def sound() -> dict[str, dict[str, Any]]:
    """Address -> values, anew for each test."""
    management = {"field_selector": [{"field": "eventCategory", "equals": ["Management"]}]}
    selector = {"field_selector": [{"field": "resources.ARN", "starts_with": [f"arn:aws:s3:::{BUCKET}/"]}]}
    deep = [{"days": 1, "storage_class": "DEEP_ARCHIVE"}]
    status = ["FAILED", "TIMED_OUT", "ABORTED"]
    found: dict[str, dict[str, Any]] = {
        **bucket(BUCKET, upload()),
        **bucket(TRAIL),
        "aws_s3_bucket_lifecycle_configuration.data": {
            "bucket": BUCKET,
            "transition_default_minimum_object_size": "varies_by_storage_class",
            "rule": [{"id": "archive", "filter": [{"prefix": "archive/"}], "transition": deep}],
        },
        "aws_kms_key.this": {
            "arn": KEY,
            "enable_key_rotation": True,
            "deletion_window_in_days": 30,
            "policy": policy(
                {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"}
            ),
        },
        "aws_kms_alias.this": {"name": "alias/dpc-learning-kms"},
        "aws_cloudtrail.this": {
            "name": "dpc-learning",
            "kms_key_id": KEY,
            "s3_bucket_name": TRAIL,
            "enable_log_file_validation": True,
            "include_global_service_events": True,
            "is_multi_region_trail": True,
            "advanced_event_selector": [management, selector],
        },
        "aws_sns_topic.this": {"name": TOPIC.split(":")[-1], "arn": TOPIC, "kms_master_key_id": KEY},
        "aws_sns_topic_policy.this": {"arn": TOPIC, "policy": policy(tls_only(TOPIC))},
        "aws_sqs_queue.this": {"name": QUEUE.split(":")[-1], "arn": QUEUE, "url": "queue", "kms_master_key_id": KEY},
        "aws_sqs_queue_policy.this": {"queue_url": "queue", "policy": policy(tls_only(QUEUE))},
        "aws_security_group.this": {"name": "warehouse", "ingress": []},
        "aws_vpc_security_group_ingress_rule.this": {
            "referenced_security_group_id": "sg-1",
            "from_port": 5439,
            "to_port": 5439,
        },
        "aws_quicksight_vpc_connection.this": {"name": "dpc-learning"},
        "aws_redshiftserverless_workgroup.this": {
            "workgroup_name": "dpc-learning",
            "base_capacity": 8,
            "max_capacity": 16,
            "publicly_accessible": False,
            "security_group_ids": ["sg-2"],
            "config_parameter": [
                {"parameter_key": "require_ssl", "parameter_value": "true"},
                {"parameter_key": "max_query_execution_time", "parameter_value": "3600"},
            ],
        },
        "aws_redshiftserverless_namespace.this": {
            "namespace_name": "dpc-learning",
            "kms_key_id": KEY,
            "admin_password_secret_kms_key_id": KEY,
            "manage_admin_password": True,
            "admin_username": "dpc_owner",
            "log_exports": ["userlog", "connectionlog", "useractivitylog"],
        },
        "aws_redshiftserverless_usage_limit.stop": {
            "usage_type": "serverless-compute",
            "amount": 60,
            "breach_action": "deactivate",
        },
        "aws_redshiftserverless_usage_limit.warn": {
            "usage_type": "serverless-compute",
            "amount": 48,
            "breach_action": "emit-metric",
        },
        "aws_lambda_function.this": {
            "function_name": "dpc-plan",
            "runtime": "python3.11",
            "kms_key_arn": KEY,
            "source_code_hash": "abc",
            "tracing_config": [{"mode": "Active"}],
            "vpc_config": [],
        },
        "aws_lambda_permission.this": {"principal": "events.amazonaws.com", "source_account": ACCOUNT},
        "aws_cloudwatch_log_group.this": {"name": "/aws/lambda/dpc-plan", "retention_in_days": 400, "kms_key_id": KEY},
        "aws_ecs_task_definition.this": {
            "family": "dbt",
            "task_role_arn": "a",
            "execution_role_arn": "b",
            "container_definitions": json.dumps([CONTAINER]),
        },
        "aws_scheduler_schedule.this": {
            "name": "daily",
            "kms_key_arn": KEY,
            "schedule_expression": "cron(0 3 * * ? *)",
            "schedule_expression_timezone": "Asia/Tokyo",
            "target": [{"dead_letter_config": [{"arn": QUEUE}]}],
        },
        "aws_cloudwatch_metric_alarm.this": {"alarm_actions": [TOPIC]},
        "aws_cloudwatch_event_rule.this": {"event_pattern": json.dumps({"detail": {"status": status}})},
        "aws_budgets_budget.this": {"name": "dpc-learning"},
    }
    for machine in ("dpc-learning-elt", "dpc-learning-schedule"):
        found[f"aws_sfn_state_machine.{machine}"] = {
            "name": machine,
            "encryption_configuration": [{"kms_key_id": KEY}],
            "logging_configuration": [{"level": "ALL"}],
            "tracing_configuration": [{"enabled": True}],
        }
    for name, service in (
        ("role-lambda-dpc", "lambda"),
        ("role-redshift-copy", "redshift"),
        ("role-stepfunctions-dpc", "states"),
        ("role-dbt-runner", "ecs-tasks"),
    ):
        found[f"aws_iam_role.{name}"] = {"name": name, "assume_role_policy": trust(service)}
    return found


def resources(plan: dict[str, dict[str, Any]]) -> list[Resource]:
    return [Resource(address, address.split(".")[0], values, {}) for address, values in plan.items()]
