"""Starts the AWS on a laptop in the foreground: `.venv-aws/bin/python infra/local/serve.py --port 4566 --folder DIR`.

It ends with SIGINT or SIGTERM. `make aws-local` starts it, and Terraform and all that follows.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "infra" / "local"), str(PROJECT)]

from aws_local import server  # noqa: E402
from aws_local.settings import Settings  # noqa: E402


def main() -> None:
    words = argparse.ArgumentParser(prog="serve.py", description="An AWS on 127.0.0.1: ministack and our plug-ins.")
    words.add_argument("--port", type=int, default=4566, help="port on 127.0.0.1 (default 4566)")
    words.add_argument("--folder", type=Path, default=PROJECT / ".aws-local", help="where it keeps everything")
    words.add_argument(
        "--task-python",
        type=Path,
        default=PROJECT / ".venv" / "bin" / "python",
        help="Python that runs the dbt task (default: that of .venv)",
    )
    words.add_argument("--region", default="ap-northeast-1")
    words.add_argument("--wait-scale", type=float, default=1.0, help="how much of each wait before a retry passes")
    words.add_argument("--attached", action="store_true", help="end when standard input ends")
    given = words.parse_args()
    # Not resolve(): the Python of a virtual environment is a link, and what it links to knows no package of it.
    settings = Settings(
        given.port,
        given.folder.resolve(),
        given.task_python.absolute(),
        PROJECT,
        region=given.region,
        wait_scale=given.wait_scale,
    )
    server.run(settings, attached=given.attached)


if __name__ == "__main__":
    main()
