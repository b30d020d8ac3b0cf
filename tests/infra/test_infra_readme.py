"""infra/README.md: its sums are right, its figures are those of the files, its commands name what there is."""

import json
import re
import tempfile
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from checks_environment import ROOT
from infra_check import catalogue
from infra_check.place import Place

TERRAFORM = ROOT / "infra" / "terraform"
TEXT = (ROOT / "infra" / "README.md").read_text("utf-8")
MANIFEST = json.loads((TERRAFORM / "generated" / "manifest.json").read_text("utf-8"))
ESTIMATE = MANIFEST["estimate"]
IDLE, RUN = "A month in which nothing is delivered", "A run of one month"
STARTS_S = 60
"""Assumed for pulling the image and starting the task."""

Row = tuple[str, Decimal, Decimal, Decimal]


def part(heading: str) -> str:
    return re.split(r"^#", TEXT.split(f"# {heading}\n")[1], maxsplit=1, flags=re.M)[0]


def table(heading: str) -> dict[str, Row]:
    """What -> name of the price, count, price, USD."""
    found = re.findall(r"^\| ([^|*]+) \| ([^|]+) \| ([0-9.]+) \| ([0-9.]+) \| ([0-9.]+) \|$", part(heading), re.M)
    assert len(found) >= 9
    return {name: (price, Decimal(count), Decimal(each), Decimal(usd)) for name, price, count, each, usd in found}


def total(heading: str) -> Decimal:
    return Decimal(re.findall(r"\*\*sum\*\* \| \| \| \| \*\*([0-9.]+)\*\*", part(heading))[0])


def prices() -> dict[str, Decimal]:
    found = re.findall(r"^\| ([^|]+) \| ([0-9.]+) \| .{8,} \|$", part("What it costs"), re.M)
    return {name: Decimal(usd) for name, usd in found}


def hcl(name: str) -> str:
    return (TERRAFORM / name).read_text("utf-8")


@pytest.mark.parametrize("heading", [IDLE, RUN])
def test_the_arithmetic(heading: str) -> None:
    for name, (price, count, each, usd) in table(heading).items():
        assert each == prices()[price], name
        assert (count * each).quantize(usd, ROUND_HALF_UP) == usd, name
    assert sum(row[3] for row in table(heading).values()) == total(heading)


def test_every_price_is_used_and_says_where_it_was_read() -> None:
    used = {row[0] for heading in (IDLE, RUN) for row in table(heading).values()}
    assert used == set(prices())


def test_the_sums_in_the_text() -> None:
    words = " ".join(TEXT.split())
    ((idle, runs, run, month),) = re.findall(r"With (?=\d+ runs).*?([0-9.]+) \+ (\d+) x ([0-9.]+) = ([0-9.]+)\.", words)
    assert (Decimal(idle), Decimal(run)) == (total(IDLE), total(RUN))
    assert (Decimal(idle) + int(runs) * Decimal(run)).quantize(Decimal(month), ROUND_HALF_UP) == Decimal(month)
    ((hours, price, most),) = re.findall(r"(\d+) x ([0-9.]+) = ([0-9.]+) a month", words)
    assert Decimal(price) == prices()["Redshift Serverless, RPU hour"] and int(hours) * Decimal(price) == Decimal(most)
    assert int(hours) == default("dev", "redshift_monthly_rpu_hours")
    assert f"`monthly_budget_usd` ({default('dev', 'monthly_budget_usd')})" in words


def default(root: str, variable: str) -> int:
    block = hcl(f"{root}/variables.tf").split(f'variable "{variable}"')[1].split("\nvariable")[0]
    return int(re.findall(r"^  default += (\d+)$", block, re.M)[0])


def test_a_run_is_that_of_the_manifests_estimate() -> None:
    rows = table(RUN)
    seconds = {unit["name"]: unit["seconds"] for unit in ESTIMATE["units"]}
    warehouse = sum(each for name, each in seconds.items() if name != "raw/submissions")
    dbt = hours(seconds["dbt"] + STARTS_S)
    counts = {name.split(",")[0] + "|" + price: count for name, (price, count, _, _) in rows.items()}
    assert f"Warehouse, 8 RPU for {warehouse:.0f} s" in rows
    assert f"dbt task, 1 vCPU for {seconds['dbt']:.0f} s and {STARTS_S} s to start" in rows
    assert counts["Warehouse|Redshift Serverless, RPU hour"] == rounded(8 * hours(warehouse))
    assert counts["dbt task|Fargate, vCPU hour"] == counts["dbt task|Public IPv4 address, hour"] == rounded(dbt)
    assert counts["dbt task|Fargate, GB hour"] == rounded(2 * dbt)
    assert float(prices()["Functions and transitions of a run"]) == ESTIMATE["usd_per_run"]


def hours(seconds: float) -> Decimal:
    return Decimal(str(seconds)) / 3600


def rounded(count: Decimal) -> Decimal:
    return count.quantize(Decimal("0.001"), ROUND_HALF_UP)


def test_the_task_and_the_warehouse_are_as_large_as_said() -> None:
    pipeline = hcl("modules/pipeline/variables.tf")
    assert "default     = 1024" in pipeline.split('variable "dbt_cpu"')[1].split("\nvariable")[0]
    assert "default     = 2048" in pipeline.split('variable "dbt_memory"')[1].split("\nvariable")[0]
    assert default("prod", "redshift_base_rpu") == 8


def test_an_idle_month_counts_what_the_modules_make() -> None:
    counts = {name: row[1] for name, row in table(IDLE).items()}
    secrets = re.findall(r'^    [a-z-]+ += "', hcl("modules/foundation/secrets.tf"), re.M)
    assert counts["Secrets: Slack, hash key, administrator"] == len(secrets) + 1  # the administrator's is Redshift's
    alarms = hcl("modules/operations/alarms.tf")
    watched = re.findall(r'"Executions\w+"', alarms.split("ended_badly = ")[1].split("]")[0])
    single = len(re.findall(r'resource "aws_cloudwatch_metric_alarm"', alarms)) - 1  # all but the one of the machines
    limits = len(re.findall(r"^    \w+ = \{$", hcl("modules/redshift/limits.tf"), re.M))
    of_machines = len(MANIFEST["machines"]) * len(watched)
    assert counts["Metrics that alarms watch"] == of_machines + single + limits
    parent = json.loads(hcl(f"generated/{MANIFEST['machines'][MANIFEST['schedule']['machine']]['file']}"))
    assert counts["Nightly starts, 20 transitions at most"] == 30 * 20 and len(parent["States"]) <= 20


def test_every_folder_is_in_the_table_and_every_module_in_the_picture() -> None:
    said = set(re.findall(r"`(terraform/[\w/]+|image|checks)`", TEXT.split("```mermaid")[0].split("|---|---|")[1]))
    modules = {path.parent.name for path in TERRAFORM.glob("modules/*/versions.tf")}
    roots = {path.parent.name for path in TERRAFORM.glob("*/versions.tf")}
    assert said == {"image", "checks", *(f"terraform/{each}" for each in roots)} | {
        f"terraform/modules/{each}" for each in modules
    }
    picture = TEXT.split("```mermaid")[1].split("```")[0]
    assert modules <= set(re.findall(r"\w+", picture))


def test_arrows_between_modules_are_those_of_the_root() -> None:
    picture = TEXT.split("```mermaid")[1].split("```")[0]
    blocks = dict(re.findall(r'^module "(\w+)" \{\n(.*?)^\}', hcl("dev/main.tf"), re.M | re.DOTALL))
    holes = set(re.findall(r"module\.(\w+)\.", hcl("dev/main.tf").split("holes = merge(")[1].split("\n}\n")[0]))
    for one, other in re.findall(r"^  (\w+)(?:\[[^\]]*\])? -\.?-> (\w+)", picture, re.M):
        if one in blocks and other in blocks:
            given = set(re.findall(r"module\.(\w+)[.\[]", blocks[other]))
            assert one in given | (holes if "local.holes" in blocks[other] else set()), f"{one} --> {other}"


def test_commands_name_variables_and_outputs_that_there_are() -> None:
    assert declared("variable", "bootstrap") >= set(re.findall(r"-var (\w+)=", TEXT)) != set()
    assert declared("variable", "dev") >= set(re.findall(r"TF_VAR_(\w+)=", TEXT)) != set()
    assert declared("output", "dev") >= set(re.findall(r"output -raw (\w+)", TEXT)) != set()
    assert "workflow_role_arns" in declared("output", "bootstrap")
    assert set(re.findall(r"--function-name ([\w-]+)", TEXT)) <= set(MANIFEST["functions"])
    assert "dev/terraform.tfstate" in hcl("dev/backend.tf")


def declared(kind: str, root: str) -> set[str]:
    return {name for path in sorted((TERRAFORM / root).glob("*.tf")) for name in found(kind, path)}


def found(kind: str, path: Path) -> list[str]:
    return re.findall(rf'^{kind} "(\w+)"', path.read_text("utf-8"), re.M)


def test_what_is_said_to_refuse_does() -> None:
    files = "".join(path.read_text("utf-8") for path in sorted(TERRAFORM.rglob("*.tf")))
    assert "force_destroy" not in files and "force_delete" not in files
    assert hcl("modules/foundation/key.tf").count("deletion_window_in_days = 30") == 1
    assert hcl("modules/foundation/secrets.tf").count("recovery_window_in_days = 30") == 1
    assert "deletion_protection_enabled = true" in hcl("bootstrap/main.tf")
    assert "noncurrent_days = 30" in hcl("modules/foundation/trail.tf")


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert len(links) >= 3
    assert [each for each in links if not (ROOT / "infra" / each).resolve().is_file()] == []


def test_the_table_of_checks_is_the_list() -> None:
    known = catalogue.checks(Place(ROOT, Path(tempfile.gettempdir())))
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", TEXT.split("## Checks\n")[1], re.M)
    assert rows == [(each.name, each.about) for each in known]
