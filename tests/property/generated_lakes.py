"""Small lakes for property tests: few stays, many edges, resubmissions. Nothing of the sample generator.

A lake is a history of `Version`s: what one facility delivered for one month, as rows of text per file type.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from dpc_assets.formats.registry import file_name, layout

Rows = tuple[tuple[str, ...], ...]

MONTHS = ("2025-04", "2025-05", "2025-06", "2025-07")
FACILITIES = ("139990101", "139990102")
HEADER = {"FF1": "施設コード", "Hn": "施設コード"}
EDGES = tuple(date(2025, m, d) for m, d in ((3, 31), (4, 1), (4, 8), (4, 30), (5, 1), (5, 8), (5, 31), (6, 30), (7, 1)))
STAYED = (0, 1, 3, 7, 30, 31, 62)
POINTS = ("00000100", "00001650", "-0000250", "0", "2753", "00002500")
COUNTS = ("001", "002", "28", "0")
COEFFICIENTS = ("1.1234", "1.0000", "", "1.5")
CATEGORIES = ("21", "50", "60", "80", "90", "92", "97")
FLAGS = ("", "000000000000", "010000000000", "020000000000", "001100000000", "000001000000")
FEES = ("", "A100", "A3011", "A301-2", "Z2010", "K5613")
CODES = ("040081XX99X0XX", "010060xx99x40x", "060010XX99XA0X", "")


@dataclass(frozen=True)
class Stay:
    """One admission of a small pool; `discharge` None: still there."""

    patient: str
    admission: date
    discharge: date | None
    same_day: str


@dataclass(frozen=True)
class Version:
    """One delivered version. `arrival` orders a history; `created` is its manifest's created_at."""

    month: str
    facility: str
    version: int
    arrival: int
    created: str
    files: Mapping[str, Rows] = field(default_factory=dict)


def digits(day: date | None) -> str:
    return day.strftime("%Y%m%d") if day else "00000000"


def row(file_type: str, **values: str) -> tuple[str, ...]:
    """A line of the type's layout; columns that are not named are empty."""
    names = [each.name for each in layout(file_type, "2025-04").fields]
    unknown = set(values) - set(names)
    assert not unknown, unknown
    return tuple(values.get(name, "") for name in names)


def encoded(file_type: str, rows: Sequence[Sequence[str]], errors: str = "strict") -> bytes:
    """The delivered bytes: cp932, CRLF, a header line where the survey wants one."""
    lines = ["\t".join(each) for each in rows]
    if file_type in HEADER:
        lines.insert(0, HEADER[file_type])
    return "".join(line + "\r\n" for line in lines).encode("cp932", errors)


def data_lines(data: bytes) -> int:
    """Records of a manifest: data lines without a header line."""
    lines = data.rstrip(b"\x1a").split(b"\n")
    lines = lines[:-1] if lines[-1] == b"" else lines
    first = lines[0].rstrip(b"\r").split(b"\t")[0] if lines else b""
    header = 1 if first and not first.isdigit() else 0
    return sum(line not in (b"", b"\r") for line in lines[header:])


def deliver(lake: Path, version: Version, contents: Mapping[str, bytes]) -> None:
    """Stores one version with a manifest that is true of it."""
    folder = lake / "raw" / f"yyyymm={version.month}" / version.facility / f"v{version.version}"
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for file_type, data in contents.items():
        name = file_name(file_type, version.facility, version.month)
        (folder / name).write_bytes(data)
        files.append(
            {
                "name": name,
                "type": file_type,
                "bytes": len(data),
                "records": data_lines(data),
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )
    manifest: dict[str, Any] = {
        "schema": "dpc-manifest/1",
        "facility_code": version.facility,
        "yyyymm": version.month.replace("-", ""),
        "version": version.version,
        "created_at": version.created,
        "files": files,
    }
    (folder / "_manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def deliver_rows(lake: Path, version: Version) -> None:
    deliver(lake, version, {kind: encoded(kind, rows) for kind, rows in version.files.items()})


# strategies

stays = st.builds(
    lambda patient, admission, stayed, same_day: Stay(
        patient,
        admission,
        None if stayed is None else admission + timedelta(days=stayed),
        same_day if stayed == 0 else "0",
    ),
    st.sampled_from(("0000000001", "0000000002")),
    st.sampled_from(EDGES),
    st.sampled_from((*STAYED, None)),
    st.sampled_from(("0", "1", "2")),
)


def _days(month: str) -> tuple[date, ...]:
    first = date(int(month[:4]), int(month[5:]), 1)
    return (first, first + timedelta(days=7), first + timedelta(days=27))


@st.composite
def forms(draw: st.DrawFn, facility: str, stay: Stay) -> Rows:
    """The FF1 records of one stay: a parent or a child, mandatory ones now and then missing."""
    key = {
        "facility_code": facility,
        "patient_data_id": stay.patient,
        "admission_date": digits(stay.admission),
        "same_day_stay_number": stay.same_day,
        "record_summary_number": draw(st.sampled_from(("0", "0", "0", "1", "A"))),
    }
    birth = draw(st.sampled_from(("19500401", "19710000", "19980500", "00000000", "20250401", "20240229")))
    route = draw(st.sampled_from(("1", "4", "8", "")))
    plan = draw(st.sampled_from(("100", "200", "301", "")))
    ambulance = draw(st.sampled_from(("0", "1", "")))
    outcome = draw(st.sampled_from(("1", "6", "")))
    destination = draw(st.sampled_from(("1", "4", "8")))
    icd = draw(st.sampled_from(("I509", "J690", "H2531", "")))
    disease = draw(st.sampled_from(("0000999", "8830001")))
    records = [
        ("A000010", "0", (birth, "1")),
        ("A000020", "0", (digits(stay.admission), route, "0", "1", plan, ambulance)),
        ("A000030", "0", (digits(stay.discharge), destination, outcome)),
        ("A000040", "0", ("", "010", "0")),
        ("A006010", "0", ("", icd, "", disease)),
        ("A006030", "0", ("", icd, "", "8830001")),
    ]
    if draw(st.booleans()):
        records.append(("A000080", "0", ("", draw(st.sampled_from(("1", "2"))), "1")))
    records += [
        ("A007010", str(number), (digits(stay.admission), code))
        for number, code in enumerate(draw(st.lists(st.sampled_from(("K5613", "K914", "K920-2")), max_size=2)), 1)
    ]
    dropped = draw(st.sampled_from((None, None, None, *range(len(records)))))
    return tuple(
        row(
            "FF1",
            **key,
            payload_code=code,
            payload_version="20140401",
            payload_sequence=sequence,
            **{f"payload_{number}": value for number, value in enumerate(payload, 1)},
        )
        for at, (code, sequence, payload) in enumerate(records)
        if at != dropped
    )


def _key(facility: str, stay: Stay) -> dict[str, str]:
    return {
        "facility_code": facility,
        "patient_data_id": stay.patient,
        "discharge_date": digits(stay.discharge),
        "admission_date": digits(stay.admission),
    }


@st.composite
def acts(draw: st.DrawFn, facility: str, stay: Stay, day: date) -> Rows:
    """One act of EFn: its E line and up to two detail lines."""
    category, sequence = draw(st.sampled_from(CATEGORIES)), draw(st.sampled_from(("0001", "0002")))
    shared = _key(facility, stay) | {
        "data_category": category,
        "sequence_number": sequence,
        "act_count": draw(st.sampled_from(COUNTS)),
        "service_date": digits(day),
        "fee_table_code": draw(st.sampled_from(FEES)),
    }
    head = row(
        "EFn",
        **shared,
        detail_number="000",
        act_points=draw(st.sampled_from(POINTS)),
        act_drug_points=draw(st.sampled_from(("00000000", "00000033"))),
        act_material_points=draw(st.sampled_from(("0", "00000200"))),
        yen_point_flag="0",
    )
    details = [
        row(
            "EFn",
            **shared,
            detail_number=f"{number:03d}",
            fee_for_service_points=draw(st.sampled_from(POINTS)),
            detail_flags=draw(st.sampled_from(FLAGS)),
            yen_point_flag=draw(st.sampled_from(("0", "1"))),
        )
        for number in range(1, draw(st.integers(1, 3)))
    ]
    return (head, *details)


@st.composite
def claims(draw: st.DrawFn, facility: str, stay: Stay, day: date) -> Rows:
    """One line of Dn."""
    category = draw(st.sampled_from(("93", "93", "93", "94", "90", "97", "01")))
    return (
        row(
            "Dn",
            **_key(facility, stay),
            data_category=category,
            sequence_number="0001",
            act_points=draw(st.sampled_from(POINTS)),
            yen_point_flag="1" if category == "97" else "0",
            act_count=draw(st.sampled_from(COUNTS)),
            service_date=digits(day),
            dpc_code=draw(st.sampled_from(CODES)),
            hospital_coefficient=draw(st.sampled_from(COEFFICIENTS)) if category in ("93", "94") else "",
        ),
    )


@st.composite
def assessments(draw: st.DrawFn, facility: str, stay: Stay, day: date) -> Rows:
    """The records of one H day."""
    key = _key(facility, stay) | {"ward_code": "W1", "service_date": digits(day), "payload_sequence": "0"}
    records = [
        row("Hn", **key, payload_code="TAR0010", payload_version="20180401", payload_1=draw(st.sampled_from("012345")))
    ]
    yes = st.sampled_from(("0", "1", ""))
    if draw(st.booleans()):
        values = {f"payload_{number}": draw(yes) for number in (1, 2, 5, 6, 8)} | {"payload_7": "000"}
        records.append(row("Hn", **key, payload_code="ASS0013", payload_version="20240601", **values))
    if draw(st.booleans()):
        values = {f"payload_{number}": draw(yes) for number in range(1, 12)}
        records.append(row("Hn", **key, payload_code="ASS0021", payload_version="20200401", **values))
    return tuple(records)


@st.composite
def visits(draw: st.DrawFn, facility: str, stay: Stay, day: date) -> Rows:
    """One line of EFg."""
    return (
        row(
            "EFg",
            facility_code=facility,
            patient_data_id=stay.patient,
            birth_date="19500401",
            visit_date=digits(day),
            data_category=draw(st.sampled_from(("12", "21", "SY"))),
            sequence_number="0001",
            detail_number=draw(st.sampled_from(("000", "001"))),
            act_points="00000075",
            act_count=draw(st.sampled_from(COUNTS)),
            service_date=digits(day),
        ),
    )


@st.composite
def common_ids(draw: st.DrawFn, facility: str, stay: Stay, day: date) -> Rows:
    """One line of Kn as submitted."""
    key = _key(facility, stay)
    common_id = draw(st.sampled_from(("a1" * 32, "b2" * 32, "")))
    return (row("Kn", **key, service_month=f"{day:%Y%m}", birth_month="195004", primary_common_id=common_id),)


@st.composite
def contents(draw: st.DrawFn, month: str, facility: str, pool: Sequence[Stay]) -> dict[str, Rows]:
    """The files of one version: FF1 and EFn always, the others now and then not at all."""
    days = st.sampled_from(_days(month))
    some = st.sampled_from(pool)

    def several(make: Any, least: int, most: int) -> Rows:
        chosen = [(draw(some), draw(days)) for _ in range(draw(st.integers(least, most)))]
        return tuple(line for stay, day in chosen for line in draw(make(facility, stay, day)))

    files: dict[str, Rows] = {
        "FF1": several(lambda where, stay, _: forms(where, stay), 1, 3),
        "EFn": several(acts, 1, 3),
    }
    if draw(st.booleans()):
        files["FF4"] = tuple(
            row("FF4", **_key(facility, draw(some)), insurance_combination=draw(st.sampled_from("1245")))
            for _ in range(draw(st.integers(1, 2)))
        )
    if draw(st.booleans()):
        files["Dn"] = several(claims, 1, 4)
    if draw(st.booleans()):
        files["Hn"] = several(assessments, 1, 3)
    if draw(st.booleans()):
        files["EFg"] = several(visits, 1, 2)
    if draw(st.booleans()):
        files["Kn"] = several(common_ids, 1, 2)
    return files


def _smaller(draw: st.DrawFn, files: dict[str, Rows]) -> dict[str, Rows]:
    """A resubmission of the same content that drops a file type, or the rows of one patient."""
    optional = [kind for kind in files if kind not in ("FF1", "EFn")]
    if optional and draw(st.booleans()):
        gone = draw(st.sampled_from(optional))
        return {kind: rows for kind, rows in files.items() if kind != gone}
    kept = {kind: tuple(each for each in rows if "0000000002" not in each) for kind, rows in files.items()}
    return {kind: rows for kind, rows in kept.items() if rows} if kept["FF1"] and kept["EFn"] else files


def _broken(files: dict[str, Rows]) -> dict[str, Rows]:
    """A version that is refused: one line of EFn lacks its last column."""
    return files | {"EFn": (*files["EFn"][:-1], files["EFn"][-1][:-1])}


@st.composite
def histories(draw: st.DrawFn, months: Sequence[str] = MONTHS[:3]) -> tuple[Version, ...]:
    """Versions in the order of their arrival: none to three a facility and month, in any order of months."""
    pool = draw(st.lists(stays, min_size=2, max_size=4, unique=True))
    facilities = draw(st.sampled_from((FACILITIES[:1], FACILITIES)))
    delivered: list[Version] = []
    for facility in facilities:
        for month in months:
            files: dict[str, Rows] = {}
            for number in range(1, 1 + draw(st.sampled_from((1, 2, 1, 0, 3)))):
                change = draw(st.sampled_from(("new", "smaller", "broken", "same"))) if files else "new"
                if change == "new":
                    files = draw(contents(month, facility, pool))
                elif change == "smaller":
                    files = _smaller(draw, files)
                sent = _broken(files) if change == "broken" else files
                created = f"2025-1{draw(st.integers(0, 2))}-0{number}T09:00:00+09:00"
                delivered.append(Version(month, facility, number, 0, created, sent))
    order = draw(st.permutations(range(len(delivered))))
    arrived = [replace(each, arrival=order[at]) for at, each in enumerate(delivered)]
    return tuple(sorted(arrived, key=lambda each: each.arrival))
