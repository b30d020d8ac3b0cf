"""A dbt project of one model for each thing that dbt-redshift does to a warehouse."""

from __future__ import annotations

from pathlib import Path

HOSTILE = "it's 100%s \\ ${x} :name 肺炎"
SEED_ROWS = 900
"""Wide rows: together they are longer than two statements may be."""

_MODELS = {
    "bound": "select id, name, amount from {{ ref('delivered') }}",
    "unbound": "{{ config(bind=false) }} select id, amount from {{ ref('delivered') }}",
    "sorted": (
        "{{ config(materialized='table', dist='id', sort=['id', 'amount'], grants={'select': ['reader']}) }}"
        "select id, amount, cast(amount as numeric(18, 2)) as money, date '2025-04-01' as day from {{ ref('bound') }}"
    ),
    "monthly": (
        "{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key='month',"
        " on_schema_change='fail', contract={'enforced': true}) }}"
        " select cast('{{ var(\"month\") }}' as varchar(6)) as month,"
        " cast({{ var('counted', 'count(*)') }} as integer) as n from {{ ref('sorted') }}"
    ),
    "merged": (
        "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='month') }}"
        "select '{{ var(\"month\") }}' as month, sum(money) as money from {{ ref('sorted') }}"
    ),
}
_YAML = """\
models:
  - name: monthly
    description: "One row a month: it's 100% so"
    config: {persist_docs: {relation: true, columns: true}}
    columns:
      - {name: month, data_type: varchar(6), description: Month, constraints: [{type: not_null}]}
      - {name: n, data_type: integer, description: Rows, constraints: [{type: not_null}]}
  - name: sorted
    columns:
      - name: id
        data_tests: [unique, not_null]
unit_tests:
  - name: sorted_has_money
    model: sorted
    given:
      - input: ref('bound')
        rows: [{id: 1, name: a, amount: 7}]
    expect:
      rows: [{id: 1, money: 7.00}]
snapshots:
  - name: kept
    relation: ref('bound')
    config: {unique_key: id, strategy: check, check_cols: [amount]}
seeds:
  - name: delivered
    config: {column_types: {id: integer, name: varchar(300), amount: integer}}
"""


def project(folder: Path, *, lazy_begin: bool) -> Path:
    (folder / "models").mkdir(parents=True)
    (folder / "seeds").mkdir()
    for name, sql in _MODELS.items():
        (folder / "models" / f"{name}.sql").write_text(sql, "utf-8")
    (folder / "models" / "all.yml").write_text(_YAML, "utf-8")
    filler = "x" * 200
    lines = [f'1,"{HOSTILE}",10', "2,,20", *(f"{n},{filler},{n}" for n in range(3, SEED_ROWS + 1))]
    (folder / "seeds" / "delivered.csv").write_text("id,name,amount\n" + "\n".join(lines) + "\n", "utf-8")
    (folder / "dbt_project.yml").write_text(
        "name: small\nversion: '1.0.0'\nprofile: small\nvars: {month: '202504'}\n"
        "flags: {redshift_skip_autocommit_transaction_statements: true}\n"
    )
    (folder / "profiles.yml").write_text(
        "small:\n  target: dev\n  outputs:\n    dev:\n      type: redshift_data\n      workgroup: dpc-learning-dev\n"
        "      region: ap-northeast-1\n"
        f"      database: dpc\n      schema: mart\n      threads: 2\n      lazy_begin: {str(lazy_begin).lower()}\n"
    )
    return folder
