"""`dpc sample`: synthetic submissions."""

import argparse
from pathlib import Path

from dpc_assets.cli import places, show
from dpc_assets.cli.errors import UsageError
from dpc_assets.cli.show import pick


def run(options: argparse.Namespace, home: Path) -> int:
    from dpc_assets.sample import SampleError, generate

    lang = options.lang or show.default_lang()
    if options.list_faults:
        return _list_faults(options, lang)
    if not options.out or not options.month:
        raise UsageError("sample: --out LAKE and --month 2025-04 are needed (or --list-faults)")
    (month, *more) = places.months(options.month)
    if more:
        raise UsageError(f"--month: expected one month; how many follow is --months N; found {options.month!r}")
    options.lake = options.out
    address = places.lake(options)
    big = options.ef_lines is not None
    try:
        report = generate(
            places.store(address),
            month,
            months=options.months,
            facilities=1 if big else options.facilities,
            stays=options.stays,
            seed=options.seed,
            fault=options.fault,
            ef_lines=options.ef_lines,
        )
    except SampleError as error:
        raise UsageError(str(error)) from error
    if options.json:
        show.print_json(
            {
                "lake": address,
                "fault": report.fault.name if report.fault else None,
                "submissions": [
                    {
                        "month": each.submission.month,
                        "facility": each.submission.facility,
                        "version": each.submission.version,
                        "stays": each.stays,
                        "files": [{"name": one.name, "records": one.records, "bytes": one.size} for one in each.files],
                    }
                    for each in report.written
                ],
            }
        )
        return 0
    rows = [
        (
            each.submission.month,
            each.submission.facility,
            f"v{each.submission.version}",
            each.stays,
            len(each.files),
            sum(one.records for one in each.files),
        )
        for each in report.written
    ]
    columns = pick(lang, "月 施設 版 入院 ファイル レコード", "month facility version stays files records").split()
    show.out().print(show.table("", columns, rows, numbers=(3, 4, 5)))
    if report.fault:
        show.out().print(
            f"fault {report.fault.name}: {pick(lang, report.fault.description_ja, report.fault.description_en)}"
        )
    show.out().print(pick(lang, f"書き込み先: {address}", f"Written to {address}"))
    return 0


def _list_faults(options: argparse.Namespace, lang: str) -> int:
    from dpc_assets.sample import faults

    if options.json:
        show.print_json([{"name": name, "description_en": en, "description_ja": ja} for name, en, ja in faults()])
    else:
        rows = [(name, pick(lang, ja, en)) for name, en, ja in faults()]
        show.out().print(show.table("", (pick(lang, "名前", "fault"), pick(lang, "内容", "what is wrong")), rows))
    return 0
