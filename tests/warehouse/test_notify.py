"""The run's summary, as the channel gets it."""

from dataclasses import replace
from datetime import timedelta

from warehouse_place import NOW, Place, make_place

from dpc_assets.steps import notify
from dpc_assets.steps.run import Run


class Kept:
    """A channel that keeps its messages."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str, dict[str, str]]] = []

    def send(self, subject: str, body: str, attributes: dict[str, str]) -> None:
        self.messages.append((subject, body, dict(attributes)))


def summary(place: Place, *findings: str) -> tuple[str, str, dict[str, str]]:
    place.deliver("2025-04", "131000123", 1)
    place.load("2025-04")
    for values in findings:
        place.ports.warehouse.execute([f"INSERT INTO dq.results_checks VALUES ({values})"], name="finding")
    channel = Kept()
    run = Run("run-1", ("2025-04",), NOW - timedelta(seconds=95))
    notify.run(run, replace(place.ports, notifier=channel))
    (message,) = channel.messages
    return message


def finding(rule: str, severity: str, waived_by: str = "") -> str:
    return (
        f"'run-1', '202504', '131000123', '{rule}', '{severity}', 'fail', 2, 0, '', '日本語', 'English', "
        f"'{waived_by}', '', TIMESTAMP '2025-07-01 00:00:00'"
    )


def migrated(tmp_path) -> Place:
    place = make_place(tmp_path)
    place.migrate()
    return place


def test_a_clean_run(tmp_path) -> None:
    subject, body, attributes = summary(migrated(tmp_path))
    assert subject == "DPC 2025-04: DONE"
    assert body == (
        "run run-1, 1 min 35 s\n"
        "  loaded: 1 施設月 facility-months, 2 件 records\n"
        "  missing: 1 施設月 facility-months, 0 件 records\n"
        "検査で見つかったもの findings: 0 (CRITICAL 0)"
    )
    assert attributes == {"outcome": "DONE", "run_id": "run-1", "months": "2025-04"}


def test_a_held_month_is_named_first_and_says_what_to_do(tmp_path) -> None:
    subject, body, attributes = summary(migrated(tmp_path), finding("X05", "WARNING"), finding("A01", "CRITICAL"))
    assert subject == "DPC 2025-04: HELD"
    assert body.splitlines()[3:6] == [
        "検査で見つかったもの findings: 2 (CRITICAL 1)",
        "  CRITICAL 202504 131000123 A01 x2: 日本語 / English",
        "  WARNING 202504 131000123 X05 x2: 日本語 / English",
    ]
    assert "ref/waivers.csv" in body.splitlines()[6]
    assert attributes["outcome"] == "HELD"


def test_a_waived_finding_holds_nothing_and_is_shown(tmp_path) -> None:
    subject, body, _ = summary(migrated(tmp_path), finding("A01", "CRITICAL", "Data office"))
    assert subject == "DPC 2025-04: DONE"
    assert body.splitlines()[4] == "  CRITICAL 202504 131000123 A01 x2: 日本語 / English (waived by Data office)"
