"""Least privilege both ways: what every function really calls against what the manifest lets it, and the reverse.

Recorded while the functions' own entry points run over two months. What the machines, dbt and the schedule call is in
tests/e2e/test_aws_privileges.py.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
import warehouse_rights
from aws_operations import REGION, needs
from call_recorder import Called, Recorder
from iam_semantics import Grant, Need, allows, grants
from month_in_aws import STAGES, WAREHOUSE_ROLE, Deployment
from moto import mock_aws

from dpc_assets.local import compiled
from dpc_assets.steps import migrate
from dpc_assets.steps.data_api import DataApiWarehouse
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Run

ROOT = Path(__file__).parents[2]
MANIFEST: Mapping[str, Any] = json.loads((ROOT / "infra/terraform/generated/manifest.json").read_text("utf-8"))
FUNCTIONS: Mapping[str, Any] = MANIFEST["functions"]
ROLE = MANIFEST["roles"]["lambda"]

PORT = "the warehouse's port is granted whole: which of its two ways to ask a step takes may change without a policy"
HOLDER = "the claim's holder may be an execution of either machine; here dpc-plan is the one that meets the parent's"
RUNTIME = "called by Lambda's runtime itself, not by the function"
CLAIM = (
    "the claim's object is under the bucket's key, which its declaration does not name; other functions of the role do"
)

NOT_CALLED: Mapping[tuple[str, str], str] = {
    ("dpc-copy-raw", "redshift-data:ExecuteStatement"): PORT,
    ("dpc-copy-raw", "redshift-data:GetStatementResult"): PORT,
    ("dpc-copy-raw-pending", "redshift-data:BatchExecuteStatement"): PORT,
    ("dpc-finish", "redshift-data:BatchExecuteStatement"): PORT,
    **{
        (f"dpc-{name}", "states:DescribeExecution"): HOLDER
        for name in ("check-quality", "copy-raw", "export", "record-loads")
    },
    ("role", "logs:CreateLogStream"): RUNTIME,
    ("role", "logs:PutLogEvents"): RUNTIME,
}
"""(function or `role`, action) that is granted and that nothing here calls -> why it is granted all the same."""

NOT_ASKED: Mapping[tuple[str, str], str] = {
    ("dpc-check-quality", "kms:GenerateDataKey"): CLAIM,
    ("dpc-copy-raw", "kms:GenerateDataKey"): CLAIM,
    ("dpc-plan", "kms:Decrypt"): CLAIM,
    ("dpc-plan", "kms:GenerateDataKey"): CLAIM,
    ("dpc-record-loads", "kms:GenerateDataKey"): CLAIM,
}
"""(function, action) that is called and that the function did not ask for itself -> why the role has it."""


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """All functions, called."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        recorder = Recorder()
        patch.setattr(boto3, "DEFAULT_SESSION", recorder.session())  # the clients that functions make themselves
        here = Deployment(tmp_path_factory.mktemp("aws"), FUNCTIONS, recorder)
        here.set_up()
        patch.setenv("CLAIM_BUCKET", here.holes["data_bucket"])
        patch.setenv("CLAIM_KEY", "logs/runs/_writer.json")
        warehouse = DataApiWarehouse(here.client("redshift-data"))
        nothing: Any = None
        migrate.run(Run("test", ()), Ports(here.store, warehouse, nothing, nothing, nothing))
        for stage in STAGES:
            stage(here)
        yield here


def needed(calls: list[Called]) -> set[Need]:
    return {need for each in calls for need in needs(each.service, each.operation, each.given)}


def called(here: Deployment, name: str) -> set[Need]:
    """What the calls of a function take; of `role`: those of all functions that share it."""
    shared = {each for each, about in FUNCTIONS.items() if about["role"] == ROLE["name"]}
    return needed([each for each in here.recorder.calls if each.by == name or (name == "role" and each.by in shared)])


def granted(here: Deployment, name: str) -> list[Grant]:
    """What a function asked for in the manifest, or the whole policy of the `role`, with the deployment's names."""
    if name == "role":
        found: list[dict[str, Any]] = json.loads(here.filled(json.dumps(ROLE["policy"]["Statement"])))
        return sorted(set(grants(found)))
    role = next(each for each in MANIFEST["roles"].values() if each["name"] == FUNCTIONS[name]["role"])
    asked = json.loads(here.filled(json.dumps(role["asked_by"][name])))
    statements = [
        {"Action": each["actions"], "Resource": each["resources"], "Condition": each.get("condition", {})}
        for each in asked
    ]
    return sorted(set(grants(statements)))


def not_asked(here: Deployment, name: str) -> list[Need]:
    have = granted(here, name)
    return [need for need in called(here, name) if not any(allows(grant, need) for grant in have)]


def not_called(here: Deployment, name: str) -> list[Grant]:
    made = called(here, name)
    return [grant for grant in granted(here, name) if not any(allows(grant, need) for need in made)]


def test_every_function_was_called(deployment: Deployment) -> None:
    assert {each.by for each in deployment.recorder.calls} == {*FUNCTIONS, WAREHOUSE_ROLE}


@pytest.mark.parametrize("name", ["role", *sorted(FUNCTIONS)])
def test_nothing_is_called_that_is_not_allowed(deployment: Deployment, name: str) -> None:
    assert [need for need in not_asked(deployment, name) if (name, need.action) not in NOT_ASKED] == []


@pytest.mark.parametrize("name", ["role", *sorted(FUNCTIONS)])
def test_nothing_is_allowed_that_is_not_called(deployment: Deployment, name: str) -> None:
    assert [grant for grant in not_called(deployment, name) if (name, grant.action) not in NOT_CALLED] == []


def test_every_exception_is_still_one(deployment: Deployment) -> None:
    names = ["role", *FUNCTIONS]
    assert {(name, grant.action) for name in names for grant in not_called(deployment, name)} == set(NOT_CALLED)
    assert {(name, need.action) for name in names for need in not_asked(deployment, name)} == set(NOT_ASKED)


def asked_in_sql(here: Deployment) -> set[warehouse_rights.Right]:
    """What the statements of the steps take; those of the administrator are another user's."""
    given = [each.given for each in here.recorder.calls if each.by in FUNCTIONS and each.by != "dpc-migrate"]
    statements = {sql for each in given for sql in (*each.get("Sqls", ()), *([each["Sql"]] if "Sql" in each else ()))}
    return {need for statement in statements for need in warehouse_rights.needed(statement)}


def test_the_steps_may_run_their_sql_and_no_other(deployment: Deployment) -> None:
    may = warehouse_rights.granted("steps")
    asked = {need for need in asked_in_sql(deployment) if not warehouse_rights.owned(need, may) or need[0] == "CREATE"}
    asked |= {("USAGE", schema) for what, schema in may if what == "CREATE"}
    assert {need for need in asked if not any(warehouse_rights.allows(each, need) for each in may)} == set()
    assert {each for each in may if not any(warehouse_rights.allows(each, need) for need in asked)} == set()


def test_dbt_may_make_its_models_and_read_what_they_read() -> None:
    may = warehouse_rights.granted("dbt")
    project = compiled.compiled()
    made = {each.table for each in (*project.seeds, *project.models)}
    read = {need for each in project.models for need in warehouse_rights.needed(each.sql) if need[1] not in made}
    asked = read | {(what, table.partition(".")[0]) for table in made for what in ("CREATE", "USAGE")}
    assert {need for need in asked if not any(warehouse_rights.allows(each, need) for each in may)} == set()
    assert {each for each in may if not any(warehouse_rights.allows(each, need) for need in asked)} == set()


def test_the_warehouse_does_under_its_own_role_what_the_steps_ask_of_it(deployment: Deployment) -> None:
    """COPY reads stage/, UNLOAD writes processed/ and removes what was there: nothing else of the lake is touched."""
    touched = called(deployment, WAREHOUSE_ROLE)
    bucket = deployment.holes["data_bucket_arn"]
    places = {
        (need.action, (need.told.get("s3:prefix") or need.resource.removeprefix(f"{bucket}/")).split("/")[0])
        for need in touched
        if need.action.startswith("s3:")
    }
    assert places == {
        ("s3:GetObject", "stage"),
        ("s3:ListBucket", "stage"),
        ("s3:ListBucket", "processed"),
        ("s3:PutObject", "processed"),
        ("s3:DeleteObject", "processed"),
    }
