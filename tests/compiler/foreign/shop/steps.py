"""What the shop's assets do: JSON files below the folder SHOP_FOLDER in, JSON files out. Knows no orchestrator."""

import json
import os
from pathlib import Path
from typing import Any

CUSTOMERS = [{"id": 1, "name": "Aoki"}, {"id": 2, "name": "Baba"}, {"id": 3, "name": "Chiba"}]
PRICES = (120, 80, 200)


def folder() -> Path:
    return Path(os.environ["SHOP_FOLDER"])


def read(name: str) -> Any:
    return json.loads((folder() / f"{name}.json").read_text(encoding="utf-8"))


def write(name: str, content: Any) -> None:
    file = folder() / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, sort_keys=True), encoding="utf-8")


def raw_customers() -> dict[str, int]:
    write("raw_customers", CUSTOMERS)
    return {"customers": len(CUSTOMERS)}


def raw_orders(partition: str) -> dict[str, int]:
    """The orders of one month: as many as the month's number, dealt to the customers in turn."""
    month = int(partition[5:7])
    orders = [
        {"id": 100 * month + number, "customer": CUSTOMERS[number % 3]["id"], "day": f"{partition}-{number + 1:02}"}
        for number in range(month)
    ]
    write(f"raw_orders/{partition}", orders)
    return {"orders": len(orders)}


def raw_payments() -> dict[str, int]:
    payments = [
        {"order": order["id"], "amount": PRICES[order["id"] % 3]}
        for file in sorted((folder() / "raw_orders").glob("*.json"))
        for order in json.loads(file.read_text(encoding="utf-8"))
    ]
    write("raw_payments", payments)
    return {"payments": len(payments)}


def orders() -> dict[str, int]:
    """Every order with its customer's name and what was paid."""
    names = {each["id"]: each["name"] for each in read("raw_customers")}
    paid = {each["order"]: each["amount"] for each in read("raw_payments")}
    rows = [
        {**order, "customer": names[order["customer"]], "amount": paid[order["id"]]}
        for file in sorted((folder() / "raw_orders").glob("*.json"))
        for order in json.loads(file.read_text(encoding="utf-8"))
    ]
    write("orders", rows)
    return {"orders": len(rows)}


def monthly_figures() -> dict[str, int]:
    figures: dict[str, dict[str, int]] = {}
    for order in read("orders"):
        month = figures.setdefault(order["day"][:7], {"orders": 0, "amount": 0})
        month["orders"] += 1
        month["amount"] += order["amount"]
    write("monthly_figures", figures)
    return {"months": len(figures)}
