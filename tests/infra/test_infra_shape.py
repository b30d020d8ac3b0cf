"""What a module has to look like, by one that does not."""

import os
import subprocess
from pathlib import Path

from checks_environment import PACKAGE, PYTHON, needs_tools

PINNED = 'terraform {\n  required_version = ">= 1.10, < 2"\n'
BACKEND = (
    '  backend "s3" {{\n    bucket = "dpc-learning-tfstate"\n    key = "{key}"\n    region = "ap-northeast-1"\n'
    '    dynamodb_table = "terraform-lock"\n    use_lockfile = {lock}\n    encrypt = true\n  }}\n}}\n'
)


def problems(project: Path) -> list[str]:
    done = subprocess.run(
        [str(PYTHON), str(Path(__file__).with_name("shape_of.py")), str(project)],
        env=os.environ | {"PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.removeprefix("infra/terraform/") for line in done.stdout.splitlines()]


def root(project: Path, name: str, *, key: str, lock: str = "true", main: str = "locals {}\n") -> None:
    folder = project / "infra" / "terraform" / name
    folder.mkdir(parents=True)
    (folder / "versions.tf").write_text(PINNED + BACKEND.format(key=key, lock=lock))
    (folder / "main.tf").write_text(main)
    for file in ("variables.tf", "outputs.tf", "terraform.tfvars"):
        (folder / file).write_text("")


@needs_tools
def test_roots_differ_in_their_state_only(tmp_path: Path) -> None:
    root(tmp_path, "dev", key="dev.tfstate")
    root(tmp_path, "prod", key="prod.tfstate")
    assert problems(tmp_path) == []


@needs_tools
def test_roots_that_differ_are_told(tmp_path: Path) -> None:
    root(tmp_path, "dev", key="a.tfstate")
    root(tmp_path, "prod", key="a.tfstate", lock="false", main="locals {\n}\n")
    (tmp_path / "infra/terraform/prod/terraform.tfvars").unlink()
    assert problems(tmp_path) == [
        "prod/main.tf: expected the same bytes as dev/main.tf",
        "prod/terraform.tfvars: expected, found none",
        "prod: backend s3: use_lockfile: expected True, found False",
        "infra/terraform: backend s3: expected a key for each environment, found {'a.tfstate'}".removeprefix(
            "infra/terraform/"
        ),
    ]


@needs_tools
def test_everything_that_a_module_lacks_is_told(tmp_path: Path) -> None:
    root(tmp_path, "dev", key="dev.tfstate")
    root(tmp_path, "prod", key="prod.tfstate")
    module = tmp_path / "infra" / "terraform" / "modules" / "bad"
    module.mkdir(parents=True)
    (module / "versions.tf").write_text(
        'terraform {\n  required_providers {\n    aws = {\n      source  = "hashicorp/aws"\n      version = "~> 5.0"\n'
        '    }\n    random = {\n      source = "hashicorp/random"\n    }\n  }\n}\n'
    )
    (module / "main.tf").write_text(
        'variable "a" {\n  type = map(any)\n  validation {\n    condition = true\n    error_message = "No."\n  }\n}\n'
        'output "a" {\n  value = 1\n}\n'
    )
    (module / "unread.tf").write_text('locals {\n  a = replace("x", "$${aws:", "y")\n}\n')
    (module / "variables.tf").write_text("")
    assert problems(tmp_path) == [
        "modules/bad: expected outputs.tf, found none",
        "modules/bad/main.tf: variable a: expected a description",
        "modules/bad/main.tf: variable a: expected a written type, found ${map(any)}",
        "modules/bad/main.tf: variable a: expected a message that says what was expected and found",
        "modules/bad/main.tf: variable a: expected in variables.tf",
        "modules/bad/main.tf: output a: expected a description",
        "modules/bad/unread.tf: line 2, column 20: checkov's parser stops here and would judge nothing; "
        "write it another way",
        "modules/bad/versions.tf: expected required_version, found none",
        "modules/bad/versions.tf: provider aws: expected hashicorp/aws = 5.100.0, found "
        "{'source': 'hashicorp/aws', 'version': '~> 5.0'}",
        "modules/bad/versions.tf: provider random: expected hashicorp/aws = 5.100.0, found "
        "{'source': 'hashicorp/random'}",
    ]
