"""The words of the command. What the options mean by default stands in `settings`."""

import argparse
from collections.abc import Callable
from typing import Any

STRATEGIES = ("sp", "levels")

BUILD = """\
Reads the Dagster definitions, plans them and writes, all or nothing:

  OUT/<machine>.asl.json     one Step Functions machine, ${...} where Terraform puts ARNs
  OUT/manifest.json          functions, roles and permissions, schedule, digests, the graph and its plan
  DIST/*.zip                 one reproducible zip a Lambda function (not to be committed)
"""

PLAN = """\
Prints when each unit runs: nested series and parallel, the only shapes that Step Functions composes. Without --graph
the definitions are planned; with it any graph of the form

  {"nodes": [{"key": "a", "duration_s": 12.0}, {"key": "b"}], "edges": [["a", "b"]]}

where an edge is [before, after] and a node without duration_s counts 60 seconds.
"""

DIFF = """\
A and B are each a folder or manifest.json of a build, or a git revision whose committed build is read. `main..HEAD` are
two revisions; one of them alone is compared with the folder of generated files as it is now; none is HEAD.
"""

SIMULATE = """\
Runs the machine in pure Python with virtual time: nothing is called, nothing costs. Prints a Gantt chart.
"""


def parser(version: Callable[[], str]) -> argparse.ArgumentParser:
    """All commands. A command's module is imported only when it is called."""
    root = argparse.ArgumentParser(
        prog="dpc-compile",
        description="Dagster assets to one AWS Step Functions machine, Lambda zips and a manifest for Terraform.",
        epilog="Exit status: 0 done; 1 refused, different or failed; 2 wrong usage. "
        "Defaults come from [tool.dpc-compile] in pyproject.toml. Each command has --help.",
    )
    root.add_argument("--version", action=_Version, const=version, nargs=0, help="print the version and stop")
    commands = root.add_subparsers(dest="command", metavar="COMMAND", required=True)

    build = _command(commands, "build", "compile the definitions and write the generated files", BUILD)
    _definitions(build)
    _out(build)
    build.add_argument("--dist", metavar="DIR", help="where the zips go (default: build/dist)")
    build.add_argument(
        "--holes",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="put VALUE where the machines have ${NAME}, for use without Terraform; may be repeated; or a JSON file",
    )
    build.add_argument("--layers", action="store_true", help="also build the declared layers (asks a package index)")
    _json(build)

    check = _command(
        commands, "check", "verify that the committed files are what would be generated, or lint any machine"
    )
    _definitions(check)
    _out(check)
    check.add_argument("--machine", metavar="FILE.json", nargs="+", help="lint these machines instead")
    _json(check)

    diff = _command(commands, "diff", "what differs, in meaning, between two builds or git revisions", DIFF)
    diff.add_argument("a", metavar="A", nargs="?", default="HEAD", help="folder, manifest.json, revision or range")
    diff.add_argument("b", metavar="B", nargs="?", help="the same (default: the generated files as they are)")
    _out(diff)
    diff.add_argument("--exit-code", action="store_true", help="exit with 1 where there is a difference")
    _json(diff)

    graph = _command(commands, "graph", "draw the machine (SVG or HTML): groups, critical path, added edges")
    _definitions(graph)
    _graph(graph)
    graph.add_argument("--out", metavar="FILE", help=".svg or .html (default: build/<machine>.html)")
    graph.add_argument("--open", action="store_true", help="show it in the browser")
    _json(graph)

    plan = _command(commands, "plan", "when each unit runs, how long it takes and what it costs", PLAN)
    _definitions(plan)
    _graph(plan)
    _json(plan)

    simulate = _command(commands, "simulate", "run the machine in pure Python and print a Gantt chart", SIMULATE)
    _definitions(simulate, "that the tasks take, in a machine planned by what is declared")
    _graph(simulate)
    simulate.add_argument("--select", metavar="SELECTION", help="such as 'mart/orders+' or 'group:mart'")
    simulate.add_argument("--partition", metavar="KEY", help="such as 2025-04")
    simulate.add_argument(
        "--fail",
        metavar="KEY[=ERROR][xN]",
        action="append",
        default=[],
        help="an asset, unit or state that fails: with this error, or only its first N tries do; may be repeated",
    )
    simulate.add_argument("--redrive", action="store_true", help="after a failure go on where it stopped")
    simulate.add_argument("--html", metavar="FILE", help="also write the Gantt chart as a page")
    _json(simulate)

    explain = _command(commands, "explain", "the states of one asset, what it waits for and what waits for it")
    explain.add_argument("asset", metavar="ASSET", help="asset key or unit name")
    _definitions(explain)
    _graph(explain)
    _json(explain)
    return root


class _Version(argparse.Action):
    """Asks `const` for the version only when it is wanted: looking it up takes longer than most commands."""

    def __call__(self, parser: argparse.ArgumentParser, *ignored: Any) -> None:
        print(f"dpc-compile {self.const()}")
        parser.exit()


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str, more: str = ""
) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(
        name,
        help=text,
        description=more or text[0].upper() + text[1:] + ".",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return made


def _definitions(to: argparse.ArgumentParser, seconds: str = "that the plan is made by") -> None:
    to.add_argument(
        "--definitions", metavar="MODULE:ATTR", help="the Dagster Definitions, such as shop.definitions:defs"
    )
    to.add_argument(
        "--durations", metavar="FILE", help=f'seconds {seconds}, by asset or unit, as JSON: {{"mart/orders": 42.5}}'
    )
    to.add_argument(
        "--strategy",
        metavar="NAME",
        help="sp: nested series and parallel, the best found (default); levels: a barrier after each level",
    )


def _graph(to: argparse.ArgumentParser) -> None:
    to.add_argument("--graph", metavar="FILE.json", help="any graph instead of the definitions; - reads standard input")


def _out(to: argparse.ArgumentParser) -> None:
    to.add_argument("--out", metavar="DIR", help="folder of the generated files (default: infra/terraform/generated)")


def _json(to: argparse.ArgumentParser) -> None:
    to.add_argument("--json", action="store_true", help="machine-readable output")
