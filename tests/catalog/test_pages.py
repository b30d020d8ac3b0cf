"""The pages for people: their links lead somewhere, both languages give the same commands, and the commands exist."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import unicodedata
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from dpc_assets.cli.main import parser
from dpc_assets.local.mart_columns import ROOT

PAGES = sorted(
    each
    for pattern in ("*.md", "docs/**/*.md", "infra/README.md", "infra/image/**/*.md")
    for each in ROOT.glob(pattern)
)
LAPTOP, LAPTOP_JA = ROOT / "docs" / "aws-on-a-laptop.md", ROOT / "docs" / "aws-on-a-laptop.ja.md"
SMOKE = ROOT / "docs" / "real-aws-smoke.md"

HIGH_LEVEL = {"s3"}
"""Commands of the AWS CLI that are no calls of an API."""

OF_THE_CLI = {"query", "output", "region", "endpoint-url", "cli-input-json", "max-items"}


def without_code(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """Of the headings as GitHub makes them, and those that are written."""
    text = without_code(page)
    found = set(re.findall(r'<a id="([^"]+)">', text))
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        kept = (c for c in heading.lower() if c in "-_ " or unicodedata.category(c)[0] in "LNM")
        found.add("".join(kept).replace(" ", "-"))
    return found


def commands(page: Path) -> list[str]:
    """Lines of its shell blocks, continued ones joined, without comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    text = "".join(blocks).replace("\\\n", " ")
    return [line for each in text.splitlines() if (line := re.sub(r"(^|\s+)#( .*)?$", "", each))]


def calls(page: Path, program: str) -> list[list[str]]:
    """Every call of a program in words, what stands in $(...) or <(...) too."""
    found = []
    for line in commands(page):
        for start in re.finditer(rf"(?:^|[;(] ?|\bPATH=\S+ )(?:\.venv/bin/)?({program} )", line):
            found.append(shlex.split(_to_its_end(line[start.start(1) :]), comments=False))
    return found


def _to_its_end(text: str) -> str:
    """Up to the bracket that closes around it, or to the next command."""
    depth, quote = 0, ""
    for place, each in enumerate(text):
        if quote:
            quote = "" if each == quote else quote
        elif each in "'\"":
            quote = each
        elif each == "(":
            depth += 1
        elif each == ")" and depth:
            depth -= 1
        elif each in ");|>" and not depth:
            return text[:place]
    return text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page)):
        if target.startswith(("http:", "https:")):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        if not file.exists() or (anchor and file.suffix == ".md" and anchor not in anchors(file)):
            lost.append(target)
    assert lost == []


def test_both_languages_give_the_same_commands() -> None:
    assert commands(LAPTOP) == commands(LAPTOP_JA) != []


@pytest.mark.parametrize("page", [LAPTOP, SMOKE], ids=lambda page: page.stem)
def test_a_shell_reads_the_commands(page: Path) -> None:
    done = subprocess.run(["bash", "-n"], input="\n".join(commands(page)), capture_output=True, text=True, check=False)
    assert done.stderr == ""


@pytest.mark.parametrize("page", [LAPTOP, SMOKE], ids=lambda page: page.stem)
def test_dpc_knows_its_calls(page: Path) -> None:
    found = calls(page, "dpc")
    assert len(found) >= 9
    for call in found:
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.suppress(SystemExit):
            parser().parse_args(call[1:])
        assert said.getvalue() == "", call


@pytest.mark.parametrize("page", [LAPTOP, SMOKE], ids=lambda page: page.stem)
def test_aws_knows_its_calls(page: Path) -> None:
    session = botocore.session.get_session()
    found = [call for call in calls(page, "aws") if call[1] not in HIGH_LEVEL]
    assert len(found) >= 2
    for call in found:
        model = session.get_service_model(call[1])
        operations = {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}
        shape = operations[call[2]].input_shape
        members = {xform_name(name, "-") for name in shape.members} if shape else set()
        given = {word.removeprefix("--") for word in call[3:] if word.startswith("--")}
        assert given - OF_THE_CLI <= members, call
