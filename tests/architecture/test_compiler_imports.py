"""The arrows of the compiler, read from its source: it is generic, passes form a ladder, its runtime stands alone."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "compiler"
DAGSTER = {"compiler.extract"}
JSONATA = ("compiler.check.", "compiler.interpreter.")


def modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(path: Path, *, at_import: bool = False) -> set[str]:
    """Modules that a file names in its imports; `at_import`: only those outside functions and `if TYPE_CHECKING`."""
    names: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module is not None, f"{path}: relative import"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name for name in whole if name in MODULES} or {node.module}
        skipped = at_import and (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            or (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING")
        )
        if not skipped:
            waiting += ast.iter_child_nodes(node)
    return names


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_may_import(name: str) -> None:
    names = imported(MODULES[name])
    tops = {each.split(".")[0] for each in names}
    assert not tops & {"dpc_assets", "infra", "tests"}, "nothing here knows the pipeline beside it"
    assert "dagster" not in tops or name in DAGSTER
    assert "jsonata" not in tops or name.startswith(JSONATA)
    assert name.startswith("compiler.cli") or not any(each.startswith("compiler.cli") for each in names)


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("compiler.runtime")])
def test_the_runtime_needs_nothing_beside_boto3(name: str) -> None:
    foreign = {each for each in imported(MODULES[name]) if not each.startswith("compiler.runtime")}
    assert {each.split(".")[0] for each in foreign} - set(sys.stdlib_module_names) <= {"boto3", "botocore"}
    assert not {each.split(".")[0] for each in imported(MODULES[name], at_import=True)} & {"boto3", "botocore"}


def test_no_module_imports_itself_over_others() -> None:
    arrows = {name: imported(path, at_import=True) & MODULES.keys() - {name} for name, path in MODULES.items()}
    done: set[str] = set()
    while ready := {name for name, after in arrows.items() if name not in done and after <= done}:
        done |= ready
    assert sorted(MODULES.keys() - done) == []


def test_the_package_runs_nothing_when_imported() -> None:
    assert not any(
        isinstance(node, ast.Import | ast.ImportFrom)
        for node in ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8")).body
    )
