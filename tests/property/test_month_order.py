"""Months run in any order, run again, or resubmitted leave the same tables as everything run once from scratch."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from generated_lakes import MONTHS, Version, deliver_rows, histories
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warehouse_runs import Platform, assert_grains, differences

QUIET = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}


@contextmanager
def two_warehouses() -> Iterator[tuple[Platform, Platform]]:
    """One lake, and two files that have not seen it."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder, "lake")
        lake.mkdir()
        yield Platform(lake, Path(folder, "grown.duckdb")), Platform(lake, Path(folder, "scratch.duckdb"))


@st.composite
def months_in_some_order(draw: st.DrawFn) -> tuple[str, ...]:
    """All months, shuffled, some of them twice."""
    once = draw(st.permutations(MONTHS))
    again = draw(st.lists(st.sampled_from(MONTHS), max_size=2))
    return (*once, *again)


def check_order(history: tuple[Version, ...], order: tuple[str, ...]) -> None:
    """Everything delivered; one file gets a run a month in `order`, the other one build of all months."""
    with two_warehouses() as (grown, scratch):
        for version in history:
            deliver_rows(grown.lake, version)
        for month in order:
            grown.run([month])
        scratch.from_scratch()
        assert differences(grown.file, scratch.file) == {}
        assert_grains(grown)


def check_arrivals(history: tuple[Version, ...], cuts: tuple[int, ...], extra: str) -> None:
    """Versions arrive in batches; each batch is followed by a run of its months (and sometimes of `extra`)."""
    with two_warehouses() as (grown, scratch):
        ends = sorted({*(cut % (len(history) + 1) for cut in cuts), len(history)})
        start = 0
        for end in ends:
            for version in history[start:end]:
                deliver_rows(grown.lake, version)
            months = list(dict.fromkeys([each.month for each in history[start:end]] + [extra]))
            grown.run(months)
            start = end
        grown.run([month for month in MONTHS if month not in {each.month for each in history}] or [extra])
        scratch.from_scratch()
        assert differences(grown.file, scratch.file) == {}


@settings(max_examples=2, derandomize=True, **QUIET)
@given(histories(), months_in_some_order())
def test_any_order_of_months_leaves_the_same_tables(history: tuple[Version, ...], order: tuple[str, ...]) -> None:
    check_order(history, order)


@settings(max_examples=2, derandomize=True, **QUIET)
@given(histories(), st.lists(st.integers(0, 20), max_size=2).map(tuple), st.sampled_from(MONTHS))
def test_arrivals_leave_the_same_tables(history: tuple[Version, ...], cuts: tuple[int, ...], extra: str) -> None:
    check_arrivals(history, cuts, extra)


@pytest.mark.soak
@settings(max_examples=16, **QUIET)
@given(histories(MONTHS), months_in_some_order())
def test_any_order_of_many_lakes(history: tuple[Version, ...], order: tuple[str, ...]) -> None:
    check_order(history, order)


@pytest.mark.soak
@settings(max_examples=20, **QUIET)
@given(histories(MONTHS), st.lists(st.integers(0, 40), max_size=3).map(tuple), st.sampled_from(MONTHS))
def test_arrivals_of_many_lakes(history: tuple[Version, ...], cuts: tuple[int, ...], extra: str) -> None:
    check_arrivals(history, cuts, extra)
