"""The server with the plug-ins that are tested here alone: `runners_start.py PORT FOLDER PROJECT TASK_PYTHON`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "infra" / "local"), str(ROOT)]

from aws_local import identities, server  # noqa: E402
from aws_local.settings import Settings  # noqa: E402

port, folder, project, task_python = sys.argv[1:]
for role in ("recorded-s3", "recorded-others", "recorded-presigned", "recorded-refused", "faulty", "other"):
    identities.credentials(f"arn:aws:iam::000000000000:role/{role}")  # as if a process of the server ran as it
server.PLUGINS = ("functions", "tasks", "calls", "faults")
server.run(Settings(int(port), Path(folder), Path(task_python), Path(project)), attached=True)
