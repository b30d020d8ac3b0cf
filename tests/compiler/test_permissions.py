"""IAM policies derived from states and declarations: whole ones, and what putting permissions together may never do."""

import json
import re
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_projects import graph

from compiler import emit, lower, parent, permissions, plan, policy
from compiler.errors import Refused
from compiler.graph import (
    Asset,
    Claim,
    ContainerStep,
    Function,
    Graph,
    LambdaStep,
    Machine,
    MapStep,
    Permission,
    Schedule,
    StatementStep,
    Unit,
)
from compiler.permissions import Role


def derived(one: Graph) -> dict[str, Role]:
    found = [lower.lower(parent.without_schedule(one), plan.plan(parent.without_schedule(one))), parent.parent(one)]
    return {role.kind: role for role in permissions.roles(one, {each.name: emit.emit(each) for each in found if each})}


CONTAINER = ContainerStep(
    cluster="${cluster}",
    task_definition="${dbt_task}",
    container="dbt",
    subnets="${subnets}",
    security_groups="${groups}",
    words=(("mart/a", "a"),),
    env=(("CLAIM_BUCKET", "${bucket}"), ("CLAIM_KEY", "claim.json")),
    permissions=(Permission(("s3:GetObject",), ("${bucket_arn}/logs/*",)),),
)
WHOLE = Graph(
    machine=Machine(
        "shop",
        "shop-",
        finish=Function("shop-finish", "shop.steps:finish"),
        claim=Claim("${bucket}", "claim.json"),
        schedule=Schedule("shop-schedule", Function("shop-find", "shop.steps:find"), "0 3 * * 1-5", "Asia/Tokyo"),
        roles=(("container", "role-dbt"), ("lambda", "role-lambda")),
        env=(("LAKE", "s3://${bucket}"),),
        permissions=(Permission(("kms:Decrypt",), ("${key_arn}",)),),
    ),
    assets=(Asset("mart/a", ("raw/a",), "mart/a"), Asset("mart/b", ("raw/a",), "mart/b"), Asset("raw/a", unit="raw/a")),
    units=(
        Unit("mart/a", ("mart/a",), (CONTAINER,)),
        Unit("mart/b", ("mart/b",), (StatementStep(("select 1",), "${warehouse}", "dev"),)),
        Unit(
            "raw/a",
            ("raw/a",),
            (
                LambdaStep(
                    Function(
                        "shop-load",
                        "shop.steps:load",
                        permissions=(
                            Permission(("s3:GetObject",), ("${bucket_arn}/raw/*", "${bucket_arn}/raw/a/*")),
                            Permission(("s3:GetObject", "s3:PutObject"), ("${bucket_arn}/stage/*",)),
                        ),
                        writes=True,
                    )
                ),
                MapStep(Function("shop-items", "shop.steps:items"), Function("shop-each", "shop.steps:each")),
            ),
        ),
    ),
)
LOG_DELIVERY = {
    "Sid": "LogDelivery",
    "Effect": "Allow",
    "Action": [
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ],
    "Resource": "*",
}
TRACING = {
    "Sid": "Tracing",
    "Effect": "Allow",
    "Action": [
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    ],
    "Resource": "*",
}


def test_the_role_of_the_machines_may_do_what_their_states_call() -> None:
    assert derived(WHOLE)["machine"].policy == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "ecs:RunTask", "Resource": "${dbt_task}"},
            {
                "Effect": "Allow",
                "Action": ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
                "Resource": "arn:aws:events:${region}:${account_id}:rule/"
                "StepFunctionsGetEventsForStepFunctionsExecutionRule",
            },
            {
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": ["${role_container}", "${role_execution}"],
                "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
            },
            {
                "Effect": "Allow",
                "Action": "lambda:InvokeFunction",
                "Resource": [
                    "${lambda_shop_each}",
                    "${lambda_shop_find}",
                    "${lambda_shop_finish}",
                    "${lambda_shop_items}",
                    "${lambda_shop_load}",
                    "${lambda_shop_plan}",
                    "${lambda_shop_statement}",
                ],
            },
            {
                "Effect": "Allow",
                "Action": ["states:DescribeExecution", "states:StopExecution"],
                "Resource": "${executions_shop}",
            },
            {"Effect": "Allow", "Action": "states:StartExecution", "Resource": "${machine_shop}"},
            LOG_DELIVERY,
            TRACING,
        ],
    }


def test_the_role_of_the_functions_may_do_what_they_declare_and_take_the_claim() -> None:
    role = derived(WHOLE)["lambda"]
    assert role.name == "role-lambda"
    assert role.policy == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "${key_arn}"},
            {
                "Effect": "Allow",
                "Action": ["redshift-data:BatchExecuteStatement", "redshift-serverless:GetCredentials"],
                "Resource": "${warehouse_arn}",
            },
            {
                "Effect": "Allow",
                "Action": "redshift-data:DescribeStatement",
                "Resource": "*",
                "Condition": {"StringEquals": {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}},
            },
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${bucket_arn}/raw/*"},
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": ["${bucket_arn}/stage/*", "arn:aws:s3:::${bucket}/claim.json"],
            },
            {"Effect": "Allow", "Action": "states:DescribeExecution", "Resource": "${executions_shop}"},
            {
                "Sid": "FunctionLogs",
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": "arn:aws:logs:${region}:${account_id}:log-group:/aws/lambda/shop-*:*",
            },
        ],
    }
    assert sorted(role.asked) == ["every function", "shop-load", "shop-plan", "shop-statement"]


def test_the_role_of_a_container_may_answer_its_token() -> None:
    role = derived(WHOLE)["container"]
    assert role.name == "role-dbt"
    assert role.policy == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "${bucket_arn}/logs/*"},
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": "arn:aws:s3:::${bucket}/claim.json",
            },
            {"Effect": "Allow", "Action": "states:DescribeExecution", "Resource": "${executions_shop}"},
            {
                "Effect": "Allow",
                "Action": ["states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"],
                "Resource": "${machine_shop}",
            },
        ],
    }


def test_a_container_on_the_schedule_answers_the_parent() -> None:
    units = (replace(WHOLE.units[0], on="schedule"), *WHOLE.units[1:])
    answers = derived(replace(WHOLE, units=units))["container"].policy["Statement"][-1]
    assert answers["Resource"] == "${machine_shop_schedule}"


def test_the_role_of_the_schedule_starts_the_parent() -> None:
    role = derived(WHOLE)["schedule"]
    assert role.name == "shop-schedule"
    assert role.policy["Statement"] == [
        {"Effect": "Allow", "Action": "states:StartExecution", "Resource": "${machine_shop_schedule}"}
    ]


def test_each_state_is_listed_with_what_it_asks_for() -> None:
    asked = derived(WHOLE)["machine"].asked
    assert {name: [each.actions for each in found] for name, found in asked.items()} == {
        "shop-schedule: Find work": [("lambda:InvokeFunction",)],
        "shop-schedule: Run": [
            ("states:StartExecution",),
            ("states:DescribeExecution", "states:StopExecution"),
            ("events:DescribeRule", "events:PutRule", "events:PutTargets"),
        ],
        "shop: Finish": [("lambda:InvokeFunction",)],
        "shop: Plan run": [("lambda:InvokeFunction",)],
        "shop: mart/a": [("ecs:RunTask",), ("iam:PassRole",)],
        "shop: mart/b": [("lambda:InvokeFunction",)],
        "shop: raw/a: each item": [("lambda:InvokeFunction",)],
        "shop: raw/a: each items": [("lambda:InvokeFunction",)],
        "shop: raw/a: load": [("lambda:InvokeFunction",)],
    }


def test_a_machine_without_containers_claim_or_schedule_asks_for_no_more_than_it_needs() -> None:
    found = derived(graph(Function("a", "m:a")))
    assert sorted(found) == ["lambda", "machine"]
    assert found["lambda"].policy["Statement"] == [
        {
            "Sid": "FunctionLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": [
                "arn:aws:logs:${region}:${account_id}:log-group:/aws/lambda/a:*",
                "arn:aws:logs:${region}:${account_id}:log-group:/aws/lambda/plan:*",
            ],
        }
    ]
    assert found["machine"].policy["Statement"][0]["Resource"] == ["${lambda_a}", "${lambda_plan}"]


def test_a_task_that_is_watched_may_be_watched() -> None:
    """Machines of other makers: `.sync` needs more than a token does, and an expression could name anything."""
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::ecs:runTask.sync",
        "Arguments": {"TaskDefinition": "{% $x %}"},
    }
    text = json.dumps({"States": {"a": state}})
    role = next(role for role in permissions.roles(graph(), {"shop": text}) if role.kind == "machine")
    assert [(each["Action"], each["Resource"]) for each in role.policy["Statement"][:4]] == [
        (["ecs:DescribeTasks", "ecs:RunTask", "ecs:StopTask"], "*"),
        (
            ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            "arn:aws:events:${region}:${account_id}:rule/StepFunctionsGetEventsForECSTaskRule",
        ),
        ("iam:PassRole", ["${role_container}", "${role_execution}"]),
        (LOG_DELIVERY["Action"], "*"),
    ]


@pytest.mark.parametrize(
    ("named", "arn"),
    [
        ("${dbt_task}", "${dbt_task}"),
        ("dbt", "arn:aws:ecs:${region}:${account_id}:task-definition/dbt:*"),
        ("dbt:3", "arn:aws:ecs:${region}:${account_id}:task-definition/dbt:3"),
        ("arn:aws:ecs:x:1:task-definition/dbt", "arn:aws:ecs:x:1:task-definition/dbt:*"),
        ("arn:aws:ecs:x:1:task-definition/dbt:3", "arn:aws:ecs:x:1:task-definition/dbt:3"),
    ],
)
def test_a_task_definition_is_named_with_its_revision(named: str, arn: str) -> None:
    units = (replace(WHOLE.units[0], steps=(replace(CONTAINER, task_definition=named),)), *WHOLE.units[1:])
    assert derived(replace(WHOLE, units=units))["machine"].policy["Statement"][0]["Resource"] == arn


def test_a_call_whose_needs_are_not_known_is_refused() -> None:
    states = {"a": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:deleteBucket"}}
    with pytest.raises(Refused) as refused:
        permissions.roles(graph(), {"shop": json.dumps({"States": states})})
    assert [(each.where, each.message) for each in refused.value.problems] == [
        ("state a of shop", "what resource 'arn:aws:states:::aws-sdk:s3:deleteBucket' needs is not known")
    ]


def test_many_functions_are_named_by_their_prefix_once_their_list_is_too_long() -> None:
    few = derived(graph(*(Function(f"x-{number}", "m:f") for number in range(60)), machine=Machine("m", "x-")))
    assert few["machine"].widened == ()
    assert len(few["machine"].policy["Statement"][0]["Resource"]) == 61
    many = derived(graph(*(Function(f"x-{number}", "m:f") for number in range(300)), machine=Machine("m", "x-")))
    assert many["machine"].widened == ("arn:aws:lambda:${region}:${account_id}:function:x-*",)
    assert many["machine"].policy["Statement"][0]["Resource"] == many["machine"].widened[0]
    assert many["machine"].size < policy.LIMIT
    assert many["machine"].asked["x-7"] == (Permission(("lambda:InvokeFunction",), ("${lambda_x_7}",)),)


def test_a_policy_that_does_not_fit_is_refused_with_the_figures_and_a_way_out() -> None:
    wide = Function(
        "wide", "m:f", permissions=tuple(Permission(("s3:GetObject",), (f"${{b{n}}}/x",)) for n in range(100))
    )
    with pytest.raises(Refused) as refused:
        derived(graph(wide, Function("narrow", "m:g")))
    [problem] = refused.value.problems
    assert problem.where == "role shop-lambda (lambda)"
    assert problem.message == "its policy has 11,441 characters with every hole filled by 100; a role takes 10,240"
    assert problem.hint.endswith("wider resources (prefix/*) elsewhere; wide asks for most")


@pytest.mark.parametrize(
    ("workgroup", "arn"),
    [
        ("${redshift_workgroup}", "${redshift_workgroup_arn}"),
        ("${warehouse_arn}", "${warehouse_arn}"),
        ("arn:aws:redshift-serverless:x:1:workgroup/2", "arn:aws:redshift-serverless:x:1:workgroup/2"),
        ("dpc-learning", "${workgroup_dpc_learning_arn}"),
        ("dpc-${environment}", "${workgroup_dpc_environment_arn}"),
    ],
)
def test_a_workgroup_that_is_named_gets_a_hole_for_its_arn(workgroup: str, arn: str) -> None:
    assert permissions.workgroup_arn(workgroup) == arn


def test_values_of_one_condition_are_joined_and_those_of_others_are_not() -> None:
    def listing(*prefixes: str, operator: str = "StringLike") -> Permission:
        return Permission(("s3:ListBucket",), ("${b}",), {operator: {"s3:prefix": prefixes}})

    assert policy.merged([listing("raw/*", "ref/*"), listing("raw/a*"), listing("logs/*")]) == (
        Permission(("s3:ListBucket",), ("${b}",), {"StringLike": {"s3:prefix": ("logs/*", "raw/*", "ref/*")}}),
    )
    assert len(policy.merged([listing("a", operator="StringNotLike"), listing("b", operator="StringNotLike")])) == 2
    assert policy.merged([listing("a"), Permission(("s3:List*",), ("*",))]) == (Permission(("s3:List*",), ("*",)),)


UNIVERSE = [(action, resource) for action in ("s:a", "s:b", "t:a") for resource in ("x", "y", "xy", "xx")]
PERMISSIONS = st.builds(
    Permission,
    st.lists(st.sampled_from(["s:a", "s:b", "S:A", "s:*", "t:a", "*"]), min_size=1, max_size=3).map(tuple),
    st.lists(st.sampled_from(["x", "y", "xy", "x*", "x?", "*", "?", "?x", "*y"]), min_size=1, max_size=3).map(tuple),
    st.sampled_from(
        [
            {},
            {"StringLike": {"k": "a"}},
            {"StringLike": {"k": ("a*", "b")}},
            {"StringEquals": {"k": ("a",), "j": "1"}},
            {"StringNotEquals": {"k": "a"}},
            {"StringNotEquals": {"k": "b"}},
        ]
    ),
)


def allowed(given: Any, action: str, resource: str, key: str) -> bool:
    """As IAM decides, for requests of one action on one resource, where the condition key `k` is `key` and `j` is 1."""

    def like(pattern: str, text: str) -> bool:
        return bool(re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text))

    def holds(operator: str, name: str, values: Any) -> bool:
        found = {"k": key, "j": "1"}[name]
        several = (values,) if isinstance(values, str) else values
        any_of = any(like(each, found) if "Like" in operator else each == found for each in several)
        return any_of != ("Not" in operator)

    return any(
        any(like(each.lower(), action) for each in one.actions)
        and any(like(each, resource) for each in one.resources)
        and all(
            holds(operator, name, value) for operator, keys in one.condition.items() for name, value in keys.items()
        )
        for one in given
    )


@given(st.lists(PERMISSIONS, max_size=6))
def test_putting_permissions_together_gives_neither_more_nor_less(given_permissions: list[Permission]) -> None:
    found = policy.merged(given_permissions)
    assert found == policy.merged(reversed(given_permissions))
    assert found == policy.merged(found)
    for (action, resource), key in product(UNIVERSE, ("a", "ab", "b", "c")):
        assert allowed(found, action, resource, key) == allowed(given_permissions, action, resource, key)
