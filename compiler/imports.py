"""What the text of one module asks for: the modules it imports and the strings by which it may name its data.

Read from the syntax tree; nothing is imported. A `Source` is the same whatever Python reads it.
"""

import ast
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

_REMOVED_SINCE_3_11 = (
    "_bootsubprocess _crypt _msi _sha256 _sha512 aifc asynchat asyncore audioop cgi cgitb chunk crypt distutils imghdr "
    "imp lib2to3 mailcap msilib nis nntplib ossaudiodev pipes smtpd sndhdr spwd sunau telnetlib uu xdrlib"
)
_ADDED_SINCE_3_11 = (
    "_android_support _colorize _interpchannels _interpqueues _interpreters _ios_support _opcode_metadata _pydatetime "
    "_pylong _pyrepl _sha2 _suggestions _sysconfig _wmi"
)
STDLIB = sys.stdlib_module_names.union(_REMOVED_SINCE_3_11.split()).difference(_ADDED_SINCE_3_11.split())
"""Top-level modules of Python 3.11, which Lambda runs, whatever Python compiles (3.11 to 3.13)."""

_FORGIVING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
_BY_NAME = {"import_module", "__import__"}
_RESOURCES = {"files", "get_data", "open_binary", "open_text", "read_binary", "read_text", "contents", "is_resource"}
"""Functions of importlib.resources and pkgutil that take a package's name."""


@dataclass(frozen=True, order=True)
class Import:
    """One import of an absolute `module`; `names` are taken from it and may be modules of their own, or be `*`.

    `optional`: the code goes on without it, or needs it only on another Python or system.
    """

    line: int
    module: str
    names: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class Source:
    """`strings` are the constants of the code, docstrings left out; `exports` is a literal `__all__`.

    `defines` are names bound at the top of the module (`*` where another module's names come in); `climbs`: the code
    walks up from its own folder.
    """

    imports: tuple[Import, ...]
    strings: frozenset[str]
    exports: tuple[str, ...]
    defines: frozenset[str]
    climbs: bool


def read(text: bytes, module: str, is_package: bool) -> Source:
    """The source of `module`. Raises SyntaxError where Python 3.11 could not read it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(text, filename=module, feature_version=(3, 11))
    package = module if is_package else module.rpartition(".")[0]
    found: set[Import] = set()
    strings: set[str] = set()
    climbs = False
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, optional = waiting.pop()
        found.update(_imports(node, package, optional))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            strings.add(node.value)
        climbs = climbs or _climbs(node)
        waiting += _below(node, optional)
    return Source(tuple(sorted(found)), frozenset(strings), _exports(tree), frozenset(_defines(tree)), climbs)


def _imports(node: ast.AST, package: str, optional: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(node.lineno, alias.name, (), optional)
    elif isinstance(node, ast.ImportFrom):
        module = _absolute("." * node.level + (node.module or ""), package)
        if module:
            yield Import(node.lineno, module, tuple(alias.name for alias in node.names), optional)
    elif isinstance(node, ast.Call) and _name(node.func) in _BY_NAME | _RESOURCES and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            module = _absolute(first.value, package)
            if module and all(part.isidentifier() for part in module.split(".")):
                yield Import(node.lineno, module, (), optional or _name(node.func) in _RESOURCES)


def _absolute(module: str, package: str) -> str:
    """`.b` seen from package `a` is `a.b`; empty where the dots lead out of the top package."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    if not level:
        return name
    parts = package.split(".") if package else []
    if level > len(parts):
        return ""
    return ".".join([*parts[: len(parts) - level + 1], *([name] if name else [])])


def _below(node: ast.AST, optional: bool) -> list[tuple[ast.AST, bool]]:
    """What is looked at under a node, and whether the code can do without what it imports."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return []
    if isinstance(node, ast.If):
        return [(child, optional or _depends_on_python(node.test)) for child in _taken(node)]
    if isinstance(node, ast.Try | ast.TryStar):
        forgiving = any(_forgives(handler.type) for handler in node.handlers)
        tried: list[ast.AST] = [*node.body, *node.handlers, *node.orelse]
        return [(child, optional or forgiving) for child in tried] + [(child, optional) for child in node.finalbody]
    if isinstance(node, ast.With):
        suppressed = any(
            isinstance(item.context_expr, ast.Call)
            and _name(item.context_expr.func) == "suppress"
            and any(_forgives(argument) for argument in item.context_expr.args)
            for item in node.items
        )
        return [(child, optional or suppressed) for child in ast.iter_child_nodes(node)]
    return [(child, optional) for child in ast.iter_child_nodes(node)]


def _taken(node: ast.If) -> list[ast.AST]:
    """The branches that run when the module is imported in AWS: not those for type checkers or for scripts."""
    test = node.test
    if _name(test) == "TYPE_CHECKING" or _is_main(test):
        return [*node.orelse]
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not) and _name(test.operand) == "TYPE_CHECKING":
        return [*node.body]
    return [*ast.iter_child_nodes(node)]


def _is_main(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.ops[0], ast.Eq)
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value == "__main__"
    )


def _depends_on_python(test: ast.expr) -> bool:
    return any(_name(node) in {"version_info", "platform"} for node in ast.walk(test) if isinstance(node, ast.expr))


def _forgives(caught: ast.expr | None) -> bool:
    if isinstance(caught, ast.Tuple):
        return any(_forgives(each) for each in caught.elts)
    return caught is None or _name(caught) in _FORGIVING


def _name(node: ast.expr) -> str:
    """`c` for the expressions c and a.b.c."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _climbs(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "parents" or (node.attr == "parent" and _name(node.value) == "parent")
    return (
        isinstance(node, ast.Call)
        and _name(node.func) == "dirname"
        and any(isinstance(each, ast.Call) and _name(each.func) == "dirname" for each in node.args)
    )


def _exports(tree: ast.Module) -> tuple[str, ...]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(_name(target) == "__all__" for target in node.targets):
            try:
                names = ast.literal_eval(node.value)
            except ValueError:
                return ()
            return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list | tuple) else ()
    return ()


def _defines(tree: ast.Module) -> Iterator[str]:
    """Names bound by the statements of a module, those inside `if`, `try` and `with` included."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, ast.Lambda):
            waiting += ast.iter_child_nodes(node)
