"""Figures and previews of tables for the asset pages. Only tables of facilities are shown: no row of a patient."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from dagster import AssetExecutionContext, AssetKey, MetadataValue, Output

from dpc_assets.steps.ports import Row, Warehouse
from dpc_assets.steps.run import compact

PREVIEWED = {
    "mart.facility_monthly": "facility_code, yyyymm",
    "mart.dpc_monthly": "facility_code, yyyymm, dpc_code",
    "mart.cost_monthly": "facility_code, yyyymm, data_category",
    "mart.submission_board": "yyyymm, facility_code, file_type",
}
"""Table -> order of its preview."""

PREVIEW_ROWS = 10

Event = TypeVar("Event")


def with_figures(context: AssetExecutionContext, warehouse: Warehouse, events: Sequence[Event]) -> Iterator[Event]:
    """The events again; each output carries the row count of its table, and a preview where the table has one."""
    outputs = [event.output_name for event in events if isinstance(event, Output)]
    tables = {name: ".".join(context.asset_key_for_output(name).path) for name in outputs}
    counts = count_rows(warehouse, sorted(set(tables.values())))
    for event in events:
        if isinstance(event, Output):
            table = tables[event.output_name]
            figures = {"dagster/row_count": MetadataValue.int(counts[table])}
            yield event.with_metadata({**event.metadata, **figures, **preview(warehouse, table)})
        else:
            yield event


def month_rows(context: AssetExecutionContext, warehouse: Warehouse) -> Mapping[AssetKey, Mapping[str, MetadataValue]]:
    """Rows of the run's month in each raw table, by facility and version."""
    month = compact(context.partition_key)
    found = {}
    for key in sorted(context.selected_asset_keys):
        rows = warehouse.fetch(
            f"SELECT submission_facility, submission_version, COUNT(*) FROM {'.'.join(key.path)} "
            f"WHERE submission_yyyymm = '{month}' GROUP BY submission_facility, submission_version ORDER BY 1, 2",
            name="month-rows",
        )
        found[key] = {
            "dagster/partition_row_count": MetadataValue.int(sum(int(row[2] or 0) for row in rows)),
            "by_facility": MetadataValue.md(markdown(["facility", "version", "rows"], rows)),
        }
    return found


def count_rows(warehouse: Warehouse, tables: Sequence[str]) -> Mapping[str, int]:
    """Rows of each table (`mart.fact_stay`), in one query."""
    if not tables:
        return {}
    query = " UNION ALL ".join(f"SELECT '{table}', COUNT(*) FROM {table}" for table in tables)
    return {str(table): int(count or 0) for table, count in warehouse.fetch(query, name="row-counts")}


def preview(warehouse: Warehouse, table: str) -> Mapping[str, MetadataValue]:
    """`preview` with the table's first rows, or nothing where the table is not one of PREVIEWED."""
    order = PREVIEWED.get(table)
    if order is None:
        return {}
    schema, name = table.split(".")
    columns = warehouse.fetch(
        "SELECT column_name FROM information_schema.columns "
        f"WHERE table_schema = '{schema}' AND table_name = '{name}' ORDER BY ordinal_position",
        name="preview-columns",
    )
    rows = warehouse.fetch(f"SELECT * FROM {table} ORDER BY {order} LIMIT {PREVIEW_ROWS}", name="preview")
    return {"preview": MetadataValue.md(markdown([str(row[0]) for row in columns], rows))}


def markdown(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")
