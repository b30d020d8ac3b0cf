"""The runner itself: what it prints, how it ends, that it skips in words and leaves nothing behind."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from checks_environment import PACKAGE, PYTHON, ROOT, needs_terraform, needs_tools
from infra_check import catalogue, formatting, house, machines, modules, outside, terraform
from infra_check.outcome import FAILED, PASSED, SKIPPED, Broken, Check, Unasked
from infra_check.place import Place
from infra_check.run import outcome, run


def command(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PYTHON), "-W", "ignore", "-m", "infra_check", *arguments],
        cwd=PACKAGE,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A project with one module and nothing else; its scratch folder."""
    module = tmp_path / "project" / "infra" / "terraform" / "modules" / "small"
    module.mkdir(parents=True)
    (module / "variables.tf").write_text('variable "days" {\n  type        = number\n  description = "Days"\n}\n')
    (module / "outputs.tf").write_text('output "days" {\n  description = "Days"\n  value       = var.days\n}\n')
    (module / "versions.tf").write_text('terraform {\n  required_version = ">= 1.10, < 2"\n}\n')
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return Place(tmp_path / "project", scratch)


def module(place: Place) -> Path:
    return place.source / "modules" / "small"


def run_block(name: str, days: int, expected: int) -> str:
    """A run block of Terraform's own tests."""
    return (
        f'run "{name}" {{\n  command = plan\n  variables {{\n    days = {days}\n  }}\n  assert {{\n'
        f"    condition     = output.days == {expected}\n"
        f'    error_message = "expected {expected}, found {days}"\n  }}\n}}\n'
    )


def test_every_problem_of_every_check_is_told_and_the_order_is_that_of_the_catalogue(place: Place) -> None:
    def several(_: Place) -> Iterator[str]:
        yield "one"
        yield "two"

    def unasked(_: Place) -> Iterator[str]:
        raise Unasked("nobody is there")

    def broken(_: Place) -> Iterator[str]:
        yield "before"
        raise Broken("it fell over")

    checks = [
        Check("a", "", several),
        Check("b", "", unasked, terraform=True),
        Check("c", "", lambda _: []),
        Check("d", "", broken),
    ]
    told: list[str] = []
    found = run(checks, place, lambda each: told.append(each.name))
    assert [(each.name, each.status) for each in found] == [("a", FAILED), ("b", SKIPPED), ("c", PASSED), ("d", FAILED)]
    assert found[0].problems == ("one", "two")
    assert (found[1].problems, found[1].reason) == ((), "nobody is there")
    assert found[3].problems == ("it fell over",)
    assert sorted(told) == ["a", "b", "c", "d"]


def test_a_bug_of_a_check_is_no_outcome(place: Place) -> None:
    def wrong(_: Place) -> Iterator[str]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outcome(Check("a", "", wrong), place)


def test_what_is_shared_is_made_once_and_its_failure_is_kept(place: Place) -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        raise Broken("no")

    for _ in range(2):
        with pytest.raises(Broken, match="no"):
            place.once("x", make)
    assert made == [1]


@needs_tools
def test_names_wrong_usage_and_lists() -> None:
    listed = command("--list")
    assert listed.returncode == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [
        each.name for each in catalogue.checks(Place(ROOT, ROOT))
    ]
    unknown = command("nothing-like-it")
    assert unknown.returncode == 2
    assert "unknown check: nothing-like-it" in unknown.stderr and "validate:" in unknown.stderr


@needs_tools
def test_a_line_for_each_check_and_the_same_as_json() -> None:
    found = command("asl-validator", "texts", "--json")
    told = json.loads(found.stdout)
    assert [each["name"] for each in told["checks"]] == ["texts", "asl-validator"]
    assert all(isinstance(each["seconds"], float) for each in told["checks"])
    assert (found.returncode, told["failed"]) == (0, 0)
    lines = command("texts").stdout.splitlines()
    assert lines[0].startswith("ok") and " s  texts" in lines[0]
    assert lines[-1].startswith("infra-check: 1 passed, 0 failed, 0 skipped in ")


@needs_tools
def test_without_terraform_what_needs_it_is_skipped_with_the_reason(tmp_path: Path) -> None:
    names = ("fmt", "plan:dev", "parliament")
    found = command(*names, "--json", PATH=str(tmp_path))
    told: dict[str, Any] = json.loads(found.stdout)
    assert found.returncode == 0
    reasons = {each["name"]: (each["status"], each["reason"][:27]) for each in told["checks"]}
    assert reasons == dict.fromkeys(names, (SKIPPED, "terraform was not found on "))
    assert command(*names, "--strict", PATH=str(tmp_path)).returncode == 1
    assert "SKIP" in command("fmt", PATH=str(tmp_path)).stdout


@needs_tools
@needs_terraform
def test_a_folder_of_plugins_that_is_not_there_is_named() -> None:
    module_names = [each.name for each in catalogue.checks(Place(ROOT, ROOT)) if each.name.startswith("validate:")]
    found = json.loads(command(module_names[0], "--json", DPC_TF_PLUGINS="/nowhere").stdout)
    assert found["checks"][0]["reason"].startswith("DPC_TF_PLUGINS: expected a folder")


@needs_terraform
def test_fmt_finds_what_is_not_in_format(place: Place) -> None:
    assert list(formatting.problems(place)) == []
    (module(place) / "ugly.tf").write_text("locals {\na=1\n}\n")
    other = Place(place.project, place.scratch / "other")
    other.scratch.mkdir()
    assert list(formatting.problems(other)) == [
        "infra/terraform/modules/small/ugly.tf: not in terraform's format; run terraform fmt -recursive infra/terraform"
    ]


@needs_terraform
def test_validate_and_test_tell_what_terraform_says_and_leave_nothing(place: Place) -> None:
    before = sorted(place.project.rglob("*"))
    assert list(modules.invalid(place, "modules/small")) == []
    assert list(modules.failing_tests(place, "modules/small")) == [
        "infra/terraform/modules/small: expected tests in tests/*.tftest.hcl, found none"
    ]
    assert sorted(place.project.rglob("*")) == before

    (module(place) / "tests").mkdir()
    runs = (run_block("right", 3, 3), run_block("wrong", 4, 5))
    (module(place) / "tests" / "days.tftest.hcl").write_text("".join(runs))
    (module(place) / "outputs.tf").write_text('output "days" {\n  description = "Days"\n  value = var.days\n}\n')
    again = Place(place.project, place.scratch / "again")
    again.scratch.mkdir()
    found = list(modules.failing_tests(again, "modules/small"))
    assert len(found) == 2
    assert "run wrong: fail" in found[0] and "expected 5, found 4" in found[1]

    (module(place) / "outputs.tf").write_text('output "days" {\n  description = "Days"\n  value = var.hours\n}\n')
    broken = Place(place.project, place.scratch / "broken")
    broken.scratch.mkdir()
    (found_line,) = modules.invalid(broken, "modules/small")
    assert found_line.startswith("infra/terraform/modules/small/outputs.tf:3: Reference to undeclared input variable")


def test_terraform_writes_into_the_scratch_only(place: Place) -> None:
    with pytest.raises(Broken, match="may only write below"):
        terraform.run(place, place.source, "version")


def test_a_tool_that_does_not_end_is_broken(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "LIMIT_S", 0.2)
    with pytest.raises(Broken, match="still running"):
        outside.call(["sleep", "5"], folder=place.scratch)
    with pytest.raises(Broken, match="no JSON: words"):
        outside.parsed(outside.call(["echo", "words"], folder=place.scratch), "echo")


def test_no_machine_is_a_problem(place: Place) -> None:
    assert list(machines.problems(place)) == [
        "infra/terraform/generated: expected *.asl.json, found none; run dpc-compile build"
    ]


def test_an_account_number_and_what_tools_leave_are_found(place: Place) -> None:
    (module(place) / "main.tf").write_text(
        'locals {\n  a = "arn:aws:iam::123456789012:role/x"\n  b = "210987654321"\n}\n'
    )
    assert list(house.text_rules(place)) == [
        "infra/terraform/modules/small/main.tf:3: 210987654321: expected no account number but the examples"
    ]
    left = ("infra/terraform/dev/terraform.tfstate", "infra/terraform/modules/a/.terraform.lock.hcl", "infra/a.zip")
    kept = ("infra/terraform/dev/.terraform.lock.hcl", "infra/terraform/modules/a/tests/fixture/a.zip", "infra/a.tf")
    assert [bool(house.LEFT.search(each)) for each in (*left, *kept)] == [True] * 3 + [False] * 3
