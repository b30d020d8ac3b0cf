"""Each statement of the design finds what contradicts it, and nothing in a plan that is sound."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from infra_check.design import STATEMENTS
from infra_check.plans import ACCOUNT
from sound_plan import BUCKET, CONTAINER, TOPIC, TRAIL, policy, resources, sound, tls_only, upload

Plan = dict[str, dict[str, Any]]
WORKGROUP, NAMESPACE = "aws_redshiftserverless_workgroup.this", "aws_redshiftserverless_namespace.this"
FUNCTION, RULE = "aws_lambda_function.this", "aws_vpc_security_group_ingress_rule.this"
DATA, LIFECYCLE = "aws_s3_bucket_policy.data", "aws_s3_bucket_lifecycle_configuration.data"


def having(address: str, **values: Any) -> Callable[[Plan], None]:
    """A resource with other values, or one more."""
    return lambda plan: plan.update({address: {**plan.get(address, {}), **values}})


def without(*addresses: str) -> Callable[[Plan], None]:
    def change(plan: Plan) -> None:
        for each in addresses:
            del plan[each]

    return change


def uploads(**values: Any) -> Callable[[Plan], None]:
    arn = f"arn:aws:s3:::{BUCKET}"
    return having(DATA, policy=policy(tls_only(arn, f"{arn}/*"), {**upload(), **values}))


def selecting(**fields: str) -> dict[str, Any]:
    """A selector of management events, narrowed by fields."""
    narrowed = [{"field": field, "equals": [value]} for field, value in fields.items()]
    return {"field_selector": [{"field": "eventCategory", "equals": ["Management"]}, *narrowed]}


def letting_in(principal: Any, **condition: Any) -> Callable[[Plan], None]:
    """The topic's policy with one statement more."""
    allow = {"Sid": "More", "Effect": "Allow", "Principal": principal, "Action": "sns:Publish", "Condition": condition}
    return having("aws_sns_topic_policy.this", policy=policy(tls_only(TOPIC), allow))


def rule(**values: Any) -> Callable[[Plan], None]:
    return lambda plan: plan[LIFECYCLE]["rule"].append({"id": "more", "filter": [{"prefix": "raw/"}], **values})


def container(**values: Any) -> Callable[[Plan], None]:
    return having("aws_ecs_task_definition.this", container_definitions=json.dumps([{**CONTAINER, **values}]))


WRONG: list[tuple[str, str, Callable[[Plan], None]]] = [
    ("one-key", "alias/dpc-learning-kms, found None", having("aws_sqs_queue.this", kms_master_key_id=None)),
    ("one-key", "found 'alias/aws/sns'", having("aws_sns_topic.this", kms_master_key_id="alias/aws/sns")),
    ("one-key", "enable_key_rotation", having("aws_kms_key.this", enable_key_rotation=False)),
    ("one-key", "30 days", having("aws_kms_key.this", deletion_window_in_days=7)),
    ("one-key", "one KMS key", having("aws_kms_key.more", enable_key_rotation=True)),
    ("tls-only", "aws_s3_bucket.trail", without("aws_s3_bucket_policy.trail")),
    ("tls-only", "aws_s3_bucket.data", having(DATA, policy=policy(tls_only(f"arn:aws:s3:::{BUCKET}/*")))),
    ("tls-only", "aws_sns_topic.this", without("aws_sns_topic_policy.this")),
    ("tls-only", "aws_sqs_queue.this", having("aws_sqs_queue_policy.this", policy=policy())),
    ("upload", "found none", having(DATA, policy=policy())),
    ("upload", "s3:*: expected actions on data", uploads(Action="s3:*")),
    ("upload", "roles to be exempt", uploads(Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
    ("upload", "is everybody", uploads(Condition={"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}})),
    ("upload", "Allow with NotIpAddress", uploads(Effect="Allow")),
    ("buckets", "versioning", without("aws_s3_bucket_versioning.data")),
    (
        "buckets",
        "lacks block_public_policy",
        having("aws_s3_bucket_public_access_block.data", block_public_policy=False),
    ),
    ("buckets", "ACLs", without("aws_s3_bucket_ownership_controls.trail")),
    ("buckets", "force_destroy", having("aws_s3_bucket.data", force_destroy=True)),
    ("lifecycle", "archive/ only", rule(transition=[{"days": 1, "storage_class": "GLACIER"}])),
    ("lifecycle", "no data expires", rule(expiration=[{"days": 400}])),
    ("lifecycle", "DEEP_ARCHIVE", having(LIFECYCLE, rule=[])),
    ("lifecycle", "varies_by_storage_class", having(LIFECYCLE, transition_default_minimum_object_size="all")),
    ("trail", "one trail, found 0", without("aws_cloudtrail.this")),
    ("trail", "enable_log_file_validation", having("aws_cloudtrail.this", enable_log_file_validation=False)),
    ("trail", "data events of", having("aws_cloudtrail.this", advanced_event_selector=[])),
    ("trail", "management events", having("aws_cloudtrail.this", advanced_event_selector=[selecting(readOnly="true")])),
    ("trail", "bucket of its own", having("aws_cloudtrail.this", s3_bucket_name=BUCKET)),
    ("trail", "without end", having("aws_cloudtrail.this", event_selector=[f"arn:aws:s3:::{TRAIL}/"])),
    ("no-public", "lets in everybody", letting_in("*")),
    ("no-public", "lets in everybody", letting_in({"AWS": "*"}, StringEquals={"aws:SourceAccount": ACCOUNT})),
    ("no-public", "expected this account", letting_in({"AWS": ["arn:aws:iam::111122223333:root"]})),
    ("no-public", "names this account", letting_in({"Service": "events.amazonaws.com"})),
    ("no-public", "not known", having("aws_sqs_queue_policy.this", policy=None)),
    (
        "no-public",
        "found none",
        lambda plan: [plan.pop(each) for each in list(plan) if "policy." in each or "kms_key" in each],
    ),
    ("no-network", "aws_nat_gateway", having("aws_nat_gateway.this", subnet_id="subnet-1")),
    ("no-network", "aws_vpc_endpoint", having("aws_vpc_endpoint.this", vpc_id="vpc-1")),
    ("no-network", "vpc_config", having(FUNCTION, vpc_config=[{"subnet_ids": ["subnet-1"]}])),
    ("no-ingress", "by cidr_ipv4", having(RULE, cidr_ipv4="10.0.0.0/8")),
    ("no-ingress", "expected 1 ingress rules", without(RULE)),
    ("no-ingress", "expected 0 ingress rules", without("aws_quicksight_vpc_connection.this")),
    ("no-ingress", "port 5439", having(RULE, to_port=65535)),
    ("no-ingress", "in the group itself", having("aws_security_group.this", ingress=[{"cidr_blocks": ["0.0.0.0/0"]}])),
    ("no-ingress", "expected aws_vpc_security", having("aws_security_group_rule.this", type="ingress")),
    ("capacity", "expected 8, found 128", having(WORKGROUP, base_capacity=128)),
    ("capacity", "a cap", having(WORKGROUP, max_capacity=None)),
    ("capacity", "deactivates", without("aws_redshiftserverless_usage_limit.stop")),
    ("capacity", "warns at 48", having("aws_redshiftserverless_usage_limit.warn", amount=60)),
    ("workgroup", "publicly_accessible", having(WORKGROUP, publicly_accessible=True)),
    ("workgroup", "require_ssl", having(WORKGROUP, config_parameter=[])),
    ("workgroup", "limits of a query", having(WORKGROUP, config_parameter=[])),
    ("workgroup", "one security group", having(WORKGROUP, security_group_ids=[])),
    ("workgroup", "log_exports", having(NAMESPACE, log_exports=["userlog"])),
    ("workgroup", "Secrets Manager", having(NAMESPACE, manage_admin_password=None)),
    ("workgroup", "another name", having(NAMESPACE, admin_username="admin")),
    ("functions", "python3.11, found python3.9", having(FUNCTION, runtime="python3.9")),
    ("functions", "tracing", having(FUNCTION, tracing_config=[])),
    ("functions", "digest", having(FUNCTION, source_code_hash=None)),
    ("functions", "no vpc_config", having(FUNCTION, vpc_config=[{"subnet_ids": ["subnet-1"]}])),
    ("functions", "address that calls", having("aws_lambda_function_url.this", function_name="dpc-plan")),
    ("functions", "only caller", having("aws_lambda_permission.this", principal="*")),
    ("machines", "whole history", having("aws_sfn_state_machine.dpc-learning-elt", logging_configuration=[])),
    ("machines", "tracing", having("aws_sfn_state_machine.dpc-learning-elt", tracing_configuration=[])),
    ("container", "not root", container(user="root")),
    ("container", "read-only root", container(readonlyRootFilesystem=False)),
    ("container", "no privileges", container(privileged=True)),
    ("container", "by digest", container(image="dbt:latest")),
    ("container", "capabilities", container(linuxParameters={})),
    ("container", "CloudWatch", container(logConfiguration=None)),
    ("container", "two roles", having("aws_ecs_task_definition.this", execution_role_arn="a")),
    ("daily", "once a day", having("aws_scheduler_schedule.this", schedule_expression="rate(1 hour)")),
    ("daily", "once a day", having("aws_scheduler_schedule.this", schedule_expression="cron(0/5 3 * * ? *)")),
    ("daily", "time zone", having("aws_scheduler_schedule.this", schedule_expression_timezone=None)),
    ("daily", "queue", having("aws_scheduler_schedule.this", target=[])),
    ("logs", "365", having("aws_cloudwatch_log_group.this", retention_in_days=30)),
    ("logs", "no end", having("aws_cloudwatch_log_group.this", retention_in_days=0)),
    ("logs", "its log group", without("aws_cloudwatch_log_group.this")),
    ("notice", "alarm_actions", having("aws_cloudwatch_metric_alarm.this", alarm_actions=[])),
    ("notice", "ABORTED", having("aws_cloudwatch_event_rule.this", event_pattern='{"detail": {"status": ["FAILED"]}}')),
    ("notice", "a budget", without("aws_budgets_budget.this")),
    (
        "trust",
        "everybody",
        having(
            "aws_iam_role.role-dbt-runner",
            assume_role_policy=policy({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}),
        ),
    ),
    (
        "trust",
        "aws:SourceAccount",
        having(
            "aws_iam_role.role-dbt-runner",
            assume_role_policy=policy({"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}),
        ),
    ),
    ("trust", "not known", having("aws_iam_role.role-dbt-runner", assume_role_policy=None)),
    (
        "trust",
        "policy of ours",
        having("aws_iam_role_policy_attachment.this", policy_arn="arn:aws:iam::aws:policy/AdministratorAccess"),
    ),
    ("names", "role-redshift-copy", without("aws_iam_role.role-redshift-copy")),
    ("names", "alias/dpc-learning-kms", without("aws_kms_alias.this")),
    ("names", "starts with dpc-", having(FUNCTION, function_name="plan")),
]


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_a_sound_plan_contradicts_nothing(name: str) -> None:
    assert list(STATEMENTS[name].rule(resources(sound()))) == []


@pytest.mark.parametrize(("name", "word", "change"), WRONG, ids=[f"{name}: {word}" for name, word, _ in WRONG])
def test_what_contradicts_a_statement_is_told(name: str, word: str, change: Callable[[Plan], None]) -> None:
    plan = sound()
    change(plan)
    found = list(STATEMENTS[name].rule(resources(plan)))
    assert any(word in each for each in found), found


def test_services_that_act_for_this_account_are_let_in() -> None:
    plan = sound()
    letting_in({"Service": "events.amazonaws.com"}, StringEquals={"aws:SourceAccount": ACCOUNT})(plan)
    assert list(STATEMENTS["no-public"].rule(resources(plan))) == []


def test_every_statement_is_contradicted_once_at_least() -> None:
    assert {name for name, _, _ in WRONG} == set(STATEMENTS)
