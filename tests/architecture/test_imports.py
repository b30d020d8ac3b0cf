"""The arrows: who may import whom, read from the source. And: the steps run alone."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "dpc_assets"

# A module may import the packages of ours named for it, besides its own. What is not named is not allowed.
ALLOWED = {
    "dpc_assets.formats": set(),
    "dpc_assets.steps": {"dpc_assets.formats"},
    "dpc_assets.local": {"dpc_assets.steps", "dpc_assets.formats"},
    "dpc_assets.sample": {"dpc_assets.steps", "dpc_assets.formats"},
    "dpc_assets.submit": {"dpc_assets.steps", "dpc_assets.formats"},
    "dpc_assets.ref_import": {"dpc_assets.steps"},
    "dpc_assets.resources": {"dpc_assets.steps", "dpc_assets.local", "dpc_assets.formats"},
    "dpc_assets.assets": {"dpc_assets.steps", "dpc_assets.formats", "dpc_assets.resources"},
    "dpc_assets.definitions": {"dpc_assets.assets", "dpc_assets.resources"},
    "dpc_assets.cli": {
        "dpc_assets.definitions",
        "dpc_assets.assets",
        "dpc_assets.resources",
        "dpc_assets.local",
        "dpc_assets.sample",
        "dpc_assets.submit",
        "dpc_assets.ref_import",
        "dpc_assets.steps",
        "dpc_assets.formats",
    },
}
RUNTIME = {"boto3", "botocore"}  # beside the standard library, all that a Lambda has


def package_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def modules() -> list[tuple[str, Path]]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found.append((".".join(parts[:-1] if parts[-1] == "__init__" else parts), path))
    return found


def imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            assert node.module is not None
            names.add(node.module)
            if node.module == "dpc_assets":
                names |= {f"dpc_assets.{alias.name}" for alias in node.names}
    return names - {"dpc_assets"}


def test_the_package_runs_nothing_when_imported() -> None:
    assert (PACKAGE / "__init__.py").read_bytes() == b""


@pytest.mark.parametrize(("module", "path"), modules(), ids=[name for name, _ in modules()])
def test_imports_point_one_way(module: str, path: Path) -> None:
    if module == "dpc_assets":
        return
    own = package_of(module)
    ours = {package_of(name) for name in imports(path) if name.startswith("dpc_assets")}
    assert ours - {own} <= ALLOWED[own], f"{module} may not import {sorted(ours - {own} - ALLOWED[own])}"
    assert not {name for name in imports(path) if name.split(".")[0] in ("compiler", "infra", "tests")}


@pytest.mark.parametrize("package", ["steps", "formats"])
def test_the_lambda_runtime_needs_nothing_beside_boto3(package: str) -> None:
    for path in sorted((PACKAGE / package).rglob("*.py")):
        foreign = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names) - RUNTIME
        assert foreign <= {"dpc_assets"}, f"{path.name} imports {sorted(foreign)}"


def test_every_step_can_be_imported_without_site_packages() -> None:
    names = [name for name, _ in modules() if name.startswith(("dpc_assets.steps.", "dpc_assets.formats."))]
    code = "import sys; " + "; ".join(f"import {name}" for name in names) + "; print('boto3' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout == "False\n"
