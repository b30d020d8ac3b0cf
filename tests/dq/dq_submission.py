"""A small submission as rows, clean by every rule, and the edits that the cases make to it.

One hospital, April and May 2025. Patient 1 is in hospital from April 3 to 5 with one operation; patient 2 from April 28
to May 3, so that the form lies in May and the acts in both months; patient 3 is an outpatient on April 10.
A row is a mapping of column to delivered text; `type` and `month` say which file it stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

Row = dict[str, str]
Edit = Callable[[list[Row]], list[Row]]

ONE, TWO, THREE = "0000000001", "0000000002", "0000000003"


def form(month: str, patient: str, admission: str, code: str, version: str, *payloads: str, **key: str) -> Row:
    """One FF1 line; `key` may name same_day_stay_number, record_summary_number and payload_sequence."""
    head = {
        "type": "FF1",
        "month": month,
        "patient_data_id": patient,
        "admission_date": admission,
        "same_day_stay_number": "0",
        "record_summary_number": "0",
        "payload_code": code,
        "payload_version": version,
        "payload_sequence": "0",
    }
    return head | {f"payload_{n}": text for n, text in enumerate(payloads, start=1)} | key


def parent(month: str, patient: str, admission: str, discharge: str, birth: str, **key: str) -> list[Row]:
    """Every mandatory code of one stay at home, general ward, pneumonia."""

    def line(code: str, version: str, *payloads: str) -> Row:
        return form(month, patient, admission, code, version, *payloads, **key)

    return [
        line("A000010", "20140401", birth, "1", "1000001"),
        line("A000020", "20140401", admission, "1", "0", "1", "200", "0", "0"),
        line("A000030", "20140401", discharge, "1", "1", "0", "0"),
        line("A000031", "20140401", admission, discharge),
        line("A000040", "20140401", "", "010", "0"),
        line("A000050", "20140401", "", "1", "0", "0"),
        line("A000060", "20140401", "", "4", "0"),
        line("A000070", "20140401", "99999999", "99999999"),
        line("A001010", "20140401", "", "170", "60.5", "60.0"),
        line("A001020", "20140401", "", "0"),
        line("A002010", "20140401", "", "0"),
        line("A004030", "20180401", "", "", "", "0", "", "0", "00000", "00000"),
        line("A006010", "20140401", "", "J189", "", "4860009", "", "", "", "", "肺炎"),
        line("A006020", "20140401", "", "J189", "", "4860009", "", "", "", "", "肺炎"),
        line("A006030", "20140401", "", "J154", "", "4829018", "", "", "", "", "肺炎"),
        line("CAN0040", "20140401", "", "", "0"),
        line("JCS0010", "20140401", "", "0"),
        line("JCS0020", "20140401", "", "0"),
    ]


def form4(month: str, patient: str, admission: str, discharge: str, code: str = "1") -> Row:
    return {
        "type": "FF4",
        "month": month,
        "patient_data_id": patient,
        "admission_date": admission,
        "discharge_date": discharge,
        "insurance_combination": code,
    }


def act(
    month: str, patient: str, admission: str, discharge: str, day: str, category: str, sequence: str, **columns: str
) -> Row:
    """One EFn line: by default the E line of a ward fee of 1688 points."""
    return {
        "type": "EFn",
        "month": month,
        "patient_data_id": patient,
        "discharge_date": discharge,
        "admission_date": admission,
        "data_category": category,
        "sequence_number": sequence,
        "detail_number": "000",
        "hospital_fee_master_code": "W1",
        "receipt_computer_code": "190117710",
        "fee_table_code": "A100",
        "detail_name": "入院料",
        "quantity": "0000000.000",
        "unit_code": "000",
        "detail_points_or_amount": "000000000.00",
        "yen_point_flag": "0",
        "fee_for_service_points": "00000000",
        "detail_flags": "",
        "act_points": "00001688",
        "act_drug_points": "00000000",
        "act_material_points": "00000000",
        "act_count": "001",
        "service_date": day,
        "department_code": "010",
        "ward_code": "W01",
        "ward_type": "0",
        "inpatient_outpatient_flag": "0",
    } | columns


def detail(head: Row, number: str, points: str, **columns: str) -> Row:
    """A detail line of an act: EF-18 to 20 are 0, EF-16 holds the points."""
    zero = {"act_points": "00000000", "act_drug_points": "00000000", "act_material_points": "00000000"}
    own = {"detail_number": number, "fee_for_service_points": points, "detail_flags": "000000000000"}
    return head | zero | own | columns


def ward_fee(month: str, patient: str, admission: str, discharge: str, day: str, sequence: str) -> list[Row]:
    head = act(month, patient, admission, discharge, day, "90", sequence)
    return [head, detail(head, "001", "00001688")]


def claim(month: str, patient: str, admission: str, discharge: str, day: str, sequence: str, **columns: str) -> Row:
    """One Dn line: the inclusive points of a day."""
    return {
        "type": "Dn",
        "month": month,
        "patient_data_id": patient,
        "discharge_date": discharge,
        "admission_date": admission,
        "data_category": "93",
        "sequence_number": sequence,
        "receipt_computer_code": "930000000",
        "act_name": "包括点数",
        "act_points": "00002753",
        "act_drug_points": "00000000",
        "act_material_points": "00000000",
        "yen_point_flag": "0",
        "act_count": "001",
        "service_date": day,
        "ward_code": "W01",
        "ward_type": "0",
        "inpatient_outpatient_flag": "0",
        "dpc_period_start": admission,
        "dpc_period_end": discharge,
        "dpc_period_base": admission,
        "dpc_code": "040080x099x0xx",
        "hospital_coefficient": "1.1234",
    } | columns


def nursing(
    month: str, patient: str, admission: str, discharge: str, day: str, code: str, version: str, *payloads: str
) -> Row:
    return {
        "type": "Hn",
        "month": month,
        "ward_code": "W01",
        "patient_data_id": patient,
        "discharge_date": discharge,
        "admission_date": admission,
        "service_date": day,
        "payload_code": code,
        "payload_version": version,
        "payload_sequence": "0",
    } | {f"payload_{n}": text for n, text in enumerate(payloads, start=1)}


def evaluated_day(month: str, patient: str, admission: str, discharge: str, day: str) -> list[Row]:
    key = (month, patient, admission, discharge, day)
    return [
        nursing(*key, "ASS0013", "20240601", "0", "1", "", "", "0", "0", "000", "0"),
        nursing(*key, "ASS0021", "20200401", *"00000000000"),
        nursing(*key, "TAR0010", "20180401", "0"),
    ]


def common_id(month: str, patient: str, admission: str, discharge: str, birth_month: str, hashed: str) -> Row:
    return {
        "type": "Kn",
        "month": month,
        "patient_data_id": patient,
        "admission_date": admission,
        "discharge_date": discharge,
        "service_month": month,
        "birth_month": birth_month,
        "primary_common_id": hashed,
    }


def outpatient(category: str, sequence: str, number: str, **columns: str) -> Row:
    return {
        "type": "EFg",
        "month": "202504",
        "patient_data_id": THREE,
        "birth_date": "19800615",
        "visit_date": "20250410",
        "data_category": category,
        "sequence_number": sequence,
        "detail_number": number,
        "receipt_computer_code": "112007410",
        "fee_table_code": "A001",
        "detail_name": "再診料",
        "yen_point_flag": "0",
        "fee_for_service_points": "00000000",
        "detail_points_or_amount": "000000000.00",
        "act_points": "00000000",
        "act_drug_points": "00000000",
        "act_material_points": "00000000",
        "act_count": "001",
        "service_date": "20250410",
        "ward_code": "9999999999",
        "ward_type": "9",
        "inpatient_outpatient_flag": "1",
    } | columns


def days(first: str, last: str) -> list[str]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(start + timedelta(days=n)).strftime("%Y%m%d") for n in range((end - start).days + 1)]


def clean() -> list[Row]:
    """All rows of both months."""
    rows: list[Row] = []
    first = (ONE, "20250403", "20250405")
    rows += parent("202504", *first, "19500210")
    rows.append(
        form(
            "202504",
            ONE,
            "20250403",
            "A007010",
            "20140401",
            "20250404",
            "K6335",
            "KB10000",
            "1",
            "0",
            "1",
            "",
            "",
            "手術",
            payload_sequence="1",
        )
    )
    rows += parent("202505", TWO, "20250428", "20250503", "20100720")
    rows += [form4("202504", *first), form4("202505", TWO, "20250428", "20250503")]
    for sequence, day in enumerate(days("2025-04-03", "2025-04-05"), start=1):
        rows += ward_fee("202504", *first, day, f"{sequence:04d}")
        rows.append(claim("202504", *first, day, f"{sequence:04d}"))
        rows += (
            evaluated_day("202504", *first, day)
            if day != "20250405"
            else [nursing("202504", *first, day, "TAR0010", "20180401", "5")]
        )
    surgery = act(
        "202504",
        *first,
        "20250404",
        "50",
        "0001",
        receipt_computer_code="150154010",
        fee_table_code="K6335",
        detail_name="手術",
        act_points="00006300",
        act_drug_points="00000100",
        act_material_points="00000200",
    )
    rows += [
        surgery,
        detail(surgery, "001", "00006000"),
        detail(
            surgery,
            "002",
            "00000100",
            receipt_computer_code="620000001",
            fee_table_code="",
            detail_name="薬",
            yen_point_flag="1",
        ),
        detail(
            surgery,
            "003",
            "00000200",
            receipt_computer_code="710000001",
            fee_table_code="",
            detail_name="材料",
            yen_point_flag="1",
        ),
        detail(surgery, "004", "00000000", receipt_computer_code="830000001", fee_table_code="", detail_name="注釈"),
    ]
    meal = act(
        "202504",
        *first,
        "20250404",
        "97",
        "0001",
        receipt_computer_code="197000110",
        fee_table_code="",
        detail_name="食事",
        yen_point_flag="1",
        act_points="00000670",
    )
    rows += [meal, detail(meal, "001", "00000000", detail_points_or_amount="000000670.00")]
    brought = act(
        "202504",
        *first,
        "20250404",
        "21",
        "0001",
        receipt_computer_code="620000002",
        fee_table_code="",
        detail_name="持参薬",
        act_points="00000000",
    )
    rows += [brought, detail(brought, "001", "00000040", detail_flags="002100000000", yen_point_flag="1")]
    for month, discharge, first_day, last_day in (
        ("202504", "00000000", "2025-04-28", "2025-04-30"),
        ("202505", "20250503", "2025-05-01", "2025-05-03"),
    ):
        stay = (TWO, "20250428", discharge)
        for sequence, day in enumerate(days(first_day, last_day), start=1):
            rows += ward_fee(month, *stay, day, f"{sequence:04d}")
            rows.append(claim(month, *stay, day, f"{sequence:04d}"))
            rows += (
                evaluated_day(month, *stay, day)
                if day != "20250503"
                else [nursing(month, *stay, day, "TAR0010", "20180401", "5")]
            )
        rows.append(common_id(month, TWO, "20250428", discharge, "201007", "b" * 64))
    rows.append(common_id("202504", *first, "195002", "a" * 64))
    rows += [
        outpatient("12", "0001", "000", act_points="00000075"),
        outpatient("12", "0001", "001", fee_for_service_points="00000075", detail_flags="000000000000"),
        outpatient(
            "SY",
            "0001",
            "000",
            receipt_computer_code="4660009",
            fee_table_code="",
            detail_name="上気道炎",
            visit_date="20250400",
            detail_flags="001110000000",
        ),
    ]
    return rows


def _matches(row: Row, where: dict[str, str]) -> bool:
    return all(row.get(column, "") == text for column, text in where.items())


def drop(**where: str) -> Edit:
    """Removes the rows that match; at least one must."""

    def edit(rows: list[Row]) -> list[Row]:
        kept = [row for row in rows if not _matches(row, where)]
        assert len(kept) < len(rows), f"no row matches {where}"
        return kept

    return edit


def change(values: dict[str, str], **where: str) -> Edit:
    """Sets columns of the rows that match; at least one must."""

    def edit(rows: list[Row]) -> list[Row]:
        assert any(_matches(row, where) for row in rows), f"no row matches {where}"
        return [row | values if _matches(row, where) else row for row in rows]

    return edit


def copy(values: dict[str, str], **where: str) -> Edit:
    """Adds copies of the rows that match, with other values."""

    def edit(rows: list[Row]) -> list[Row]:
        found = [row | values for row in rows if _matches(row, where)]
        assert found, f"no row matches {where}"
        return rows + found

    return edit


def add(*added: Row) -> Edit:
    return lambda rows: rows + list(added)


def edited(edits: Iterable[Edit]) -> list[Row]:
    rows = clean()
    for edit in edits:
        rows = edit(rows)
    return rows
