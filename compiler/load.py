"""Imports the definitions that a user points at, as `module:attr`."""

import importlib
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from compiler.errors import Problem, Refused, UsageError


def load(target: str, root: Path, prepare: str = "") -> Any:
    """The object that `target` (`package.module:attr`, attr `defs` where left out) names, imported with `root` first.

    `prepare` is a function, named in the same way, to be called before (one that parses a dbt project, say). A callable
    that is not itself the definitions is called without arguments, as Dagster does with `@definitions`. Raises
    UsageError for a name that is not there, Refused with the user's own line where importing it fails.
    """
    if str(root.resolve()) not in map(_resolved, sys.path):
        sys.path.insert(0, str(root.resolve()))
    with warnings.catch_warnings():
        if not sys.warnoptions:
            warnings.simplefilter("ignore")  # the user's own code warns its author when Dagster loads it
        if prepare:
            _called(_named(prepare, "prepare"), prepare)
        found = _named(target, "definitions")
        if callable(found) and not hasattr(found, "resolve_asset_graph"):
            found = _called(found, target)
    return found


def _resolved(place: str) -> str:
    return str(Path(place).resolve())


def _named(target: str, what: str) -> Any:
    name, _, attribute = target.partition(":")
    if not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"{what}: expected module:attr, such as shop.definitions:defs, found {target!r}")
    try:
        found: Any = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            raise UsageError(
                f"{what} {target}: there is no module {error.name} (looked from {sys.path[0]}; "
                "run the command where the project's pyproject.toml stands, or install the project)"
            ) from error
        raise _failed(f"{what} {target}", error) from error
    except (Exception, SystemExit) as error:
        raise _failed(f"{what} {target}", error) from error
    for part in (attribute or "defs").split("."):
        if not hasattr(found, part):
            near = [each for each, value in sorted(vars(found).items()) if hasattr(value, "resolve_asset_graph")]
            hint = f"; it has the definitions {', '.join(near)}" if near else ""
            raise UsageError(f"{what} {target}: {name} has no {part!r}{hint}")
        found = getattr(found, part)
    return found


def _called(function: Callable[[], Any], target: str) -> Any:
    try:
        return function()
    except (Exception, SystemExit) as error:
        raise _failed(target, error) from error


def _failed(where: str, error: BaseException) -> Refused:
    """The error in the user's code with the last line of it that was reached."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "importlib" not in frame.filename and frame.filename != __file__]
    place = f" ({own[-1].filename}:{own[-1].lineno})" if own else ""
    if isinstance(error, SyntaxError):
        place = f" ({error.filename}:{error.lineno})"
    text = str(error).strip() or "no message"
    return Refused([Problem("load", where, f"{type(error).__name__}: {text}{place}")])
