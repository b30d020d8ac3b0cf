"""Redshift's system catalog over DuckDB's: the views that dbt-redshift's macros and our steps read, and no others.

What they hold is kept in the schema `_redshift` of the warehouse file, inside the same transactions as the tables it
speaks of. Names and columns: docs.aws.amazon.com/redshift/latest/dg, "System catalog tables" and SVV_TABLE_INFO.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp

SCHEMA = "_redshift"
"""Where the views and their tables stand. Hidden from every view of the catalog."""

SETUP = """
BEGIN TRANSACTION;
CREATE SCHEMA IF NOT EXISTS public;
CREATE SCHEMA IF NOT EXISTS _redshift;
CREATE TABLE IF NOT EXISTS _redshift.users (usename VARCHAR, usesuper BOOLEAN);
CREATE TABLE IF NOT EXISTS _redshift.grants (kind VARCHAR, object VARCHAR, privilege VARCHAR, grantee VARCHAR);
CREATE TABLE IF NOT EXISTS _redshift.default_grants
  (owner VARCHAR, schema VARCHAR, privilege VARCHAR, grantee VARCHAR);
CREATE TABLE IF NOT EXISTS _redshift.external_schemas (name VARCHAR);
CREATE TABLE IF NOT EXISTS _redshift.attributes
  (relation VARCHAR, owner VARCHAR, diststyle VARCHAR, sortkey1 VARCHAR, sortkey_num INTEGER);
CREATE TABLE IF NOT EXISTS _redshift.dependencies (view VARCHAR, relation VARCHAR);
CREATE OR REPLACE MACRO _redshift.type_name(kind) AS CASE
  WHEN kind LIKE 'DECIMAL%' OR kind = 'HUGEINT' THEN 'numeric'
  WHEN kind IN ('VARCHAR', 'JSON') THEN 'character varying'
  WHEN kind = 'TIMESTAMP' THEN 'timestamp without time zone'
  WHEN kind = 'TIMESTAMP WITH TIME ZONE' THEN 'timestamp with time zone'
  WHEN kind = 'DOUBLE' THEN 'double precision'
  WHEN kind = 'FLOAT' THEN 'real'
  ELSE lower(kind) END;
CREATE OR REPLACE MACRO _redshift.format_type(kind, modifier) AS CASE pg_catalog.format_type(kind, -1)
  WHEN 'int2' THEN 'smallint'
  WHEN 'int4' THEN 'integer'
  WHEN 'int8' THEN 'bigint'
  WHEN 'bool' THEN 'boolean'
  WHEN 'float4' THEN 'real'
  WHEN 'float8' THEN 'double precision'
  WHEN 'hugeint' THEN 'numeric(38,0)'
  WHEN 'timestamp' THEN 'timestamp without time zone'
  WHEN 'timestamptz' THEN 'timestamp with time zone'
  WHEN 'varchar' THEN 'character varying(' || CASE WHEN modifier < 0 THEN 65535 ELSE modifier END || ')'
  ELSE pg_catalog.format_type(kind, modifier) END;
CREATE OR REPLACE VIEW _redshift.widths AS
  SELECT table_oid, constraint_column_names[1] AS column_name,
    max(CAST(regexp_extract(expression, '^\\(strlen\\(.*\\) <= ([0-9]+)\\)$', 1) AS INTEGER)) AS width
  FROM duckdb_constraints()
  WHERE constraint_type = 'CHECK' AND regexp_matches(expression, '^\\(strlen\\(.*\\) <= [0-9]+\\)$')
  GROUP BY ALL;
CREATE OR REPLACE VIEW _redshift.pg_user AS SELECT usename, usesuper FROM _redshift.users;
CREATE OR REPLACE VIEW _redshift.tables AS
  SELECT * FROM information_schema.tables
  WHERE table_catalog = current_database() AND table_schema <> '_redshift';
CREATE OR REPLACE VIEW _redshift.views AS
  SELECT * FROM information_schema.views
  WHERE table_catalog = current_database() AND table_schema <> '_redshift';
CREATE OR REPLACE VIEW _redshift.columns AS
  SELECT c.database_name AS table_catalog,
    CASE WHEN c.database_name = 'temp' THEN 'pg_temp' ELSE c.schema_name END AS table_schema, c.table_name,
    c.column_name, c.column_index AS ordinal_position, c.column_default,
    CASE WHEN c.is_nullable THEN 'YES' ELSE 'NO' END AS is_nullable,
    _redshift.type_name(c.data_type) AS data_type,
    CASE WHEN c.data_type = 'VARCHAR' THEN coalesce(w.width, 65535) END AS character_maximum_length,
    CASE WHEN c.data_type = 'HUGEINT' THEN 38 ELSE c.numeric_precision END AS numeric_precision,
    CASE WHEN c.data_type = 'HUGEINT' THEN 0 ELSE c.numeric_scale END AS numeric_scale
  FROM duckdb_columns() c
  LEFT JOIN _redshift.widths w ON w.table_oid = c.table_oid AND w.column_name = c.column_name
  WHERE c.database_name IN (current_database(), 'temp') AND c.schema_name <> '_redshift' AND NOT c.internal;
CREATE OR REPLACE VIEW _redshift.pg_attribute AS
  SELECT a.* REPLACE (coalesce(w.width, a.atttypmod) AS atttypmod) FROM pg_catalog.pg_attribute a
  LEFT JOIN _redshift.widths w ON w.table_oid = a.attrelid AND w.column_name = a.attname;
CREATE OR REPLACE VIEW _redshift.pg_namespace AS
  SELECT oid, schema_name AS nspname, 0::BIGINT AS nspowner FROM duckdb_schemas()
  WHERE database_name = current_database() AND schema_name NOT IN ('_redshift', 'main')
  UNION ALL SELECT 0, name, 0 FROM _redshift.external_schemas;
CREATE OR REPLACE VIEW _redshift.pg_tables AS
  SELECT t.* REPLACE (coalesce(a.owner, 'dpc_owner') AS tableowner) FROM pg_catalog.pg_tables t
  LEFT JOIN _redshift.attributes a ON a.relation = t.schemaname || '.' || t.tablename WHERE schemaname <> '_redshift';
CREATE OR REPLACE VIEW _redshift.pg_views AS
  SELECT v.* REPLACE (coalesce(a.owner, 'dpc_owner') AS viewowner) FROM pg_catalog.pg_views v
  LEFT JOIN _redshift.attributes a ON a.relation = v.schemaname || '.' || v.viewname WHERE schemaname <> '_redshift';
CREATE OR REPLACE VIEW _redshift.pg_rewrite AS SELECT NULL::BIGINT AS oid, NULL::BIGINT AS ev_class WHERE false;
CREATE OR REPLACE VIEW _redshift.relations AS
  SELECT table_oid AS oid, schema_name || '.' || table_name AS relation, comment, 'r' AS kind FROM duckdb_tables()
  WHERE database_name = current_database() AND schema_name <> '_redshift'
  UNION ALL SELECT view_oid, schema_name || '.' || view_name, comment, 'v' FROM duckdb_views()
  WHERE database_name = current_database() AND schema_name <> '_redshift' AND NOT internal;
CREATE OR REPLACE VIEW _redshift.pg_depend AS
  SELECT v.oid AS objid, r.oid AS refobjid, 0::BIGINT AS refclassid FROM _redshift.dependencies d
  JOIN _redshift.relations v ON v.relation = d.view JOIN _redshift.relations r ON r.relation = d.relation;
CREATE OR REPLACE VIEW _redshift.pg_description AS
  SELECT oid AS objoid, 0 AS objsubid, comment AS description FROM _redshift.relations WHERE comment IS NOT NULL
  UNION ALL SELECT table_oid, column_index, comment FROM duckdb_columns()
  WHERE comment IS NOT NULL AND database_name = current_database();
CREATE OR REPLACE VIEW _redshift.svv_external_columns AS
  SELECT NULL::VARCHAR AS schemaname, NULL::VARCHAR AS tablename, NULL::VARCHAR AS columnname,
    NULL::VARCHAR AS external_type, NULL::INTEGER AS columnnum WHERE false;
CREATE OR REPLACE VIEW _redshift.sys_query_detail AS
  SELECT NULL::BIGINT AS table_id, NULL::TIMESTAMP AS start_time, NULL::VARCHAR AS step_name WHERE false;
CREATE OR REPLACE VIEW _redshift.svv_table_info AS
  SELECT t.database_name AS "database", t.schema_name AS "schema", t.table_oid AS table_id, t.table_name AS "table",
    'Y' AS encoded, coalesce(a.diststyle, 'AUTO(ALL)') AS diststyle, a.sortkey1, 65535 AS max_varchar,
    'none' AS sortkey1_enc, coalesce(a.sortkey_num, 0) AS sortkey_num, 1 AS size, 0.0 AS pct_used, 0.0 AS unsorted,
    0.0 AS stats_off, t.estimated_size AS tbl_rows, NULL::DOUBLE AS skew_sortkey1, NULL::DOUBLE AS skew_rows
  FROM duckdb_tables() t LEFT JOIN _redshift.attributes a ON a.relation = t.schema_name || '.' || t.table_name
  WHERE t.database_name = current_database() AND t.schema_name <> '_redshift';
CREATE OR REPLACE MACRO _redshift.late_binding_columns() AS TABLE
  SELECT NULL::VARCHAR AS view_schema, NULL::VARCHAR AS view_name, NULL::VARCHAR AS col_name, NULL::VARCHAR AS col_type,
    NULL::INTEGER AS ordinal_position WHERE false;
COMMIT;
"""

_PG_CATALOG = frozenset(
    {
        "pg_attribute",
        "pg_depend",
        "pg_description",
        "pg_namespace",
        "pg_rewrite",
        "pg_tables",
        "pg_user",
        "pg_views",
        "svv_external_columns",
        "svv_table_info",
        "sys_query_detail",
    }
)
_INFORMATION_SCHEMA = frozenset({"columns", "tables", "views"})
_LATE_BINDING = ("view_schema", "view_name", "col_name", "col_type", "ordinal_position")


def from_catalog(tree: exp.Expr, user: str, pid: int) -> exp.Expr:
    """The tree, changed in place, with Redshift's catalog where it is, for the session of this user and process."""

    def moved(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Table):
            return _table(node)
        if isinstance(node, exp.CurrentUser | exp.SessionUser) or _names_the_user(node):
            return exp.Literal.string(user)
        if isinstance(node, exp.DataType) and node.this == exp.DataType.Type.NAME:
            return exp.DataType.build("varchar")
        if isinstance(node, exp.Dot) and node.expression.name.lower() == "format_type":
            node.set("this", exp.to_identifier(SCHEMA))
        if isinstance(node, exp.Anonymous):
            return _function(node, pid)
        return node

    return tree.transform(moved, copy=False)


def _names_the_user(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and not node.table and node.name.lower() in ("current_user", "session_user")


def _table(node: exp.Table) -> exp.Expr:
    if isinstance(node.this, exp.Anonymous) and node.this.name.lower() == "pg_get_late_binding_view_cols":
        return _late_binding(node)
    name, schema = node.name.lower(), node.db.lower()
    catalog = name in _PG_CATALOG and schema in ("", "pg_catalog")
    if catalog or (name in _INFORMATION_SCHEMA and schema == "information_schema"):
        moved = exp.table_(name, db=SCHEMA, alias=node.alias or name)
        moved.set("joins", node.args.get("joins"))
        return moved
    return node


def _late_binding(node: exp.Table) -> exp.Expr:
    """`pg_get_late_binding_view_cols() cols(name type, ..)`: empty, every view here is known to the catalog."""
    alias = node.args.get("alias")
    names = [column.name for column in alias.columns] if alias else list(_LATE_BINDING)
    columns = [exp.alias_(exp.column(old), new) for old, new in zip(_LATE_BINDING, names, strict=True)]
    query = exp.select(*columns).from_(sqlglot.parse_one(f"{SCHEMA}.late_binding_columns()", into=exp.Table))
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(node.alias or "cols")))


def _function(node: exp.Anonymous, pid: int) -> exp.Expr:
    name = node.name.lower()
    if name == "pg_backend_pid":
        return exp.Literal.number(pid)
    if name == "has_table_privilege" and len(node.expressions) == 3:
        user, relation, privilege = node.expressions
        if not isinstance(relation, exp.Literal):
            return node
        parts = [part.strip('"') for part in relation.name.lower().split(".")]
        if parts[-1] in _PG_CATALOG:
            return exp.true()
        wanted = ".".join(parts[-2:] if len(parts) > 1 else ["public", *parts])
        return exp.Exists(
            this=exp.select("1")
            .from_("_redshift.grants AS granted")
            .where(exp.column("kind", "granted").eq("table"))
            .where(exp.column("object", "granted").eq(wanted))
            .where(exp.column("grantee", "granted").eq(user.copy()))
            .where(exp.column("privilege", "granted").eq(exp.Lower(this=privilege.copy())))
        )
    return node
