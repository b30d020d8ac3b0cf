"""Which partition keys may run, as Dagster has it."""

from datetime import UTC, datetime, timedelta

import pytest
from dagster import (
    DailyPartitionsDefinition,
    HourlyPartitionsDefinition,
    MonthlyPartitionsDefinition,
    StaticPartitionsDefinition,
    WeeklyPartitionsDefinition,
)
from dagster._core.definitions.partitions.context import partition_loading_context
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compiler.runtime.errors import NotConfigured, WrongPartition
from compiler.runtime.graph_file import Periods
from compiler.runtime.partition import check, described

NOW = datetime(2025, 11, 23, 12, 0, tzinfo=UTC)
MONTHLY = Periods("monthly", start="2025-04", fmt="%Y-%m", timezone="Asia/Tokyo", day=1)
KINDS = {
    "hourly": (HourlyPartitionsDefinition, "%Y-%m-%d-%H:%M"),
    "daily": (DailyPartitionsDefinition, "%Y-%m-%d"),
    "weekly": (WeeklyPartitionsDefinition, "%Y-%m-%d"),
    "monthly": (MonthlyPartitionsDefinition, "%Y-%m-%d"),
}
ZONES = ("UTC", "Asia/Tokyo", "America/New_York", "Europe/London", "Asia/Kolkata")


def allowed(key: str, periods: Periods, now: datetime) -> bool:
    try:
        check(key, periods, now)
    except WrongPartition:
        return False
    return True


@st.composite
def windows(draw: st.DrawFn) -> tuple[Periods, object, datetime, list[str]]:
    """Partitions of a random kind, the same in Dagster, a time, and keys around that time and the first."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    definition, fmt = KINDS[kind]
    if kind == "monthly":
        fmt = draw(st.sampled_from(("%Y-%m-%d", "%Y-%m")))
    offsets = {"minute": draw(st.sampled_from((0, 0, 15)))}
    if kind != "hourly":
        offsets["hour"] = draw(st.sampled_from((0, 0, 4)))
    if kind == "weekly":
        offsets["day"] = draw(st.integers(0, 6))
    if kind == "monthly":
        offsets["day"] = draw(st.sampled_from((1, 1, 15, 28))) if fmt == "%Y-%m-%d" else 1
    zone = draw(st.sampled_from(ZONES))
    start = draw(st.datetimes(datetime(2024, 1, 1), datetime(2025, 12, 1))).replace(minute=0, second=0, microsecond=0)
    end = draw(st.none() | st.integers(1, 400))
    end_offset = draw(st.sampled_from((0, 0, 0, 1, 3, -1, -2)))
    dated = {
        "start": start.strftime(fmt),
        "end": (start + timedelta(days=end)).strftime(fmt) if end else "",
    }
    periods = Periods(kind, fmt=fmt, timezone=zone, end_offset=end_offset, **dated, **offsets)
    theirs = definition(
        start_date=dated["start"],
        end_date=dated["end"] or None,
        fmt=fmt,
        timezone=zone,
        end_offset=end_offset,
        **{f"{name}_offset": value for name, value in offsets.items()},
    )
    now = draw(st.datetimes(datetime(2024, 1, 1), datetime(2026, 6, 1))).replace(microsecond=0, tzinfo=UTC)
    about = draw(st.sampled_from((now.replace(tzinfo=None), start)))
    steps = {"hourly": timedelta(hours=1), "daily": timedelta(days=1), "weekly": timedelta(days=1)}
    step = steps.get(kind, timedelta(days=10))
    keys = [(about + step * place).replace(minute=offsets["minute"]).strftime(fmt) for place in range(-9, 10)]
    with partition_loading_context(effective_dt=now):
        keys += theirs.get_partition_keys()[:2] + theirs.get_partition_keys()[-2:]
    return periods, theirs, now, [*keys, "2025-4", "", "x", "2025-04-31"]


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(windows())
def test_same_keys_as_dagster(case: tuple[Periods, object, datetime, list[str]]) -> None:
    periods, theirs, now, keys = case
    with partition_loading_context(effective_dt=now):
        for key in keys:
            assert allowed(key, periods, now) == theirs.has_partition_key(key), key


def test_static_keys_as_dagster() -> None:
    keys = ("east", "west", "north-east")
    theirs = StaticPartitionsDefinition(list(keys))
    for key in (*keys, "south", "", "East"):
        assert allowed(key, Periods("static", keys=keys), NOW) == theirs.has_partition_key(key)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("2025-03", "found '2025-03', which is before the first"),
        ("2025-11", "found '2025-11', which ends 2025-12-01T00:00:00+09:00"),
        ("2025-4", "found '2025-4': did you mean 2025-04?"),
        ("2025-13", "found '2025-13'"),
        ("April", "found 'April'"),
        ("0001-01", "found '0001-01': did you mean 1-01?"),
        ("9999-12", "found '9999-12'"),
    ],
)
def test_a_wrong_month_names_the_first_and_last(key: str, said: str) -> None:
    with pytest.raises(WrongPartition) as caught:
        check(key, MONTHLY, NOW)
    known = "partition: expected a key of the form %Y-%m (monthly, Asia/Tokyo) from 2025-04 to 2025-10"
    assert str(caught.value) == f"{known}; {said}"


def test_a_month_ends_on_the_clock_of_its_time_zone() -> None:
    assert not allowed("2025-10", MONTHLY, datetime(2025, 10, 31, 14, 59, tzinfo=UTC))
    assert allowed("2025-10", MONTHLY, datetime(2025, 10, 31, 15, 0, tzinfo=UTC))


def test_before_the_first_window_has_ended() -> None:
    with pytest.raises(WrongPartition, match="the first is 2025-04 and has not ended yet; found '2025-04'"):
        check("2025-04", MONTHLY, datetime(2025, 4, 20, tzinfo=UTC))


def test_a_wrong_static_key_names_what_is_near() -> None:
    periods = Periods("static", keys=("east", "west"))
    with pytest.raises(WrongPartition) as caught:
        check("eats", periods, NOW)
    assert str(caught.value) == "partition: expected one of east, west; found 'eats': did you mean east?"
    with pytest.raises(WrongPartition) as caught:
        check("zzz", Periods("static", keys=tuple(f"k{n}" for n in range(300))), NOW)
    assert str(caught.value) == (
        "partition: expected one of 300 keys, the first k0, k1, k2, k3, k4, the last k299; found 'zzz'"
    )


def test_partitions_in_words() -> None:
    assert described(MONTHLY, NOW) == "a key of the form %Y-%m from 2025-04 to 2025-10"
    assert described(Periods("static", keys=("a", "b")), NOW) == "one of a, b"


def test_an_unknown_time_zone_is_the_deployments_fault() -> None:
    with pytest.raises(NotConfigured, match="time zone Mars/Olympus"):
        check("2025-04", Periods("monthly", start="2025-04", fmt="%Y-%m", timezone="Mars/Olympus"), NOW)
