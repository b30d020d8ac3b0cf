"""ref/waivers.csv: what counts, until when, and what is said about lines that do not."""

from __future__ import annotations

from datetime import UTC, date, datetime

from dpc_assets.steps import waivers

HEADER = "facility_code,yyyymm,rule_id,reason,who,until\n"
DAY = date(2025, 12, 31)


def parse(text: str) -> waivers.Waivers:
    return waivers.parse((HEADER + text).encode())


def test_a_line_waives_one_finding_until_its_last_day() -> None:
    given = parse('131000123,202504,E01,"line 12, confirmed",佐藤,2025-12-31\n')
    assert given.problems == ()
    found = given.covering("131000123", "202504", "E01", DAY)
    assert found == waivers.Waiver("131000123", "202504", "E01", "line 12, confirmed", "佐藤", DAY, 2)
    assert given.covering("131000123", "202504", "E01", date(2026, 1, 1)) is None
    assert given.covering("131000123", "202505", "E01", DAY) is None
    assert given.covering("131000124", "202504", "E01", DAY) is None
    assert given.covering("131000123", "202504", "A01", DAY) is None
    assert [each.line for each in given.expired(date(2026, 1, 1))] == [2]


def test_byte_order_mark_crlf_other_order_dashed_month_and_empty_lines_are_fine() -> None:
    text = "until,who,reason,rule_id,yyyymm,facility_code,memo\r\n\r\n2025-12-31,Sato,ok,E01,2025-04,131000123,x\r\n"
    given = waivers.parse(b"\xef\xbb\xbf" + text.encode())
    assert given.problems == ()
    assert [(each.yyyymm, each.line) for each in given.entries] == [("202504", 3)]


def test_every_wrong_cell_is_reported_with_line_and_column_and_waives_nothing() -> None:
    given = parse("131000123,202504,E01,ok,Sato,2025-12-31\n13100012,202513,E99,,,2025-02-30\n131000123,202504\n")
    assert [each.line for each in given.entries] == [2]
    assert [(each.line, each.column, each.field, each.found) for each in given.problems] == [
        (3, 1, "facility_code", "'13100012'"),
        (3, 2, "yyyymm", "'202513'"),
        (3, 3, "rule_id", "'E99'"),
        (3, 4, "reason", "nothing"),
        (3, 5, "who", "nothing"),
        (3, 6, "until", "'2025-02-30'"),
        (4, 3, "rule_id", "nothing"),
        (4, 4, "reason", "nothing"),
        (4, 5, "who", "nothing"),
        (4, 6, "until", "nothing"),
    ]
    assert str(given.problems[0]).startswith(
        "ref/waivers.csv line 3 column 1 (facility_code): expected a facility code of 9 digits, found '13100012'"
    )


def test_a_header_without_its_columns_waives_nothing() -> None:
    given = waivers.parse(b"facility_code,yyyymm,rule_id,who,until\n131000123,202504,E01,Sato,2025-12-31\n")
    assert given.entries == ()
    assert [(each.line, each.found) for each in given.problems] == [(1, "no reason")]


def test_a_file_in_another_encoding_is_a_problem_with_its_line() -> None:
    given = waivers.parse((HEADER + "131000123,202504,E01,確認,佐藤,2025-12-31\n").encode("cp932"))
    assert given.entries == ()
    assert [(each.line, each.expected) for each in given.problems] == [(2, "text in UTF-8")]


def test_a_quote_that_never_ends_is_a_problem_and_the_lines_before_it_count() -> None:
    given = parse('131000123,202504,E01,ok,Sato,2025-12-31\n131000123,202504,A01,"open,Sato,2025-12-31\n')
    assert [each.rule_id for each in given.entries] == ["E01"]
    assert [each.line for each in given.problems] == [3]


def test_the_longest_of_several_waivers_of_one_finding_counts_once() -> None:
    given = parse("131000123,202504,E01,a,Sato,2026-01-31\n131000123,202504,E01,b,Abe,2026-03-31\n")
    assert [each.who for each in given.in_force(DAY)] == ["Abe"]


def test_the_day_is_that_of_japan() -> None:
    assert waivers.today(lambda: datetime(2025, 12, 31, 14, 59, tzinfo=UTC)) == date(2025, 12, 31)
    assert waivers.today(lambda: datetime(2025, 12, 31, 15, 0, tzinfo=UTC)) == date(2026, 1, 1)
