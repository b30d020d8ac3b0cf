"""docs/images/aws-status.svg: what `dpc aws status EXECUTION` prints of the AWS that the environment names.

source .aws-local/aws.env && .venv/bin/python docs/aws_status.py EXECUTION
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import SVG_EXPORT_THEME
from rich.text import Text

from dpc_assets.cli.aws import draw, graph_file
from dpc_assets.cli.aws.account import Account
from dpc_assets.cli.aws.advice import reasons
from dpc_assets.cli.aws.machines import Machines
from dpc_assets.cli.aws.view import Reader

FILE = Path(__file__).parent / "images" / "aws-status.svg"
WIDTH = 122


def main(execution: str) -> None:
    account = Account()
    view = Reader(account).view(str(Machines(account).execution(execution)["executionArn"]))
    console = Console(
        record=True, file=io.StringIO(), width=WIDTH, force_terminal=True, highlight=False, emoji=False, markup=False
    )
    console.print(Text(f"$ dpc aws status {view.name}", style="bold"))
    console.print(draw.table(view, "en", datetime.now(UTC), graph_file.units_of_assets()))
    for line in reasons(view, "en"):
        console.print(Text(line))
    console.save_svg(str(FILE), title="dpc aws status", theme=SVG_EXPORT_THEME, unique_id="aws-status")
    sys.stdout.write(f"{FILE}\n")


if __name__ == "__main__":
    main(sys.argv[1])
