"""`dpc aws`: the deployed machine from a terminal. Here: start, status, rerun, redrive."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dpc_assets.cli import places, show
from dpc_assets.cli.aws import follow, graph_file, listing, machines, query, report
from dpc_assets.cli.aws.account import Account, Refused
from dpc_assets.cli.aws.machines import ELT, PARENT, Machines
from dpc_assets.cli.aws.view import Reader
from dpc_assets.cli.errors import RunError, UsageError
from dpc_assets.cli.show import Lang, pick
from dpc_assets.steps import notice

_OF_THE_WAREHOUSE = {"query": query.run, "report": report.run}


def run(options: argparse.Namespace, home: Path) -> int:
    lang = getattr(options, "lang", None) or show.default_lang()
    if options.aws_command in _OF_THE_WAREHOUSE:
        options.workgroup = options.workgroup or os.environ.get("DPC_WORKGROUP")
        if not options.workgroup:
            raise UsageError("--workgroup: name the workgroup (or set DPC_WORKGROUP), such as dpc-learning-dev")
        return _OF_THE_WAREHOUSE[options.aws_command](options, Account(), lang)
    if options.every <= 0:
        raise UsageError(f"--every: expected more than 0 seconds, found {options.every:g}")
    deployed = Machines(Account(), machines.suffix(options.suffix))
    commands = {"start": _start, "status": _status, "redrive": _redrive, "rerun": _rerun}
    return commands[options.aws_command](options, deployed, lang)


def _start(options: argparse.Namespace, deployed: Machines, lang: Lang) -> int:
    machine, given = _asked(options)
    arn = deployed.start(options.machine or machine, given, _name(given))
    return _started(options, deployed, arn, given, lang)


def _asked(options: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """(machine, input) that the options ask for. Raises UsageError."""
    months = places.months(options.month) if options.month else ()
    if options.month and ".." in options.month:
        if options.select:
            raise UsageError(
                "--select: a range is run month by month by the parent machine, which takes no selection; "
                f"give one month, such as --month {months[0]}"
            )
        return PARENT, {"from": months[0], "to": months[-1]}
    if not months and not options.select:
        return PARENT, {}
    chosen = _selection(options.select)
    given = {"partition": months[0] if months else None, "select": chosen, "wait": options.wait or None}
    return ELT, {name: value for name, value in given.items() if value is not None}


def _selection(written: str | None) -> str | None:
    """SELECTION as the machine takes it: bare keys quoted; what the committed graph cannot hold is refused here."""
    if written is None:
        return None
    from dagster import AssetKey

    from dpc_assets.cli import selection

    known = [AssetKey.from_user_string(key) for key in graph_file.units_of_assets()]
    return selection.checked(written, known)


def _status(options: argparse.Namespace, deployed: Machines, lang: Lang) -> int:
    if options.execution is None:
        if options.follow:
            raise UsageError("--follow: name the EXECUTION to follow; `dpc aws status` lists the latest")
        return listing.run(options, deployed, lang)
    arn = str(deployed.execution(options.execution)["executionArn"])
    reader = Reader(deployed.account)
    view = follow.follow(reader, arn, lang, options.every) if options.follow else reader.view(arn)
    return follow.finish(view, lang, deployed.account, as_json=options.json, by_asset=options.assets)


def _redrive(options: argparse.Namespace, deployed: Machines, lang: Lang) -> int:
    described = deployed.execution(options.execution)
    arn = str(described["executionArn"])
    _refuse_redrive(described, Reader(deployed.account))
    try:
        deployed.account.call("stepfunctions", "redrive_execution", executionArn=arn, clientToken=os.urandom(16).hex())
    except Refused as refused:
        if refused.code == "ExecutionNotRedrivable":
            raise RunError(_not_redrivable(arn, refused.message)) from refused
        raise
    return _started(options, deployed, arn, machines.given(described), lang)


def _refuse_redrive(described: Mapping[str, Any], reader: Reader) -> None:
    """Raises RunError where a redrive cannot go on or would fail where it failed."""
    arn, status = str(described["executionArn"]), str(described["status"])
    if status in ("RUNNING", "PENDING_REDRIVE"):
        raise RunError(f"{arn} is {status}: nothing to redrive; look on with: dpc aws status {arn} --follow")
    if status == "SUCCEEDED":
        raise RunError(f"{arn} SUCCEEDED: nothing to redrive; to run it once more: dpc aws rerun {arn}")
    if described.get("redriveStatus", "REDRIVABLE") != "REDRIVABLE":
        reason = str(described.get("redriveStatusReason") or described["redriveStatus"])
        raise RunError(_not_redrivable(arn, reason))
    view = reader.view(arn)
    if notice.advice(view.status, view.failures) == "children":
        raise RunError(
            f"{arn}: a parent that names failed months would fail at the same place again; see to the months "
            "(dpc aws status EXECUTION), then start it again: dpc aws start / "
            "親の実行は再開できません。失敗した月を直してから始め直してください"
        )


def _not_redrivable(arn: str, reason: str) -> str:
    return (
        f"{arn} cannot be redriven: {reason}\nRun it anew instead: dpc aws rerun {arn} / "
        "再開できません。代わりに新しく実行してください"
    )


def _rerun(options: argparse.Namespace, deployed: Machines, lang: Lang) -> int:
    described = deployed.execution(options.execution)
    given = machines.given(described)
    machine = str(described["stateMachineArn"])
    if options.select is not None:
        if {"from", "to"} & given.keys() or machine.rpartition(":")[2].startswith(PARENT):
            raise UsageError("--select: this is an execution of the parent machine, which takes no selection")
        given["select"] = _selection(options.select)
    if options.wait and not machine.rpartition(":")[2].startswith(PARENT):
        given["wait"] = True
    arn = deployed.start(machine, given, _name(given))
    return _started(options, deployed, arn, given, lang)


def _name(given: Mapping[str, Any]) -> str:
    """A name that a person can tell: what is run, when it was asked for, and four digits that make it unique."""
    what = given.get("partition") or ("backfill" if "from" in given else "selection" if "select" in given else "new")
    return f"{what}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{os.urandom(2).hex()}"


def _started(options: argparse.Namespace, deployed: Machines, arn: str, given: Mapping[str, Any], lang: Lang) -> int:
    """Follows what was started, or says how to."""
    if options.follow:
        show.err().print(f"{pick(lang, '開始', 'Started')}: {arn}")
        view = follow.follow(Reader(deployed.account), arn, lang, options.every)
        return follow.finish(view, lang, deployed.account, as_json=options.json, by_asset=options.assets)
    if options.json:
        show.print_json({"execution": arn, "input": dict(given)})
    else:
        console = show.out()
        console.print(f"{pick(lang, '開始', 'Started')}: {arn}")
        console.print(f"{pick(lang, '追跡', 'Follow')}: dpc aws status {arn} --follow")
    return 0
