"""The plan function's resolver answers what Dagster answers."""

import re
import warnings

import pytest
from dagster import (
    AssetDep,
    AssetSelection,
    AssetSpec,
    BetaWarning,
    DailyPartitionsDefinition,
    Definitions,
    TimeWindowPartitionMapping,
    multi_asset,
)
from hypothesis import HealthCheck, given, settings
from runtime_graphs import MONTHLY, Case, cases, compiled, definitions, runtime, soups

from compiler.graph import Asset, Graph, Machine, Unit
from compiler.runtime.errors import UnknownSelection
from compiler.runtime.selection import ELSEWHERE, resolve
from compiler.runtime.selection_text import rewrite

KEY = re.compile(r'\bkey:"([^"]*)"')


def by_dagster(text: str, graph: object, keys: frozenset[str]) -> frozenset[str]:
    """What may run of what Dagster selects; nothing where it refuses or where a key matches nothing."""
    for asked in KEY.findall(text):
        pattern = re.compile(".*".join(re.escape(part) for part in asked.split("*")))
        if not any(pattern.fullmatch(key) for key in keys):
            return frozenset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", BetaWarning)
        try:
            chosen = AssetSelection.from_string(text).required_multi_asset_neighbors().resolve(graph)
        except Exception:
            return frozenset()
    return frozenset(key.to_user_string() for key in chosen if graph.get(key).is_executable)


def by_us(selection: str, graph: object) -> frozenset[str]:
    try:
        return resolve(selection, graph)
    except UnknownSelection:
        return frozenset()


def agree(case: Case) -> None:
    drawn, partitions, selections = case
    theirs = definitions(drawn, partitions).resolve_asset_graph()
    ours = runtime(compiled(drawn, partitions))
    keys = frozenset(one.key for one in drawn)
    for selection in selections:
        try:
            text = rewrite(selection).text
        except UnknownSelection:
            assert by_us(selection, ours) == frozenset()
            continue
        assert by_us(selection, ours) == by_dagster(text, theirs, keys), (selection, text)


LOOSE = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(LOOSE, max_examples=70)
@given(cases())
def test_same_assets_as_dagster(case: Case) -> None:
    agree(case)


@settings(LOOSE, max_examples=40)
@given(soups())
def test_same_text_refused_as_dagster(case: Case) -> None:
    agree(case)


@pytest.mark.soak
@settings(LOOSE, max_examples=2000)
@given(cases() | soups())
def test_same_assets_as_dagster_for_long(case: Case) -> None:
    agree(case)


def test_an_asset_that_depends_on_itself() -> None:
    """Dagster allows it for windows of time: today's rows are made from yesterday's."""
    days = DailyPartitionsDefinition("2025-01-01")
    before = TimeWindowPartitionMapping(start_offset=-1, end_offset=-1)
    specs = [
        AssetSpec("raw", partitions_def=days),
        AssetSpec("stock", deps=["raw", AssetDep("stock", partition_mapping=before)], partitions_def=days),
        AssetSpec("board", deps=["stock"], partitions_def=days),
    ]

    def made(spec: AssetSpec) -> object:
        @multi_asset(name=f"make_{spec.key.to_user_string()}", specs=[spec])
        def _made():
            pass

        return _made

    theirs = Definitions(assets=[made(spec) for spec in specs]).resolve_asset_graph()
    ours = runtime(
        Graph(
            Machine("m"),
            (Asset("raw", unit="r"), Asset("stock", deps=("raw", "stock"), unit="s"), Asset("board", ("stock",), "b")),
            (),
        )
    )
    keys = frozenset(("raw", "stock", "board"))
    for selection in ("sinks(*)", "roots(*)", "sinks(raw or stock)", "roots(stock or board)", "sinks(stock)",
                      "roots(stock)", "1+stock", "stock+1", "+board", "raw+", "0+stock"):  # fmt: skip
        found = by_us(selection, ours)
        assert found and found == by_dagster(rewrite(selection).text, theirs, keys), selection


SHOP = runtime(
    Graph(
        Machine("shop"),
        (
            Asset("outside"),
            Asset("raw/orders", deps=("outside",), unit="raw", group="raw", neighbours=("raw/orders", "raw/people")),
            Asset("raw/people", unit="raw", group="raw", neighbours=("raw/orders", "raw/people")),
            Asset(
                "mart/sales", deps=("raw/orders",), unit="mart/sales", group="mart", kinds=("dbt",), partitioned=True
            ),
            Asset("mart/board", deps=("mart/sales",), unit="mart/board", group="mart", owners=("team:data",)),
        ),
        (
            Unit("raw", ("raw/orders", "raw/people"), ()),
            Unit("mart/sales", ("mart/sales",), ()),
            Unit("mart/board", ("mart/board",), ()),
        ),
        MONTHLY,
    )
)
ALL = {"raw/orders", "raw/people", "mart/sales", "mart/board"}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("*", ALL),
        ("mart/sales", {"mart/sales"}),
        ("mart/sales+", {"mart/sales", "mart/board"}),
        ("+mart/board", {"mart/sales", "mart/board", "raw/orders", "raw/people"}),
        ("1+mart/board", {"mart/sales", "mart/board"}),
        ("raw/orders+1", {"raw/orders", "raw/people", "mart/sales"}),
        ('key:"outside"+', ALL),
        ('key:"mart/*" and not kind:dbt', {"mart/board"}),
        ("not group:mart", {"raw/orders", "raw/people"}),
        ("mart/sales or mart/board and group:raw", {"mart/sales"}),
        ("(mart/sales or mart/board) and group:mart", {"mart/sales", "mart/board"}),
        ("sinks(*)", {"mart/board", "raw/people", "raw/orders"}),
        ("roots(group:mart)", {"mart/sales"}),
        ("owner:team:data", set()),
        ('owner:"team:data"', {"mart/board"}),
        ("partitions:time", {"mart/sales"}),
        ("is:materializable", ALL),
        ("raw/people", {"raw/people", "raw/orders"}),
    ],
)
def test_what_a_selection_names(selection: str, expected: set[str]) -> None:
    assert by_us(selection, SHOP) == expected


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("", "select: expected a selection, found an empty text; leave it out to run everything"),
        (
            "mart/sale",
            "select: column 1: unknown asset 'mart/sale'; did you mean mart/sales, mart/board?",
        ),
        (
            "mart/sales or qqq or zzz+",
            "select: column 15: unknown asset 'qqq'; Known assets: mart/board, mart/sales, raw/orders, raw/people\n"
            "select: column 22: unknown asset 'zzz'; Known assets: mart/board, mart/sales, raw/orders, raw/people",
        ),
        (
            "mart/sales mart/board",
            "select: column 12: expected `and`, `or`, + or the end, found 'mart/board'; expected a selection such as "
            'key:"mart/orders"+ or group:mart and not kind:dbt; found mart/sales mart/board',
        ),
        (
            "(mart/sales",
            "select: column 12: expected a closing parenthesis, found the end; expected a selection such as "
            'key:"mart/orders"+ or group:mart and not kind:dbt; found (mart/sales',
        ),
        ('mart/sales "x', 'select: column 12: a quotation mark is not closed: mart/sales "x'),
        (
            "group:mart and\u3000kind:dbt",
            "select: column 15: expected an asset key in quotation marks, found '\\u3000'; expected a selection "
            'such as key:"mart/orders"+ or group:mart and not kind:dbt; found group:mart and\u3000kind:dbt',
        ),
        (
            "key_substring:sales",
            "select: column 1: unknown attribute key_substring:, expected one of key:, group:, kind:, owner:, tag:, "
            'is:, partitions: (write key:"*text*"); expected a selection such as '
            'key:"mart/orders"+ or group:mart and not kind:dbt; found key_substring:sales',
        ),
        (
            "mart/sales or status:healthy",
            "select: column 15: status: is known to a running Dagster only, so no run can be selected by it; "
            "supported are key:, group:, kind:, owner:, tag:, is:, partitions:",
        ),
        (
            'mart/sales and key:"raw/orders"',
            'select: mart/sales and key:"raw/orders" names no asset. '
            "Known assets: mart/board, mart/sales, raw/orders, raw/people",
        ),
        (
            "outside",
            "select: outside names only what is made elsewhere: outside. "
            "Known assets: mart/board, mart/sales, raw/orders, raw/people",
        ),
    ],
)
def test_what_is_refused_says_where_and_what_is_known(selection: str, message: str) -> None:
    with pytest.raises(UnknownSelection) as caught:
        resolve(selection, SHOP)
    assert str(caught.value) == message


@pytest.mark.parametrize("attribute", ELSEWHERE)
def test_what_dagster_cannot_answer_without_an_instance_is_named(attribute: str) -> None:
    with pytest.raises(UnknownSelection, match=f"column 1: {attribute}: is known to a running Dagster only"):
        resolve(f'{attribute}:"x"', SHOP)


def test_deep_nesting_is_refused_and_long_chains_are_not() -> None:
    with pytest.raises(UnknownSelection, match="column 61: expected at most 60 nested parentheses"):
        resolve("(" * 5000 + "mart/sales" + ")" * 5000, SHOP)
    assert resolve(" or ".join(["mart/sales"] * 2000), SHOP) == {"mart/sales"}
    assert resolve("not " * 2000 + "mart/sales", SHOP) == {"mart/sales"}


def test_a_message_stays_readable_however_long_the_selection() -> None:
    with pytest.raises(UnknownSelection) as caught:
        resolve(" or ".join(f"missing_{n}" for n in range(500)), SHOP)
    assert len(str(caught.value)) == 2000
