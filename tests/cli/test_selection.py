"""Bare keys in SELECTION become `key:"..."`; everything else stays as written."""

import pytest

from dpc_assets.cli.errors import UsageError
from dpc_assets.cli.selection import rewrite


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("mart/fact_stay", 'key:"mart/fact_stay"'),
        ("mart/fact_stay+", 'key:"mart/fact_stay"+'),
        ("2+mart/fact_stay+1", '2+key:"mart/fact_stay"+1'),
        ('key:"mart/fact_stay"+', 'key:"mart/fact_stay"+'),
        ("key:mart/fact_stay", 'key:"mart/fact_stay"'),
        ('"raw/ff1" or raw/dn', 'key:"raw/ff1" or key:"raw/dn"'),
        ("group:mart and not mart/dpc_monthly", 'group:mart and not key:"mart/dpc_monthly"'),
        ("(stage/stg_dn OR raw/loads) AND kind:dbt", '(key:"stage/stg_dn" OR key:"raw/loads") AND kind:dbt'),
        ("sinks(group:mart)", "sinks(group:mart)"),
        ("roots(mart/fact_stay+)", 'roots(key:"mart/fact_stay"+)'),
        ("mart/*", 'key:"mart/*"'),
        ("*", "*"),
        ('tag:"a"="b"', 'tag:"a"="b"'),
        ('owner:"team:dpc"', 'owner:"team:dpc"'),
    ],
)
def test_rewrite(written: str, meant: str) -> None:
    assert rewrite(written) == meant


def test_an_open_quotation_mark_is_named_by_its_column() -> None:
    with pytest.raises(UsageError, match="column 15"):
        rewrite('group:mart or "raw/ff1')
