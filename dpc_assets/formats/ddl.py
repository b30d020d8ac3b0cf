"""Redshift SQL of the raw tables, made from the registry."""

from __future__ import annotations

from dpc_assets.formats.registry import FILE_TYPES, newest


def raw_columns(file_type: str) -> tuple[tuple[str, str], ...]:
    """(name, Redshift type) of `raw.<type>` in order, provenance first."""
    provenance = (
        ("submission_yyyymm", "VARCHAR(6)"),
        ("submission_facility", "VARCHAR(9)"),
        ("submission_version", "INTEGER"),
        ("file_name", "VARCHAR(64)"),
        ("line_no", "BIGINT"),
    )
    layout = newest(file_type)
    hashed = 64  # hex digits of a SHA-256
    return provenance + tuple(
        (f.name, f"VARCHAR({max(f.varchar, hashed) if f.name in layout.hashed else f.varchar})")
        for f in layout.raw_fields
    )


def raw_table(file_type: str) -> str:
    """`CREATE TABLE IF NOT EXISTS raw.<type>`: rows of a patient lie together, months are sorted."""
    layout = newest(file_type)
    columns = ",\n  ".join(f"{name} {kind} NOT NULL" for name, kind in raw_columns(file_type))
    sort_key = ", ".join(("submission_yyyymm", "submission_facility", *layout.sort_key))
    return (
        f"CREATE TABLE IF NOT EXISTS {layout.table} (\n  {columns}\n)\n"
        f"DISTSTYLE KEY DISTKEY (patient_data_id)\nCOMPOUND SORTKEY ({sort_key})"
    )


def raw_tables() -> tuple[str, ...]:
    """One statement a table, in the order of FILE_TYPES."""
    return tuple(raw_table(file_type) for file_type in FILE_TYPES)
