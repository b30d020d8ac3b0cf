"""A selection means the same in `dpc run` and in an execution's input: one grammar, written twice (no import)."""

import pytest
from dagster import AssetKey
from hypothesis import HealthCheck, given, settings
from runtime_graphs import SOUP, Case, cases, compiled, definitions, runtime, soups

from compiler.runtime.errors import UnknownSelection
from compiler.runtime.selection import resolve
from compiler.runtime.selection_text import rewrite
from dpc_assets.cli import selection as cli
from dpc_assets.cli.errors import UsageError

LOOSE = settings(deadline=None, suppress_health_check=list(HealthCheck))


@settings(LOOSE, max_examples=300)
@given(SOUP)
def test_bare_keys_are_rewritten_alike(written: str) -> None:
    try:
        expected = cli.rewrite(written)
    except UsageError:
        with pytest.raises(UnknownSelection):
            rewrite(written)
    else:
        assert rewrite(written).text == expected


@settings(LOOSE, max_examples=20)
@given(cases() | soups())
def test_the_same_assets_run(case: Case) -> None:
    drawn, partitions, selections = case
    theirs = definitions(drawn, partitions).resolve_asset_graph()
    ours = runtime(compiled(drawn, partitions))
    known = [AssetKey(one.key.split("/")) for one in drawn]
    for selection in selections:
        try:
            chosen = {key for key in cli.resolve(selection, theirs, known) if theirs.get(key).is_executable}
        except Exception:
            chosen = set()
        try:
            found = resolve(selection, ours)
        except UnknownSelection:
            found = frozenset()
        assert found == {key.to_user_string() for key in chosen}, selection
