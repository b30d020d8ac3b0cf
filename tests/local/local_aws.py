"""An AWS on a laptop for tests: a server of their own on a free port, with a folder of their own, and what is deployed
in it by Terraform.

Tests put `tests/local` on sys.path, and skip with `why_not()` where it cannot be. Where a test process is killed, its
server ends by itself: it reads the end of its standard input.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from botocore.config import Config

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / each) for each in ("infra/local", "infra/checks") if str(PROJECT / each) not in sys.path]

from aws_up import contents, deploy, place, processes, roots  # noqa: E402
from aws_up.place import Place, Standing  # noqa: E402
from aws_up.roots import Root  # noqa: E402


def why_not(deployed: bool = True) -> str:
    """Why there can be no server here, or no deployment in it; nothing where there can."""
    if not Place(PROJECT, PROJECT).server_python.exists():
        return ".venv-aws is not there: make aws-local-environment"
    if deployed and shutil.which("terraform") is None:
        return "terraform was not found on PATH"
    return ""


class LocalAws:
    """One server. `start`, then `apply` where the platform is wanted in it, at last `stop`."""

    def __init__(self) -> None:
        self.place = Place(PROJECT, PROJECT)
        self.port = 0
        self.seconds: dict[str, float] = {}
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The server's process; 0 where none was started."""
        return self._server.pid if self._server else 0

    @property
    def log(self) -> Path:
        return self.place.logs / "server.log"

    def start(self, folder: Path, port: int = 0, wait_scale: float = 1.0) -> LocalAws:
        """A server that keeps what it has below `folder`, on a free port where none is given. `wait_scale`: how much of
        each wait before a retry passes."""
        self.place = Place(PROJECT, folder)
        self.port = port or place.free_port()
        began = time.monotonic()
        self._server = processes.start_server(self.place, self.port, attached=True, wait_scale=wait_scale)
        self.seconds["start"] = time.monotonic() - began
        return self

    def apply(self, as_committed: bool = False) -> Root:
        """Compiles and applies both roots. `as_committed`: not even the way of the zips is another than in AWS."""
        began = time.monotonic()
        with ThreadPoolExecutor() as beside:
            compiling = beside.submit(deploy.compiled, self.place)
            root = deploy.applied(self.place, self.port, compiling.result, lambda said: None, as_committed)
        self.seconds["apply"] = time.monotonic() - began
        return root

    def changes(self, root: str) -> str:
        """What a plan of the root would change, in Terraform's words; nothing where it would change nothing."""
        return Root(self.place, self.port, root).changes()

    def destroy(self) -> None:
        """Empties the buckets of the environment and destroys it; the bootstrap stays."""
        deploy.emptied(self.port)
        Root(self.place, self.port, roots.DEV).destroy()

    def environment(self) -> dict[str, str]:
        """What points another process at the server."""
        return place.environment(self.port)

    def client(self, service: str, config: Config | None = None) -> Any:
        """boto3's client, which tries nothing again."""
        return contents.client(self.port, service, config)

    def migrate(self) -> dict[str, Any]:
        """Users, grants and tables, by the deployed function."""
        return contents.migrate(self.port)

    def calls(self) -> list[dict[str, Any]]:
        """Every call that reached the server, in order."""
        lines = (self.place.folder / "calls.jsonl").read_text("utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def stop(self) -> None:
        """Ends the server and everything that it started."""
        if self._server is not None:
            processes.stop(Standing(self._server.pid, self.port))
            if self._server.stdin:
                self._server.stdin.close()
            self._server.wait()
            self._server = None
