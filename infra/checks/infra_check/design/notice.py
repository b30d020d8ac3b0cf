"""What goes wrong reaches people."""

from __future__ import annotations

import json
from collections.abc import Iterator

from infra_check.design.texts import of_type
from infra_check.plans import Resource

ENDED_BADLY = {"FAILED", "TIMED_OUT", "ABORTED"}


def reaches_people(resources: list[Resource]) -> Iterator[str]:
    topics = {each.values.get("arn") for each in of_type(resources, "aws_sns_topic")}
    alarms = of_type(resources, "aws_cloudwatch_metric_alarm")
    if not alarms:
        yield "expected alarms, found none"
    for each in alarms:
        if not topics & set(each.values.get("alarm_actions") or []):
            yield f"{each.address}: expected the topic among its alarm_actions"
    heard: set[str] = set()
    for each in of_type(resources, "aws_cloudwatch_event_rule"):
        text = each.values.get("event_pattern")
        if isinstance(text, str) and text.startswith("{"):
            heard |= set(json.loads(text).get("detail", {}).get("status", []))
        elif "event_pattern" in each.unknown:
            heard |= ENDED_BADLY  # its machines are known when they are made; the module's own test reads it
    if heard < ENDED_BADLY:
        yield f"expected a rule for executions that are {sorted(ENDED_BADLY - heard)}"
    if not of_type(resources, "aws_budgets_budget"):
        yield "expected a budget, found none"
