"""Checks of the shop's assets, as functions of their own."""

from shop import steps


def orders_are_paid() -> bool:
    return all(order["amount"] > 0 for order in steps.read("orders"))
