"""Plans of a root without AWS: that it can be planned, and the same plan with the values that AWS alone would know.

A plain plan leaves ARNs unknown that AWS makes (the workgroup's holds a UUID), and with them every policy that names
one. `known` fills them in by `override_resource` of Terraform's own tests, so that what is judged is the whole text.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra_check import outside, terraform
from infra_check.outcome import Broken
from infra_check.place import Place

ROOT = "dev"
OFFLINE = Path("infra/checks/offline.tfvars")
ACCOUNT, REGION = "123456789012", "ap-northeast-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"

VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "without QuickSight": {"enable_quicksight": False},
    "with QuickSight": {"enable_quicksight": True},
}

MADE_UP: Mapping[str, Mapping[str, str]] = {
    "aws_cloudtrail": {"arn": "arn:aws:cloudtrail:{region}:{account}:trail/{name}"},
    "aws_cloudwatch_event_rule": {"arn": "arn:aws:events:{region}:{account}:rule/{name}"},
    "aws_cloudwatch_log_group": {"arn": "arn:aws:logs:{region}:{account}:log-group:{name}"},
    "aws_dynamodb_table": {"arn": "arn:aws:dynamodb:{region}:{account}:table/{name}"},
    "aws_ecr_repository": {
        "arn": "arn:aws:ecr:{region}:{account}:repository/{name}",
        "repository_url": "{account}.dkr.ecr.{region}.amazonaws.com/{name}",
    },
    "aws_ecs_cluster": {"arn": "arn:aws:ecs:{region}:{account}:cluster/{name}"},
    "aws_iam_policy": {"arn": "arn:aws:iam::{account}:policy/{name}"},
    "aws_iam_role": {"arn": "arn:aws:iam::{account}:role/{name}"},
    "aws_kms_key": {"arn": KEY, "key_id": KEY.rpartition("/")[2]},
    "aws_redshiftserverless_namespace": {
        "arn": "arn:aws:redshift-serverless:{region}:{account}:namespace/00000000-0000-4000-8000-000000000001",
        "admin_password_secret_arn": "arn:aws:secretsmanager:{region}:{account}:secret:redshift!{name}-AbCdEf",
    },
    "aws_redshiftserverless_workgroup": {
        "arn": "arn:aws:redshift-serverless:{region}:{account}:workgroup/00000000-0000-4000-8000-000000000002"
    },
    "aws_s3_bucket": {"arn": "arn:aws:s3:::{name}", "id": "{name}"},
    "aws_secretsmanager_secret": {"arn": "arn:aws:secretsmanager:{region}:{account}:secret:{name}-AbCdEf"},
    "aws_security_group": {"id": "sg-{digest}", "arn": "arn:aws:ec2:{region}:{account}:security-group/sg-{digest}"},
    "aws_sns_topic": {"arn": "arn:aws:sns:{region}:{account}:{name}"},
    "aws_sqs_queue": {
        "arn": "arn:aws:sqs:{region}:{account}:{name}",
        "url": "https://sqs.{region}.amazonaws.com/{account}/{name}",
    },
}
"""What AWS would answer, by resource type. Functions keep unknown ARNs: a machine whose definition is wholly known
makes the provider ask Step Functions to validate it, and there is none here."""


@dataclass(frozen=True)
class Resource:
    """One resource of a plan: its values, and the paths that stay unknown until it is made."""

    address: str
    type: str
    values: Mapping[str, Any]
    unknown: Mapping[str, Any]

    @property
    def name(self) -> str:
        for each in ("name", "bucket", "family", "function_name", "workgroup_name", "namespace_name", "repository"):
            if isinstance(self.values.get(each), str):
                return str(self.values[each])
        return self.address


def root(place: Place, name: str = ROOT) -> Path:
    """The root with a local backend in place of S3, initialised."""
    terraform.program()
    folder = place.copy / name
    if not folder.is_dir():
        raise Broken(f"infra/terraform/{name}: expected a root, found none")
    (folder / "infra_check_override.tf").write_text('terraform {\n  backend "local" {}\n}\n', encoding="utf-8")
    return terraform.initialised(place, folder, "-reconfigure")


def plan_problems(place: Place, name: str) -> Iterator[str]:
    """That the root is planned without AWS, and what Terraform says where it is not. Warnings are shown."""
    found = plain(place, name)
    for each in found["diagnostics"]:
        if each["severity"] == "error":
            yield f"infra/terraform/{name}/{terraform.told(each)}"
        else:
            place.note(f"plan:{name}", f"warning: {each['summary']}")
    if found["plan"]:
        place.note(f"plan:{name}", f"{len(found['plan'])} resources")


def plain(place: Place, name: str = ROOT, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """{"diagnostics": [...], "plan": [Resource]}: the ordinary plan with offline.tfvars and `settings`."""
    more = settings or {}
    word = "-".join([name, *(f"{key}-{value}" for key, value in sorted(more.items()))])

    def make() -> dict[str, Any]:
        folder, file = root(place, name), place.scratch / f"{word}.tfplan"
        given = [f"-var-file={place.project / OFFLINE}", *(f"-var={key}={_given(more[key])}" for key in sorted(more))]
        other = [] if name == ROOT else [f"-var=environment={name}"]
        done = terraform.run(place, folder, "plan", "-json", "-lock=false", f"-out={file}", *given, *other)
        told = [each["diagnostic"] for each in terraform.lines(done.stdout) if each["type"] == "diagnostic"]
        if done.returncode:
            if not told:
                raise Broken(f"terraform plan in {name}: {done.stderr.strip()[-2000:]}")
            return {"diagnostics": told, "plan": []}
        shown = outside.parsed(terraform.run(place, folder, "show", "-json", str(file)), "terraform show")
        return {"diagnostics": told, "plan": _resources(shown["resource_changes"])}

    found: dict[str, Any] = place.once(f"plan {word}", make)
    return found


def known(place: Place) -> dict[str, list[Resource]]:
    """The plan of dev in both variants, with what AWS would answer filled in."""
    found: dict[str, list[Resource]] = _known(place)["plans"]
    return found


def schemas(place: Place) -> dict[str, Any]:
    """Resource type -> the provider's schema of it."""
    found: dict[str, Any] = _known(place)["schemas"]
    return found


def _known(place: Place) -> dict[str, Any]:
    def make() -> dict[str, Any]:
        if not plain(place)["plan"]:
            raise Broken(f"{ROOT} could not be planned: see plan:{ROOT}")
        planned = {variant: plain(place, ROOT, settings) for variant, settings in VARIANTS.items()}
        for variant, each in planned.items():
            if not each["plan"]:
                told = "\n".join(terraform.told(one) for one in each["diagnostics"])
                raise Broken(f"{ROOT} {variant} could not be planned: {told}")
        folder = root(place)
        file = folder / "tests" / "infra_check.tftest.hcl"
        file.parent.mkdir(exist_ok=True)
        file.write_text(
            _test({variant: each["plan"] for variant, each in planned.items()}, _variables(place)), encoding="utf-8"
        )
        done = terraform.run(place, folder, "test", "-json", "-verbose", f"-filter=tests/{file.name}")
        plans, schema = {}, {}
        problems = []
        for each in terraform.lines(done.stdout):
            if each["type"] == "test_plan":
                plans[each["@testrun"]] = _resources(each["test_plan"]["resource_changes"])
                (provider,) = each["test_plan"]["provider_schemas"].values()
                schema = provider["resource_schemas"]
            if each["type"] == "diagnostic" and each["diagnostic"]["severity"] == "error":
                problems.append(terraform.told(each["diagnostic"]))
        if problems or len(plans) != len(VARIANTS):
            raise Broken(f"{ROOT} with made-up answers: " + ("\n".join(problems) or done.stderr.strip()[-2000:]))
        return {"plans": {name: plans[_word(name)] for name in VARIANTS}, "schemas": schema}

    found: dict[str, Any] = place.once("known plan", make)
    return found


def refusals(place: Place) -> Iterator[str]:
    """Each wrong value of refused.toml is refused, by a message that names what was found and what was expected."""
    groups = tomllib.loads((place.project / "infra" / "checks" / "refused.toml").read_text("utf-8"))["group"]
    folder, count = root(place), 0
    for group in groups:
        arguments = [f"-var={name}={_given(value)}" for name, value in group["values"].items()]
        base = f"-var-file={place.project / OFFLINE}"
        done = terraform.run(place, folder, "plan", "-json", "-lock=false", base, *arguments)
        told = [each["diagnostic"] for each in terraform.lines(done.stdout) if each["type"] == "diagnostic"]
        errors = [each for each in told if each["severity"] == "error"]
        if not errors and done.returncode:
            raise Broken(f"terraform plan: {done.stderr.strip()[-2000:]}")
        for name, words in group["words"].items():
            count += 1
            mine = [each for each in errors if _about(each, name)]
            said = " ".join(" ".join(terraform.told(each).split()) for each in mine)
            if not mine:
                yield f"{name} = {group['values'][name]!r}: expected to be refused, was not"
            for word in words:
                if mine and word not in said:
                    yield f"{name} = {group['values'][name]!r}: expected {word!r} in the message, found: {said}"
    place.note("refused", f"{count} wrong values")


def _about(diagnostic: Mapping[str, Any], name: str) -> bool:
    """Whether an error is about this variable: its own validation, or a precondition that names it."""
    return re.search(rf"\b{name}\b", json.dumps(diagnostic)) is not None


def _given(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _variables(place: Place) -> str:
    """offline.tfvars as lines of a variables block."""
    lines = (place.project / OFFLINE).read_text("utf-8").splitlines()
    return "\n".join(f"    {line}" for line in lines if line and not line.startswith("#"))


def _word(variant: str) -> str:
    return variant.lower().replace(" ", "_")


def _test(planned: Mapping[str, list[Resource]], variables: str) -> str:
    """A test file that plans every variant with made-up answers."""
    blocks = []
    for variant, settings in VARIANTS.items():
        more = "\n".join(f"    {name} = {json.dumps(value)}" for name, value in settings.items())
        answers = "\n".join(
            _answers(number, each) for number, each in enumerate(planned[variant]) if each.type in MADE_UP
        )
        given = f"  variables {{\n{variables}\n{more}\n  }}"
        blocks.append(f'run "{_word(variant)}" {{\n  command = plan\n{given}\n{answers}\n}}')
    return "\n\n".join(blocks) + "\n"


def _answers(number: int, each: Resource) -> str:
    told = {"region": REGION, "account": ACCOUNT, "name": each.name, "digest": f"{number:017x}"}
    values = "\n".join(f'      {name} = "{text.format(**told)}"' for name, text in MADE_UP[each.type].items())
    about = f"    target = {each.address}\n    override_during = plan\n    values = {{\n{values}\n    }}"
    return f"  override_resource {{\n{about}\n  }}"


def _resources(changes: list[dict[str, Any]]) -> list[Resource]:
    return [
        Resource(each["address"], each["type"], each["change"]["after"] or {}, each["change"]["after_unknown"] or {})
        for each in changes
        if each["mode"] == "managed" and each["change"]["actions"] != ["delete"]
    ]
