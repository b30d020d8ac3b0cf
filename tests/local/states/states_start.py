"""The server with the plug-ins that are tested here: `states_start.py PORT FOLDER WAIT_SCALE`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "infra" / "local"), str(ROOT)]

from aws_local import server  # noqa: E402
from aws_local.settings import Settings  # noqa: E402

port, folder, wait_scale = sys.argv[1:]
settings = Settings(int(port), Path(folder), Path(sys.executable), ROOT, wait_scale=float(wait_scale))
os.environ.update(server.environment(settings))

server.PLUGINS = ("functions", "calls", "faults", "states", "schedules")
server.run(settings, attached=True)
