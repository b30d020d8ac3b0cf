"""`dpc`: the command line. Exit status 0 done, 1 the data or the run failed, 2 wrong usage; never a stack trace."""

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from dpc_assets.cli import home
from dpc_assets.cli.aws import arguments as aws_arguments
from dpc_assets.cli.errors import CommandError

MONTH_HELP = "2025-04, or 2025-04..2025-06 for a range"


def parser() -> argparse.ArgumentParser:
    """All commands. A command's module is imported only when it is called."""
    root = argparse.ArgumentParser(
        prog="dpc",
        description="DPC survey files to marts, checks and Parquet. DPC調査データをマート・検査・Parquetに。",
        epilog="Start with: make demo, then make dev. Each command has --help.",
    )
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)

    sample = _command(commands, "sample", "write synthetic submissions in the official layout")
    sample.add_argument("--out", metavar="LAKE", help="folder or s3://bucket/prefix")
    sample.add_argument("--month", help="first month, such as 2025-04")
    sample.add_argument("--months", type=int, default=1, help="how many months (default 1)")
    sample.add_argument("--facilities", type=int, default=2, help="how many hospitals (default 2)")
    sample.add_argument(
        "--stays", type=int, default=200, help="stays of a hospital that begin in a month (default 200)"
    )
    sample.add_argument("--seed", type=int, default=1, help="same arguments, same bytes (default 1)")
    sample.add_argument("--fault", metavar="NAME", help="inject one named fault")
    sample.add_argument("--ef-lines", type=int, metavar="N", help="one hospital, one month, N lines of EFn, streamed")
    sample.add_argument("--list-faults", action="store_true", help="list the faults and stop")
    _json(sample)
    _lang(sample)

    submit = _command(commands, "submit", "check a folder of official files and store it as the next version")
    submit.add_argument("source", metavar="DIR", help="folder with FF1_<facility>_<YYMM>.txt and the others")
    _lake(submit)
    _json(submit)
    _lang(submit)

    run = _command(commands, "run", "run the assets of one or more months through Dagster")
    _lake(run)
    _warehouse(run)
    run.add_argument("--month", required=True, help=MONTH_HELP)
    run.add_argument("--select", metavar="SELECTION", help="such as mart/fact_stay+ or 'group:mart and not kind:seed'")
    run.add_argument("--dry-run", action="store_true", help="change nothing; print assets and changed stays")
    run.add_argument("--verbose", action="store_true", help="everything that Dagster and dbt say")
    _json(run)
    _lang(run)

    query = _command(commands, "query", "read-only SQL over the marts")
    query.add_argument("sql", metavar="SQL")
    _warehouse(query)
    shape = query.add_mutually_exclusive_group()
    shape.add_argument("--csv", action="store_true", help="CSV with a header line")
    shape.add_argument("--json", action="store_true", help="a list of objects")

    board = _command(commands, "board", "the month-end board: month x facility x file type")
    _warehouse(board)
    board.add_argument("--month", help=MONTH_HELP + " (default: all)")
    _json(board)
    _lang(board)

    ref = _command(commands, "ref", "reference tables")
    imported = ref.add_subparsers(dest="ref_command", metavar="COMMAND", required=True).add_parser(
        "import", help="load the ministry's points table (.xlsx)", description="Load the ministry's points table."
    )
    imported.add_argument("file", metavar="FILE.xlsx")
    _warehouse(imported)
    _json(imported)
    _lang(imported)

    aws_arguments.add(_command(commands, "aws", "the deployed machine: start, status, rerun, redrive"), _lang)

    dev = _command(commands, "dev", "Dagster's user interface on 127.0.0.1")
    dev.add_argument("--port", type=int, default=3000)
    _lake(dev)
    _warehouse(dev)

    docs = _command(commands, "docs", "dbt docs of the warehouse on 127.0.0.1")
    docs.add_argument("--port", type=int, default=8080)
    docs.add_argument("--no-serve", action="store_true", help="only generate dbt/target/index.html")
    _warehouse(docs)

    _command(commands, "prepare", "parse the dbt project and make DAGSTER_HOME, as other commands do by themselves")
    _command(commands, "version", "print the versions")
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; answers its exit status."""
    options = parser().parse_args(arguments)
    folder = home.prepare()
    try:
        module = importlib.import_module(f"dpc_assets.cli.{_module(options.command)}")
        return int(module.run(options, folder))
    except CommandError as error:
        return _fail(str(error), error.status)
    except KeyboardInterrupt:
        return _fail("interrupted; the same command starts again where nothing was kept half-done", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _explain(error, folder, options.command)


def _explain(error: Exception, folder: Path, command: str) -> int:
    """A step's error as it is; anything else is a bug: its trace goes to a file that is named."""
    from dpc_assets.steps.errors import StepError

    if isinstance(error, StepError):
        return _fail(str(error), 1)
    log = home.log_file(folder, f"{command}-error")
    log.write_text(traceback.format_exc(), encoding="utf-8")
    first = (str(error).splitlines() or [""])[0]
    return _fail(f"unexpected {type(error).__name__}: {first}\nThis is a defect of dpc. The details are in {log}", 1)


def _fail(message: str, status: int) -> int:
    for line in message.splitlines():
        print(f"dpc: {line}" if not line.startswith(" ") else f"dpc:   {line.strip()}", file=sys.stderr)
    return status


def _module(command: str) -> str:
    modules = {"run": "run_months", "ref": "reference", "dev": "serve", "docs": "serve", "prepare": "serve"}
    return {**modules, "aws": "aws.command"}.get(command, command)


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str
) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    return made


def _lake(to: argparse.ArgumentParser) -> None:
    to.add_argument("--lake", help="folder or s3://bucket/prefix (default: DPC_LAKE, else ./data/lake)")


def _warehouse(to: argparse.ArgumentParser) -> None:
    to.add_argument("--warehouse", metavar="FILE", help="DuckDB file (default: DPC_WAREHOUSE, else ./data/dpc.duckdb)")


def _json(to: argparse.ArgumentParser) -> None:
    to.add_argument("--json", action="store_true", help="machine-readable output")


def _lang(to: argparse.ArgumentParser) -> None:
    to.add_argument("--lang", choices=("ja", "en"), help="language of tables (default: from LANG)")


if __name__ == "__main__":
    sys.exit(main())
