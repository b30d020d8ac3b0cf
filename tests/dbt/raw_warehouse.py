"""A DuckDB with the raw and ref source tables, and lines to put into it: what the dbt project reads."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from itertools import count

import duckdb
import sqlglot

from dpc_assets.formats.ddl import raw_columns, raw_tables
from dpc_assets.formats.registry import FILE_TYPES

_LOADS = """create table raw.loads (submission_yyyymm VARCHAR(6), submission_facility VARCHAR(9), file_type VARCHAR(3),
 version INTEGER, newest_version INTEGER, status VARCHAR(8), verdict VARCHAR(8), records BIGINT, sha256 VARCHAR(64),
 created_at TIMESTAMP, findings VARCHAR(3000), findings_count INTEGER)"""
_MASTER = """create table ref.facility_master (facility_code VARCHAR(9), facility_name VARCHAR(300),
 dpc_hospital VARCHAR(5), beds_total INTEGER)"""
_POINTS = """create table ref.dpc_points_import (dpc_code VARCHAR(14), name_ja VARCHAR(1000), days_1 INTEGER,
 days_2 INTEGER, days_3 INTEGER, points_1 INTEGER, points_2 INTEGER, points_3 INTEGER, valid_from DATE, valid_to DATE,
 source VARCHAR(200))"""

HOSPITAL = "131000123"

EFN = {
    "discharge_date": "00000000",
    "data_category": "40",
    "sequence_number": "0001",
    "detail_number": "001",
    "hospital_fee_master_code": "X1",
    "receipt_computer_code": "140000000",
    "detail_name": "処置",
    "quantity": "0000001.000",
    "unit_code": "000",
    "detail_points_or_amount": "00000100.000",
    "yen_point_flag": "0",
    "fee_for_service_points": "00000000",
    "detail_flags": "000000000000",
    "act_points": "00000000",
    "act_drug_points": "00000000",
    "act_material_points": "00000000",
    "act_count": "001",
    "department_code": "010",
    "ward_code": "W1",
    "ward_type": "0",
}
DN = {
    "discharge_date": "00000000",
    "data_category": "93",
    "sequence_number": "0001",
    "receipt_computer_code": "930000000",
    "act_points": "00002753",
    "act_drug_points": "0",
    "act_material_points": "0",
    "yen_point_flag": "0",
    "act_count": "001",
    "dpc_code": "010010xx9901xx",
    "hospital_coefficient": "1.1234",
}


def warehouse() -> duckdb.DuckDBPyConnection:
    """An open in-memory database with empty source tables."""
    connection = duckdb.connect()
    for schema in ("raw", "ref"):
        connection.execute(f"create schema {schema}")
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it says that DuckDB has no DISTKEY
    for statement in raw_tables():
        connection.execute(sqlglot.transpile(statement, read="redshift", write="duckdb")[0])
    for statement in (_LOADS, _MASTER, _POINTS):
        connection.execute(statement)
    return connection


class Lake:
    """Adds delivered lines to a warehouse; every line of a file gets the next line number."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._lines = count(1)

    def add(self, file_type: str, month: str, lines: Iterable[dict[str, str]], facility: str = HOSPITAL) -> None:
        """Lines of one type into the submission of `month` (202504); columns that a line leaves out are empty."""
        names = [name for name, _ in raw_columns(file_type)]
        rows = []
        for line in lines:
            unknown = set(line) - set(names)
            assert not unknown, unknown
            given = {"facility_code": facility} | line
            provenance = [month, facility, 1, f"{file_type}_{facility}_{month[2:]}.txt", next(self._lines)]
            rows.append(provenance + [given.get(name, "") for name in names[5:]])
        places = ", ".join("?" for _ in names)
        if rows:
            self.connection.executemany(f"insert into raw.{file_type.lower()} values ({places})", rows)

    def clear(self, month: str, facility: str = HOSPITAL) -> None:
        """Takes a submission out again."""
        for file_type in FILE_TYPES:
            self.connection.execute(
                f"delete from raw.{file_type.lower()} where submission_yyyymm = ? and submission_facility = ?",
                [month, facility],
            )

    def loaded(self, month: str, created_at: str, facility: str = HOSPITAL, types: Iterable[str] = FILE_TYPES) -> None:
        """Board rows of a loaded submission."""
        for file_type in types:
            self.connection.execute(
                "insert into raw.loads values (?, ?, ?, 1, 1, 'loaded', 'passed', 1, '', ?, '', 0)",
                [month, facility, file_type, created_at],
            )


def form(
    patient: str,
    admitted: str,
    discharged: str,
    *,
    same_day: str = "0",
    record: str = "0",
    destination: str = "1",
    outcome: str = "1",
    planned: str = "100",
    route: str = "1",
    ambulance: str = "0",
    readmission: str = "",
    surgeries: Iterable[str] = (),
    resource: str = "J690",
    disease_code: str = "5070002",
    birth: str = "19500402",
) -> list[dict[str, str]]:
    """The lines of one FF1 record: parent (record 0), child or merged record."""
    key = {
        "patient_data_id": patient,
        "admission_date": admitted,
        "same_day_stay_number": same_day,
        "record_summary_number": record,
    }

    def line(code: str, sequence: str = "0", **payload: str) -> dict[str, str]:
        named = {name.replace("p", "payload_"): value for name, value in payload.items()}
        return key | {"payload_code": code, "payload_version": "20140401", "payload_sequence": sequence} | named

    lines = [
        line("A000010", p1=birth, p2="1", p3="1000001"),
        line("A000020", p1=admitted, p2=route, p3="0", p4="1", p5=planned, p6=ambulance, p7="0"),
        line("A000030", p1=discharged, p2=destination, p3=outcome, p4="0", p5="0"),
        line("A000031", p1=admitted, p2=discharged),
        line("A000040", p2="010", p3="0"),
        line("A000050", p2="1", p3="0", p4="0"),
        line("A006010", p2="J690", p4=disease_code, p9="誤嚥性肺炎"),
        line("A006020", p2="J189", p4="4860012", p9="肺炎"),
        line("A006030", p2=resource, p4=disease_code, p9="誤嚥性肺炎"),
    ]
    if readmission:
        lines.append(line("A000080", p2=readmission, p3="1"))
    lines += [line("A007010", str(n), p1=admitted, p2=code, p9="手術") for n, code in enumerate(surgeries, 1)]
    return lines


def act(patient: str, admitted: str, day: str, **changed: str) -> dict[str, str]:
    """One EFn line: a detail line of one act unless told otherwise."""
    return EFN | {"patient_data_id": patient, "admission_date": admitted, "service_date": day} | changed


def claim(patient: str, admitted: str, day: str, **changed: str) -> dict[str, str]:
    """One Dn line: a day of category 93 at 2753 points unless told otherwise."""
    return DN | {"patient_data_id": patient, "admission_date": admitted, "service_date": day} | changed


def assessed(patient: str, admitted: str, day: str, code: str, **payload: str) -> dict[str, str]:
    """One Hn line of a payload code."""
    named = {name.replace("p", "payload_"): value for name, value in payload.items()}
    key = {"ward_code": "W1", "patient_data_id": patient, "discharge_date": "00000000", "admission_date": admitted}
    return (
        key
        | {"service_date": day, "payload_code": code, "payload_version": "20240601", "payload_sequence": "0"}
        | named
    )
