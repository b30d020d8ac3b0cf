"""How the assets run in AWS, as plain data in their metadata under one key. What reads it is not known here.

Entry points come from the function objects. `${...}` are holes that the deployment fills: names and ARNs of what it
makes. Permissions are what a step itself calls; COPY and UNLOAD run as the warehouse's own role.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dpc_assets.steps import find_work, finish, in_lambda, migrate_in_aws, notice

KEY = "aws"

Data = dict[str, Any]
Permission = dict[str, Any]
Permissions = Sequence[Permission]

SECONDS = 900
"""The longest that Lambda lets a function run; each step is safe to repeat where even that is too short."""

CLAIM = {"bucket": "${data_bucket}", "key": "logs/runs/_writer.json"}
"""The object that the one writing execution holds."""

_BUCKET = "${data_bucket_arn}"


def declared(work: Data, *, seconds: float) -> Data:
    """The metadata of an asset: what it runs as, and how long that takes until a run has been measured."""
    return {KEY: {**work, "duration_s": seconds}}


def entry(function: Callable[..., Any]) -> str:
    """`module:function`, from the object."""
    return f"{function.__module__}:{function.__qualname__}"


def function(run: Callable[..., Any], permissions: Permissions, **settings: Any) -> Data:
    """One Lambda function; `settings` are those of the vocabulary (memory_mb, timeout_s, name, env, writes)."""
    return {"run": entry(run), "timeout_s": SECONDS, "permissions": list(permissions), **settings}


def step(run: Callable[..., Any], permissions: Permissions, **settings: Any) -> Data:
    """One call of a function."""
    return {"lambda": function(run, permissions, **settings)}


def chain(*steps: Data) -> Data:
    """Steps one after the other."""
    return {"chain": list(steps)}


def each_of(items: Data, each: Data, *, concurrency: int) -> Data:
    """`items` (a function) answers a list, `each` (a function) is called with every item of it."""
    return {"map": {"items": items, "each": each, "concurrency": concurrency}}


def lists(*prefixes: str) -> Permission:
    """Listing below these prefixes of the lake, which is also how the steps ask whether a key exists."""
    below = [f"{prefix}*" for prefix in prefixes]
    return {"actions": ["s3:ListBucket"], "resources": [_BUCKET], "condition": {"StringLike": {"s3:prefix": below}}}


def reads(*keys: str) -> Permission:
    """Reading objects; a key may end in `*`."""
    return _objects("s3:GetObject", keys)


def puts(*keys: str) -> Permission:
    return _objects("s3:PutObject", keys)


def deletes(*keys: str) -> Permission:
    return _objects("s3:DeleteObject", keys)


def secret(hole: str) -> Permission:
    return {"actions": ["secretsmanager:GetSecretValue"], "resources": [hole]}


def _objects(action: str, keys: Sequence[str]) -> Permission:
    return {"actions": [action], "resources": [f"{_BUCKET}/{key}" for key in keys]}


DECRYPTS: Permission = {"actions": ["kms:Decrypt"], "resources": ["${kms_key_arn}"]}
ENCRYPTS: Permission = {"actions": ["kms:Decrypt", "kms:GenerateDataKey"], "resources": ["${kms_key_arn}"]}
"""Writing under the lake's key, and publishing to a topic under it."""

STATEMENTS: Permissions = (
    {
        "actions": ["redshift-data:ExecuteStatement", "redshift-serverless:GetCredentials"],
        "resources": ["${redshift_workgroup_arn}"],
    },
    {  # these take no resource: what is asked about has to be one's own
        "actions": [
            "redshift-data:CancelStatement",
            "redshift-data:DescribeStatement",
            "redshift-data:GetStatementResult",
        ],
        "resources": ["*"],
        "condition": {"StringEquals": {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}},
    },
)
"""SQL over the Data API, a statement at a time. `${aws:userid}` is IAM's own variable, no hole."""

WAREHOUSE: Permissions = (
    *STATEMENTS,
    {"actions": ["redshift-data:BatchExecuteStatement"], "resources": ["${redshift_workgroup_arn}"]},
)
"""And several statements in one transaction."""

CHANNELS: Permissions = (
    {"actions": ["sns:Publish"], "resources": ["${topic_arn}"]},
    secret("${slack_secret_arn}"),
    ENCRYPTS,
)
TO_PEOPLE = {"DPC_SNS_TOPIC": "${topic_arn}", "DPC_SLACK_SECRET": "${slack_secret_arn}"}
"""Telling people: the topic, and Slack where its secret has a value."""

ADMINISTRATES: Permission = {
    "actions": ["redshift-data:BatchExecuteStatement", "redshift-data:ExecuteStatement"],
    "resources": ["${redshift_workgroup_arn}"],
}
"""SQL as the user of a secret: the Data API reads the secret as the caller and asks for no credentials."""

VERDICTS: Permissions = (
    lists("raw/", "archive/", "logs/validation/"),
    reads("raw/*/_manifest.json", "logs/validation/*"),
    DECRYPTS,
)
"""Which versions there are, and whether their verdicts still hold."""

DBT: Data = {
    "dbt": {
        "cluster": "${ecs_cluster_arn}",
        "task_definition": "${dbt_task_definition_arn}",
        "container": "dbt",
        "subnets": "${subnet_ids}",
        "security_groups": "${security_group_ids}",
        "heartbeat_s": 120,  # counted from the request: Fargate takes a minute and more to start
        "timeout_s": 7200,
        "env": {"CLAIM_BUCKET": CLAIM["bucket"], "CLAIM_KEY": CLAIM["key"]},
        "permissions": [
            *STATEMENTS,
            lists("logs/dbt/"),
            reads("logs/dbt/*"),
            puts("logs/dbt/*"),
            ENCRYPTS,
        ],
    }
}
"""Each dbt model is a word for one container, which runs the models of a partition together."""

MACHINE: Mapping[str, Data] = {
    KEY: {
        "machine": "dpc-learning-elt",
        "prefix": "dpc-",
        "call": entry(in_lambda.call),
        "finish": step(
            finish.run,
            [
                *WAREHOUSE,
                lists("raw/", "archive/", "processed/_success/", "logs/validation/"),
                reads("logs/validation/*"),
                puts("logs/runs/*/done.json"),
                *CHANNELS,
            ],
            env=TO_PEOPLE,
        ),
        "functions": [
            step(
                migrate_in_aws.run,
                [*STATEMENTS[1:], ADMINISTRATES, secret("${admin_secret_arn}"), DECRYPTS],
                name="dpc-migrate",
                role="role-migrate-dpc",
                env={
                    "DPC_ADMIN_SECRET": "${admin_secret_arn}",
                    "DPC_CATALOG": "${catalog_database}",
                    "DPC_ROLE_SUFFIX": "${name_suffix}",
                },
            ),
            step(
                notice.run,
                [
                    {
                        "actions": ["states:DescribeExecution", "states:GetExecutionHistory"],
                        "resources": ["${executions_dpc_learning_elt}", "${executions_dpc_learning_schedule}"],
                    },
                    *CHANNELS,
                ],
                env=TO_PEOPLE,
                timeout_s=120,
            ),
        ],
        "claim": CLAIM,
        "schedule": {
            "machine": "dpc-learning-schedule",
            "find_work": step(
                find_work.run,
                [
                    lists("raw/", "archive/", "logs/runs/", "logs/validation/"),
                    reads("raw/*/_manifest.json", "logs/runs/*/done.json", "logs/validation/*"),
                    DECRYPTS,
                ],
            ),
            "cron": "0 3 * * *",
            "timezone": "Asia/Tokyo",
        },
        "retry": {"errors": ["RetryLater"], "interval_s": 10, "attempts": 6, "backoff": 2.0, "cap_s": 300},
        "roles": {
            "lambda": "role-lambda-dpc",
            "machine": "role-stepfunctions-dpc",
            "container": "role-dbt-runner",
            "schedule": "role-scheduler-dpc",
        },
        "env": {
            "DPC_LAKE": "s3://${data_bucket}",
            "DPC_WORKGROUP": "${redshift_workgroup}",
            "DPC_DATABASE": "dpc",
        },
        "expected_runs_per_month": 30,
    }
}
"""What holds for the whole pipeline: the metadata of the Definitions."""
