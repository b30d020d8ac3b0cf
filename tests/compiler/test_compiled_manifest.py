"""The manifest: everything that a deployment needs, under one digest, the same every time."""

import base64
import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_projects import project

from compiler import bundle, emit, estimate, functions, lower, manifest, parent, plan
from compiler.errors import Refused
from compiler.graph import (
    Asset,
    Check,
    Claim,
    ContainerStep,
    Function,
    Graph,
    LambdaStep,
    Machine,
    MapStep,
    Partitions,
    Permission,
    Schedule,
    StatementStep,
    Unit,
)
from compiler.graph_json import graph_json
from compiler.pack import Zip
from compiler.tree import Plan

LOAD = Function(
    "shop-load",
    "shop.steps:load",
    call="shop.steps:call",
    memory_mb=1024,
    ephemeral_mb=2048,
    timeout_s=600,
    layers=("frames",),
    env=(("TOPIC", "${topic_arn}"),),
    permissions=(Permission(("s3:GetObject",), ("${bucket_arn}/raw/*",)),),
    writes=True,
)
GRAPH = Graph(
    machine=Machine(
        "shop",
        "shop-",
        claim=Claim("${bucket}", "claim.json"),
        schedule=Schedule("shop-schedule", Function("shop-find", "shop.steps:find"), "0 3 * * 1-5", "Asia/Tokyo"),
        roles=(("machine", "role-machine"),),
        env=(("LAKE", "s3://${bucket}"),),
    ),
    assets=(
        Asset("mart/a", ("raw/a",), "dbt", group="mart", kinds=("dbt",), tags=(("x", "1"),), partitioned=True),
        Asset("mart/b", ("mart/a", "outside"), "dbt"),
        Asset("mart/c", ("raw/a",), "mart/c"),
        Asset("outside"),
        Asset("raw/a", unit="raw/a"),
    ),
    units=(
        Unit(
            "dbt",
            ("mart/a", "mart/b"),
            (
                ContainerStep(
                    "${cluster}", "${task}", "dbt", "${subnets}", "${groups}", (("mart/a", "a"), ("mart/b", "b"))
                ),
            ),
            duration_s=30.1,
        ),
        Unit("mart/c", ("mart/c",), (StatementStep(("select 1",), "${warehouse}", "dev"),), duration_s=0.1),
        Unit(
            "raw/a",
            ("raw/a",),
            (
                LambdaStep(LOAD),
                MapStep(Function("shop-items", "shop.steps:items"), Function("shop-each", "shop.steps:each")),
            ),
            (Check("raw/a", "is_fine", blocking=True, function=Function("shop-is-fine", "shop.steps:is_fine")),),
            duration_s=0.2,
        ),
    ),
    partitions=Partitions("monthly", start="2025-04", fmt="%Y-%m"),
    layers=(("frames", f"pandas==2.2 --hash=sha256:{'a' * 64}\n"),),
)
NAMES = ("call", "load", "items", "each", "is_fine", "find")
FILES = {"shop/__init__.py": "", "shop/steps.py": "import pandas\n" + "".join(f"def {name}(): ...\n" for name in NAMES)}
FILES["shop/steps.py"] = FILES["shop/steps.py"].replace(
    "import pandas", "try:\n    import pandas\nexcept ImportError: ..."
)


def build(folder: Path, graph: Graph = GRAPH) -> tuple[Mapping[str, str], tuple[Zip, ...], Plan, dict[str, Any]]:
    run = parent.without_schedule(graph)
    planned = plan.plan(run)
    lowered = [lower.lower(run, planned), parent.parent(graph)]
    machines = {each.name: emit.emit(each) for each in lowered if each}
    zips = bundle.bundles(graph, project(folder, FILES), b"{}")
    figures = estimate.estimate(json.loads(machines["shop"]), run, planned)
    return machines, zips, planned, manifest.manifest(graph, machines, zips, planned, figures)


def test_a_function_is_described_as_the_deployment_needs_it(tmp_path: Path) -> None:
    _, zips, _, found = build(tmp_path)
    packed = {each.name: each for each in zips}["shop-load"]
    assert found["functions"]["shop-load"] == {
        "assets": ["raw/a"],
        "call": "shop.steps:call",
        "env": {
            "CLAIM_BUCKET": "${bucket}",
            "CLAIM_KEY": "claim.json",
            "LAKE": "s3://${bucket}",
            "TOPIC": "${topic_arn}",
        },
        "ephemeral_mb": 2048,
        "file": "shop-load.zip",
        "handler": "index.handler",
        "hole": "lambda_shop_load",
        "layers": ["frames"],
        "memory_mb": 1024,
        "role": "shop-lambda",
        "runs": "shop.steps:load",
        "runtime": "python3.11",
        "sha256": hashlib.sha256(packed.data).hexdigest(),
        "size": len(packed.data),
        "source_code_hash": base64.b64encode(hashlib.sha256(packed.data).digest()).decode(),
        "timeout_s": 600,
        "writes": True,
    }
    assert {name: each["assets"] for name, each in found["functions"].items()} == {
        "shop-each": ["raw/a"],
        "shop-find": [],
        "shop-is-fine": ["raw/a"],
        "shop-items": ["raw/a"],
        "shop-load": ["raw/a"],
        "shop-plan": [],
        "shop-statement": ["mart/c"],
    }
    assert found["functions"]["shop-plan"]["env"] == {
        "CLAIM_BUCKET": "${bucket}",
        "CLAIM_KEY": "claim.json",
        "LAKE": "s3://${bucket}",
    }
    assert found["functions"]["shop-find"]["env"] == {"LAKE": "s3://${bucket}"}
    assert found["functions"]["shop-plan"]["timeout_s"] == 60


def test_a_variable_of_a_function_goes_before_that_of_the_machine() -> None:
    function = Function("a", "m:a", env=(("LAKE", "other"), ("CLAIM_KEY", "own")), writes=True)
    assert manifest.environment(function, GRAPH) == {"CLAIM_BUCKET": "${bucket}", "CLAIM_KEY": "own", "LAKE": "other"}
    assert manifest.environment(replace(function, writes=False), replace(GRAPH, machine=Machine("m"))) == {
        "CLAIM_KEY": "own",
        "LAKE": "other",
    }


def test_machines_containers_layers_and_schedule(tmp_path: Path) -> None:
    machines, _, _, found = build(tmp_path)
    assert found["schema"] == "dpc-compile-manifest/1"
    assert found["machine"] == "shop"
    assert {name: (each["file"], each["role"], each["hole"]) for name, each in found["machines"].items()} == {
        "shop": ("shop.asl.json", "role-machine", "machine_shop"),
        "shop-schedule": ("shop-schedule.asl.json", "role-machine", "machine_shop_schedule"),
    }
    assert found["machines"]["shop"]["sha256"] == hashlib.sha256(machines["shop"].encode()).hexdigest()
    assert found["machines"]["shop-schedule"]["holes"] == ["lambda_shop_find", "machine_shop"]
    assert found["containers"] == {
        "dbt": {
            "assets": ["mart/a", "mart/b"],
            "assign_public_ip": True,
            "cluster": "${cluster}",
            "container": "dbt",
            "env": {},
            "heartbeat_s": 120,
            "role": "shop-container",
            "security_groups": "${groups}",
            "subnets": "${subnets}",
            "task_definition": "${task}",
            "timeout_s": 7200,
            "words": {"mart/a": "a", "mart/b": "b"},
        }
    }
    requirement = f"pandas==2.2 --hash=sha256:{'a' * 64}"
    assert found["layers"] == {
        "frames": {
            "file": "layer-frames.zip",
            "requirements": [requirement],
            "sha256": hashlib.sha256(f"{requirement}\n".encode()).hexdigest(),
        }
    }
    assert found["schedule"] == {
        "cron": "0 3 * * 1-5",
        "expression": "cron(0 3 ? * 2-6 *)",
        "input": "{}",
        "machine": "shop-schedule",
        "role": "shop-schedule",
        "timezone": "Asia/Tokyo",
    }


def test_every_hole_is_listed_with_what_it_stands_for(tmp_path: Path) -> None:
    machines, _, _, found = build(tmp_path)
    assert found["holes"] == {
        "account_id": "AWS account of the deployment",
        "bucket": "declared in the metadata",
        "bucket_arn": "declared in the metadata",
        "cluster": "declared in the metadata",
        "executions_shop": "ARN of all executions of shop, ending in :*",
        "groups": "declared in the metadata",
        "lambda_shop_each": "ARN of the Lambda function shop-each",
        "lambda_shop_find": "ARN of the Lambda function shop-find",
        "lambda_shop_is_fine": "ARN of the Lambda function shop-is-fine",
        "lambda_shop_items": "ARN of the Lambda function shop-items",
        "lambda_shop_load": "ARN of the Lambda function shop-load",
        "lambda_shop_plan": "ARN of the Lambda function shop-plan",
        "lambda_shop_statement": "ARN of the Lambda function shop-statement",
        "machine_shop": "ARN of the state machine shop",
        "machine_shop_schedule": "ARN of the state machine shop-schedule",
        "region": "AWS region of the deployment",
        "role_container": "ARN of the role that the container works under",
        "role_execution": "ARN of the role that ECS starts the container under",
        "subnets": "declared in the metadata",
        "task": "declared in the metadata",
        "topic_arn": "declared in the metadata",
        "warehouse": "declared in the metadata",
        "warehouse_arn": "ARN of the Redshift Serverless workgroup ${warehouse}",
    }
    text = json.dumps(found) + "".join(machines.values())
    for name in found["holes"]:
        text = text.replace("${" + name + "}", "")
    assert text.replace("${aws:userid}", "").count("${") == 0


def test_the_graph_is_told_whole_and_without_what_is_usual() -> None:
    assert graph_json(GRAPH) == {
        "machine": {
            "name": "shop",
            "prefix": "shop-",
            "claim": {"bucket": "${bucket}", "key": "claim.json"},
            "schedule": {
                "machine": "shop-schedule",
                "find_work": "shop-find",
                "cron": "0 3 * * 1-5",
                "timezone": "Asia/Tokyo",
            },
            "roles": {"machine": "role-machine"},
            "env": {"LAKE": "s3://${bucket}"},
        },
        "assets": {
            "mart/a": {
                "deps": ["raw/a"],
                "unit": "dbt",
                "group": "mart",
                "kinds": ["dbt"],
                "tags": {"x": "1"},
                "partitioned": True,
            },
            "mart/b": {"deps": ["mart/a", "outside"], "unit": "dbt"},
            "mart/c": {"deps": ["raw/a"], "unit": "mart/c"},
            "outside": {},
            "raw/a": {"unit": "raw/a"},
        },
        "units": {
            "dbt": {
                "keys": ["mart/a", "mart/b"],
                "duration_s": 30.1,
                "steps": [
                    {
                        "kind": "container",
                        "cluster": "${cluster}",
                        "task_definition": "${task}",
                        "container": "dbt",
                        "subnets": "${subnets}",
                        "security_groups": "${groups}",
                        "words": {"mart/a": "a", "mart/b": "b"},
                    }
                ],
            },
            "mart/c": {
                "keys": ["mart/c"],
                "duration_s": 0.1,
                "steps": [{"kind": "statement", "sql": ["select 1"], "workgroup": "${warehouse}", "database": "dev"}],
            },
            "raw/a": {
                "keys": ["raw/a"],
                "duration_s": 0.2,
                "checks": [{"asset": "raw/a", "name": "is_fine", "blocking": True, "function": "shop-is-fine"}],
                "steps": [
                    {"kind": "lambda", "function": "shop-load"},
                    {"kind": "map", "items": "shop-items", "each": "shop-each"},
                ],
            },
        },
        "edges": [["raw/a", "dbt"], ["raw/a", "mart/c"]],
        "partitions": {"kind": "monthly", "start": "2025-04", "fmt": "%Y-%m"},
    }


def test_plan_and_figures_have_no_digits_that_a_python_could_change(tmp_path: Path) -> None:
    _, _, _, found = build(tmp_path)
    assert found["plan"] == {
        "added": [],
        "added_edges": 0,
        "critical_path": ["raw/a", "dbt"],
        "critical_path_s": 30.3,
        "makespan_s": 30.3,
        "ratio": 1.0,
        "strategy": "sp",
        "tree": {"series": [{"task": "raw/a"}, {"parallel": [{"task": "dbt"}, {"task": "mart/c"}]}]},
    }
    assert found["estimate"]["runs_per_month"] == 30


def test_the_manifest_is_the_same_whatever_the_order_and_its_digest_covers_everything(tmp_path: Path) -> None:
    machines, zips, planned, found = build(tmp_path)
    order = random.Random(7)
    shuffled = dict(order.sample(list(machines.items()), len(machines)))
    again = manifest.manifest(GRAPH, shuffled, order.sample(zips, len(zips)), planned)
    assert list(again) == sorted(again)
    assert json.dumps(again) == json.dumps(manifest.manifest(GRAPH, machines, zips, planned))
    digests = {
        again["digest"],
        found["digest"],
        build(tmp_path, replace(GRAPH, machine=replace(GRAPH.machine, env=(("LAKE", "other"),))))[3]["digest"],
        manifest.manifest(GRAPH, {**machines, "shop": machines["shop"] + "\n"}, zips, planned)["digest"],
        manifest.manifest(GRAPH, machines, [replace(zips[0], data=b"x"), *zips[1:]], planned)["digest"],
    }
    assert len(digests) == 5
    plain = {name: value for name, value in found.items() if name != "digest"}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    assert found["digest"] == hashlib.sha256(text.encode()).hexdigest()


def test_a_schedule_without_a_time_is_started_by_hand(tmp_path: Path) -> None:
    schedule = replace(GRAPH.machine.schedule or Schedule("", LOAD), cron="")
    found = build(tmp_path, replace(GRAPH, machine=replace(GRAPH.machine, schedule=schedule)))[3]
    assert (found["schedule"]["cron"], found["schedule"]["expression"]) == ("", None)
    alone = build(tmp_path, replace(GRAPH, machine=replace(GRAPH.machine, schedule=None)))[3]
    assert alone["schedule"] is None
    assert "schedule" not in alone["roles"]


def test_a_cron_that_aws_cannot_say_is_refused(tmp_path: Path) -> None:
    schedule = replace(GRAPH.machine.schedule or Schedule("", LOAD), cron="0 3 1 * 1")
    with pytest.raises(Refused, match=r"cron '0 3 1 \* 1': it names both days of the month and weekdays"):
        build(tmp_path, replace(GRAPH, machine=replace(GRAPH.machine, schedule=schedule)))


def test_the_holes_of_functions() -> None:
    assert functions.hole("dpc-copy-raw") == "lambda_dpc_copy_raw"
