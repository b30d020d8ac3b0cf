"""The vocabulary: every kind of value read, every wrong one refused by path, the JSON Schema in agreement with both."""

import copy
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from dagster import MetadataValue
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from compiler import vocabulary, vocabulary_steps
from compiler.errors import Problem
from compiler.graph import (
    Claim,
    ContainerStep,
    Function,
    LambdaStep,
    Machine,
    MapStep,
    Permission,
    Retry,
    Schedule,
    StatementStep,
)
from compiler.vocabulary import Own, Settings, read_check, read_machine, short_name
from compiler.vocabulary_fields import Form
from compiler.vocabulary_steps import DeclaredAsset, read_asset

SCHEMA = json.loads((Path(vocabulary.__file__).parent / "vocabulary.schema.json").read_text(encoding="utf-8"))
OWN = Own("shop.steps:orders", "")
NOTHING = Settings()
NOT_OWN = Own("shop.assets:orders", "its own function shop.assets:orders stands in a module that imports dagster")
CONTAINER = {
    "cluster": "${cluster}",
    "task_definition": "${task}",
    "container": "dbt",
    "subnets": ["subnet-1", "subnet-2"],
    "security_groups": "${groups}",
}
READ_CONTAINER = ContainerStep("${cluster}", "${task}", "dbt", "subnet-1,subnet-2", "${groups}")


def asset(value: object, given: Settings = NOTHING, own: Own = OWN) -> DeclaredAsset:
    read, problems = read_asset(value, "asset shop/orders", given, own)
    assert read is not None, problems
    return read


def refused(value: object, own: Own = OWN) -> list[str]:
    read, problems = read_asset(value, "asset shop/orders", Settings(), own)
    assert read is None
    return [problem.message for problem in problems]


# what is read


def test_a_lambda_without_fields_takes_the_assets_own_function_and_the_usual_settings() -> None:
    assert asset({"lambda": {}}) == DeclaredAsset((LambdaStep(Function("orders", "shop.steps:orders")),))


def test_every_field_of_a_lambda() -> None:
    value = {
        "lambda": {
            "run": "shop.steps:clean",
            "name": "tidy",
            "call": "shop.calls:call",
            "memory_mb": 1024,
            "ephemeral_mb": 2048,
            "timeout_s": 900,
            "layers": ["isal", "${layer_arn}"],
            "env": {"B_B": "2", "A_A": "${a}"},
            "permissions": [
                {
                    "actions": ["s3:PutObject", "s3:GetObject"],
                    "resources": ["${bucket_arn}/*"],
                    "condition": {"StringEquals": {"aws:b": ["x", "y"], "aws:a": "z"}},
                }
            ],
            "data": ["rules", "layouts"],
            "writes": True,
        },
        "duration_s": 12,
        "on": "schedule",
        "checks": "inside",
    }
    condition: Mapping[str, Mapping[str, str | tuple[str, ...]]] = {"StringEquals": {"aws:a": "z", "aws:b": ("x", "y")}}
    assert asset(value) == DeclaredAsset(
        (
            LambdaStep(
                Function(
                    "tidy",
                    "shop.steps:clean",
                    "shop.calls:call",
                    1024,
                    2048,
                    900,
                    ("isal", "${layer_arn}"),
                    (("A_A", "${a}"), ("B_B", "2")),
                    (Permission(("s3:GetObject", "s3:PutObject"), ("${bucket_arn}/*",), condition),),
                    ("layouts", "rules"),
                    True,
                )
            ),
        ),
        duration_s=12.0,
        on="schedule",
        inside=True,
    )


def test_the_settings_of_the_definitions_stand_under_those_of_the_function() -> None:
    given = Settings("shop-", "shop.calls:call", (("LAKE", "s3://a"), ("MODE", "all")))
    read = asset({"lambda": {"run": "shop.copy_raw:run", "env": {"MODE": "one"}}}, given)
    env = (("LAKE", "s3://a"), ("MODE", "one"))
    assert read.steps == (LambdaStep(Function("shop-copy-raw", "shop.copy_raw:run", "shop.calls:call", env=env)),)


@pytest.mark.parametrize(
    ("run", "name"),
    [
        ("dpc_assets.steps.copy_raw:run", "copy-raw"),
        ("shop.steps.notify:handler", "notify"),
        ("shop.steps.notify:main", "notify"),
        ("shop.steps:clean_orders", "clean-orders"),
        ("shop.steps:_private", "private"),
        ("shop.steps:cleanOrders2B", "clean-orders2-b"),
        ("steps:run", "steps"),
    ],
)
def test_functions_are_called_after_themselves_or_their_module(run: str, name: str) -> None:
    assert short_name(run) == name


def test_a_map() -> None:
    value = {"map": {"items": {"run": "shop.files:due"}, "each": {"run": "shop.files:load", "memory_mb": 2048}}}
    items, each = Function("due", "shop.files:due"), Function("load", "shop.files:load", memory_mb=2048)
    assert asset(value).steps == (MapStep(items, each, 10),)
    value["map"]["concurrency"] = 40  # type: ignore[assignment]
    assert asset(value).steps == (MapStep(items, each, 40),)


def test_a_statement() -> None:
    value = {"statement": {"sql": "CALL tidy(:partition)", "workgroup": "${workgroup}", "database": "shop"}}
    assert asset(value).steps == (StatementStep(("CALL tidy(:partition)",), "${workgroup}", "shop"),)
    more = {"sql": ["DELETE FROM a", "VACUUM"], "workgroup": "w", "database": "d", "poll_s": 2, "timeout_s": 60}
    assert asset({"statement": more}).steps == (StatementStep(("DELETE FROM a", "VACUUM"), "w", "d", 2, 60),)


def test_a_container() -> None:
    read = asset({"fargate": CONTAINER})
    assert (read.steps, read.word, read.dbt) == ((READ_CONTAINER,), "", False)
    more = {
        **CONTAINER,
        "word": "nightly",
        "fuse": "heavy",
        "assign_public_ip": False,
        "heartbeat_s": 30,
        "timeout_s": 600,
        "startup_s": 20.5,
        "env": {"LOG": "debug"},
        "permissions": [{"actions": ["s3:GetObject"], "resources": ["*"]}],
    }
    read = asset({"fargate": more})
    permissions = (Permission(("s3:GetObject",), ("*",)),)
    step = ContainerStep(
        "${cluster}",
        "${task}",
        "dbt",
        "subnet-1,subnet-2",
        "${groups}",
        (),
        "heavy",
        False,
        30,
        600,
        20.5,
        (("LOG", "debug"),),
        permissions,
    )
    assert (read.steps, read.word) == ((step,), "nightly")


def test_a_container_that_is_given_up_soon_beats_twice_in_that_time() -> None:
    container = asset({"fargate": {**CONTAINER, "timeout_s": 60}}).container
    assert container is not None
    assert container.heartbeat_s == 30


def test_dbt_is_a_container_that_may_be_fused() -> None:
    read = asset({"dbt": CONTAINER})
    assert read.dbt
    assert read.container is not None
    assert read.container.fuse == "dbt"
    alone = asset({"dbt": {**CONTAINER, "fuse": ""}})
    assert alone.container == READ_CONTAINER


def test_a_chain_of_every_kind() -> None:
    value = {
        "chain": [
            {"lambda": {"run": "shop.steps:check"}},
            {"map": {"items": {"run": "shop.files:due"}, "each": {"run": "shop.files:load"}}},
            {"statement": {"sql": "ANALYZE", "workgroup": "w", "database": "d"}},
            {"fargate": CONTAINER},
        ]
    }
    assert asset(value).steps == (
        LambdaStep(Function("check", "shop.steps:check")),
        MapStep(Function("due", "shop.files:due"), Function("load", "shop.files:load")),
        StatementStep(("ANALYZE",), "w", "d"),
        READ_CONTAINER,
    )


def test_dagsters_wrapper_of_a_dictionary_is_taken_off() -> None:
    assert asset(MetadataValue.json({"lambda": {}})) == asset({"lambda": {}})


DEFINITIONS = {
    "machine": "shop-elt",
    "prefix": "shop-",
    "call": "shop.calls:call",
    "finish": {"lambda": {"run": "shop.done:run"}},
    "functions": [
        {"lambda": {"run": "shop.tables:migrate"}},
        {"lambda": {"run": "shop.alarm:run", "call": "shop.calls:plain"}},
    ],
    "claim": {"bucket": "${bucket}", "key": "logs/writer.json"},
    "schedule": {
        "machine": "shop-schedule",
        "find_work": {"lambda": {"run": "shop.work:find_work", "call": "shop.calls:plain"}},
        "cron": "0 3 * * MON-FRI",
        "timezone": "Asia/Tokyo",
        "wait_s": 60,
    },
    "retry": {"errors": ["Later", "Later", "Busy"], "interval_s": 10, "attempts": 3, "backoff": 1.5, "jitter": False},
    "roles": {"machine": "role-machine", "lambda": "role-lambda"},
    "env": {"LAKE": "s3://${bucket}"},
    "permissions": [{"actions": ["s3:ListBucket"], "resources": ["${bucket_arn}"]}],
    "layers": {
        "isal": {"requirements": "requirements/isal.txt"},
        "zstd": {"requirements": ["zstd==1 --hash=sha256:ab"]},
    },
    "plan_memory_mb": 512,
    "timeout_s": 3600,
    "expected_runs_per_month": 60,
}


def test_every_field_of_the_definitions() -> None:
    read, problems = read_machine(MetadataValue.json(DEFINITIONS))
    env = (("LAKE", "s3://${bucket}"),)
    assert problems == ()
    assert read.settings == Settings("shop-", "shop.calls:call", env)
    assert read.layers == (("isal", "requirements/isal.txt"), ("zstd", "zstd==1 --hash=sha256:ab\n"))
    assert read.machine == Machine(
        name="shop-elt",
        prefix="shop-",
        finish=Function("shop-done", "shop.done:run", "shop.calls:call", env=env),
        functions=(
            Function("shop-alarm", "shop.alarm:run", "shop.calls:plain", env=env),
            Function("shop-migrate", "shop.tables:migrate", "shop.calls:call", env=env),
        ),
        claim=Claim("${bucket}", "logs/writer.json"),
        schedule=Schedule(
            "shop-schedule",
            Function("shop-find-work", "shop.work:find_work", "shop.calls:plain", env=env),
            "0 3 * * MON-FRI",
            "Asia/Tokyo",
            60,
        ),
        retry=Retry(("Later", "Busy"), 10, 3, 1.5, 120, False),
        roles=(("lambda", "role-lambda"), ("machine", "role-machine")),
        env=env,
        permissions=(Permission(("s3:ListBucket",), ("${bucket_arn}",)),),
        plan_memory_mb=512,
        timeout_s=3600,
        expected_runs_per_month=60,
    )


def test_definitions_need_to_say_nothing() -> None:
    read, problems = read_machine(None)
    assert problems == ()
    assert read.machine == Machine("assets")


def test_a_check() -> None:
    where = "check shop/orders: paid"
    read, _ = read_check({"lambda": {}}, where, Settings("shop-"), Own("shop.checks:paid", ""))
    assert read == vocabulary.DeclaredCheck(Function("shop-paid", "shop.checks:paid"))
    assert read_check({"on": "dagster"}, where, Settings(), OWN)[0] == vocabulary.DeclaredCheck(None, elsewhere=True)
    assert read_check(None, where, Settings(), OWN)[0] == vocabulary.DeclaredCheck()


# what is refused


def test_a_problem_names_asset_path_range_and_finding() -> None:
    _, problems = read_asset({"lambda": {"memory_mb": 64}}, "asset shop/orders", Settings(), OWN)
    assert [str(problem) for problem in problems] == [
        "asset shop/orders: metadata aws.lambda.memory_mb: expected an integer from 128 to 10240, found 64 [vocabulary]"
    ]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"memory_mb": 10241}, "memory_mb: expected an integer from 128 to 10240, found 10241"),
        ({"memory_mb": "512"}, 'memory_mb: expected an integer from 128 to 10240, found "512"'),
        ({"memory_mb": True}, "memory_mb: expected an integer from 128 to 10240, found true"),
        ({"memory_mb": 512.5}, "memory_mb: expected an integer from 128 to 10240, found 512.5"),
        ({"memory_mb": None}, "memory_mb: expected an integer from 128 to 10240, found null"),
        ({"ephemeral_mb": 511}, "ephemeral_mb: expected an integer from 512 to 10240, found 511"),
        ({"timeout_s": 0}, "timeout_s: expected an integer from 1 to 900, found 0"),
        ({"timeout_s": 901}, "timeout_s: expected an integer from 1 to 900, found 901"),
        ({"run": "shop.steps"}, 'run: expected a function as "package.module:function", found "shop.steps"'),
        ({"call": "calls.py:call"[:8]}, 'call: expected a function as "package.module:function", found "calls.py"'),
        ({"name": "a b"}, 'name: expected 1 to 64 letters, digits, - and _, found "a b"'),
        ({"layers": "isal"}, 'layers: expected a list of 1 to 5 texts, found "isal"'),
        ({"layers": list("abcdef")}, "layers: expected a list of 1 to 5 texts, found a list of 6"),
        ({"layers": ["a", 1]}, "layers[1]: expected a text that is not empty, found 1"),
        ({"env": ["A"]}, "env: expected an object of texts, found a list"),
        ({"env": {"A_B": 1}}, "env.A_B: expected a text, found 1"),
        (
            {"env": {"AWS_REGION": "x"}},
            'env: expected names of environment variables that Lambda does not keep for itself, found "AWS_REGION"',
        ),
        ({"data": "rules"}, 'data: expected a list of texts, found "rules"'),
        ({"writes": "yes"}, 'writes: expected true or false, found "yes"'),
        ({"permissions": {}}, "permissions: expected a list of objects, found an object"),
        ({"permissions": ["s3:*"]}, 'permissions[0]: expected an object, found "s3:*"'),
        (
            {"permissions": [{"resources": ["*"]}]},
            "permissions[0].actions: expected a list of texts, found nothing",
        ),
        (
            {"permissions": [{"actions": ["*"], "resources": ["*"]}]},
            'permissions[0].actions[0]: expected an IAM action as "service:Action", found "*"',
        ),
        (
            {"permissions": [{"actions": ["s3:Get*"], "resources": []}]},
            "permissions[0].resources: expected a list of texts, found an empty list",
        ),
        ({"memory": 512}, 'memory: unknown field (did you mean "memory_mb"?)'),
        ({"zzz": 512}, "zzz: unknown field"),
    ],
)
def test_a_wrong_field_of_a_lambda(fields: dict[str, Any], message: str) -> None:
    assert refused({"lambda": fields}) == [f"metadata aws.lambda.{message}"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("lambda", ': expected an object, found "lambda"'),
        (["lambda"], ": expected an object, found a list"),
        ({}, ': expected exactly one of "lambda", "chain", "map", "statement", "fargate", "dbt", found none'),
        (
            {"lambda": {}, "dbt": CONTAINER},
            ': expected exactly one of "lambda", "chain", "map", "statement", "fargate", "dbt", '
            'found "lambda" and "dbt"',
        ),
        ({"lambda": 1}, ".lambda: expected an object, found 1"),
        ({"lambda": {}, "on": "demand"}, '.on: expected "run" or "schedule", found "demand"'),
        ({"lambda": {}, "checks": True}, '.checks: expected "inside", found true'),
        ({"lambda": {}, "duration_s": -1}, ".duration_s: expected a number of at least 0, found -1"),
        ({"lambda": {}, "duration_s": float("nan")}, ".duration_s: expected a number of at least 0, found nan"),
        ({"lambda": {}, "lamda": {}}, ".lamda: unknown field"),
        ({"chain": []}, ".chain: expected a list of objects, found an empty list"),
        ({"chain": {}}, ".chain: expected a list of objects, found an object"),
        (
            {"chain": [{"lambda": {}}, {}]},
            '.chain[1]: expected exactly one of "lambda", "map", "statement", "fargate", "dbt", found none',
        ),
        (
            {"chain": [{"fargate": CONTAINER}, {"dbt": CONTAINER}]},
            ".chain: expected at most one container in a chain, found more",
        ),
        ({"map": {"items": {"run": "a:b"}}}, ".map.each: expected an object, found nothing"),
        (
            {"map": {"items": {"run": "a:b"}, "each": {}}},
            '.map.each.run: expected a function as "package.module:function", found nothing',
        ),
        (
            {"map": {"items": {"run": "a:b"}, "each": {"run": "a:c"}, "concurrency": 41}},
            ".map.concurrency: expected an integer from 1 to 40, found 41",
        ),
        (
            {"statement": {"workgroup": "w", "database": "d"}},
            ".statement.sql: expected a list of 1 to 40 texts, found nothing",
        ),
        (
            {"statement": {"sql": ["x"] * 41, "workgroup": "w", "database": "d"}},
            ".statement.sql: expected a list of 1 to 40 texts, found a list of 41",
        ),
        (
            {"statement": {"sql": "x", "workgroup": "w", "database": "d", "poll_s": 9, "timeout_s": 8}},
            ".statement.poll_s: expected at most timeout_s (8), found 9",
        ),
        (
            {"fargate": {**CONTAINER, "heartbeat_s": 60, "timeout_s": 60}},
            ".fargate.heartbeat_s: expected less than timeout_s (60), found 60",
        ),
        (
            {"fargate": {**CONTAINER, "env": {"WORDS": "x"}}},
            ".fargate.env: expected names of environment variables other than TASK_TOKEN, EXECUTION, UNIT, WORDS, "
            'PARTITION, REDRIVE, HEARTBEAT_S, found "WORDS"',
        ),
        ({"fargate": {**CONTAINER, "word": "a b"}}, '.fargate.word: expected a text without spaces, found "a b"'),
        ({"dbt": {**CONTAINER, "cluster": ""}}, '.dbt.cluster: expected a text that is not empty, found ""'),
    ],
)
def test_a_wrong_value_of_an_asset(value: object, message: str) -> None:
    assert refused(value) == [f"metadata aws{message}"]


def test_what_a_container_needs_is_missed_all_at_once() -> None:
    assert refused({"fargate": {}}) == [
        "metadata aws.fargate.cluster: expected a text that is not empty, found nothing",
        "metadata aws.fargate.task_definition: expected a text that is not empty, found nothing",
        "metadata aws.fargate.container: expected a text that is not empty, found nothing",
        "metadata aws.fargate.subnets: expected a list of 1 to 16 texts, found nothing",
        "metadata aws.fargate.security_groups: expected a list of 1 to 5 texts, found nothing",
    ]


def test_a_function_that_cannot_run_in_aws_is_not_derived() -> None:
    assert refused({"lambda": {}}, NOT_OWN) == [
        'metadata aws.lambda.run: expected a function as "package.module:function", found nothing; '
        "its own function shop.assets:orders stands in a module that imports dagster"
    ]


def test_a_name_that_grew_too_long_says_where_it_came_from() -> None:
    long = "a" * 70
    assert refused({"lambda": {"run": f"shop.steps:{long}"}}) == [
        f"metadata aws.lambda.name: expected 1 to 64 letters, digits, - and _, found {long} (70), "
        f"made from shop.steps:{long}"
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], ": expected an object, found an empty list"),
        ({"machine": "a b"}, '.machine: expected 1 to 80 letters, digits, - and _, found "a b"'),
        ({"prefix": "a/"}, '.prefix: expected at most 40 letters, digits, - and _, found "a/"'),
        ({"finish": {"run": "a:b"}}, ".finish.lambda: expected an object, found nothing"),
        ({"functions": {"lambda": {}}}, ".functions: expected a list of objects, found an object"),
        ({"functions": [{"run": "a:b"}]}, ".functions[0].lambda: expected an object, found nothing"),
        (
            {"finish": {"lambda": {}}},
            '.finish.lambda.run: expected a function as "package.module:function", found nothing',
        ),
        ({"claim": {"bucket": "b"}}, ".claim.key: expected a text that is not empty, found nothing"),
        ({"roles": {"lamda": "x"}}, '.roles.lamda: unknown field (did you mean "lambda"?)'),
        ({"retry": {}}, ".retry.errors: expected a list of texts, found nothing"),
        ({"retry": {"errors": ["A"], "backoff": 0.5}}, ".retry.backoff: expected a number from 1 to 100, found 0.5"),
        (
            {"retry": {"errors": ["A"], "interval_s": 9, "cap_s": 8}},
            ".retry.cap_s: expected at least interval_s (9), found 8",
        ),
        ({"layers": {"a": "file"}}, '.layers.a: expected an object, found "file"'),
        ({"layers": {"a": {}}}, ".layers.a.requirements: expected a list of texts, found nothing"),
        (
            {"layers": {"a": {"requirements": ["isal==1"]}}},
            '.layers.a.requirements[0]: expected a line "name==version --hash=sha256:...", found "isal==1"',
        ),
        ({"timeout_s": 0}, ".timeout_s: expected an integer from 1 to 99999999, found 0"),
        ({"machines": "a"}, '.machines: unknown field (did you mean "machine"?)'),
    ],
)
def test_a_wrong_value_of_the_definitions(value: object, message: str) -> None:
    _, problems = read_machine(value)
    found = [problem.message for problem in problems if "unknown field run" not in problem.message]
    assert f"metadata aws{message}" in found
    assert {problem.where for problem in problems} == {"definitions"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"cron": "0 3 * *"},
            'cron: expected five cron fields: minute hour day month weekday, found "0 3 * *"',
        ),
        (
            {"cron": "0 25 * * *"},
            'cron: expected five cron fields: minute hour day month weekday, found "0 25 * * *": hour 25',
        ),
        (
            {"cron": "0 3 * * 1--2"},
            'cron: expected five cron fields: minute hour day month weekday, found "0 3 * * 1--2": weekday 1--2',
        ),
        (
            {"timezone": "Asia/Kanda"},
            'timezone: expected the name of a time zone (Asia/Tokyo), found "Asia/Kanda"',
        ),
        ({"wait_s": 0}, "wait_s: expected an integer from 1 to 99999999, found 0"),
    ],
)
def test_a_wrong_schedule(fields: dict[str, Any], message: str) -> None:
    schedule = {"machine": "m", "find_work": {"lambda": {"run": "a:b"}}}
    _, problems = read_machine({"schedule": {**schedule, **fields}})
    assert [problem.message for problem in problems] == [f"metadata aws.schedule.{message}"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, 'metadata aws: expected either "lambda" or "on": "dagster"'),
        ({"lambda": {}, "on": "dagster"}, 'metadata aws: expected either "lambda" or "on": "dagster"'),
        ({"on": "run"}, 'metadata aws.on: expected "dagster", found "run"'),
        ({"lambda": {"memory_mb": 1}}, "metadata aws.lambda.memory_mb: expected an integer from 128 to 10240, found 1"),
    ],
)
def test_a_wrong_value_of_a_check(value: object, message: str) -> None:
    read, problems = read_check(value, "check shop/orders: paid", Settings(), OWN)
    assert read is None
    assert [(problem.where, problem.message) for problem in problems] == [("check shop/orders: paid", message)]


def test_everything_wrong_is_reported_at_once() -> None:
    value = {"lambda": {"run": 1, "memory_mb": 1, "layers": [""], "env": {"A_B": 2}, "tier": "x"}, "on": "x", "y": 0}
    assert refused(value) == [
        'metadata aws.on: expected "run" or "schedule", found "x"',
        'metadata aws.lambda.run: expected a function as "package.module:function", found 1',
        "metadata aws.lambda.memory_mb: expected an integer from 128 to 10240, found 1",
        'metadata aws.lambda.layers[0]: expected a text that is not empty, found ""',
        "metadata aws.lambda.env.A_B: expected a text, found 2",
        "metadata aws.lambda.tier: unknown field",
        "metadata aws.y: unknown field",
    ]


# the schema


def _accepted_by_schema(place: str, value: object) -> bool:
    schema = {"$ref": f"#/$defs/{place}", "$defs": SCHEMA["$defs"]}
    return jsonschema.Draft202012Validator(schema).is_valid(value)


def _asset_problems(value: object) -> tuple[Problem, ...]:
    return read_asset(value, "asset a", Settings(), OWN)[1]


def _check_problems(value: object) -> tuple[Problem, ...]:
    return read_check(value, "check a: b", Settings(), OWN)[1]


def _definitions_problems(value: object) -> tuple[Problem, ...]:
    return read_machine(value)[1]


FULL_FUNCTION = {
    "run": "shop.steps:clean",
    "memory_mb": 512,
    "layers": ["isal"],
    "env": {"A_A": "1"},
    "permissions": [{"actions": ["s3:Get*"], "resources": ["*"], "condition": {"Bool": {"aws:x": ["true"]}}}],
    "data": ["rules"],
    "writes": False,
}
MAP = {"items": FULL_FUNCTION, "each": {"run": "a:b"}, "concurrency": 3}
STATEMENT = {"sql": ["a", "b"], "workgroup": "w", "database": "d", "poll_s": 1, "timeout_s": 10}
VALID: list[tuple[str, Any]] = [
    ("asset", {"lambda": FULL_FUNCTION, "duration_s": 1.5, "on": "run", "checks": "inside"}),
    ("asset", {"map": MAP}),
    ("asset", {"statement": STATEMENT}),
    ("asset", {"fargate": {**CONTAINER, "word": "x", "heartbeat_s": 5, "timeout_s": 50, "startup_s": 1}}),
    ("asset", {"dbt": {**CONTAINER, "fuse": "", "env": {"A": "b"}}}),
    ("asset", {"chain": [{"lambda": {}}, {"map": MAP}, {"statement": STATEMENT}, {"dbt": CONTAINER}]}),
    ("check", {"lambda": FULL_FUNCTION}),
    ("check", {"on": "dagster"}),
    ("definitions", DEFINITIONS),
]
PROBLEMS: dict[str, Callable[[object], tuple[Problem, ...]]] = {
    "asset": _asset_problems,
    "check": _check_problems,
    "definitions": _definitions_problems,
}
ONLY_PARSER = ("expected less than timeout_s", "expected at most timeout_s", "expected at least interval_s")
"""What a JSON Schema cannot say: one field against another; the ranges of cron fields, and time zones, see below."""

WRONG = [None, True, 0, -1, 3, 512.0, 0.5, 10**9, "", "a b", "a:b", "AWS_REGION", [], [1], ["x"], {}, {"x": 1}]


@pytest.mark.parametrize(("place", "value"), VALID)
def test_the_schema_accepts_what_the_parser_accepts(place: str, value: object) -> None:
    assert PROBLEMS[place](value) == ()
    assert _accepted_by_schema(place, value)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path]
    if isinstance(value, dict):
        found += [each for key in value for each in _paths(value[key], (*path, key))]
    if isinstance(value, list):
        found += [each for index, one in enumerate(value) for each in _paths(one, (*path, index))]
    return found


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, object]:
    """A valid value with one place replaced, dropped, or given one more field."""
    place, value = draw(st.sampled_from(VALID))
    value = copy.deepcopy(value)
    path = draw(st.sampled_from(_paths(value)))
    how = draw(st.sampled_from(("replace", "drop", "add")))
    if how != "add" and not path:
        return place, draw(st.sampled_from(WRONG)) if how == "replace" else {}
    target = value
    for step in path[:-1] if how != "add" else path:
        target = target[step]
    if how == "add":
        name = draw(st.sampled_from([*sorted(_names()), "unheard_of"]))
        if isinstance(target, dict):
            target.setdefault(name, draw(st.sampled_from(WRONG)))
        elif isinstance(target, list):
            target.append(draw(st.sampled_from(WRONG)))
    elif how == "drop":
        del target[path[-1]]
    else:
        target[path[-1]] = draw(st.sampled_from(WRONG))
    return place, value


def _names() -> set[str]:
    return {name for part in SCHEMA["$defs"].values() for name in part.get("properties", {})}


@settings(max_examples=600, deadline=None)
@given(mutated())
@example(("asset", {"chain": [{"dbt": CONTAINER}, {"fargate": CONTAINER}]}))
@example(("definitions", {"layers": {"a b": {"requirements": "x"}}}))
@example(("definitions", {"layers": {"a": {"requirements": "x\ny"}}}))
def test_the_schema_refuses_what_the_parser_refuses(case: tuple[str, object]) -> None:
    place, value = case
    assume(value is not None)
    messages = [problem.message for problem in PROBLEMS[place](value)]
    of_schema = [
        each
        for each in messages
        if not any(words in each for words in ONLY_PARSER)
        and ".timezone: expected the name" not in each
        and not (".cron: expected five" in each and each.count(": ") > 3)
    ]
    assert (not of_schema) == _accepted_by_schema(place, value), messages


def test_the_schema_spells_every_form_as_the_parser_does() -> None:
    forms = [each for module in (vocabulary, vocabulary_steps) for each in vars(module).values()]
    patterns = {f"^(?:{each.pattern.pattern})$" for each in forms if isinstance(each, Form)}
    written = {each for each in _patterns(SCHEMA) if each.startswith("^(?:")}
    assert written == patterns - {"^(?:[\\s\\S]+)$"}


def _patterns(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["pattern"]] if isinstance(part.get("pattern"), str) else []
        return own + [each for value in part.values() for each in _patterns(value)]
    return [each for value in part for each in _patterns(value)] if isinstance(part, list) else []


def test_every_field_of_the_schema_is_written_down_for_users() -> None:
    text = (Path(__file__).parents[2] / "docs" / "vocabulary.md").read_text(encoding="utf-8")
    assert [name for name in sorted(_names()) if f"`{name}`" not in text] == []
