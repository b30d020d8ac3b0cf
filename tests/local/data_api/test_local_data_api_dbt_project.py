"""A dbt project with every kind of node, through dbt-redshift's own macros: all that they send runs, and is right."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import data_api_server
import pytest
from local_data_api_place import Api, made

pytestmark = pytest.mark.soak

PROJECT = Path(__file__).parent / "shapes"


@dataclass
class Shapes:
    """A copy of the project, and the service that it is built in."""

    api: Api
    folder: Path
    url: str

    def dbt(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *words],
            cwd=self.folder,
            env=os.environ
            | {"AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def target(self, name: str) -> Any:
        return json.loads((self.folder / "target" / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shapes]:
    """Built twice: the second time with an order that changed, one more, and one more column."""
    folder = tmp_path_factory.mktemp("shapes")
    shutil.copytree(PROJECT, folder / "project")
    api = made(folder)
    server = data_api_server.served(api.api, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        place = Shapes(api, folder / "project", f"http://127.0.0.1:{server.server_port}")
        _build_twice(place)
        yield place
    finally:
        server.shutdown()
        server.server_close()
        api.api.close()


def _build_twice(place: Shapes) -> None:
    place.api.do(
        "create schema raw",
        "create table raw.orders (order_id integer, customer_id integer, amount decimal(9,2), status varchar(10), "
        "ordered_on date, loaded_at timestamp)",
        "insert into raw.orders values (1, 1, 10.50, 'open', '2025-04-01', getdate()), "
        "(2, 1, 2.25, 'shipped', '2025-04-01', getdate()), (3, 2, 1.00, 'open', '2025-04-02', getdate())",
        "create user reporter password disable",
    )
    assert "PASS=15 WARN=0 ERROR=0 SKIP=0" in place.dbt("build")
    place.api.do(
        "update raw.orders set status = 'shipped' where order_id = 1",
        "insert into raw.orders values (4, 2, 5.00, 'open', '2025-04-02', getdate())",
    )
    assert "PASS=15 WARN=0 ERROR=0 SKIP=0" in place.dbt("build", "--vars", "{more: true}")


def test_what_was_built(shapes: Shapes) -> None:
    rows = shapes.api.rows
    assert rows("select customer_id, name, country from mart.customers order by 1") == [
        (1, 'it\'s 100% \\n "quoted"', "JP"),
        (2, "病院", None),
    ]
    assert rows("select customer_id, orders, amount from mart.by_customer order by 1") == [
        (1, 0, "0.00"),
        (2, 2, "6.00"),
    ]
    assert rows("select order_id, status from mart.contracted order by 1") == [
        (1, "shipped"),
        (2, "shipped"),
        (3, "open"),
        (4, "open"),
    ]


def test_delete_and_insert_replaces_by_key(shapes: Shapes) -> None:
    assert shapes.api.rows("select ordered_on, status, orders from mart.daily order by 1, 2") == [
        ("2025-04-01", "open", 1),  # its key came no more
        ("2025-04-01", "shipped", 2),
        ("2025-04-02", "open", 2),
    ]


def test_merge_with_a_new_column(shapes: Shapes) -> None:
    assert shapes.api.rows("select status, orders, amount from mart.by_status order by 1") == [
        ("open", 2, "6.00"),
        ("shipped", 2, "12.75"),
    ]


def test_a_snapshot_keeps_what_was(shapes: Shapes) -> None:
    kept = "select order_id, status, dbt_valid_to is null from mart.statuses order by 1, 3"
    assert shapes.api.rows(kept) == [
        (1, "open", False),
        (1, "shipped", True),
        (2, "shipped", True),
        (3, "open", True),
        (4, "open", True),
    ]


def test_rights_were_given(shapes: Shapes) -> None:
    given = "select object from _redshift.grants where grantee = 'reporter' order by 1"
    assert [name for (name,) in shapes.api.rows(given)] == [
        f"mart.{name}" for name in ("by_customer", "by_status", "contracted", "daily", "orders_bound", "orders_late")
    ]


def test_nothing_is_left_behind(shapes: Shapes) -> None:
    left = "select table_name from information_schema.tables where table_schema = 'mart' order by 1"
    assert [name for (name,) in shapes.api.rows(left)] == [
        "by_customer", "by_status", "contracted", "customers", "daily", "orders_bound", "orders_late", "statuses",
    ]  # fmt: skip
    assert shapes.api.rows(
        "select relation from _redshift.attributes where diststyle is not null or sortkey_num > 0 order by 1"
    ) == [
        ("mart.by_customer",),
        ("mart.contracted",),
        ("mart.daily",),
    ]


def test_the_catalog_of_the_docs(shapes: Shapes) -> None:
    shapes.dbt("docs", "generate")
    found = shapes.target("catalog.json")["nodes"]
    table = found["model.shapes.by_customer"]
    assert (table["metadata"]["type"], table["metadata"]["owner"], table["metadata"]["comment"]) == (
        "BASE TABLE",
        "IAMR:role-dbt-runner",
        "Customers with their open orders",
    )
    columns = table["columns"].items()
    assert {name: (column["index"], column["type"], column["comment"]) for name, column in columns} == {
        "customer_id": (1, "integer", "The key"),
        "name": (2, "character varying(65535)", None),
        "orders": (3, "bigint", None),
        "amount": (4, "numeric(18,2)", "Sum; in yen (円)"),
    }
    assert found["seed.shapes.customers"]["columns"]["country"]["type"] == "character varying(2)"
    stats = {name: stat["value"] for name, stat in table["stats"].items()}
    assert (stats["diststyle"], stats["sortkey1"], stats["sortkey_num"]) == ("KEY(customer_id)", "customer_id", 2)
    assert stats["rows"] == 2
    view = found["model.shapes.orders_bound"]["metadata"]
    assert (view["type"], view["comment"]) == ("VIEW", "Orders as delivered; it's a view (注文)")
    assert shapes.target("catalog.json")["errors"] is None


def test_the_rest_of_the_commands(shapes: Shapes) -> None:
    assert "raw.orders" in shapes.dbt("source", "freshness")
    assert "shipped" in shapes.dbt("show", "--select", "by_status", "--limit", "5")
    shapes.dbt("compile")
    assert "All checks passed" in shapes.dbt("debug")
    assert "ERROR=0" in shapes.dbt("run", "--full-refresh", "--select", "by_status daily")
    assert shapes.api.rows("select ordered_on, status, orders from mart.daily order by 1, 2") == [
        ("2025-04-01", "shipped", 2),
        ("2025-04-02", "open", 2),
    ]
