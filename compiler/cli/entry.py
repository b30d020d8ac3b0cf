"""From the words of the command to its exit status: 0 done, 1 refused, different or failed, 2 wrong usage."""

import importlib
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence

from compiler.cli.arguments import parser
from compiler.errors import CompileError, Problem, Refused, UsageError

NESTING = 10_000
"""How deep Python may recurse: a plan nests as deep as its graph is long, and JSON of it four times as deep."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; answers its exit status. Never shows a stack trace."""
    options = parser(_version).parse_args(arguments)
    sys.setrecursionlimit(max(NESTING, sys.getrecursionlimit()))
    try:
        return int(importlib.import_module(f"compiler.cli.{options.command}").run(options))
    except Refused as error:
        return _refused(error.problems, bool(options.json))
    except UsageError as error:
        return _fail(str(error), 2)
    except CompileError as error:
        return _fail(str(error), 1)
    except KeyboardInterrupt:
        return _fail("interrupted; what was written is whole, the same command writes the rest", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _explain(error)


def _refused(problems: Sequence[Problem], as_json: bool) -> int:
    if as_json:
        found = [
            {"rule": problem.rule, "where": problem.where, "message": problem.message, "hint": problem.hint}
            for problem in problems
        ]
        print(json.dumps({"problems": found}, ensure_ascii=False, indent=2))
        return 1
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return _fail("\n".join([f"refused: {count}", *map(str, problems)]), 1)


def _explain(error: Exception) -> int:
    """Anything that no class of ours names is a defect: its trace goes to a file that is named."""
    handle, name = tempfile.mkstemp(prefix="dpc-compile-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        log.write(traceback.format_exc())
    first = (str(error).splitlines() or [""])[0]
    message = f"unexpected {type(error).__name__}: {first}\nThis is a defect of dpc-compile. The details are in {name}"
    return _fail(message, 1)


def _fail(message: str, status: int) -> int:
    for line in message.splitlines():
        print(f"dpc-compile: {line}", file=sys.stderr)
    return status


def _version() -> str:
    from importlib import metadata

    names = metadata.packages_distributions().get("compiler", [])
    return metadata.version(names[0]) if names else "(not installed)"
