"""How the pipeline says it runs in AWS: entry points, settings and permissions, as plain data; all literal here."""

import json
from pathlib import Path
from typing import Any

import pytest
from dagster import Definitions
from jsonschema import Draft202012Validator

from dpc_assets.assets.dbt_project import ensure_dbt_manifest

ROOT = Path(__file__).parents[2]
BUCKET = "${data_bucket_arn}"


@pytest.fixture(scope="module")
def defs() -> Definitions:
    ensure_dbt_manifest()
    from dpc_assets.definitions import defs

    return defs


@pytest.fixture(scope="module")
def declared(defs: Definitions) -> dict[str, dict[str, Any]]:
    """Key of each asset -> its value; what carries none is left out."""
    return {
        spec.key.to_user_string(): json.loads(json.dumps(spec.metadata["aws"]))
        for spec in defs.resolve_all_asset_specs()
        if "aws" in spec.metadata
    }


@pytest.fixture(scope="module")
def machine(defs: Definitions) -> dict[str, Any]:
    return json.loads(json.dumps(defs.metadata["aws"].value))


def runs(value: Any) -> list[str]:
    """Entry points in a value, in order."""
    if isinstance(value, dict):
        own = [value["run"]] if "run" in value else []
        return own + [found for each in value.values() for found in runs(each)]
    return [found for each in value for found in runs(each)] if isinstance(value, list) else []


def functions(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return ([value] if "run" in value else []) + [found for each in value.values() for found in functions(each)]
    return [found for each in value for found in functions(each)] if isinstance(value, list) else []


def allowed(permissions: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Action -> resources; of a listing, its prefixes."""
    found: dict[str, set[str]] = {}
    for each in permissions:
        condition = each.get("condition", {}).get("StringLike", {})
        for action in each["actions"]:
            found.setdefault(action, set()).update(condition.get("s3:prefix", each["resources"]))
    return found


def test_every_asset_that_is_made_says_how(defs: Definitions, declared: dict[str, dict[str, Any]]) -> None:
    graph = defs.resolve_asset_graph()
    made = {key.to_user_string() for key in graph.toposorted_asset_keys if graph.get(key).is_materializable}
    assert set(declared) == made
    assert {key for key in graph.toposorted_asset_keys if not graph.get(key).is_materializable} == {
        next(key for key in graph.toposorted_asset_keys if key.path == ["ref", "dpc_points_import"])
    }


def test_the_entry_points_are_these(declared: dict[str, dict[str, Any]]) -> None:
    steps = "dpc_assets.steps."
    lambdas = {key: runs(value) for key, value in declared.items() if "dbt" not in value}
    types = {f"raw/{name}" for name in ("dn", "efg", "efn", "ff1", "ff4", "hn", "kn")}
    marts = {"cost_monthly", "dpc_monthly", "facility_monthly", "fact_stay", "submission_board"}
    assert lambdas == {
        "raw/submissions": [steps + "validate_manifest:run", steps + "normalize:pending", steps + "normalize:one"],
        **{key: [steps + "copy_raw:pending", steps + "copy_raw:one"] for key in types},
        "raw/loads": [steps + "record_loads:run"],
        "dq/results_checks": [steps + "check_quality:run"],
        **{f"export/{mart}": [steps + "export:ready"] for mart in marts},
        "archive/raw": [steps + "archive_raw:run"],
    }


def test_everything_else_is_a_word_for_one_container(declared: dict[str, dict[str, Any]]) -> None:
    containers = {key: value["dbt"] for key, value in declared.items() if "dbt" in value}
    assert {key.partition("/")[0] for key in containers} == {"ref", "stage", "mart"}
    assert len(containers) == 39
    (settings,) = {json.dumps(value, sort_keys=True) for value in containers.values()}
    assert {name: value for name, value in json.loads(settings).items() if name != "permissions"} == {
        "cluster": "${ecs_cluster_arn}",
        "task_definition": "${dbt_task_definition_arn}",
        "container": "dbt",
        "subnets": "${subnet_ids}",
        "security_groups": "${security_group_ids}",
        "heartbeat_s": 120,
        "timeout_s": 7200,
        "env": {"CLAIM_BUCKET": "${data_bucket}", "CLAIM_KEY": "logs/runs/_writer.json"},
    }


def test_the_container_may_use_the_warehouse_and_keep_its_artifacts(declared: dict[str, dict[str, Any]]) -> None:
    may = allowed(declared["mart/fact_stay"]["dbt"]["permissions"])
    assert {action: found for action, found in may.items() if not action.startswith("redshift")} == {
        "s3:ListBucket": {"logs/dbt/*"},
        "s3:GetObject": {f"{BUCKET}/logs/dbt/*"},
        "s3:PutObject": {f"{BUCKET}/logs/dbt/*"},
        "kms:Decrypt": {"${kms_key_arn}"},
        "kms:GenerateDataKey": {"${kms_key_arn}"},
    }


def test_what_writes_the_warehouse_holds_the_claim(declared: dict[str, dict[str, Any]]) -> None:
    writing = {each["run"] for value in declared.values() for each in functions(value) if each.get("writes")}
    assert writing == {
        "dpc_assets.steps.copy_raw:one",
        "dpc_assets.steps.record_loads:run",
        "dpc_assets.steps.check_quality:run",
        "dpc_assets.steps.export:ready",
        "dpc_assets.steps.archive_raw:run",
    }
    assert declared["raw/dn"]["map"]["concurrency"] == 1  # two of them would wait for the same tables


def test_the_archive_is_the_schedules_own_work(declared: dict[str, dict[str, Any]]) -> None:
    assert {key for key, value in declared.items() if value.get("on")} == {"archive/raw"}
    assert declared["archive/raw"]["on"] == "schedule"


def test_the_machine(machine: dict[str, Any]) -> None:
    said = {name: value for name, value in machine.items() if name not in ("finish", "functions", "schedule")}
    assert said == {
        "machine": "dpc-learning-elt",
        "prefix": "dpc-",
        "call": "dpc_assets.steps.in_lambda:call",
        "claim": {"bucket": "${data_bucket}", "key": "logs/runs/_writer.json"},
        "retry": {"errors": ["RetryLater"], "interval_s": 10, "attempts": 6, "backoff": 2.0, "cap_s": 300},
        "roles": {
            "lambda": "role-lambda-dpc",
            "machine": "role-stepfunctions-dpc",
            "container": "role-dbt-runner",
            "schedule": "role-scheduler-dpc",
        },
        "env": {"DPC_LAKE": "s3://${data_bucket}", "DPC_WORKGROUP": "${redshift_workgroup}", "DPC_DATABASE": "dpc"},
        "expected_runs_per_month": 30,
    }
    assert runs(machine["finish"]) == ["dpc_assets.steps.finish:run"]
    assert [each["lambda"]["run"] for each in machine["functions"]] == [
        "dpc_assets.steps.migrate_in_aws:run",
        "dpc_assets.steps.notice:run",
    ]
    assert [each["lambda"].get("role") for each in machine["functions"]] == ["role-migrate-dpc", None]
    assert runs(machine["schedule"]) == ["dpc_assets.steps.find_work:run"]
    schedule = {name: value for name, value in machine["schedule"].items() if name != "find_work"}
    assert schedule == {"machine": "dpc-learning-schedule", "cron": "0 3 * * *", "timezone": "Asia/Tokyo"}


def test_no_step_may_more_than_it_does(declared: dict[str, dict[str, Any]], machine: dict[str, Any]) -> None:
    made = [each for value in (*declared.values(), machine) for each in functions(value)]
    by_step = {each["run"].partition("steps.")[2]: allowed(each["permissions"]) for each in made}
    for action, steps in {
        "secretsmanager:GetSecretValue": {
            "normalize:pending",
            "normalize:one",
            "finish:run",
            "notice:run",
            "migrate_in_aws:run",
        },
        "sns:Publish": {"finish:run", "notice:run"},
        "s3:DeleteObject": {"normalize:pending", "normalize:one", "export:ready", "archive_raw:run"},
        "s3:PutObject": {"validate_manifest:run", "normalize:one", "export:ready", "finish:run", "archive_raw:run"},
        "redshift-data:BatchExecuteStatement": {
            "copy_raw:pending",
            "copy_raw:one",
            "record_loads:run",
            "check_quality:run",
            "export:ready",
            "finish:run",
            "migrate_in_aws:run",
        },
    }.items():
        assert {step for step, may in by_step.items() if action in may} == steps, action
    assert by_step["validate_manifest:run"] == {
        "s3:ListBucket": {"raw/*", "archive/*", "logs/validation/*"},
        "s3:GetObject": {f"{BUCKET}/raw/*", f"{BUCKET}/logs/validation/*"},
        "s3:PutObject": {f"{BUCKET}/logs/validation/*"},
        "kms:Decrypt": {"${kms_key_arn}"},
        "kms:GenerateDataKey": {"${kms_key_arn}"},
    }
    assert by_step["find_work:run"] == {
        "s3:ListBucket": {"raw/*", "archive/*", "logs/runs/*", "logs/validation/*"},
        "s3:GetObject": {
            f"{BUCKET}/raw/*/_manifest.json",
            f"{BUCKET}/logs/runs/*/done.json",
            f"{BUCKET}/logs/validation/*",
        },
        "kms:Decrypt": {"${kms_key_arn}"},
    }
    assert by_step["archive_raw:run"] == {
        "s3:ListBucket": {"raw/*", "archive/*", "stage/*", "logs/validation/*"},
        "s3:GetObject": {f"{BUCKET}/raw/*", f"{BUCKET}/archive/*", f"{BUCKET}/logs/validation/*"},
        "s3:PutObject": {f"{BUCKET}/archive/*"},
        "s3:DeleteObject": {f"{BUCKET}/raw/*"},
        "kms:Decrypt": {"${kms_key_arn}"},
        "kms:GenerateDataKey": {"${kms_key_arn}"},
    }
    assert by_step["normalize:one"]["secretsmanager:GetSecretValue"] == {"${id_key_secret_arn}"}
    assert by_step["finish:run"]["secretsmanager:GetSecretValue"] == {"${slack_secret_arn}"}


def test_only_what_takes_no_resource_is_allowed_on_all(
    declared: dict[str, dict[str, Any]], machine: dict[str, Any]
) -> None:
    values = [*declared.values(), machine]
    given = [each["permissions"] for value in values for each in functions(value)]
    given += [value["dbt"]["permissions"] for value in values if "dbt" in value]
    everywhere = [each for permissions in given for each in permissions if "*" in each["resources"]]
    assert {json.dumps(each, sort_keys=True) for each in everywhere} == {
        json.dumps(
            {
                "actions": [
                    "redshift-data:CancelStatement",
                    "redshift-data:DescribeStatement",
                    "redshift-data:GetStatementResult",
                ],
                "resources": ["*"],
                "condition": {"StringEquals": {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}},
            },
            sort_keys=True,
        )
    }


def test_the_data_is_what_the_schema_describes(declared: dict[str, dict[str, Any]], machine: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "compiler" / "vocabulary.schema.json").read_text(encoding="utf-8"))

    def problems(part: str, value: Any) -> list[str]:
        validator = Draft202012Validator({"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]})
        return [error.message for error in validator.iter_errors(value)]

    assert {key: found for key, value in declared.items() if (found := problems("asset", value))} == {}
    assert problems("definitions", machine) == []
