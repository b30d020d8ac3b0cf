"""The local Data API on a warehouse file as a process of its own, and dbt as another: what a laptop's AWS runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "infra" / "local" / "data_api_server.py"
USER = "IAMR:role-dbt-runner"


@contextmanager
def served(warehouse: Path) -> Iterator[dict[str, str]]:
    """The environment of a caller. Nothing else may open the file before the end."""
    command = [sys.executable, str(SERVER), "--warehouse", str(warehouse), "--port", "0", "--user", USER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DBT_", "DPC_"))}
        try:
            yield {
                **kept,
                "AWS_ENDPOINT_URL_REDSHIFT_DATA": address,
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_REGION": "ap-northeast-1",
                "AWS_EC2_METADATA_DISABLED": "true",
                "DPC_WORKGROUP": "dpc-learning-dev",
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            }
        finally:
            process.terminate()


def dbt(environ: Mapping[str, str], project: Path, folder: Path, *words: str) -> tuple[int, str]:
    """(exit status, what it said) of one command; its artifacts and log go to `folder`."""
    places = ["--project-dir", str(project), "--profiles-dir", str(project), "--log-path", str(folder)]
    places += [] if words[0] == "debug" else ["--target-path", str(folder)]
    command = [str(Path(sys.executable).with_name("dbt")), "--no-use-colors", *words, *places]
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
