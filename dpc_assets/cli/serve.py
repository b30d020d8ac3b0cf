"""`dpc dev`, `dpc docs`, `dpc prepare`: what a browser shows."""

import argparse
import http.server
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from dpc_assets.cli import places, show
from dpc_assets.cli.errors import RunError, UsageError


def run(options: argparse.Namespace, home: Path) -> int:
    from dpc_assets.assets.dbt_project import DbtProjectError, ensure_dbt_manifest

    try:
        ensure_dbt_manifest()
    except DbtProjectError as error:
        raise RunError(str(error)) from error
    if options.command == "dev":
        return _dev(options)
    if options.command == "docs":
        return _docs(options, home)
    return 0


def _dev(options: argparse.Namespace) -> int:
    places.lake(options)
    places.warehouse(options)
    command = [
        sys.executable,
        "-m",
        "dagster",
        "dev",
        "--workspace",
        "workspace.yaml",
        "--host",
        "127.0.0.1",
        "--port",
        str(options.port),
        "--log-level",
        "warning",
    ]
    filters = "ignore:Function `dev_command` is superseded,ignore:sqlglotrs is deprecated:DeprecationWarning"
    environment = os.environ | {"PYTHONWARNINGS": filters}
    show.err().print(f"Dagster: http://127.0.0.1:{options.port}   lake {os.environ['DPC_LAKE']}   (Ctrl+C ends it)")
    os.chdir(Path(__file__).resolve().parents[2])
    os.execve(sys.executable, command, environment)


def _docs(options: argparse.Namespace, home: Path) -> int:
    from dpc_assets.assets.dbt_project import DBT_FOLDER, TARGET, dbt_executable
    from dpc_assets.local import lock

    warehouse = places.existing_warehouse(options)
    tell = show.err().print
    with lock.hold(warehouse, "dpc docs", tell):
        done = subprocess.run(
            [dbt_executable(), "--quiet", "docs", "generate", "--static"],
            cwd=DBT_FOLDER,
            env=os.environ | {"DBT_PROFILES_DIR": str(DBT_FOLDER), "DBT_LOG_PATH": str(home / "logs")},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise RunError(f"dbt docs generate failed:\n{(done.stdout + done.stderr).strip()}")
    page = TARGET / "static_index.html"
    if options.no_serve:
        print(page)
        return 0
    handler = partial(_Quiet, directory=str(TARGET))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), handler)
    except OSError as error:
        raise UsageError(f"--port: {options.port} is in use ({error.strerror}); give another port") from error
    tell(f"dbt docs: http://127.0.0.1:{options.port}/static_index.html   (Ctrl+C ends it)")
    with server:
        server.serve_forever()
    return 0


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        return
