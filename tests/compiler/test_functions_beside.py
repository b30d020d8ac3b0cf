"""Functions of the deployment that no state calls: bundled like all others, and called by none."""

from pathlib import Path

import pytest
import synthetic_assets
from dagster import Definitions

from compiler import build, extract
from compiler.errors import Refused

HERE = Path(__file__).parent


def declared(*beside: str) -> Definitions:
    asks = {"permissions": [{"actions": ["sns:Publish"], "resources": ["${topic_arn}"]}]}
    functions = [{"lambda": {"run": run, "name": run.replace(":", "-"), **asks}} for run in beside]
    assets = synthetic_assets.declared(synthetic_assets.chain(2), seed=1).assets
    return Definitions(assets=assets, metadata={"aws": {"machine": "synthetic", "functions": functions}})


def test_they_are_bundled_and_no_state_calls_them() -> None:
    graph = extract.extract(declared("synthetic_steps:work"))
    draft = build.run(build.PASSES, build.Draft(graph, HERE))
    assert "synthetic_steps-work" in {each.name for each in draft.zips}
    assert all("lambda_synthetic_steps_work" not in text for text in draft.machines.values())


def test_they_stand_in_the_manifest_with_what_they_are_permitted() -> None:
    graph = extract.extract(declared("synthetic_steps:work"))
    found = build.run(build.PASSES, build.Draft(graph, HERE)).manifest
    described = found["functions"]["synthetic_steps-work"]
    assert (described["runs"], described["assets"]) == ("synthetic_steps:work", [])
    publishes = {"Action": "sns:Publish", "Effect": "Allow", "Resource": "${topic_arn}"}
    assert publishes in found["roles"]["lambda"]["policy"]["Statement"]


def test_one_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(Refused, match="functions: synthetic_steps-absent"):
        extract.extract(declared("synthetic_steps:absent"))


def test_one_with_a_role_of_its_own_shares_nothing() -> None:
    asks = {"permissions": [{"actions": ["sns:Publish"], "resources": ["${topic_arn}"]}]}
    functions = [{"lambda": {"run": "synthetic_steps:work", "name": "alone", "role": "role-alone", **asks}}]
    assets = synthetic_assets.declared(synthetic_assets.chain(2), seed=1).assets
    graph = extract.extract(
        Definitions(assets=assets, metadata={"aws": {"machine": "synthetic", "functions": functions}})
    )
    found = build.run(build.PASSES, build.Draft(graph, HERE)).manifest
    assert found["functions"]["alone"]["role"] == "role-alone"
    publishes = {"Action": "sns:Publish", "Effect": "Allow", "Resource": "${topic_arn}"}
    logs = {
        "Sid": "FunctionLogs",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": "arn:aws:logs:${region}:${account_id}:log-group:/aws/lambda/alone:*",
    }
    assert found["roles"]["role-alone"]["policy"] == {"Version": "2012-10-17", "Statement": [publishes, logs]}
    assert list(found["roles"]["role-alone"]["asked_by"]) == ["alone"]
    assert publishes not in found["roles"]["lambda"]["policy"]["Statement"]
