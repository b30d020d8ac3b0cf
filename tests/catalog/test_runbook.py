"""The runbook: every alarm leads to a heading of it, and its commands are calls that AWS and our machines know."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from compiler.runtime.plan_run import checked_input
from dpc_assets.local.mart_columns import ROOT
from dpc_assets.steps import find_work
from dpc_assets.steps.errors import InputError

ENGLISH, JAPANESE = ROOT / "docs" / "runbook.md", ROOT / "docs" / "runbook.ja.md"
MODULES = ROOT / "infra" / "terraform" / "modules"
MANIFEST = json.loads((ROOT / "infra" / "terraform" / "generated" / "manifest.json").read_text(encoding="utf-8"))

BOTOCORE_NAME = {"s3api": "s3"}
GLOBAL_OPTIONS = {"query", "output", "region", "cli-binary-format", "cli-read-timeout", "max-items", "page-size"}


def headings(path: Path) -> list[str]:
    """Anchors of the headings as GitHub makes them; one written in front of a heading stands for it."""
    found = []
    lines = path.read_text(encoding="utf-8").splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("## "):
            written = re.fullmatch(r'<a id="([a-z0-9-]+)"></a>', before)
            plain = re.sub(r"[^\w\- ]", "", line[3:].lower()).replace(" ", "-")
            found.append(written[1] if written else plain)
    return found


def blocks(path: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def without_comments(block: str) -> str:
    return "".join(line for line in block.splitlines(keepends=True) if not line.startswith("#"))


def calls(path: Path) -> list[list[str]]:
    """Every call of `aws`, in words as a shell would cut them; what stands in $(...) comes too."""
    found = []
    for block in blocks(path):
        text = without_comments(block).replace("\\\n", " ")
        for line in text.splitlines():
            inner = re.findall(r"\$\((aws [^()]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\)[^()]*)*)\)", line)
            outer = [line] if line.startswith("aws ") else []
            found += [shlex.split(each) for each in (*inner, *outer)]
    return found


CALLS = calls(ENGLISH)


@pytest.mark.parametrize("path", [ENGLISH, JAPANESE], ids=["en", "ja"])
def test_every_link_within_leads_to_a_heading(path: Path) -> None:
    known = headings(path)
    linked = set(re.findall(r"\]\(#([^)]+)\)", path.read_text(encoding="utf-8")))
    assert linked <= set(known)
    assert len(known) == len(set(known))


def test_both_languages_have_the_same_headings_and_commands() -> None:
    assert headings(JAPANESE) == headings(ENGLISH)
    assert [without_comments(each) for each in blocks(JAPANESE)] == [without_comments(each) for each in blocks(ENGLISH)]


def test_every_alarm_leads_to_a_heading() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in MODULES.glob("*/*.tf"))
    named = re.findall(r"\$\{var\.runbook\}#([a-z0-9-]+)", text)
    assert len(named) >= 6
    assert set(named) <= set(headings(ENGLISH))


def test_every_alarm_of_operations_stands_in_the_runbook() -> None:
    alarms = (MODULES / "operations" / "alarms.tf").read_text(encoding="utf-8")
    names = re.findall(r'alarm_name\s+= "([^"]+)"', alarms)
    assert len(names) == 6
    for path, machine, environment in ((ENGLISH, "machine", "environment"), (JAPANESE, "ステートマシン", "環境")):
        text = path.read_text(encoding="utf-8")
        for name in names:
            said = name.replace("${each.key}${var.name_suffix}", f"<{machine}>").replace(
                "${var.environment}", f"<{environment}>"
            )
            assert f"`{said}`" in text


@pytest.mark.parametrize("block", blocks(ENGLISH))
def test_a_shell_reads_the_commands(block: str) -> None:
    done = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_the_calls_were_found() -> None:
    text = "".join(map(without_comments, blocks(ENGLISH)))
    assert len(CALLS) == len(re.findall(r"(?:^|\$\()aws ", text, re.MULTILINE)) > 30


@pytest.mark.parametrize("call", CALLS, ids=[f"{n}-{'-'.join(call[1:3])}" for n, call in enumerate(CALLS)])
def test_aws_knows_the_call(call: list[str]) -> None:
    service = botocore.session.get_session().get_service_model(BOTOCORE_NAME.get(call[1], call[1]))
    operations = {xform_name(name, "-"): service.operation_model(name) for name in service.operation_names}
    shape = operations[call[2]].input_shape
    members = {xform_name(name, "-"): name for name in shape.members} if shape else {}
    given = {word.removeprefix("--") for word in call[3:] if word.startswith("--")}
    assert given - GLOBAL_OPTIONS <= set(members)
    required = {xform_name(name, "-") for name in shape.required_members} if shape else set()
    assert required <= given


@pytest.mark.parametrize("path", [ENGLISH, JAPANESE], ids=["en", "ja"])
def test_the_machines_take_the_inputs(path: Path) -> None:
    taken = set()
    for call in calls(path):
        if call[1:3] != ["stepfunctions", "start-execution"]:
            continue
        machine, given = call[call.index("--state-machine-arn") + 1], json.loads(call[call.index("--input") + 1])
        if machine == "$elt":
            assert checked_input(given) == given
        else:
            assert machine == "$parent"
            find_work._span(given)
        taken.add((machine, *sorted(given)))
    assert taken == {
        ("$elt", "partition", "wait"),
        ("$elt", "partition", "select", "wait"),
        ("$parent",),
        ("$parent", "from", "to"),
    }
    with pytest.raises(InputError):
        find_work._span({"month": "2025-04"})


def test_the_names_are_those_that_are_deployed() -> None:
    first = blocks(ENGLISH)[0]
    assert re.findall(r"^(?:elt|parent)=\$machines:(.*)$", first, re.MULTILINE) == [
        MANIFEST["machine"],
        MANIFEST["schedule"]["machine"],
    ]
    claims = {each["env"]["CLAIM_KEY"] for each in MANIFEST["functions"].values() if "CLAIM_KEY" in each["env"]}
    assert claims == {"logs/runs/_writer.json"}
    assert "--key logs/runs/_writer.json" in ENGLISH.read_text(encoding="utf-8")
    logged = re.findall(r"/aws/lambda/(dpc-[a-z-]+)", ENGLISH.read_text(encoding="utf-8"))
    assert set(logged) <= set(MANIFEST["functions"])
