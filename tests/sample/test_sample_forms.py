"""FF1 obeys the survey's conditions; FF4, Kn, EFg and FF1 agree with each other and with EFn."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta

from sample_lake import Form, Lake, forms

from dpc_assets.formats.registry import layout

Records = dict[str, list[list[str]]]
MANDATORY = {payload.code for payload in layout("FF1", "2025-04").payloads if payload.record_required == "always"}
CONDITIONAL = {
    "ADL0010",
    "A000080",
    "A003010",
    "A004020",
    "M040010",
    "M040020",
    "M050011",
    "M050030",
    "M010010",
    "M120010",
    "M180010",
    "M180011",
    "CAN0010",
    "CAN0030",
    "ADL0030",
}


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()


def _forms(lake: Lake) -> dict[Form, Records]:
    return forms(lake.rows("FF1"))  # type: ignore[return-value]


def test_records_are_unique_in_order_and_have_the_exact_version(lake: Lake) -> None:
    versions = {payload.code: payload.version for payload in layout("FF1", "2025-04").payloads}
    for folder in lake.in_use():
        rows = folder.rows("FF1")
        assert all(row["payload_version"] == versions[row["payload_code"]] for row in rows)
        assert all(any(row[f"payload_{n}"] for n in range(1, 10)) for row in rows)
        keys = [(*list(row.values())[:6], int(row["payload_sequence"])) for row in rows]
        assert len(set(keys)) == len(keys)
        by_form = defaultdict(list)
        for key in keys:
            by_form[key[:5]].append(key[5:])
        for records in by_form.values():
            assert records == sorted(records)
            sequences = defaultdict(list)
            for code, sequence in records:
                sequences[code].append(sequence)
            assert all(found in ([0], list(range(1, len(found) + 1))) for found in sequences.values())


def test_every_form_has_the_mandatory_codes_and_some_have_the_conditional_ones(lake: Lake) -> None:
    assert len(MANDATORY) == 17
    found: Counter[str] = Counter()
    for records in _forms(lake).values():
        assert records.keys() >= MANDATORY
        found.update(records.keys())
    assert found.keys() >= CONDITIONAL


def test_always_payloads_are_filled_and_blank_ones_empty(lake: Lake) -> None:
    payloads = layout("FF1", "2025-04").payloads
    always = {(p.code, p.number) for p in payloads if p.required == "always"}
    blank = {(p.code, p.number) for p in payloads if p.required.startswith("must be blank")}
    known = {(p.code, p.number) for p in payloads}
    for records in _forms(lake).values():
        for code, filled in records.items():
            for values in filled:
                for number, value in enumerate(values, 1):
                    if (code, number) in always:
                        assert value, (code, number)
                    if (code, number) in blank or (code, number) not in known:
                        assert not value, (code, number)


def test_parents_span_the_stay_and_children_follow_each_other(lake: Lake) -> None:
    children: dict[tuple[str, ...], dict[str, Records]] = defaultdict(dict)
    changed = 0
    for form, records in _forms(lake).items():
        start, end = records["A000031"][0][:2]
        if form[4] in ("1", "2"):
            children[form[:3]][form[4]] = records
        elif form[4] == "0":
            assert (start, end) == (form[2], records["A000030"][0][0])
            assert (form[3] != "0") == (start == end)
    parents = {form[:3]: records for form, records in _forms(lake).items() if form[4] == "0"}
    for stay, both in children.items():
        if stay not in parents:
            continue
        first, second = both["1"], both["2"]
        assert first["A000031"][0][0] == stay[2]
        assert _day(second["A000031"][0][0]) == _day(first["A000031"][0][1]) + timedelta(days=1)
        assert second["A000031"][0][1] == parents[stay]["A000030"][0][0]
        assert first["A000030"][0][:2] == ["00000000", "0"]
        assert second["A000020"][0][1] == "0"
        assert first["A000050"][0] != second["A000050"][0]
        assert all("A004040" not in child and "A001040" not in child for child in both.values())
        changed += 1
    assert changed >= 3


def test_entrance_and_exit_of_a_form(lake: Lake) -> None:
    for form, records in _forms(lake).items():
        entrance, leaving = records["A000020"][0], records["A000030"][0]
        assert entrance[0] == form[2]
        asked = entrance[1] in ("1", "4", "5")
        assert all(bool(value) == asked for value in entrance[2:7])
        if entrance[4] == "101":
            assert records["A006030"][0][1].startswith("C")
        emergency = entrance[4].startswith("3")
        assert all(bool(value) == emergency for value in records["JCS0010"][0][2:4])
        died = leaving[2] in ("6", "7")
        assert not died or leaving[1] == "8"
        assert not died or not {"ADL0020", "JCS0020", "ADL0040"} & records.keys()
        if leaving[3] == "1":
            assert died
            assert (_day(leaving[0]) - _day(form[2])).days <= 1


def test_merged_records_join_two_stays_within_seven_days(lake: Lake) -> None:
    known = _forms(lake)
    merged = {form: records for form, records in known.items() if form[4] == "A"}
    assert len(merged) >= 3
    parents = defaultdict(list)
    for form, records in known.items():
        if form[4] == "0":
            parents[form[:2]].append((form[2], records["A000030"][0][0]))
    for form, records in merged.items():
        start, end = records["A000031"][0][:2]
        first = next(stay for stay in sorted(parents[form[:2]]) if stay[0] == start)
        second = next(stay for stay in sorted(parents[form[:2]], reverse=True) if stay[1] == end)
        assert 0 <= (_day(second[0]) - _day(first[1])).days <= 7
        assert form[3] == "0"


def test_readmission_is_asked_within_four_weeks(lake: Lake) -> None:
    gaps: dict[bool, list[int]] = {True: [], False: []}
    for form, records in _forms(lake).items():
        previous = records["A000070"][0][0]
        if form[4] == "0" and not previous.endswith("00") and previous != "99999999":
            gaps["A000080" in records].append((_day(form[2]) - _day(previous)).days)
    assert max(gaps[True]) <= 28
    assert min(gaps[False]) > 28
    assert {gap for gap in gaps[True] if gap <= 7}


def test_ages_set_the_records_of_the_elderly_and_of_adults(lake: Lake) -> None:
    for form, records in _forms(lake).items():
        birth, admission = _day(records["A000010"][0][0]), _day(form[2])
        age = admission.year - birth.year - ((admission.month, admission.day) < (birth.month, birth.day))
        assert ("A004020" in records) == (age >= 65)
        delivery = "M120010" in records
        assert ("ADL0010" in records) == (age >= 15 and not delivery)
        assert re.fullmatch(r"[0-9]+\.[0-9]", records["A001010"][0][2])
        assert records["A002010"][0][1] == ("1" if delivery else "0")


def test_every_discharge_is_in_ff4_and_claimed_ones_in_efn(lake: Lake) -> None:
    form4 = Counter(
        (row["facility_code"], row["patient_data_id"], row["admission_date"], row["discharge_date"])
        for row in lake.rows("FF4")
    )
    parents = Counter((*form[:3], records["A000030"][0][0]) for form, records in _forms(lake).items() if form[4] == "0")
    alone = form4 - parents
    assert not parents - form4
    code = {(row["facility_code"], row["patient_data_id"], row["admission_date"]): row for row in lake.rows("FF4")}
    assert {code[key[:3]]["insurance_combination"] for key in alone} == {"3"}
    acts = {(row["facility_code"], row["patient_data_id"], row["admission_date"]) for row in lake.rows("EFn")}
    for stay, row in code.items():
        assert (stay in acts) == (row["insurance_combination"] != "3")
    assert {row["insurance_combination"] for row in code.values()} == {"1", "3", "4"}


def test_kn_has_the_stays_of_efn_in_the_same_month(lake: Lake) -> None:
    births = {form[:2]: records["A000010"][0][0] for form, records in _forms(lake).items()}
    for folder in lake.in_use():
        rows = folder.rows("Kn")
        stays = {(row["patient_data_id"], row["admission_date"]) for row in rows}
        assert stays == {(row["patient_data_id"], row["admission_date"]) for row in folder.rows("EFn")}
        for row in rows:
            assert row["service_month"] == folder.month.replace("-", "")
            assert re.fullmatch("[0-9a-f]{64}", row["primary_common_id"])
            known = births.get((row["facility_code"], row["patient_data_id"]))
            assert known is None or known[:6] == row["birth_month"]


def test_surgery_of_efn_and_ff1_agree_and_transfusions_are_not_in_ff1(lake: Lake) -> None:
    recorded = {
        (*form[:3], values[1])
        for form, records in _forms(lake).items()
        if form[4] == "0"
        for values in records.get("A007010", [])
    }
    parents = {form[:3] for form in _forms(lake) if form[4] == "0"}
    performed = {
        (row["facility_code"], row["patient_data_id"], row["admission_date"], row["fee_table_code"])
        for row in lake.rows("EFn")
        if row["data_category"] == "50" and row["detail_number"] == "000"
    }
    assert any(act[3] == "K9202" for act in performed)
    assert {act for act in performed if act[3] != "K9202" and act[:3] in parents} == recorded


def test_outpatient_visits_lie_outside_every_stay(lake: Lake) -> None:
    stays = defaultdict(list)
    for row in lake.rows("Kn"):
        end = row["discharge_date"] if row["discharge_date"] != "00000000" else "99999999"
        stays[(row["facility_code"], row["patient_data_id"])].append((row["admission_date"], end))
    sex = {form[:2]: records["A000010"][0][1] for form, records in _forms(lake).items()}
    rows = lake.rows("EFg")
    assert {row["data_category"] for row in rows} == {"60", "70", "SY"}
    for row in rows:
        person = (row["facility_code"], row["patient_data_id"])
        assert not any(start < row["service_date"] < end for start, end in stays[person])
        if row["data_category"] == "SY":
            assert row["visit_date"].endswith("00")
            assert re.fullmatch("[0-9]{7}", row["receipt_computer_code"])
        if row["detail_number"] != "000" and person in sex:
            assert row["detail_flags"][2] == sex[person]
