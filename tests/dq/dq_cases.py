"""For every rule: edits of the clean submission that break it, and edits near to that which must not.

`also` names the other rules that the same fault breaks; every rule that is not named must pass. `month` is the month
whose outcome is judged.
"""

from __future__ import annotations

from dataclasses import dataclass

from dq_submission import (
    ONE,
    TWO,
    Edit,
    act,
    add,
    change,
    claim,
    common_id,
    copy,
    detail,
    drop,
    form,
    form4,
    nursing,
    parent,
    ward_fee,
)

FIRST = {"patient_data_id": ONE, "admission_date": "20250403"}


@dataclass(frozen=True)
class Case:
    rule: str
    bad: tuple[Edit, ...]
    good: tuple[Edit, ...]
    also: frozenset[str] = frozenset()
    good_fails: frozenset[str] = frozenset()
    month: str = "202504"
    failed_rows: int | None = None


def case(
    rule: str,
    bad: list[Edit],
    good: list[Edit],
    also: str = "",
    good_fails: str = "",
    month: str = "202504",
    rows: int | None = None,
) -> Case:
    return Case(rule, tuple(bad), tuple(good), frozenset(also.split()), frozenset(good_fails.split()), month, rows)


def one(code: str, **columns: str) -> dict[str, str]:
    """Which FF1 lines of the first patient."""
    return {"type": "FF1", **FIRST, "payload_code": code, **columns}


def set_one(code: str, **values: str) -> Edit:
    return change(values, **one(code))


def add_one(code: str, version: str, *payloads: str, **key: str) -> Edit:
    return add(form("202504", ONE, "20250403", code, version, *payloads, **key))


def child(
    number: str, month: str, first: str, last: str, discharge: str, groups: tuple[str, str, str], **routes: str
) -> list:
    """A child record of the second patient with every mandatory code."""
    rows = parent(month, TWO, "20250428", discharge, "20100720", record_summary_number=number)
    route = routes.get("route", "0")
    given = dict(zip(("payload_2", "payload_3", "payload_4"), groups, strict=True))
    moved = {
        "A000020": {"payload_2": route} | ({} if route == "1" else {f"payload_{n}": "" for n in range(3, 8)}),
        "A000030": {} if discharge != "00000000" else {"payload_2": "0", "payload_5": ""},
        "A000031": {"payload_1": first, "payload_2": last},
        "A000050": given,
    }
    return [row | moved.get(row["payload_code"], {}) for row in rows]


GENERAL, OTHER = ("1", "0", "0"), ("0", "0", "1")
CHILDREN = [
    change({"payload_2": "1", "payload_4": "1"}, type="FF1", patient_data_id=TWO, payload_code="A000050"),
    add(*child("1", "202504", "20250428", "20250429", "00000000", GENERAL, route="1")),
    add(*child("2", "202505", "20250430", "20250503", "20250503", OTHER)),
]

SAME_DAY = [
    add(*parent("202504", "0000000009", "20250415", "20250415", "19600101", same_day_stay_number="1")),
    add(*parent("202504", "0000000009", "20250415", "20250415", "19600101", same_day_stay_number="2")),
    add(form4("202504", "0000000009", "20250415", "20250415"), form4("202504", "0000000009", "20250415", "20250415")),
    add(*ward_fee("202504", "0000000009", "20250415", "20250415", "20250415", "0001")),
    add(*ward_fee("202504", "0000000009", "20250415", "20250415", "20250415", "0001")),
    add(claim("202504", "0000000009", "20250415", "20250415", "20250415", "0001")),
    add(claim("202504", "0000000009", "20250415", "20250415", "20250415", "0001")),
    add(
        nursing("202504", "0000000009", "20250415", "20250415", "20250415", "TAR0010", "20180401", "3"),
        nursing("202504", "0000000009", "20250415", "20250415", "20250415", "TAR0010", "20180401", "3"),
    ),
    add(common_id("202504", "0000000009", "20250415", "20250415", "196001", "9" * 64)),
]

READMITTED = [
    *(add(*parent("202505", ONE, "20250510", "20250512", "19500210")),),
    change(
        {"payload_1": "20250405"}, type="FF1", patient_data_id=ONE, admission_date="20250510", payload_code="A000070"
    ),
    add(form("202505", ONE, "20250510", "A000080", "20140401", "", "1", "1")),
    add(form4("202505", ONE, "20250510", "20250512")),
    *(add(*ward_fee("202505", ONE, "20250510", "20250512", f"202505{10 + n}", f"{n + 1:04d}")) for n in range(3)),
    *(add(claim("202505", ONE, "20250510", "20250512", f"202505{10 + n}", f"{n + 1:04d}")) for n in range(3)),
    *(
        add(nursing("202505", ONE, "20250510", "20250512", f"202505{10 + n}", "TAR0010", "20180401", "3"))
        for n in range(3)
    ),
    add(common_id("202505", ONE, "20250510", "20250512", "195002", "a" * 64)),
]

CROWD = [add(*parent("202504", f"00000010{n:02d}", "20250407", "20250409", "19500210")) for n in range(20)]
"""Twenty more discharges in April, in FF1 only."""

EFN_50 = {"type": "EFn", "data_category": "50", **FIRST}
STAY = ("202504", ONE, "20250403", "20250405")

CASES = [
    case(
        "X01",
        [change({"primary_common_id": "a" * 64}, type="Kn", patient_data_id=TWO)],
        [copy({}, type="Kn", patient_data_id=ONE)],
        rows=2,
    ),
    case(
        "X02",
        [change({"patient_data_id": "0000000008"}, type="FF4", **FIRST)],
        [add(form4("202504", "0000000008", "20250401", "20250402", "5"))],
        also="X03",
        rows=2,
    ),
    case(
        "X03",
        [add(form4("202504", "0000000008", "20250401", "20250402", "1"))],
        [add(form4("202504", "0000000008", "20250401", "20250402", "3"))],
        also="X02",
    ),
    case(
        "X03",
        [change({"insurance_combination": "3"}, type="FF4", **FIRST)],
        [change({"insurance_combination": "4"}, type="FF4", **FIRST)],
    ),
    case(
        "X04",
        [change({"data_category": "80"}, type="EFn", data_category="90", **FIRST)],
        [change({"data_category": "92"}, type="EFn", data_category="90", **FIRST)],
    ),
    case("X05", [drop(type="Kn", patient_data_id=TWO, month="202504")], [copy({}, type="Kn", patient_data_id=ONE)]),
    case(
        "X05",
        [add(common_id("202504", "0000000008", "20250401", "00000000", "199001", "c" * 64))],
        [drop(type="Kn", month="202504")],
        month="202504",
    ),
    case("X06", [change({"service_month": "202503"}, type="Kn", patient_data_id=ONE)], []),
    case(
        "X07",
        [change({"birth_month": "195003"}, type="Kn", patient_data_id=ONE)],
        [set_one("A000010", payload_1="19500000")],
    ),
    case(
        "X08",
        [change({"patient_data_id": "0000000008"}, type="Dn", **FIRST)],
        [drop(type="Dn", **FIRST), set_one("A000050", payload_2="0", payload_4="1")],
        rows=2,
    ),
    case(
        "X09",
        [drop(type="Hn", service_date="20250404", **FIRST)],
        [
            change({"ward_code": "W02"}, type="EFn", service_date="20250404", **FIRST),
            drop(type="Hn", service_date="20250404", **FIRST),
        ],
        rows=1,
    ),
    case(
        "X11",
        [change({"service_date": "20250406"}, type="EFn", data_category="97", detail_number="001")],
        [change({"service_date": "20250405"}, type="EFn", data_category="97", detail_number="001")],
        rows=1,
    ),
    case(
        "X11",
        [change({"service_date": "20250501"}, type="Hn", month="202504", service_date="20250430")],
        [],
        also="X09",
        rows=3,
    ),
    case("X12", [drop(**one("A007010"))], [change({"payload_2": "K633-5"}, **one("A007010"))], rows=1),
    case(
        "X12",
        [change({"fee_table_code": "K546"}, type="EFn", fee_table_code="K6335")],
        [
            add(act(*STAY, "20250404", "50", "0002", fee_table_code="K9201", act_points="00000450")),
            add(act(*STAY, "20250404", "50", "0003", fee_table_code="K9393", act_points="00002000")),
        ],
        also="X12B",
        rows=1,
    ),
    case("X12B", [drop(**EFN_50)], []),
    case(
        "X13",
        [add_one("A007010", "20140401", "20250404", "K920-2", "X000000", "1", "0", "9", payload_sequence="2")],
        [add_one("A007010", "20140401", "20250404", "K6336", "X000000", "1", "0", "9", payload_sequence="2")],
    ),
    case("X14", [set_one("A000020", payload_1="20250402")], []),
    case(
        "X14",
        [change({"discharge_date": "20250404"}, type="FF4", **FIRST)],
        [change({"discharge_date": "00000000"}, type="EFn", **FIRST)],
        also="X02",
    ),
    case(
        "X15",
        [add(act(*STAY, "20250404", "92", "0001", fee_table_code="A3011", act_points="00014406"))],
        [
            add(act(*STAY, "20250404", "92", "0001", fee_table_code="A3011", act_points="00014406")),
            add_one(
                "M180010",
                "20180401",
                "",
                "20250404",
                "99999999",
                "20250404",
                "",
                "000000",
                "",
                "000000",
                payload_sequence="1",
            ),
        ],
    ),
    case(
        "X15",
        [
            add(act(*STAY, "20250404", "92", "0001", fee_table_code="A301", act_points="00014406")),
            set_one("A000010", payload_1="20100404"),
            add_one(
                "M180010",
                "20180401",
                "",
                "20250404",
                "99999999",
                "20250404",
                "",
                "000000",
                "",
                "000000",
                payload_sequence="1",
            ),
        ],
        [add(act(*STAY, "20250404", "92", "0001", fee_table_code="A301-2", act_points="00014406"))],
        also="X07",
    ),
    case(
        "X17",
        [change({"dpc_code": "040080"}, type="Dn", **FIRST)],
        [change({"dpc_code": "040080X099X0XX"}, type="Dn", **FIRST)],
        rows=3,
    ),
    case(
        "X18",
        [
            change(
                {"act_drug_points": "00000040", "act_points": "00000040"},
                type="EFn",
                data_category="21",
                detail_number="000",
            )
        ],
        [
            change({"detail_flags": "000000000000"}, type="EFn", data_category="21", detail_number="001"),
            change(
                {"act_drug_points": "00000040", "act_points": "00000040"},
                type="EFn",
                data_category="21",
                detail_number="000",
            ),
        ],
        also="E02",
    ),
    case(
        "X20",
        [
            change(
                {"patient_data_id": ONE, "visit_date": "20250404", "birth_date": "19500210"},
                type="EFg",
                data_category="12",
            )
        ],
        [
            change(
                {"patient_data_id": ONE, "visit_date": "20250405", "birth_date": "19500210"},
                type="EFg",
                data_category="12",
            )
        ],
        rows=2,
    ),
    case(
        "X21",
        [change({"patient_data_id": ONE, "birth_date": "19500211"}, type="EFg", data_category="12")],
        [change({"patient_data_id": ONE, "birth_date": "19500000"}, type="EFg", data_category="12")],
        rows=1,
    ),
    case(
        "X21",
        [
            change(
                {"patient_data_id": ONE, "birth_date": "19500210", "detail_flags": "002110000000"},
                type="EFg",
                data_category="SY",
            )
        ],
        [change({"patient_data_id": ONE, "birth_date": "19500210"}, type="EFg", data_category="SY")],
    ),
    case(
        "A01",
        [copy({}, **one("A000040"))],
        [
            copy(
                {"payload_code": "A001040", "payload_version": "20240601", "payload_2": "", "payload_3": "0000000"},
                **one("A000040"),
            )
        ],
        rows=1,
    ),
    case(
        "A01",
        [set_one("A007010", payload_sequence="2")],
        [add_one("A007010", "20140401", "20250404", "K633", "X000000", "1", "0", "9", payload_sequence="2")],
        rows=1,
    ),
    case("A01", [set_one("A000040", payload_sequence="1")], [set_one("A007010", payload_sequence="01")]),
    case(
        "A01",
        [add_one("ADL0030", "20200401", "", "0000000000", payload_sequence=str(n)) for n in (1, 2, 3, 4)],
        [add_one("ADL0030", "20200401", "", "0000000000", payload_sequence=str(n)) for n in (1, 2, 3)],
    ),
    case("A02", [set_one("A004030", payload_version="20140401")], [], rows=1),
    case("A02", [set_one("JCS0020", payload_code="JCS0030")], []),
    case("A03", [drop(**one("A000050"))], [drop(**one("JCS0020"))], rows=1),
    case(
        "A03B",
        [*CHILDREN, drop(type="FF1", payload_code="JCS0010", record_summary_number="2")],
        CHILDREN,
        month="202505",
        rows=1,
    ),
    case("A05", [set_one("A000040", payload_5="1")], [set_one("A000020", payload_8="99")], rows=1),
    case("A05", [add_one("A001040", "20240601")], [add_one("Mzz0010", "20140401", "", "x")]),
    case("A06", [set_one("A000031", payload_2="20250404")], []),
    case("A06", [*CHILDREN, drop(type="FF1", record_summary_number="2")], CHILDREN, month="202505"),
    case(
        "A06",
        [change({"payload_2": "1", "payload_4": "1"}, type="FF1", patient_data_id=TWO, payload_code="A000050")],
        [],
        month="202505",
    ),
    case(
        "A07",
        [*CHILDREN, change({"payload_1": "20250501"}, type="FF1", record_summary_number="2", payload_code="A000031")],
        CHILDREN,
        month="202505",
    ),
    case(
        "A07",
        [
            *CHILDREN,
            change({"payload_2": "1", "payload_4": "0"}, type="FF1", record_summary_number="2", payload_code="A000050"),
        ],
        [*CHILDREN, drop(type="FF1", record_summary_number="1")],
        month="202505",
        good_fails="A06",
    ),
    case("A08", [set_one("A000030", payload_2="0")], []),
    case(
        "A08",
        [*CHILDREN, change({"payload_2": "1"}, type="FF1", record_summary_number="1", payload_code="A000030")],
        CHILDREN,
    ),
    case(
        "A09",
        [*CHILDREN, change({"payload_2": "9"}, type="FF1", record_summary_number="2", payload_code="A000020")],
        CHILDREN,
        month="202505",
    ),
    case("A10", [change({"same_day_stay_number": "1"}, type="FF1", **FIRST)], SAME_DAY),
    case(
        "A11",
        [set_one("A000020", payload_6="")],
        [set_one("A000020", payload_2="8", **{f"payload_{n}": "" for n in range(3, 8)})],
    ),
    case("A11", [set_one("A000020", payload_2="9")], []),
    case(
        "A13",
        [set_one("A000020", payload_5="101")],
        [set_one("A000020", payload_5="101"), set_one("A006030", payload_2="C343")],
    ),
    case(
        "A14",
        [set_one("A000030", payload_3="6", payload_5="0"), drop(**one("JCS0020"))],
        [set_one("A000030", payload_2="8", payload_3="6", payload_5="0"), drop(**one("JCS0020"))],
    ),
    case(
        "A14",
        [set_one("A000030", payload_2="8", payload_3="7", payload_5="0")],
        [set_one("A000030", payload_2="8", payload_3="9")],
    ),
    case(
        "A15",
        [set_one("A000030", payload_2="8", payload_3="6", payload_4="1"), drop(**one("JCS0020"))],
        [set_one("A000030", payload_2="8", payload_3="6", payload_4="1", payload_1="20250404"), drop(**one("JCS0020"))],
        good_fails="A06 X14 X02",
    ),
    case("A15", [set_one("A000030", payload_4="1")], []),
    case("A16", [set_one("A006010", payload_2="J18.9")], [set_one("A006010", payload_2="J18")]),
    case("A16", [set_one("A006020", payload_2="Z038", payload_5="8002")], [set_one("A006020", payload_2="Z038")]),
    case("A20", [set_one("A007010", payload_1="20250406")], [set_one("A007010", payload_1="20250405")]),
    case(
        "A20",
        [set_one("A007010", payload_6="")],
        [add_one("A007010", "20140401", "20250404", "K931", payload_sequence="2")],
        good_fails="X12B",
    ),
    case("A21", [set_one("A001010", payload_3="60")], [set_one("A001010", payload_3="000", payload_2="000")]),
    case(
        "A23",
        [set_one("A002010", payload_2="1", payload_3="30")],
        [set_one("A000010", payload_2="2"), set_one("A002010", payload_2="1", payload_3="30")],
    ),
    case("A23", [set_one("A002010", payload_3="30")], []),
    case(
        "A25",
        [
            *CHILDREN,
            add(form("202505", TWO, "20250428", "A004040", "20240601", "", "0", "0", record_summary_number="2")),
        ],
        [*CHILDREN, add(form("202505", TWO, "20250428", "A004040", "20240601", "", "0", "0"))],
        month="202505",
    ),
    case("A26", [add_one("A004040", "20240601", "", "1", "2")], [add_one("A004040", "20240601", "", "2", "2")]),
    case("A26", [add_one("A004050", "20240601", "", "4")], [add_one("A004050", "20240601", "", "3")]),
    case(
        "A28",
        [
            change({"payload_2": "20250412", "payload_1": "20250403"}, **one("A000031")),
            *READMITTED,
            drop(type="FF1", payload_code="A000080"),
        ],
        [*READMITTED, drop(type="FF1", payload_code="A000080")],
        month="202505",
    ),
    case(
        "A29",
        [*READMITTED, change({"payload_1": "99999999"}, type="FF1", admission_date="20250510", payload_code="A000070")],
        READMITTED,
        month="202505",
        rows=1,
    ),
    case("A29", [set_one("A000070", payload_1="20250404")], [set_one("A000070", payload_1="20250403")]),
    case(
        "A29",
        [*READMITTED, change({"payload_1": "20250401"}, type="FF1", admission_date="20250510", payload_code="A000070")],
        [*READMITTED, change({"payload_1": "20250400"}, type="FF1", admission_date="20250510", payload_code="A000070")],
        month="202505",
    ),
    case("A30", [set_one("A000010", payload_3="100-0001")], [set_one("A000010", payload_3="9999999")]),
    case("A30", [set_one("A006030", payload_2="O820")], [set_one("A006030", payload_2="N40")]),
    case("E01", [drop(type="EFn", data_category="50", detail_number="000")], SAME_DAY, rows=1),
    case(
        "E01",
        [copy({}, type="EFn", data_category="90", service_date="20250404", **FIRST)],
        [copy({"sequence_number": "0009"}, type="EFn", data_category="90", service_date="20250404", **FIRST)],
        rows=1,
    ),
    case(
        "E01",
        [copy({}, type="EFg", data_category="12", detail_number="000")],
        [copy({"visit_date": "20250411"}, type="EFg", data_category="12")],
    ),
    case(
        "E02",
        [change({"act_points": "00006301"}, type="EFn", data_category="50", detail_number="000")],
        [
            change({"detail_flags": "010000000000"}, type="EFn", data_category="50", detail_number="001"),
            change({"act_points": "00000300"}, type="EFn", data_category="50", detail_number="000"),
        ],
        rows=1,
    ),
    case(
        "E02",
        [change({"act_material_points": "00000199"}, type="EFn", data_category="50", detail_number="000")],
        [change({"act_points": "00000671"}, type="EFn", data_category="97", detail_number="000")],
    ),
    case(
        "E03",
        [change({"detail_flags": "001000000000"}, type="EFn", data_category="50", detail_number="002")],
        [change({"detail_flags": "001100000000"}, type="EFn", data_category="50", detail_number="004")],
        also="E02",
    ),
    case(
        "E03",
        [change({"detail_flags": "00000000000"}, type="EFn", data_category="50", detail_number="001")],
        [change({"detail_flags": "010000000000"}, type="EFn", data_category="50", detail_number="000")],
    ),
    case(
        "E04",
        [change({"data_category": "12"}, type="EFn", data_category="21")],
        [change({"data_category": "25"}, type="EFg", data_category="12")],
        rows=2,
    ),
    case(
        "E05",
        [change({"yen_point_flag": "1"}, type="EFn", data_category="50", detail_number="001")],
        [
            change(
                {"yen_point_flag": "1", "fee_table_code": "Z2001", "data_category": "80"},
                type="EFn",
                data_category="21",
                detail_number="001",
            ),
            change(
                {"yen_point_flag": "1", "fee_table_code": "Z2001", "data_category": "80"},
                type="EFn",
                data_category="21",
                detail_number="000",
            ),
        ],
        rows=1,
    ),
    case(
        "E10",
        [change({"fee_for_service_points": "00000010"}, type="EFn", data_category="50", detail_number="004")],
        [change({"receipt_computer_code": "8"}, type="EFn", data_category="50", detail_number="004")],
        also="E02",
        rows=1,
    ),
    case(
        "E12",
        [change({"receipt_computer_code": "466000"}, type="EFg", data_category="SY")],
        [change({"act_count": "1", "act_points": "0"}, type="EFg", data_category="SY")],
    ),
    case("E12", [change({"detail_flags": "001010000000"}, type="EFg", data_category="SY")], []),
    case(
        "D01",
        [change({"hospital_coefficient": ""}, type="Dn", service_date="20250404", **FIRST)],
        [
            add(
                claim(
                    *STAY,
                    "20250404",
                    "0001",
                    data_category="13",
                    receipt_computer_code="113000110",
                    dpc_period_start="",
                    dpc_period_end="",
                    dpc_period_base="",
                    dpc_code="",
                    hospital_coefficient="",
                )
            )
        ],
        rows=1,
    ),
    case(
        "D02",
        [change({"dpc_period_end": "20250404"}, type="Dn", **FIRST)],
        [change({"dpc_period_end": "00000000", "dpc_period_base": "20250320"}, type="Dn", **FIRST)],
        rows=1,
    ),
    case("D03", [copy({"sequence_number": "0009"}, type="Dn", service_date="20250404", **FIRST)], SAME_DAY, rows=1),
    case("D03", [change({"receipt_computer_code": "930000001"}, type="Dn", service_date="20250404", **FIRST)], []),
    case(
        "D04",
        [add(claim(*STAY, "20250405", "0001", data_category="94", receipt_computer_code="930000000"))],
        [
            add(
                claim(
                    *STAY,
                    "20250405",
                    "0001",
                    data_category="94",
                    receipt_computer_code="940000000",
                    act_points="-0000066",
                )
            )
        ],
        also="D03",
    ),
    case(
        "D05",
        [
            add(
                claim(
                    *STAY,
                    "20250405",
                    "0001",
                    data_category="01",
                    receipt_computer_code="810000001",
                    fee_table_code="GR007",
                )
            )
        ],
        [
            add(
                claim(
                    *STAY,
                    "20250405",
                    "0001",
                    data_category="01",
                    receipt_computer_code="810000001",
                    fee_table_code="GR010",
                )
            )
        ],
    ),
    case(
        "D07",
        [change({"hospital_coefficient": "1.2345"}, type="Dn", service_date="20250404", **FIRST)],
        [change({"hospital_coefficient": "1.5000"}, type="Dn", month="202504")],
        rows=1,
    ),
    case(
        "D07",
        [change({"hospital_coefficient": "0.9999"}, type="Dn", month="202504")],
        [change({"hospital_coefficient": "2.0000"}, type="Dn", month="202504")],
        rows=6,
    ),
    case(
        "D08",
        [change({"yen_point_flag": "1"}, type="Dn", service_date="20250404", **FIRST)],
        [
            add(
                claim(
                    *STAY, "20250405", "0001", data_category="97", receipt_computer_code="197000110", yen_point_flag="1"
                )
            )
        ],
        rows=1,
    ),
    case("H01", [copy({}, type="Hn", payload_code="TAR0010", service_date="20250404", **FIRST)], SAME_DAY, rows=1),
    case(
        "H01",
        [drop(type="Hn", payload_code="ASS0021", service_date="20250404", **FIRST)],
        [drop(type="Hn", payload_code="ASS0021")],
    ),
    case(
        "H01",
        [change({"payload_1": "3"}, type="Hn", payload_code="TAR0010", service_date="20250404", **FIRST)],
        [
            change({"payload_1": "3"}, type="Hn", payload_code="TAR0010", service_date="20250404", **FIRST),
            drop(type="Hn", payload_code="ASS0013", service_date="20250404", **FIRST),
            drop(type="Hn", payload_code="ASS0021", service_date="20250404", **FIRST),
        ],
    ),
    case(
        "H02",
        [change({"payload_1": "4"}, type="Hn", payload_code="TAR0010", service_date="20250405", **FIRST)],
        [
            change({"payload_1": "4"}, type="Hn", payload_code="TAR0010", service_date="20250405", **FIRST),
            add(detail(act(*STAY, "20250405", "90", "0003"), "002", "-0000100", detail_name="外泊")),
        ],
        good_fails="E02",
    ),
    case(
        "H02",
        [change({"payload_1": "2"}, type="Hn", payload_code="TAR0010", service_date="20250405", **FIRST)],
        [
            change({"payload_1": "2"}, type="Hn", payload_code="TAR0010", service_date="20250405", **FIRST),
            set_one("A000010", payload_1="20150210"),
            change({"birth_month": "201502"}, type="Kn", patient_data_id=ONE),
        ],
    ),
    case(
        "H03",
        [change({"payload_3": "1"}, type="Hn", payload_code="ASS0013", service_date="20250404", **FIRST)],
        [],
        rows=1,
    ),
    case(
        "H03",
        [change({"payload_sequence": "1"}, type="Hn", payload_code="TAR0010", service_date="20250404", **FIRST)],
        [],
    ),
    case("H06", [change({"admission_date": "20250404"}, type="Hn", service_date="20250403", **FIRST)], [], also="X09"),
    case(
        "H07",
        [drop(type="Hn", payload_code="ASS0013", service_date="20250404", **FIRST)],
        [
            change({"payload_1": "3"}, type="Hn", payload_code="TAR0010", service_date="20250404", **FIRST),
            drop(type="Hn", payload_code="ASS0013", service_date="20250404", **FIRST),
            drop(type="Hn", payload_code="ASS0021", service_date="20250404", **FIRST),
        ],
    ),
    case("W04", [change({"payload_1": "20250403"}, **one("A000030"))], SAME_DAY, also="A06 X02 X14"),
    case(
        "W09",
        [*READMITTED, change({"payload_1": "19500211"}, type="FF1", admission_date="20250510", payload_code="A000010")],
        [*READMITTED, change({"payload_1": "19500200"}, type="FF1", admission_date="20250510", payload_code="A000010")],
        rows=1,
    ),
    case(
        "W10",
        [change({"detail_name": "食事①"}, type="EFn", data_category="97", detail_number="001")],
        [change({"detail_name": "食事ＡＢＣ（肺炎）"}, type="EFn", data_category="97", detail_number="001")],
        rows=1,
    ),
    case(
        "C01",
        [set_one("A000030", payload_1="20250402")],
        [set_one("A000030", payload_1="20250403")],
        also="A06 X02 X14",
        good_fails="A06 X02 X14 W04",
        rows=1,
    ),
    case(
        "C01",
        [change({"discharge_date": "20250401"}, type="EFn", **FIRST)],
        [change({"discharge_date": "00000000"}, type="EFn", **FIRST)],
        also="X11 X14",
        rows=1,
    ),
    case(
        "C02",
        [
            add(*parent("202505", ONE, "20250403", "20250405", "19500210")),
            add(form4("202505", ONE, "20250403", "20250405")),
        ],
        [*READMITTED],
        rows=1,
    ),
    case(
        "C03",
        [change({"service_date": "20250431"}, type="EFn", data_category="97", detail_number="001")],
        [change({"discharge_date": "00000000"}, type="EFn", **FIRST)],
        rows=1,
    ),
    case("C03", [set_one("A000010", payload_1="19500230")], [set_one("A000010", payload_1="19500200")], rows=1),
    case(
        "C03",
        [change({"birth_date": "1980061"}, type="EFg", data_category="12", detail_number="001")],
        [change({"birth_date": "00000000"}, type="EFg")],
        also="E01",
        rows=1,
    ),
    case(
        "W01",
        [*CROWD, change({"payload_2": "A014"}, type="FF1", payload_code="A006030", month="202504")],
        [*CROWD, change({"payload_2": "A014"}, **one("A006030"))],
        also="X02 X04 X08",
        good_fails="X02 X04 X08",
        rows=21,
    ),
    case(
        "W02",
        [*CROWD, change({"payload_4": "0000999"}, type="FF1", payload_code="A006010", month="202504")],
        [*CROWD, change({"payload_4": "0000999"}, **one("A006010"))],
        also="X02 X04 X08",
        good_fails="X02 X04 X08",
        rows=21,
    ),
    case("W08", CROWD, [], month="202505", rows=1),
]
