"""The runtime imports only the standard library, and little of it: a cold start pays for every import."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import compiler.runtime

FOLDER = Path(compiler.runtime.__file__).parent
MODULES = sorted(file.stem for file in FOLDER.glob("*.py") if file.stem != "__init__")
HEAVY = {
    "asyncio", "boto3", "botocore", "dagster", "difflib", "email", "http", "logging", "multiprocessing", "random",
    "socket", "ssl", "subprocess", "tempfile", "unittest", "urllib.request", "xml", "zipfile", "zoneinfo",
}  # fmt: skip


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """A folder with the runtime and nothing else, as in a zip."""
    shutil.copytree(FOLDER, tmp_path / "compiler" / "runtime", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "compiler" / "__init__.py").touch()
    return tmp_path


def python(folder: Path, code: str) -> str:
    command = [sys.executable, "-S", "-E", "-c", f"import sys; sys.path[:0] = [{str(folder)!r}]; {code}"]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_alone_and_light(alone: Path, module: str) -> None:
    code = f"import compiler.runtime.{module}; import json; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(python(alone, code)))
    assert not loaded & HEAVY
    assert {name for name in loaded if name.split(".")[0] == "compiler"} >= {f"compiler.runtime.{module}"}
    assert not {name for name in loaded if name.startswith("compiler.") and not name.startswith("compiler.runtime")}


@pytest.mark.parametrize("module", MODULES)
def test_only_the_standard_library_is_named(module: str) -> None:
    """At the head of a module: the standard library and the runtime; inside functions boto3 and botocore, too."""
    tree = ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8"))
    head = {name for node in tree.body for name in imported(node)}
    inside = {name for node in ast.walk(tree) for name in imported(node)} - head
    allowed = sys.stdlib_module_names | {"compiler.runtime"}
    assert {name for name in head if name not in allowed} == set()
    assert {name for name in inside if name not in allowed} <= {"boto3", "botocore"}


def imported(node: ast.AST) -> list[str]:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    if isinstance(node, ast.ImportFrom) and node.module:
        names = [node.module]
    return [name if not name.startswith("compiler") else ".".join(name.split(".")[:2]) for name in map(top, names)]


def top(name: str) -> str:
    return name if name.startswith("compiler") else name.split(".")[0]


def test_a_bound_step_runs_alone(alone: Path) -> None:
    (alone / "steps.py").write_text("def run(partition):\n    return {'month': partition}\n", encoding="utf-8")
    index = "from compiler.runtime.handler import bind\nhandler = bind('steps:run')\n"
    (alone / "index.py").write_text(index, encoding="utf-8")
    event = {"context": {"Execution": {"Name": "x"}}, "plan": {"partition": "2025-04"}}
    out = python(alone, f"import index; print(index.handler({event!r}, None))").splitlines()
    assert out[-1] == "{'month': '2025-04'}"


def test_the_plan_step_runs_alone(alone: Path) -> None:
    graph = {"version": 1, "machine": "m", "assets": {"a": {"unit": "a"}}, "units": {"a": {}}}
    (alone / "graph.json").write_text(json.dumps(graph), encoding="utf-8")
    event = {"context": {"Execution": {"Id": "arn", "Input": {"select": "a"}}}}
    code = f"from compiler.runtime.plan_run import handler; print(handler({event!r}, None)['selected'])"
    assert python(alone, code).splitlines()[-1] == "['a']"
