"""A CRITICAL finding holds the export of its month; a waiver, or mended data, lets it go."""

from pathlib import Path

import pytest
from dpc_process import Surrounding

from dpc_assets.sample import generate

pytestmark = pytest.mark.soak


def exported(place: Surrounding) -> list[str]:
    return sorted(path.name for path in (place.lake / "processed/_success").glob("*"))


def test_a_held_month_waits_for_its_waiver_and_the_others_do_not(tmp_path: Path) -> None:
    place = Surrounding(tmp_path)
    generate(str(place.lake), "2025-04", months=2, facilities=1, stays=12, seed=3, fault="ff1-duplicate")

    held = place.json("run", "--month", "2025-04..2025-05", status=1)
    assert any("A01" in reason for reason in held["reasons"])
    assert exported(place) == ["month=2025-05"]
    (check,) = place.json(
        "query",
        "SELECT severity, status, failed_rows FROM dq.results_checks WHERE status = 'fail' AND severity = 'CRITICAL'",
    )
    assert check == {"severity": "CRITICAL", "status": "fail", "failed_rows": 1}

    waivers = place.lake / "ref" / "waivers.csv"
    waivers.parent.mkdir(exist_ok=True)
    waivers.write_text(
        "facility_code,yyyymm,rule_id,reason,who,until\n131000123,202504,A01,known duplicate,Data office,2099-12-31\n",
        encoding="utf-8",
    )
    assert place.json("run", "--month", "2025-04")["exit"] == 0
    assert exported(place) == ["month=2025-04", "month=2025-05"]
    (newest,) = place.json(
        "query",
        "SELECT waived_by, waiver_reason FROM dq.results_checks WHERE rule_id = 'A01' AND yyyymm = '202504' "
        "ORDER BY checked_at DESC LIMIT 1",
    )
    assert newest == {"waived_by": "Data office", "waiver_reason": "known duplicate (until 2099-12-31)"}
