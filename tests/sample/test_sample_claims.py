"""EFn, Dn and Hn obey the survey's rules on sums, days and keys."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sample_lake import Lake, Row, forms

from dpc_assets.sample import catalog

ACT = ("facility_code", "patient_data_id", "discharge_date", "admission_date", "data_category", "sequence_number")
STAY = ("facility_code", "patient_data_id", "admission_date")


def _key(row: Row, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(row[name] for name in names)


def _acts(lake: Lake) -> dict[tuple[str, ...], list[Row]]:
    acts: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in lake.rows("EFn"):
        acts[(row["month"], *_key(row, ACT))].append(row)
    return acts


def day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()


def test_an_act_has_one_line_000_and_details_from_001(lake: Lake) -> None:
    for rows in _acts(lake).values():
        assert [row["detail_number"] for row in rows] == [f"{n:03d}" for n in range(len(rows))]
        assert len({(row["service_date"], row["act_count"], row["ward_code"]) for row in rows}) == 1


def test_details_add_up_to_the_act(lake: Lake) -> None:
    for head, *details in _acts(lake).values():
        counted = [row for row in details if row["detail_flags"][1] == row["detail_flags"][2] == "0"]
        points = dict.fromkeys(("all", "6", "7"), 0)
        for row in counted:
            value = int(row["fee_for_service_points"])
            points["all"] += value
            if row["receipt_computer_code"][0] in points:
                points[row["receipt_computer_code"][0]] += value
        assert int(head["act_points"]) == points["all"]
        assert int(head["act_drug_points"]) == points["6"]
        assert int(head["act_material_points"]) == points["7"]


def test_columns_of_the_act_line_and_the_detail_line(lake: Lake) -> None:
    only_on_the_act = ("insurer_number", "receipt_type_code", "receipt_department_code", "inpatient_outpatient_flag")
    for row in lake.rows("EFn"):
        head = row["detail_number"] == "000"
        assert all(bool(row[name]) == head for name in only_on_the_act)
        assert row["facility_type"] == ""
        if head:
            assert row["detail_flags"] in ("", "010000000000")
            assert (row["quantity"], row["unit_code"], row["fee_for_service_points"]) == (
                "0000000.000",
                "000",
                "00000000",
            )
        else:
            assert len(row["detail_flags"]) == 12
            assert (row["detail_flags"][2] == "0") == (row["detail_flags"][3] == "0")
            assert (row["act_points"], row["act_drug_points"], row["act_material_points"]) == ("00000000",) * 3


def test_efn_has_every_kind_of_line(lake: Lake) -> None:
    rows = lake.rows("EFn")
    flags = {row["detail_flags"] for row in rows if row["detail_number"] != "000"}
    assert flags == {"000000000000", "100000000000", "010000000000", "020000000000", "001100000000"}
    assert any(row["fee_for_service_points"].startswith("-") for row in rows)
    assert max(int(row["act_count"]) for row in rows) >= 14
    categories = {row["data_category"] for row in rows}
    assert categories == {row["category"] for row in catalog.rows("acts")}
    assert {row["data_category"] for row in rows if row["yen_point_flag"] == "1" and row["detail_number"] == "000"} == {
        "80",
        "97",
    }


def test_service_dates_lie_in_the_stay_and_the_month(lake: Lake) -> None:
    for file_type in ("EFn", "Dn", "Hn"):
        for row in lake.rows(file_type):
            assert row["admission_date"] <= row["service_date"]
            assert row["discharge_date"] == "00000000" or row["service_date"] <= row["discharge_date"]
            assert row["service_date"][:6] == row["month"].replace("-", "")


def _discharges(lake: Lake) -> dict[tuple[str, str, str], str]:
    return {form[:3]: records["A000030"][0][0] for form, records in forms(lake.rows("FF1")).items() if form[4] == "0"}


def test_dn_pays_every_general_day_once_and_other_days_by_fee(lake: Lake) -> None:
    """Between admission and discharge each day has a 93 row, a reason row or an overnight leave, never two."""
    left = _discharges(lake)
    days: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for row in lake.rows("Dn"):
        if row["data_category"] in ("93", "01") or "外泊" in row["act_name"]:
            days[_key(row, STAY)][row["service_date"]] += 1
        if row["data_category"] == "90" and row["dpc_period_start"]:
            days[_key(row, STAY)][row["service_date"]] += 1
    complete = 0
    for key, found in days.items():
        if key in left:
            first, last = (day(d) for d in (key[2], left[key]))
            wanted = [(first + timedelta(days=n)).strftime("%Y%m%d") for n in range((last - first).days + 1)]
            assert sorted(found) == wanted
            assert set(found.values()) == {1}
            complete += 1
    assert complete > 250


def test_dn_dpc_columns_are_filled_inside_the_period_only(lake: Lake) -> None:
    for row in lake.rows("Dn"):
        period = [row[n] for n in ("dpc_period_start", "dpc_period_end", "dpc_period_base", "hospital_coefficient")]
        assert all(period) or not any(period)
        if all(period):
            start, end, base, _ = period
            assert base <= start <= row["service_date"]
            assert end == "00000000" or row["service_date"] <= end
            assert row["dpc_code"]
        if row["data_category"] in ("93", "94"):
            assert all(period)
        assert (row["yen_point_flag"] == "1") == (row["data_category"] == "97")


def test_dn_has_one_coefficient_a_hospital(lake: Lake) -> None:
    known = {
        (row["facility_code"], row["hospital_coefficient"]) for row in lake.rows("Dn") if row["hospital_coefficient"]
    }
    assert known == {("131000123", "1.3124"), ("271000456", "1.3741")}


def test_the_adjustment_makes_earlier_months_worth_the_last_code(lake: Lake) -> None:
    """Worked out anew from the rows: what the paid days would have given under the code of the last month."""
    stays: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in lake.rows("Dn"):
        if row["data_category"] in ("93", "94"):
            stays[_key(row, STAY)].append(row)
    adjusted = 0
    for rows in stays.values():
        extra = [row for row in rows if row["data_category"] == "94"]
        if not extra or rows[0]["dpc_period_base"] != rows[0]["dpc_period_start"]:
            continue
        months = sorted({row["month"] for row in rows})
        final = catalog.dpc_codes()[extra[0]["dpc_code"]]
        difference = 0
        for month in months[:-1]:
            paid = [row for row in rows if row["month"] == month and row["data_category"] == "93"]
            base = day(paid[0]["dpc_period_base"])
            then = sum(int(row["act_points"]) for row in paid)
            numbers = [(day(row["service_date"]) - base).days + 1 for row in paid]
            now = sum(final.day_points(number) for number in numbers)
            factor = Decimal(paid[0]["hospital_coefficient"])
            difference += int((now * factor).quantize(Decimal(1), ROUND_HALF_UP))
            difference -= int((then * factor).quantize(Decimal(1), ROUND_HALF_UP))
        assert [int(row["act_points"]) for row in extra] == [difference]
        adjusted += 1
    assert adjusted >= 3


def test_fee_rows_of_dn_are_acts_of_efn(lake: Lake) -> None:
    acts = Counter(
        (*_key(row, STAY), row["service_date"], row["receipt_computer_code"], row["act_points"], row["act_count"])
        for row in lake.rows("EFn")
        if row["detail_number"] == "000"
    )
    rows = [row for row in lake.rows("Dn") if row["data_category"] not in ("01", "93", "94")]
    claimed = Counter(
        (*_key(row, STAY), row["service_date"], row["receipt_computer_code"], row["act_points"], row["act_count"])
        for row in rows
    )
    assert claimed <= acts
    assert len(rows) > 2000


def test_hn_has_one_target_a_patient_day_and_answers_where_it_is_0(lake: Lake) -> None:
    answers: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    values: dict[tuple[str, ...], list[str]] = defaultdict(list)
    wards: dict[tuple[str, ...], str] = {}
    for row in lake.rows("Hn"):
        key = (*_key(row, STAY), row["service_date"])
        wards[key] = row["ward_code"]
        if row["payload_code"] == "TAR0010":
            values[key].append(row["payload_1"])
        else:
            answers[key][row["payload_code"]] += 1
    assert {len(found) for found in values.values()} == {1}
    assert {found[0] for found in values.values()} == {"0", "2", "3", "4", "5"}
    for key, (value,) in values.items():
        if value != "0":
            assert not answers[key]
        elif wards[key].startswith("C"):
            assert answers[key] == {"ASS0013": 1}
        else:
            assert answers[key] in ({"ASS0013": 1, "ASS0021": 1}, {"ASS0051": 1})
    fee_days = {
        (*_key(row, STAY), row["service_date"])
        for row in lake.rows("EFn")
        if row["data_category"] in ("90", "92") and row["detail_number"] == "000"
    }
    assert fee_days == set(values)
