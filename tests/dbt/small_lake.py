"""A small lake of three months and two hospitals that touches every rule of the marts."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
from raw_warehouse import HOSPITAL, Lake, act, assessed, claim, form, warehouse

PLAIN = "140000001"
"""A hospital that delivers no Dn."""

MONTHS = ("202506", "202507", "202508")


def _june(lake: Lake) -> None:
    lake.loaded("202506", "2025-07-10 00:00:00")
    # 0000000001: the official money example, 6/29 to 7/10
    lake.add("Dn", "202506", [claim("0000000001", "20250629", day) for day in ("20250629", "20250630")])
    lake.add(
        "EFn",
        "202506",
        [
            act(
                "0000000001",
                "20250629",
                "20250629",
                data_category="90",
                detail_number="000",
                detail_flags="",
                act_points="00001688",
                fee_for_service_points="00000000",
            ),
            act("0000000001", "20250629", "20250629", data_category="90", fee_for_service_points="00001688"),
            act("0000000001", "20250629", "20250630", fee_for_service_points="00000250", act_count="003"),
            act("0000000001", "20250629", "20250630", fee_for_service_points="-0000010"),
            # bundled in the ward fee, brought in, a meal in yen, advanced care by line and by act: none counts
            act("0000000001", "20250629", "20250630", fee_for_service_points="00000500", detail_flags="010000000000"),
            act("0000000001", "20250629", "20250630", fee_for_service_points="00000077", detail_flags="002100000000"),
            act(
                "0000000001",
                "20250629",
                "20250630",
                data_category="97",
                fee_for_service_points="00000067",
                yen_point_flag="1",
            ),
            act(
                "0000000001",
                "20250629",
                "20250630",
                data_category="80",
                fee_table_code="Z2001",
                fee_for_service_points="00009000",
            ),
            act(
                "0000000001",
                "20250629",
                "20250630",
                data_category="80",
                sequence_number="0002",
                detail_number="000",
                fee_table_code="Z3001",
                detail_flags="",
            ),
            act(
                "0000000001",
                "20250629",
                "20250630",
                data_category="80",
                sequence_number="0002",
                fee_for_service_points="00009000",
            ),
            # a drug act: flag 1 is the unit of EF-14 only, EF-16 is points
            act(
                "0000000001",
                "20250629",
                "20250630",
                data_category="33",
                detail_number="000",
                detail_flags="",
                act_points="00000120",
                act_drug_points="00000100",
                act_material_points="00000020",
                act_count="002",
            ),
            act(
                "0000000001",
                "20250629",
                "20250630",
                data_category="33",
                yen_point_flag="1",
                fee_for_service_points="00000120",
                act_count="002",
            ),
            # unreadable service date: the submission's month
            act("0000000001", "20250629", "20250631", fee_for_service_points="00000005"),
        ],
    )
    lake.add(
        "Hn",
        "202506",
        [
            assessed("0000000001", "20250629", "20250629", "TAR0010", p1="0"),
            assessed("0000000001", "20250629", "20250629", "ASS0013", p1="1", p2="0", p5="0", p6="1", p7="000", p8="0"),
            assessed("0000000001", "20250629", "20250630", "TAR0010", p1="1"),
            assessed(
                "0000000001",
                "20250629",
                "20250630",
                "ASS0021",
                p1="2",
                p2="2",
                p3="1",
                p4="2",
                p5="2",
                p6="1",
                p7="1",
                p8="1",
                p9="1",
                p10="1",
                p11="1",
            ),
            assessed("0000000009", "20250601", "20250603", "TAR0010", p1="4"),
        ],
    )
    # a form that a later one replaces, and a plain June discharge with a readmission in July
    lake.add(
        "FF1", "202506", form("0000000002", "20250601", "20250610", planned="301", ambulance="1", surgeries=["K7181"])
    )
    lake.add(
        "FF1", "202506", form("0000000003", "20250601", "20250605", destination="8", outcome="7", route="9", planned="")
    )
    lake.add(
        "FF1", "202506", form("0000000004", "20250601", "20250605", destination="4", surgeries=["K9141", "K920-2"])
    )
    lake.add("FF1", "202506", form("0000000005", "20250605", "20250606", birth="19710000"))
    lake.add(
        "FF4",
        "202506",
        [
            {
                "patient_data_id": "0000000002",
                "admission_date": "20250601",
                "discharge_date": "20250610",
                "insurance_combination": "1",
            }
        ],
    )


def _july(lake: Lake) -> None:
    lake.loaded("202507", "2025-08-10 00:00:00")
    days = [(f"202507{day:02d}", "00002782", "010010XX9900XX") for day in (1, 2, 3, 4, 5, 6, 9)]
    days.append(("20250710", "00002057", "010010XX9901XX"))
    lines = [claim("0000000001", "20250629", day, act_points=points, dpc_code=code) for day, points, code in days]
    lines.append(
        claim(
            "0000000001",
            "20250629",
            "20250710",
            data_category="94",
            act_points="00000066",
            act_count="002",
            dpc_code="010010XX9901XX",
        )
    )
    lines.append(
        claim(
            "0000000001",
            "20250629",
            "20250703",
            data_category="97",
            act_points="00000640",
            act_count="003",
            yen_point_flag="1",
            dpc_code="",
            hospital_coefficient="",
        )
    )
    lines.append(
        claim(
            "0000000001",
            "20250629",
            "20250703",
            data_category="50",
            act_points="00001200",
            act_count="002",
            dpc_code="",
            hospital_coefficient="",
        )
    )
    lake.add("Dn", "202507", lines)
    lake.add(
        "EFn",
        "202507",
        [
            act(
                "0000000001",
                "20250629",
                "20250701",
                data_category="90",
                fee_table_code="A3011",
                fee_for_service_points="00014000",
            ),
            act("0000000001", "20250629", "20250702", fee_table_code="A301-2", fee_for_service_points="00006000"),
            # readmission of 2 known from EFn only until its form comes in August
            act("0000000002", "20250618", "20250701", fee_for_service_points="00000100"),
            act("0000000006", "20250704", "20250704", fee_for_service_points="00000300"),
        ],
    )
    lake.add("FF1", "202507", form("0000000001", "20250629", "20250710", resource="C349"))
    lake.add("FF1", "202507", form("0000000001", "20250629", "20250703", record="1"))
    # twice on one day: EFn rows count once, for the lowest number; the second is a readmission at day 0
    lake.add("FF1", "202507", form("0000000006", "20250704", "20250704", same_day="1"))
    lake.add("FF1", "202507", form("0000000006", "20250704", "20250704", same_day="2", planned="200"))
    # 5 came back after exactly 30 days, unplanned by the survey of the child record
    lake.add("FF1", "202507", form("0000000005", "20250706", "00000000", record="1", readmission="2"))
    lake.add(
        "FF4",
        "202507",
        [
            {
                "patient_data_id": "0000000006",
                "admission_date": "20250704",
                "discharge_date": "20250704",
                "insurance_combination": "4",
            },
            {
                "patient_data_id": "0000000006",
                "admission_date": "20250704",
                "discharge_date": "20250704",
                "insurance_combination": "3",
            },
        ],
    )


def _august(lake: Lake) -> None:
    lake.loaded("202508", "2025-09-10 00:00:00")
    lake.loaded("202508", "2025-09-11 00:00:00", PLAIN, ("FF1", "FF4", "EFn"))
    lake.add("EFn", "202508", [act("0000000002", "20250618", "20250801", fee_for_service_points="00000100")])
    lake.add("FF1", "202508", form("0000000002", "20250618", "20250802", planned="300", disease_code="0000999"))
    lake.add("FF1", "202508", form("0000000005", "20250706", "20250803", record="0"))
    lake.add("FF1", "202508", form("0000000001", "20250801", "20250802", destination="9"), PLAIN)
    lake.add("EFn", "202508", [act("0000000001", "20250801", "20250801", fee_for_service_points="00000010")], PLAIN)
    # the form of 4 came again with another destination: the newer manifest wins
    lake.add("FF1", "202508", form("0000000004", "20250601", "20250605", destination="1"))


DELIVER: dict[str, Callable[[Lake], None]] = {"202506": _june, "202507": _july, "202508": _august}


def small_lake(months: tuple[str, ...] = MONTHS) -> duckdb.DuckDBPyConnection:
    """A warehouse with the raw lines of these months."""
    connection = warehouse()
    lake = Lake(connection)
    for month in months:
        DELIVER[month](lake)
    connection.execute(f"insert into ref.facility_master values ('{HOSPITAL}', '学習第一病院', '', 300)")
    connection.execute(
        "insert into ref.dpc_points_import values "
        "('010010XX9901XX', '脳腫瘍', 6, 11, 60, 3461, 2370, 2014, '2024-06-01', null, 'test')"
    )
    return connection


def tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """`schema.table` of what dbt builds."""
    found = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where schema_name in ('stage', 'mart', 'ref') order by 1"
    ).fetchall()
    return [name for (name,) in found if name not in ("ref.facility_master", "ref.dpc_points_import")]


def contents(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple]]:
    """Every table that dbt builds, its columns and rows in one order."""
    found: dict[str, list[tuple]] = {}
    for table in tables(connection):
        result = connection.execute(f"select * from {table} order by all")
        columns = tuple(name for name, *_ in result.description)
        found[table] = [columns, *result.fetchall()]
    return found
