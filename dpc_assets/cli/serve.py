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
