"""The lint rules over every model compiled for Redshift, and a mutant for each rule that it has to catch."""

from __future__ import annotations

import csv
import re

import pytest
from redshift_lints import RULES, STATEMENT_BYTES, lint

from dpc_assets.local.compiled import compiled

MUTANTS = {
    "division_without_double": [
        "select died / discharges from t",
        "select cast(died as decimal(18, 6)) / discharges from t",
        "select cast(died as double precision) / discharges from t",
    ],
    "modulo": ["select a % 2 from t"],
    "average": ["select avg(los_inclusive) from t"],
    "char_type": ["select cast(sex as char(3)) from t", "select nullif(a, cast(' ' as bpchar)) from t"],
    "varchar_length": ["select cast(year * 100 as varchar) from t", "select cast(null as text) from t"],
    "text_cut_by_cast": ["select cast(detail_name as varchar(10)) from t"],
    "decimal_without_scale": ["select cast(a as decimal) from t", "select cast(a as decimal(18)) from t"],
    "product_of_integers": ["select sum(act_points * act_count) from t"],
    "unguarded_cast": [
        "select cast(act_points as integer) from raw.dn",
        "select case when d ~ '^[0-9]{8}$' then cast(substring(d, 1, 4) as integer) end from t",
        "select cast(case when d ~ '^[0-9]+$' then substring(d, 1, 4) else d end as integer) from t",
    ],
    "boolean_aggregate": [
        "select max(is_detail) from t",
        "select sum(icu_flag) from t",
        "select min(a = 1) from t",
    ],
    "unordered_window": [
        "select row_number() over (partition by a) from t",
        "select row_number() over (partition by a order by created_at desc) from t",
    ],
    "regex_syntax": [
        "select a ~ '^[0-9]+' from t",
        "select a ~ '[0-9]$' from t",
        "select a ~ '^(?:x)$' from t",
        r"select a ~ '^\d+$' from t",
    ],
    "unknown_function": [
        "select try_cast(a as integer) from t",
        "select listagg(distinct a, ',') from t",
        "select to_char(d, 'YYYYMM') from t",
        "select bool_or(a) from t",
    ],
    "duckdb_syntax": ["select count(*) filter (where a = 1) from t", "select count(*) from t group by all"],
}


@pytest.mark.parametrize("model", compiled("redshift").models, ids=lambda model: model.table)
def test_every_model_is_clean(model) -> None:
    assert lint(model.sql) == []


def test_every_rule_has_a_mutant() -> None:
    assert MUTANTS.keys() == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize(("rule", "sql"), [(rule, sql) for rule, mutants in MUTANTS.items() for sql in mutants])
def test_a_mutant_is_caught_by_its_rule(rule, sql) -> None:
    assert rule in {message.split(":")[0] for message in lint(sql)}


def test_a_statement_too_long_for_the_data_api_is_caught() -> None:
    sql = "select '" + "x" * STATEMENT_BYTES + "'"
    assert [message.split(":")[0] for message in lint(sql)] == ["statement_size"]


@pytest.mark.parametrize("seed", compiled("redshift").seeds, ids=lambda seed: seed.table)
def test_seed_values_fit_their_bytes(seed) -> None:
    """Redshift counts bytes: a kanji is 3."""
    widths = {name: int(kind[8:-1]) for name, kind in seed.columns if re.fullmatch(r"varchar\(\d+\)", kind)}
    with seed.path.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [name for name, _ in seed.columns] == list(rows[0])
    too_long = [(name, row[name]) for row in rows for name, width in widths.items() if len(row[name].encode()) > width]
    assert too_long == []
