"""`dpc aws query`: read-only SQL over the deployed warehouse."""

from __future__ import annotations

import argparse

from dpc_assets.cli.aws import warehouse
from dpc_assets.cli.aws.account import Account
from dpc_assets.cli.rows import print_rows
from dpc_assets.cli.show import Lang


def run(options: argparse.Namespace, account: Account, lang: Lang) -> int:
    sql = warehouse.only_reads(options.sql)
    columns, rows = warehouse.rows(account, options.workgroup, sql, name="query")
    print_rows(options, columns, rows)
    return 0
