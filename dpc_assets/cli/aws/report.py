"""`dpc aws report`: what the deployed machine has made: board, figures, months exported and held, where the files are.

SNS keeps no message, and no log holds its text (it may quote patients' ids): messages can be shown only where an SQS
queue is subscribed to the topic. What is read of it stays in it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from dpc_assets.cli import board, show
from dpc_assets.cli import report as local_report
from dpc_assets.cli.aws import warehouse
from dpc_assets.cli.aws.account import Account
from dpc_assets.cli.errors import UsageError
from dpc_assets.cli.outcome import KPI
from dpc_assets.cli.show import Lang, pick
from dpc_assets.steps import export
from dpc_assets.steps.ports import ObjectInfo
from dpc_assets.steps.store import S3Store

_PARQUET = re.compile(r"processed/([^/]+)/month=([0-9]{4}-[0-9]{2})/[^/]+\.parquet")
_SUCCESS = re.compile(r"processed/_success/month=([0-9]{4}-[0-9]{2})")
_DBT = re.compile(r"logs/dbt/(.+)/run_results\.json")
_LAKE = re.compile(r"s3://([^/]+)/?(.*)")
_MESSAGES = 10
_READS = 5

_KPI_SQL = f"SELECT {', '.join(KPI)} FROM mart.facility_monthly ORDER BY yyyymm, facility_code"
_BOARD_SQL = (
    "SELECT submission_yyyymm, submission_facility, file_type, version, newest_version, status, records, "
    "TO_CHAR(created_at, 'YYYY-MM-DD HH24:MI:SS'), findings FROM raw.loads"
)


@dataclass(frozen=True)
class Exported:
    """One dataset: months that it has files of, how many, bytes."""

    dataset: str
    months: tuple[str, ...]
    files: int
    bytes: int


@dataclass(frozen=True)
class Message:
    """One notification as its topic handed it on."""

    sent: str
    subject: str
    text: str


@dataclass(frozen=True)
class Made:
    """`board`: rows of raw.loads. `exported`: month -> when its export ended. `held`: month -> findings that hold
    it. `dbt`: folder of the newest run's artifacts, "" where there is none. `messages`: newest first."""

    lake: str
    board: tuple[dict[str, Any], ...]
    kpi: tuple[dict[str, Any], ...]
    held: dict[str, tuple[str, ...]]
    exported: dict[str, datetime | None]
    datasets: tuple[Exported, ...]
    dbt: str
    messages: tuple[Message, ...]


def run(options: argparse.Namespace, account: Account, lang: Lang) -> int:
    options.lake = options.lake or os.environ.get("DPC_LAKE")
    made = _made(options, account)
    if options.json:
        show.print_json({**asdict(made), "exported": {month: str(when) for month, when in made.exported.items()}})
    else:
        _print(made, options, lang)
    return 0


def _made(options: argparse.Namespace, account: Account) -> Made:
    bucket, prefix = _place(options.lake)
    store = S3Store(bucket, f"{prefix.rstrip('/')}/" if prefix else "", account.client("s3"))
    processed = list(store.list("processed/"))
    columns, kpi = warehouse.rows(account, options.workgroup, _KPI_SQL, name="report-figures")
    port = warehouse.port(account, options.workgroup)
    loads = board.in_order(port.fetch(_BOARD_SQL, name="report-board"))
    return Made(
        options.lake.rstrip("/"),
        tuple(dict(zip(board.COLUMNS, row, strict=True)) for row in loads),
        tuple(dict(zip(columns, row, strict=True)) for row in kpi),
        export.held_months(port),
        {found[1]: each.modified for each in processed if (found := _SUCCESS.fullmatch(each.key))},
        datasets(processed),
        newest_artifacts(store.list("logs/dbt/")),
        _messages(account, options.queue) if options.queue else (),
    )


def _place(lake: str | None) -> tuple[str, str]:
    found = _LAKE.fullmatch(lake or "")
    if found is None:
        raise UsageError(f"--lake: expected s3://bucket or s3://bucket/prefix (or DPC_LAKE), found {lake!r}")
    return found[1], found[2]


def datasets(objects: Iterable[ObjectInfo]) -> tuple[Exported, ...]:
    """What stands under processed/, by dataset."""
    files: dict[str, list[tuple[str, int]]] = {}
    for each in objects:
        if found := _PARQUET.fullmatch(each.key):
            files.setdefault(found[1], []).append((found[2], each.size))
    return tuple(
        Exported(name, tuple(sorted({month for month, _ in of})), len(of), sum(size for _, size in of))
        for name, of in sorted(files.items())
    )


def newest_artifacts(objects: Iterable[ObjectInfo]) -> str:
    """Folder of the newest run_results.json under logs/dbt/; "" where there is none."""
    results = [each for each in objects if _DBT.fullmatch(each.key)]
    newest = max(results, key=lambda each: each.modified or datetime.min.replace(tzinfo=UTC), default=None)
    return newest.key.rpartition("/")[0] + "/" if newest else ""


def _messages(account: Account, queue: str) -> tuple[Message, ...]:
    """What the queue holds, newest first. Each message is seen again at once by whoever reads next."""
    url = queue if "://" in queue else str(account.call("sqs", "get_queue_url", QueueName=queue)["QueueUrl"])
    found: dict[str, Message] = {}
    for _ in range(_READS):
        answer = account.call("sqs", "receive_message", QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        for each in answer.get("Messages", ()):
            told = json.loads(each["Body"])
            found[str(each["MessageId"])] = Message(
                str(told.get("Timestamp", "")), str(told.get("Subject", "")), str(told.get("Message", ""))
            )
    return tuple(sorted(found.values(), key=lambda each: each.sent, reverse=True)[:_MESSAGES])


def _print(made: Made, options: argparse.Namespace, lang: Lang) -> None:
    console = show.out()
    if made.board:
        board.print_board([tuple(each.values()) for each in made.board], lang)
    if made.kpi:
        console.print(local_report.figures(made.kpi, lang))
    else:
        console.print(pick(lang, "指標はまだありません", "No figures yet"))
    columns = pick(lang, "データセット 月 ファイル バイト", "dataset months files bytes").split()
    rows = [(each.dataset, _span(each.months), each.files, each.bytes) for each in made.datasets]
    console.print(show.table(f"Parquet  {made.lake}/processed/", columns, rows, numbers=(2, 3)))
    console.print(f"{pick(lang, '出力済み', 'Exported')}  {' '.join(made.exported) or '-'}")
    for month, findings in made.held.items():
        for finding in findings:
            console.print(f"{pick(lang, '保留', 'Held')}      {month} {finding}", style="bold red")
    if made.dbt:
        console.print(f"dbt       {made.lake}/{made.dbt}")
    for message in made.messages[:1]:
        console.print(f"{pick(lang, '通知', 'Message')}   {message.subject}", style="bold")
        console.print("\n".join(f"  {line}" for line in message.text.splitlines()))
    console.print(
        f"{pick(lang, '次に', 'Next')}: dpc aws query 'SELECT * FROM mart.fact_stay LIMIT 5' "
        f"--workgroup {options.workgroup}"
    )


def _span(months: Sequence[str]) -> str:
    return f"{months[0]}..{months[-1]} ({len(months)})" if len(months) > 1 else "".join(months)
