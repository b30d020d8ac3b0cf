"""infra/README.md: its sums are right, its figures are those of the manifest, its table of checks is the list."""

import json
import re
import tempfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from checks_environment import ROOT
from infra_check import catalogue
from infra_check.place import Place

TEXT = (ROOT / "infra" / "README.md").read_text("utf-8")
ESTIMATE = json.loads((ROOT / "infra/terraform/generated/manifest.json").read_text("utf-8"))["estimate"]


def table(heading: str) -> list[tuple[str, Decimal, Decimal, Decimal]]:
    part = TEXT.split(f"### {heading}\n")[1].split("\n#")[0]
    found = re.findall(r"^\| ([^|*]+) \| ([0-9.]+) \| ([0-9.]+) \| ([0-9.]+) \|$", part, re.M)
    assert len(found) >= 5
    return [(name, Decimal(count), Decimal(price), Decimal(usd)) for name, count, price, usd in found]


def total(heading: str) -> Decimal:
    part = TEXT.split(f"### {heading}\n")[1].split("\n#")[0]
    return Decimal(re.findall(r"\*\*sum\*\* \| \| \| \*\*([0-9.]+)\*\*", part)[0])


@pytest.mark.parametrize("heading", ["A month that nobody uses", "A run of one month"])
def test_the_arithmetic(heading: str) -> None:
    for name, count, price, usd in table(heading):
        assert (count * price).quantize(usd, ROUND_HALF_UP) == usd, name
    assert sum(row[3] for row in table(heading)) == total(heading)


def test_a_run_costs_what_the_compiler_estimates() -> None:
    rows = {name: price for name, _, price, _ in table("A run of one month")}
    assert float(rows["Functions and transitions, from the manifest's estimate"]) == ESTIMATE["usd_per_run"]


def test_the_counts_are_those_of_the_modules() -> None:
    rows = {name: count for name, count, _, _ in table("A month that nobody uses")}
    assert rows["Secrets: Slack, hash key, administrator"] == 3
    secrets = (ROOT / "infra/terraform/modules/foundation/secrets.tf").read_text("utf-8")
    assert len(re.findall(r"^    [a-z-]+ += \"", secrets, re.M)) == 2  # and the administrator's, which Redshift makes


def test_the_table_of_checks_is_the_list() -> None:
    known = catalogue.checks(Place(ROOT, Path(tempfile.gettempdir())))
    part = TEXT.split("## Checks\n")[1]
    assert re.findall(r"^\| `([^`]+)` \| (.+) \|$", part, re.M) == [(each.name, each.about) for each in known]
