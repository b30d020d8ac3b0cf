"""The statements that dbt-redshift's macros send, shape by shape, each with what comes of it.

The catalog queries in full, as the macros print them, run in test_local_data_api_dbt_project.py.
"""

import pytest
from local_data_api_place import Api

FORM = """/* {"app": "dbt", "node_id": "model.x"} */

create %s table
    "dpc"."mart"."t__dbt_tmp"
    %s
  as (
    select 1 as a, 'x' as b
  );"""


@pytest.fixture(autouse=True)
def schema(api: Api) -> None:
    api.do('create schema if not exists "mart"')


def layout(api: Api, table: str) -> list[tuple[object, ...]]:
    asked = 'select diststyle, sortkey1, sortkey_num from svv_table_info where "schema" = \'mart\' and "table" = '
    return api.rows(f"{asked}'{table}'")


@pytest.mark.parametrize(
    ("physical", "told"),
    [
        ("", ("AUTO(ALL)", None, 0)),
        ("diststyle all", ("ALL", None, 0)),
        ("diststyle even compound sortkey(a)", ("EVEN", "a", 1)),
        ("diststyle key distkey (a) interleaved sortkey(b,a)", ("KEY(a)", "b", 2)),
        ("backup no\n    diststyle key distkey (a)\n    compound sortkey(\n a,b)", ("KEY(a)", "a", 2)),
    ],
)
def test_create_table_as_with_a_layout(api: Api, physical: str, told: tuple[object, ...]) -> None:
    api.do(FORM % ("", physical))
    assert api.rows('select a, b from "dpc"."mart"."t__dbt_tmp"') == [(1, "x")]
    assert layout(api, "t__dbt_tmp") == [told]


def test_columns_with_a_layout(api: Api) -> None:
    api.do(
        "create table mart.t (distkey_no integer encode az64 not null, name varchar(3) encode zstd sortkey) "
        "backup no diststyle key distkey (distkey_no) sortkey (distkey_no, name)",
        "insert into mart.t values (1, 'lzo')",
    )
    assert layout(api, "t") == [("KEY(distkey_no)", "distkey_no", 2)]
    assert api.error("insert into mart.t values (2, '漢字')") == (
        "ERROR: value too long for type character varying(3): column name"
    )
    assert "NOT NULL constraint failed" in api.error("insert into mart.t values (null, 'x')")


def test_words_of_a_layout_inside_a_query_stay(api: Api) -> None:
    api.do("create table mart.t diststyle all as (select 'diststyle even' as a, 'with no schema binding' as b)")
    assert api.rows("select a, b from mart.t") == [("diststyle even", "with no schema binding")]
    assert layout(api, "t") == [("ALL", None, 0)]


def test_a_table_is_replaced_as_dbt_replaces_it(api: Api) -> None:
    api.do("create table mart.t as (select 0 as a, 'old' as b)")
    api.do("create view mart.reads as (select b from mart.t)")
    session = api.session()
    api.do(
        "BEGIN",
        FORM % ("", ""),
        'alter table "dpc"."mart"."t" rename to "t__dbt_backup"',
        'alter table "dpc"."mart"."t__dbt_tmp" rename to "t"',
        "COMMIT",
        'drop table if exists "dpc"."mart"."t__dbt_backup" cascade',
        session=session,
    )
    assert api.rows("select a, b from mart.t") == [(1, "x")]
    assert "reads" in api.error("select * from mart.reads")  # it was bound to the old table


def test_a_bound_view_keeps_its_table(api: Api) -> None:
    api.do("create table mart.t as (select 1 as a)", 'create view "dpc"."mart"."v" as (\n select a from mart.t\n  ) ;')
    api.do("create view mart.w as (with t as (select 1 as z) select a from mart.v, t)")
    assert api.error("drop table mart.t") == (
        "ERROR: cannot drop table mart.t because other objects depend on it: mart.v"
    )
    depends = """select d.relname, r.relname from pg_depend
        join pg_class d on d.oid = pg_depend.objid join pg_class r on r.oid = pg_depend.refobjid order by 1"""
    assert api.rows(depends) == [("v", "t"), ("w", "v")]
    api.do('drop table if exists "dpc"."mart"."t" cascade')
    assert api.rows("select table_name from information_schema.tables where table_schema = 'mart'") == []


def test_a_late_binding_view_outlives_its_table(api: Api) -> None:
    api.do(
        "create table mart.t as (select 1 as a)",
        'create view "dpc"."mart"."v" as (\n    select a from mart.t\n  ) with no schema binding;',
        "drop table mart.t",
        "create table mart.t as (select 2 as a)",
    )
    assert api.rows("select a from mart.v") == [(2,)]


def test_a_view_is_renamed_and_commented_like_a_table(api: Api) -> None:
    api.do(
        "create view mart.v as (select 1 as a)",
        'alter table "dpc"."mart"."v" rename to "w"',
        'comment on table "dpc"."mart"."w" is $dbt_comment_literal_block$it\'s 診療科$dbt_comment_literal_block$;',
        'comment on column "dpc"."mart"."w".a is $dbt_comment_literal_block$no$dbt_comment_literal_block$;',
    )
    assert api.rows("select description from pg_description") == [("it's 診療科",)]


def test_comments_on_tables_and_columns(api: Api) -> None:
    api.do(
        "create table mart.t (a integer, b integer)",
        """comment on view "dpc"."mart"."t" is $dbt_comment_literal_block$a "table"; with 'quotes'
and lines$dbt_comment_literal_block$;""",
        'comment on column "dpc"."mart"."t".b is $dbt_comment_literal_block$second$dbt_comment_literal_block$;',
    )
    told = "select objsubid, description from pg_description d join pg_class c on c.oid = d.objoid order by 1"
    assert api.rows(told) == [(0, "a \"table\"; with 'quotes'\nand lines"), (2, "second")]


def test_get_columns_of_a_table_and_of_a_temporary_one(api: Api) -> None:
    columns = """select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale
        from information_schema."columns" where table_name = '%s' order by ordinal_position"""
    api.do(
        "create table mart.t (a varchar(12), b decimal(9,2), c integer, d date, e timestamp, f double precision, "
        "g boolean, h bigint)"
    )
    assert api.rows(columns % "t") == [
        ("a", "character varying", 12, None, None),
        ("b", "numeric", None, 9, 2),
        ("c", "integer", None, 32, 0),
        ("d", "date", None, None, None),
        ("e", "timestamp without time zone", None, None, None),
        ("f", "double precision", None, 53, 0),
        ("g", "boolean", None, None, None),
        ("h", "bigint", None, 64, 0),
    ]
    session = api.session()
    api.do('create temporary table "u__dbt_tmp1"\n diststyle all\n as (\n select 1 as a\n );', session=session)
    assert api.rows(columns % "u__dbt_tmp1", session) == [("a", "integer", None, 32, 0)]
    api.do('drop table if exists "u__dbt_tmp1" cascade', session=session)
    assert api.rows(columns % "u__dbt_tmp1", session) == []


def test_types_as_the_docs_print_them(api: Api) -> None:
    api.do("create table mart.t (a varchar(12), b decimal(9,2), c integer, d timestamp, e boolean, f double precision)")
    printed = """select pg_catalog.format_type(col.atttypid, col.atttypmod) from pg_catalog.pg_attribute col
        join pg_catalog.pg_class tbl on tbl.oid = col.attrelid where tbl.relname = 't' order by col.attnum"""
    assert [kind for (kind,) in api.rows(printed)] == [
        "character varying(12)",
        "numeric(9,2)",
        "integer",
        "timestamp without time zone",
        "boolean",
        "double precision",
    ]


def test_schemas_and_relations(api: Api) -> None:
    api.do("create table mart.t (a integer)", "create view mart.v as (select 1 as a)")
    assert api.rows("select distinct nspname from pg_namespace order by 1") == [("mart",), ("public",)]
    listed = """select table_catalog as database, table_name as name, table_schema as schema, 'table' as type
        from information_schema.tables where table_schema ilike '%s' and table_type = 'BASE TABLE'
        union all
        select table_catalog as database, table_name as name, table_schema as schema,
        case when view_definition ilike '%%create materialized view%%' then 'materialized_view' else 'view' end as type
        from information_schema.views where table_schema ilike '%s' order by 2"""
    assert api.rows(listed % ("MART", "MART")) == [("dpc", "t", "mart", "table"), ("dpc", "v", "mart", "view")]
    assert api.rows(listed % ("_redshift", "_redshift")) == []


def test_delete_and_insert(api: Api) -> None:
    api.do("create table mart.t as (select 1 as k, 'old' as v union all select 2, 'kept')")
    session = api.session()
    api.do("BEGIN", "create temporary table t__dbt_tmp as (select 1 as k, 'new' as v)", session=session)
    deleted = api.execute(
        'delete from "dpc"."mart"."t" where (k) in (select distinct k from "t__dbt_tmp" as DBT_INTERNAL_SOURCE);',
        session,
    )
    inserted = api.execute('insert into "dpc"."mart"."t" ("k", "v")\n(\n select "k", "v" from "t__dbt_tmp"\n)', session)
    assert (deleted["ResultRows"], inserted["ResultRows"], inserted["HasResultSet"]) == (1, 1, False)
    api.do("COMMIT", session=session)
    assert api.rows("select k, v from mart.t order by k") == [(1, "new"), (2, "kept")]


def test_merge(api: Api) -> None:
    api.do(
        "create table mart.t as (select 1 as k, 'old' as v union all select 2, 'kept')",
        "create table mart.s as (select 1 as k, 'new' as v union all select 3, 'more')",
    )
    merged = api.execute(
        """merge into "dpc"."mart"."t"
        using "mart"."s" as DBT_INTERNAL_SOURCE
        on (DBT_INTERNAL_SOURCE.k = "dpc"."mart"."t".k)
    when matched then update set
        k = DBT_INTERNAL_SOURCE.k, v = DBT_INTERNAL_SOURCE.v
    when not matched then insert ( k, v ) values ( DBT_INTERNAL_SOURCE.k, DBT_INTERNAL_SOURCE.v )"""
    )
    assert (merged["Status"], merged["ResultRows"]) == ("FINISHED", 2)
    assert api.rows("select k, v from mart.t order by k") == [(1, "new"), (2, "kept"), (3, "more")]


def test_update_from(api: Api) -> None:
    api.do(
        "create table mart.t as (select 1 as k, cast(null as timestamp) as ended)",
        "update mart.t set ended = s.at from (select 1 as k, '2025-04-01 00:00:00'::timestamp as at) as s "
        "where s.k = mart.t.k",
    )
    assert api.rows("select ended from mart.t") == [("2025-04-01 00:00:00",)]


def test_a_seed(api: Api) -> None:
    api.do(
        'create table "dpc"."mart"."codes" (code varchar(3),name_ja varchar(30),since date)',
        "insert into \"dpc\".\"mart\".\"codes\" (code, name_ja, since) values ('010','内科','2024-06-01'),"
        "('020','it''s 100% \\\\ back',NULL)",
    )
    assert api.rows("select code, name_ja, since from mart.codes order by code") == [
        ("010", "内科", "2024-06-01"),
        ("020", "it's 100% \\ back", None),
    ]
    api.do('truncate table "dpc"."mart"."codes"')
    assert api.rows("select count(*) from mart.codes") == [(0,)]


def test_grants_as_dbt_reads_and_gives_them(api: Api) -> None:
    shown = """with privileges as (
        select 'select' as privilege_type union all select 'insert' as privilege_type
    )
    select u.usename as grantee, p.privilege_type from pg_user u cross join privileges p
    where has_table_privilege(u.usename, '"dpc"."mart"."t"', privilege_type)
        and u.usename != current_user and not u.usesuper order by 1, 2"""
    api.do("create table mart.t (a integer)", 'create user "IAMR:role-analyst-dpc" password disable')
    api.do("create user reporter password disable", 'grant select on "dpc"."mart"."t" to reporter')
    api.do('grant select, insert on table "dpc"."mart"."t" to "IAMR:role-analyst-dpc";')
    assert api.rows(shown) == [
        ("IAMR:role-analyst-dpc", "insert"),
        ("IAMR:role-analyst-dpc", "select"),
        ("reporter", "select"),
    ]
    api.do('revoke insert on "dpc"."mart"."t" from "IAMR:role-analyst-dpc"')
    api.do('alter table "dpc"."mart"."t" rename to "t2"')
    assert api.rows(shown.replace('"t"', '"t2"')) == [("IAMR:role-analyst-dpc", "select"), ("reporter", "select")]
    assert api.error('grant select on "dpc"."mart"."t2" to nobody') == 'ERROR: user "nobody" does not exist'
    assert api.error('grant select on "dpc"."mart"."t" to reporter') == 'ERROR: relation "mart.t" does not exist'


def test_who_made_it_owns_it(api: Api) -> None:
    api.do("create table mart.t (a integer)", "create view mart.v as (select 1 as a)")
    asked = "select schemaname, tablename, tableowner from pg_tables union all select schemaname, viewname, viewowner "
    assert api.rows(f"{asked} from pg_views where schemaname = 'mart' order by 2") == [
        ("mart", "t", "IAMR:role-dbt-runner"),
        ("mart", "v", "IAMR:role-dbt-runner"),
    ]


@pytest.mark.parametrize("query", ["select current_user", "select current_user::varchar as u", "SELECT CURRENT_USER;"])
def test_who_one_is(api: Api, query: str) -> None:
    assert api.rows(query) == [("IAMR:role-dbt-runner",)]


def test_what_every_user_may_see(api: Api) -> None:
    assert api.rows("select has_table_privilege(current_user, 'svv_table_info', 'SELECT') as can_select") == [(True,)]
    assert api.rows("select table_id from sys_query_detail where step_name = 'insert'") == []


def test_a_data_test_and_an_empty_query(api: Api) -> None:
    counted = api.execute("select count(*) as failures, count(*) != 0 as should_warn from (select 1 where 1 = 0) t")
    assert api.call("GetStatementResult", Id=counted["Id"])["Records"] == [[{"longValue": 0}, {"booleanValue": False}]]
    empty = api.execute("select * from (select 1 as a, 'x' as b) as __dbt_sbq where false limit 0")
    assert (empty["HasResultSet"], empty["ResultRows"]) == (True, 0)
    columns = api.call("GetStatementResult", Id=empty["Id"])["ColumnMetadata"]
    assert [(column["name"], column["typeName"]) for column in columns] == [("a", "int4"), ("b", "varchar")]


def test_now_has_no_zone(api: Api) -> None:
    state = api.execute("select getdate() as now, getdate()::timestamp as again")
    columns = api.call("GetStatementResult", Id=state["Id"])["ColumnMetadata"]
    assert [column["typeName"] for column in columns] == ["timestamp", "timestamp"]


@pytest.mark.parametrize(
    "statement",
    ["set query_group to 'dbt'", "SET statement_timeout TO 1000", "reset query_group", "analyze mart.t", "vacuum",
     "lock mart.t", ""],
)  # fmt: skip
def test_what_has_no_meaning_here(api: Api, statement: str) -> None:
    if statement:
        assert api.execute(statement)["HasResultSet"] is False
    else:
        assert "expected one statement, found 0" in api.error("/* nothing */")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("select * from mart.nothing", 'ERROR: relation "nothing" does not exist'),
        ("select nothing from (select 1 as a)", 'ERROR: column "nothing" does not exist'),
        ("show tables from schema dpc.mart", "SHOW"),
        ("call mart.procedure()", "CALL"),
        ("select 1; select 2", "expected one statement, found 2"),
        ("create table", "Expected table name"),
        ("alter table mart.a append from mart.b", "expected a statement that runs on both engines"),
    ],
)
def test_what_is_not_served_says_so(api: Api, statement: str, told: str) -> None:
    assert told in api.error(statement)


def test_a_dropped_schema_is_forgotten(api: Api) -> None:
    api.do("create table mart.t diststyle all as (select 1 as a)", "create view mart.v as (select a from mart.t)")
    api.do('drop schema if exists "mart" cascade', "create schema mart", "create table mart.t (a integer)")
    assert layout(api, "t") == [("AUTO(ALL)", None, 0)]
    api.do("drop table mart.t")
