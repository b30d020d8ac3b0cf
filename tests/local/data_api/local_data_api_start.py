"""The whole server, which knows two roles from the start: `local_data_api_start.py PORT FOLDER TASK_PYTHON`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "infra" / "local"), str(ROOT)]

from aws_local import identities, server  # noqa: E402
from aws_local.settings import Settings  # noqa: E402

port, folder, task_python = sys.argv[1:]
for role in ("role-dbt-runner", "role-lambda-dpc"):
    identities.credentials(f"arn:aws:iam::000000000000:role/{role}")  # as if a process of the server ran as it
server.run(Settings(int(port), Path(folder), Path(task_python), ROOT), attached=True)
