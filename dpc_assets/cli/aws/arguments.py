"""The options of `dpc aws`. Imports nothing heavy: it is read for every command's help."""

from __future__ import annotations

import argparse
from collections.abc import Callable

_EXECUTION = "ARN, or the name that `dpc aws status` lists"
_SELECT = "such as mart/fact_stay+ or 'group:mart and not kind:seed'"


def add(root: argparse.ArgumentParser, lang: Callable[[argparse.ArgumentParser], None]) -> None:
    """Adds the commands to the parser of `dpc aws`. `lang` adds the option that all commands share."""
    commands = root.add_subparsers(dest="aws_command", metavar="COMMAND", required=True)

    start = _command(commands, "start", "start the deployed machine")
    start.add_argument(
        "--month",
        metavar="MONTH[..MONTH]",
        help="2025-04 runs that month; 2025-04..2025-06 starts the parent machine for a backfill; "
        "without it the parent runs every month that holds something new",
    )
    start.add_argument("--select", metavar="SELECTION", help=f"of one month: {_SELECT}")
    start.add_argument("--wait", action="store_true", help="wait for another writer instead of failing at once")
    start.add_argument("--machine", metavar="NAME|ARN", help="instead of dpc-learning-elt or dpc-learning-schedule")
    _follow(start)

    status = _command(commands, "status", "the latest executions, or one of them asset by asset")
    status.add_argument("execution", nargs="?", metavar="EXECUTION", help=_EXECUTION)
    status.add_argument("--follow", action="store_true", help="until it ends; exit status 1 where it fails")
    status.add_argument("--last", type=int, default=5, metavar="N", help="how many of each machine (default 5)")
    status.add_argument("--machine", metavar="NAME|ARN", help="list the executions of this machine only")

    redrive = _command(commands, "redrive", "go on in the same execution where it failed")
    redrive.add_argument("execution", metavar="EXECUTION", help=_EXECUTION)
    _follow(redrive)

    rerun = _command(commands, "rerun", "a new execution with the input of an earlier one")
    rerun.add_argument("execution", metavar="EXECUTION", help=_EXECUTION)
    rerun.add_argument("--select", metavar="SELECTION", help=f"instead of the earlier selection: {_SELECT}")
    rerun.add_argument("--wait", action="store_true", help="wait for another writer instead of failing at once")
    _follow(rerun)

    for command in (start, status, redrive, rerun):
        command.add_argument("--assets", action="store_true", help="each asset too, dbt's models by their own results")
        command.add_argument("--suffix", help="ending of the names of the environment, such as dev")
        command.add_argument(
            "--every", type=float, default=2.0, metavar="SECONDS", help="between two looks (default 2)"
        )

    query = _command(commands, "query", "read-only SQL over the deployed warehouse")
    query.add_argument("sql", metavar="SQL")
    shape = query.add_mutually_exclusive_group()
    shape.add_argument("--csv", action="store_true", help="CSV with a header line")
    shape.add_argument("--json", action="store_true", help="a list of objects")

    report = _command(commands, "report", "figures, what was exported, what is held, where the files are")
    report.add_argument("--lake", help="s3://bucket or s3://bucket/prefix (default: DPC_LAKE)")
    report.add_argument(
        "--queue", metavar="NAME|URL", help="SQS queue subscribed to the topic: shows its newest message"
    )

    for command in (query, report):
        command.add_argument("--workgroup", help="such as dpc-learning-dev (default: DPC_WORKGROUP)")
    for command in (start, status, redrive, rerun, report):
        command.add_argument("--json", action="store_true", help="machine-readable output")
        lang(command)


def _follow(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--follow",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="look on until it ends; exit status 1 where it fails (default); --no-follow ends at once",
    )


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    return made
