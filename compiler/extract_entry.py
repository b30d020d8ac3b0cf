"""Entry points: does `module:function` exist, and can it be called in AWS? Read from the text, never imported."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from compiler import project
from compiler.errors import Problem
from compiler.graph import Function
from compiler.project import Project
from compiler.runtime.handler import GIVEN

RULE = "entry"

_Function = ast.FunctionDef | ast.AsyncFunctionDef

ORCHESTRATOR = "dagster"


@dataclass(frozen=True)
class Entries:
    """The modules of the entry points, each read once."""

    files: Project
    _functions: dict[str, dict[str, _Function | None]] = field(default_factory=dict, compare=False, repr=False)

    def problems(self, where: str, functions: Iterable[Function]) -> list[Problem]:
        """What is wrong with the entry points of the functions."""
        found: list[Problem] = []
        for function in functions:
            if function.call:
                found += self._entry(where, function.call, called_by_us=False)
            found += self._entry(where, function.run, called_by_us=not function.call)
        return found

    def imports_dagster(self, module: str) -> bool:
        """Whether the text of the module itself imports dagster, on any path that runs in AWS."""
        known = self.files.module(module)
        if known is None or known.file is None:
            return False
        return any(
            each.module.partition(".")[0].partition("_")[0] == ORCHESTRATOR and not each.optional
            for each in self.files.source(known).imports
        )

    def _entry(self, where: str, entry: str, *, called_by_us: bool) -> list[Problem]:
        name = entry.partition(":")[0]
        try:
            known = self.files.module(name)
            if known is None or known.file is None:
                return [Problem(RULE, where, f"no module {name} for {entry}", self._near_modules(name))]
            if self.imports_dagster(name):
                message = f"{entry} cannot run in AWS: its module imports dagster, which no Lambda function has"
                return [Problem(RULE, where, message, APART_HINT)]
            return self._named(where, entry, called_by_us=called_by_us)
        except SyntaxError as error:
            return [Problem(RULE, where, f"{name} cannot be read: line {error.lineno}: {error.msg}", "mend the file")]

    def _named(self, where: str, entry: str, *, called_by_us: bool) -> list[Problem]:
        name, _, function = entry.partition(":")
        names, defined = self._names(name), self._defined(name)
        if function not in names:
            if {"*", "__getattr__"} & names:
                return []
            close = get_close_matches(function, sorted(names), n=3)
            listed = ", ".join(sorted(defined)[:12]) or "none"
            hint = f"near it: {', '.join(close)}" if close else f"functions there: {listed}"
            return [Problem(RULE, where, f"{name} has no {function}", hint)]
        node = defined.get(function)
        if not called_by_us or node is None:
            return []
        if isinstance(node, ast.AsyncFunctionDef):
            return [Problem(RULE, where, f"{entry} is a coroutine function: called, it does nothing", PLAIN_HINT)]
        if _yields(node):
            return [Problem(RULE, where, f"{entry} yields: called, it does nothing", PLAIN_HINT)]
        asked = [name for name in _asked(node) if name not in GIVEN]
        if asked and not node.decorator_list:
            message = f"{entry} asks for {', '.join(asked)}, which nothing gives it in AWS"
            return [Problem(RULE, where, message, GIVEN_HINT)]
        return []

    def _names(self, module: str) -> frozenset[str]:
        known = self.files.module(module)
        return self.files.source(known).defines if known else frozenset()

    def _defined(self, module: str) -> dict[str, _Function | None]:
        """The functions at the top of a module, by name; None where the name is (also) something else."""
        if module not in self._functions:
            known = self.files.module(module)
            tree = ast.parse(self.files.read(known.file)) if known and known.file else ast.Module([], [])
            self._functions[module] = _functions(tree)
        return self._functions[module]

    def _near_modules(self, name: str) -> str:
        """What lies beside where the module was looked for."""
        package, _, last = name.rpartition(".")
        while package and not (found := self.files.module(package)):
            package, _, last = package.rpartition(".")
        folders = found.folders if package and found else self.files.roots
        beside = sorted(
            {path.stem for folder in folders if folder.is_dir() for path in folder.iterdir() if _is_module(path)}
        )
        close = get_close_matches(last, beside, n=3)
        prefix = f"{package}." if package else ""
        if close:
            return f"near it: {', '.join(prefix + each for each in close)}"
        if package and beside:
            return f"in {package} there are: {', '.join(beside[:12])}"
        return "run dpc-compile in the project's folder, or install the project in place (pip install --editable .)"


APART_HINT = "move the function to a module without dagster, call it from the asset's body, and name it there"
PLAIN_HINT = "name a plain function that does the work and returns control data"
GIVEN_HINT = (
    f"it may ask for {', '.join(GIVEN)}, and reads what other assets made from your store; "
    "give other parameters a default, "
    'or name an adapter that calls it: {"lambda": {"call": "package.module:function"}}'
)


def entries(names: Iterable[str]) -> Entries:
    """The entry points to be looked at; the project's folders are those of the path that hold `names`."""
    return Entries(
        Project(project.roots(name for name in names if _has_spec(name.partition(".")[0].partition(":")[0])))
    )


def _has_spec(module: str) -> bool:
    """Not so for a script, and for a file that was run as a module of its own: they cannot be looked for by name."""
    return module not in sys.modules or getattr(sys.modules[module], "__spec__", None) is not None


def _is_module(path: object) -> bool:
    name = str(getattr(path, "name", ""))
    stem, _, suffix = name.partition(".")
    return stem.isidentifier() and not stem.startswith("__") and suffix in ("", "py")


def _functions(tree: ast.Module) -> dict[str, _Function | None]:
    found: dict[str, _Function | None] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found[node.name] = node
        else:
            found |= dict.fromkeys(_bound(node) & found.keys())
    return found


def _bound(node: ast.AST) -> set[str]:
    """Names that a statement may bind."""
    return {
        each.id if isinstance(each, ast.Name) else each.name
        for each in ast.walk(node)
        if isinstance(each, ast.FunctionDef | ast.ClassDef)
        or (isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))
    }


def _yields(function: _Function) -> bool:
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return False


def _asked(function: _Function) -> list[str]:
    """Parameters without a default."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = positional[: len(positional) - len(arguments.defaults)]
    named = [each for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is None]
    return [each.arg for each in (*required, *named)]
