"""validate and test of one folder of Terraform: a module or a root."""

from __future__ import annotations

from collections.abc import Iterator

from infra_check import outside, terraform
from infra_check.outcome import Broken
from infra_check.place import Place


def invalid(place: Place, name: str) -> Iterator[str]:
    """What `terraform validate` says; a warning is a problem too."""
    folder = terraform.initialised(place, place.copy / name)
    done = terraform.run(place, folder, "validate", "-json")
    found = outside.parsed(done, f"terraform validate in {name}")
    for each in found["diagnostics"]:
        yield f"infra/terraform/{name}/{terraform.told(each)}"


def failing_tests(place: Place, name: str) -> Iterator[str]:
    """What `terraform test` says of tests/*.tftest.hcl. A module without a test is a problem, and so is a skip."""
    if not any((place.copy / name / "tests").glob("*.tftest.hcl")):
        yield f"infra/terraform/{name}: expected tests in tests/*.tftest.hcl, found none"
        return
    folder = terraform.initialised(place, place.copy / name)
    done = terraform.run(place, folder, "test", "-json")
    summary = None
    for each in terraform.lines(done.stdout):
        if each["type"] == "diagnostic" and each["diagnostic"]["severity"] == "error":
            yield f"infra/terraform/{name}/{terraform.told(each['diagnostic'])}"
        if each["type"] == "test_run" and each["test_run"].get("status") in ("error", "fail", "skip"):
            run = each["test_run"]
            yield f"infra/terraform/{name}/{run['path']}: run {run['run']}: {run['status']}"
        if each["type"] == "test_summary":
            summary = each["test_summary"]
    if summary is None:
        raise Broken(f"terraform test in {name} ended with status {done.returncode}: {done.stderr.strip()[-2000:]}")
    if not summary.get("passed"):
        yield f"infra/terraform/{name}: no test passed"
    place.note(f"test:{name}", f"{summary.get('passed', 0)} runs")
