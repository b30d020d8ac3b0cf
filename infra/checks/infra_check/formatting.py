"""terraform fmt over everything that is Terraform."""

from __future__ import annotations

from collections.abc import Iterator

from infra_check import outside, terraform
from infra_check.outcome import Broken
from infra_check.place import Place


def problems(place: Place) -> Iterator[str]:
    done = outside.call([terraform.program(), "fmt", "-check", "-recursive", "-no-color"], folder=place.copy)
    if done.returncode and not done.stdout:
        raise Broken(f"terraform fmt: {done.stderr.strip()}")
    for name in done.stdout.splitlines():
        yield f"infra/terraform/{name}: not in terraform's format; run terraform fmt -recursive infra/terraform"
