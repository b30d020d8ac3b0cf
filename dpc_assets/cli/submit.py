"""`dpc submit`: a folder of official files becomes the next version in the lake."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from dpc_assets.cli import places, show
from dpc_assets.cli.errors import UsageError
from dpc_assets.cli.problems import print_problems, problem_json
from dpc_assets.cli.show import pick


def run(options: argparse.Namespace, home: Path) -> int:
    from dpc_assets.submit import SubmissionRefused, submit

    source = Path(options.source)
    if not source.is_dir():
        raise UsageError(f"submit: there is no folder {source}; give the folder that holds the official files")
    lang = options.lang or show.default_lang()
    try:
        report = submit(source, places.store(places.lake(options)), lambda: datetime.now(UTC))
    except SubmissionRefused as refused:
        if options.json:
            show.print_json({"status": "refused", "problems": [problem_json(each) for each in refused.problems]})
        else:
            print_problems(show.err(), refused.problems, lang)
            word = pick(lang, "提出できません。上の点を直してください。", "not submitted; mend what is listed above")
            sys.stderr.write(f"dpc: {source}: {word}\n")
        return 1
    where = report.submission
    if options.json:
        show.print_json(
            {
                "status": "submitted",
                "month": where.month,
                "facility": where.facility,
                "version": where.version,
                "folder": report.folder,
                "files": [{"name": each.name, "records": each.records, "bytes": each.bytes} for each in report.files],
                "problems": [problem_json(each) for each in report.warnings],
            }
        )
        return 0
    print_problems(show.err(), report.warnings, lang)
    rows = [(each.name, each.type, each.records, each.bytes) for each in report.files]
    columns = pick(lang, "ファイル 様式 レコード バイト", "file type records bytes").split()
    console = show.out()
    console.print(show.table("", columns, rows, numbers=(2, 3)))
    console.print(
        pick(lang, "登録しました", "stored") + f": {where.facility} {where.month} v{where.version}  {report.folder}"
    )
    console.print(pick(lang, "次に", "next") + f": dpc run --month {where.month}")
    return 0
