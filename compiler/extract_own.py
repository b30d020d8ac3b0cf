"""The function that Dagster runs for an asset or check, as an entry point; or why it cannot be one."""

from __future__ import annotations

import sys
from typing import Any

from compiler.extract_entry import Entries
from compiler.vocabulary import Own

NONE = Own("", "it has no single function of its own")


def own_function(function: Any, takes: tuple[str, ...], known: Entries) -> Own:
    """`takes`: its parameters that are given values of other assets."""
    module, name = getattr(function, "__module__", None), getattr(function, "__qualname__", None)
    if not (isinstance(module, str) and isinstance(name, str)):
        return NONE
    run = f"{module}:{name.rpartition('.')[2].strip('<>')}"
    return Own(run, _reason(function, module, name, run, takes, known))


def _reason(function: Any, module: str, name: str, run: str, takes: tuple[str, ...], known: Entries) -> str:
    try:
        imports_dagster = known.imports_dagster(module)
    except SyntaxError:
        imports_dagster = False
    if module == "__main__":
        return f"its own function {name} stands in the script that was started, which nothing can import by name"
    if imports_dagster:
        return f"its own function {run} stands in a module that imports dagster, which no Lambda function has"
    if takes:
        return (
            f"its own function {run} takes the values of {', '.join(takes)}: in AWS nothing is passed but control "
            "data: declare deps=[...] and read from your store"
        )
    if "." in name or "<" in name:
        return f"its own function {run} is defined inside another function or class"
    if getattr(sys.modules.get(module), name, None) is not function:
        return f"its own function is not what {module} calls {name}"
    if "context" in getattr(getattr(function, "__code__", None), "co_varnames", ())[: _arguments(function)]:
        return f"its own function {run} asks for Dagster's context, which there is none of in AWS"
    return ""


def _arguments(function: Any) -> int:
    code = function.__code__
    return int(code.co_argcount + code.co_kwonlyargcount)
