"""What happens to the patients is varied and plausible; looked at in the model, over a thousand stays."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise

import pytest

from dpc_assets.sample import SampleError, dates, generate
from dpc_assets.sample.catalog import Act, acts, comorbidities, diseases, dpc_codes, items
from dpc_assets.sample.people import facilities
from dpc_assets.sample.stay import Stay
from dpc_assets.sample.stays import LONGEST, patients


@cache
def _patients() -> tuple[tuple[Stay, ...], ...]:
    hospital = facilities(1, None)[0]
    return tuple(patients(hospital, "2025-04", 1500, seed=3))


def _stays() -> list[Stay]:
    return [stay for group in _patients() for stay in group]


def test_exactly_the_stays_that_were_asked_for() -> None:
    assert len(_stays()) == 1500


def test_first_admissions_lie_in_the_month_and_stays_last_up_to_75_nights() -> None:
    assert {dates.of(group[0].admission) for group in _patients()} == {"2025-04"}
    nights = [stay.nights for stay in _stays()]
    assert (min(nights), max(nights) > 60, max(nights) <= LONGEST) == (0, True, True)
    assert 10 < sum(nights) / len(nights) < 17


def test_ages_from_newborn_to_very_old() -> None:
    ages = [stay.age for stay in _stays()]
    assert min(ages) == 0
    assert max(ages) > 90
    shares = Counter("child" if age < 15 else "adult" if age < 65 else "old" for age in ages)
    assert shares["child"] > 100
    assert shares["adult"] > 250
    assert shares["old"] > 700


def test_deaths_transfers_and_emergencies_have_plausible_shares() -> None:
    stays = _stays()
    share = {
        "died": sum(stay.died for stay in stays),
        "transfer": sum(stay.destination == "4" for stay in stays),
        "emergency": sum(stay.emergency for stay in stays),
        "planned": sum(stay.planned in ("100", "101") for stay in stays),
        "ambulance": sum(stay.ambulance == "1" for stay in stays),
        "icu": sum(stay.icu is not None for stay in stays),
        "leave": sum(stay.leave is not None for stay in stays),
        "ward change": sum(len(stay.wards) > 1 for stay in stays),
        "new insurer": sum(stay.new_insurer is not None for stay in stays),
        "code changes": sum(stay.dpc_first is not stay.dpc_final for stay in stays),
    }
    percent = {name: round(100 * count / len(stays), 1) for name, count in share.items()}
    low_high = {
        "died": (2, 7),
        "transfer": (4, 12),
        "emergency": (30, 50),
        "planned": (25, 45),
        "ambulance": (15, 32),
        "icu": (3, 10),
        "leave": (0.5, 5),
        "ward change": (3, 12),
        "new insurer": (0.2, 2),
        "code changes": (15, 45),
    }
    assert {name: low_high[name][0] <= value <= low_high[name][1] for name, value in percent.items()} == dict.fromkeys(
        low_high, True
    ), percent


def test_readmissions_of_every_kind() -> None:
    gaps = Counter()
    for group in _patients():
        for before, after in pairwise(group):
            assert after.previous is before
            assert not before.died
            gap = (after.admission - before.discharge).days
            gaps["0" if gap == 0 else "1-7" if gap <= 7 else "8-30" if gap <= 30 else ">30"] += 1
            gaps["exactly 7"] += gap == 7
            if after.series is not None:
                gaps["series"] += 1
                assert after.disease.mdc == before.disease.mdc
            if gap == 0:
                assert (before.same_day_number, after.same_day_number) == (1, 2)
    assert {name: count > 0 for name, count in gaps.items()} == dict.fromkeys(
        ("0", "1-7", "8-30", ">30", "exactly 7", "series"), True
    )


def test_dates_inside_a_stay_are_in_order() -> None:
    for stay in _stays():
        assert stay.wards[0].start == stay.admission
        assert stay.wards[-1].end == stay.discharge
        for one, two in pairwise(stay.wards):
            assert two.start == one.end + timedelta(days=1)
        if stay.surgery_date is not None:
            assert stay.admission <= stay.surgery_date <= stay.general_end
        if stay.icu is not None:
            assert stay.admission <= stay.icu[0] <= stay.icu[1] <= stay.general_end
        if stay.leave is not None:
            assert stay.admission < stay.leave < stay.general_end
            assert not stay.in_icu(stay.leave)
            assert stay.leave != stay.surgery_date
        assert stay.disease.age_min <= stay.age + 1


def test_tables_fit_together() -> None:
    for disease in diseases().values():
        assert disease.dpc_first.code[:2] == disease.dpc_final.code[:2]
        assert not disease.surgery or disease.surgery in acts()
        assert not disease.rehab or disease.rehab in acts()
    used: set[str] = {code.code for disease in diseases().values() for code in (disease.dpc_first, disease.dpc_final)}
    assert used == dpc_codes().keys()
    lines = {line.item.key for act in acts().values() for line in act.lines}
    assert lines == items().keys()
    for code in dpc_codes().values():
        assert code.days[0] < code.days[1] < code.days[2]
    assert all(isinstance(act, Act) and act.lines for act in acts().values())
    assert all(item.price >= 0 or item.fee_code for item in items().values())
    assert len(comorbidities()) == 12
    assert items()["meal"].price == Decimal(690)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"month": "2025-4"}, "month: expected YYYY-MM such as 2025-04, found '2025-4'"),
        ({"month": "2025-13"}, "month: expected YYYY-MM such as 2025-04, found '2025-13'"),
        ({"months": 0}, "months and facilities: expected 1 or more, found 0 and 2"),
        ({"stays": 0}, "stays: expected 1 to 90000, found 0"),
        ({"ef_lines": 10}, "ef_lines: expected one facility, one month, no fault and 1 line or more"),
        (
            {"fault": "wrong-sha"},
            "fault: expected a known name, found 'wrong-sha'; "
            "do you mean wrong-sha256 or wrong-bytes or wrong-records?",
        ),
    ],
)
def test_wrong_arguments_are_refused_with_what_was_expected(tmp_path, arguments, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(SampleError) as caught:
        generate(tmp_path, **{"month": "2025-04", **arguments})
    assert str(caught.value) == message
    assert list(tmp_path.iterdir()) == []
