"""The rule files: their headers, their SQL, and what they take from the registry."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlglot

from dpc_assets.steps import outcome_sql, rule_facts
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.rules import ROW_COLUMNS, TOTAL_COLUMNS, Rule, catalog, read_rules

MONTHS = ("2025-04", "2025-05")
RULES = [pytest.param(rule, id=rule.id) for rule in catalog()]

HEADER = """\
-- id = "X99"
-- severity = "WARNING"
-- target = "stage/stg_efn"
-- title_ja = "題"
-- title_en = "title"
-- message_ja = "文"
-- message_en = "text"
-- source = "spec p1"
"""


def rendered_codes() -> str:
    """The list of FF1 codes without the casts of its first row."""
    codes = rule_facts.render("{ff1_codes}", MONTHS)
    return re.sub(r"cast\(('[^']*') as varchar\([0-9]+\)\) as [a-z_]+", r"\1", codes)


def test_exactly_these_rules_hold_an_export() -> None:
    assert [rule.id for rule in catalog() if rule.severity == "CRITICAL"] == ["A01", "A03", "C01", "D07", "E01"]


def test_the_rules_of_the_survey_are_covered() -> None:
    wanted = (
        "X01 X02 X03 X04 X05 X06 X07 X08 X09 X11 X12 X13 X14 X15 X17 X18 X20 X21 "
        "A01 A02 A03 A05 A06 A07 A08 A10 A11 A13 A14 A15 A16 A20 A23 A26 A28 A29 A30 "
        "E01 E02 E03 E04 E05 E10 E12 D01 D02 D03 D04 D07 D08 H01 H02 H03 H06 "
        "W01 W02 W04 W08 W09 W10 F07"
    )
    assert set(wanted.split()) <= {rule.id for rule in catalog()}


@pytest.mark.parametrize("rule", RULES)
def test_the_select_parses_as_redshift_sql_with_its_columns(rule: Rule) -> None:
    parsed = sqlglot.parse_one(rule.failing(MONTHS), read="redshift")
    assert parsed.named_selects == list(ROW_COLUMNS)
    totals = rule.totals(MONTHS)
    if totals is not None:
        assert sqlglot.parse_one(totals, read="redshift").named_selects == list(TOTAL_COLUMNS)


@pytest.mark.parametrize("rule", RULES)
def test_the_sql_means_the_same_on_both_engines(rule: Rule) -> None:
    """No division, average, backslash, engine-only cast or correlated exists; a cast to integer is guarded inside."""
    sql = rule.failing(MONTHS) + (rule.totals(MONTHS) or "")
    for wrong in ("\\", "try_cast", "avg(", " / ", "::", "exists (", "exists("):
        assert wrong not in sql.lower()


@pytest.mark.parametrize("rule", RULES)
def test_the_texts_say_expected_found_and_todo_and_fit(rule: Rule) -> None:
    assert re.search(r"[ぁ-んァ-ン一-龥]", rule.message_ja)
    assert len(rule.message_ja.encode()) < 1400
    assert len(rule.message_en.encode()) < 1400
    assert rule.id == "W08" or "{failed}" in rule.message_ja or rule.id == "F07"
    assert set(re.findall(r"\{([a-z]+)\}", rule.message_ja)) == set(re.findall(r"\{([a-z]+)\}", rule.message_en))


def test_the_batch_keeps_within_the_limits_of_the_data_api() -> None:
    months = tuple(f"20{year}-{month:02d}" for year in range(25, 28) for month in range(1, 13))
    now = datetime(2026, 1, 5, tzinfo=UTC)
    batch = outcome_sql.judge(catalog(), months, (), run_id="r", now=now)
    assert len(batch) <= 40
    assert max(len(statement.encode()) for statement in batch) < 100_000
    for statement in batch:
        sqlglot.parse_one(statement, read="redshift")


def test_a_batch_with_a_hundred_rules_still_fits() -> None:
    many = (catalog() * 2)[:104]
    batch = outcome_sql.judge(many, MONTHS, (), run_id="r", now=datetime(2026, 1, 5, tzinfo=UTC))
    assert len(batch) <= 40


def test_the_mandatory_codes_come_from_the_registry() -> None:
    listed = rendered_codes().replace(" as max_sequence", "").replace(" as mandatory", "")
    mandatory = re.findall(r"'([A-Z0-9]{7})', '[0-9]{8}', [0-9]+, 1", listed)
    assert " ".join(mandatory) == (
        "A000010 A000020 A000030 A000031 A000040 A000050 A000060 A000070 A001010 A001020 A002010 A004030 "
        "A006010 A006020 A006030 CAN0040 JCS0010"
    )


def test_the_payload_mask_names_blanks_and_dates() -> None:
    codes = rendered_codes()
    assert "'A000070', '20140401', 0, 1, 0, 'pp-------'" in codes
    assert "'CAN0040', '20140401', 0, 1, 0, '--x------'" in codes
    assert "'A007010', '20140401', 10, 0, 0, 'dxxxxxx-x'" in codes


def test_months_are_quoted_and_checked() -> None:
    assert rule_facts.render("in ({months})", MONTHS) == "in ('202504', '202505')"
    with pytest.raises(InputError, match="expected YYYY-MM"):
        rule_facts.render("{months}", ("2025-04'; drop table",))
    with pytest.raises(InputError, match="at least one month"):
        rule_facts.render("{months}", ())


def test_a_quote_and_a_backslash_are_safe_in_a_literal() -> None:
    assert rule_facts.literal("O'Neil \\ x") == "'O''Neil / x'"


def test_the_unusual_characters_are_gaiji_and_those_that_only_cp932_has() -> None:
    found = rule_facts.render("{unusual_characters}", MONTHS)
    assert all(character in found for character in "①⑳Ⅰ㈱㍻髙﨑纊ⅰ\ue000\ue757")
    assert not any(character in found for character in "高崎一ＡＢア―～－∥￢≒")


def test_every_problem_of_every_file_is_listed(tmp_path: Path) -> None:
    (tmp_path / "X98.sql").write_text("-- id = \nselect 1\n", encoding="utf-8")
    (tmp_path / "X99.sql").write_text(
        HEADER.replace("WARNING", "ERROR") + '-- kind = "rate"\n-- weight = 1\nselect {month} as x\n', encoding="utf-8"
    )
    with pytest.raises(InputError) as caught:
        read_rules(tmp_path)
    text = str(caught.value)
    assert [line.split(":")[0] for line in text.splitlines()] == ["rules/X98.sql"] + ["rules/X99.sql"] * 4
    for part in ("TOML", "severity in", "found 'ERROR'", "['weight']", "'-- total'", "found ['month']"):
        assert part in text


def test_a_rate_has_its_denominator_after_the_separator(tmp_path: Path) -> None:
    text = HEADER + '-- kind = "rate"\n-- threshold = 0.5\nselect 1\n-- total\nselect 2\n'
    (tmp_path / "X99.sql").write_text(text, encoding="utf-8")
    (rule,) = read_rules(tmp_path)
    assert (rule.body, rule.total, rule.threshold) == ("select 1", "select 2", 0.5)
