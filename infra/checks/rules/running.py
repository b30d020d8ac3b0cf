"""How functions, schedules and images are declared."""

from __future__ import annotations

import re
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

DAILY = re.compile(r"cron\(\d+ \d+ (\* \* \?|\? \* \*) \*\)")


def literal(value: Any) -> bool:
    """Whether it is a text that stands in the file, not a reference that the plan resolves."""
    return isinstance(value, str) and not re.search(r"\$\{|\b(var|local|each|data|module)\.", value)


def first(conf: dict[str, list[Any]], name: str) -> Any:
    found = conf.get(name)
    return found[0] if isinstance(found, list) and found else found


class Python311(BaseResourceCheck):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(
            name="Functions run on Python 3.11",
            id="CKV_DPC_9",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["aws_lambda_function"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        runtime = first(conf, "runtime")
        wrong = runtime is None or (literal(runtime) and runtime != "python3.11")
        return CheckResult.FAILED if wrong else CheckResult.PASSED


class OnceADay(BaseResourceCheck):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(
            name="The schedule starts once a day, in a time zone, and what it cannot start is kept",
            id="CKV_DPC_13",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["aws_scheduler_schedule"],
        )

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        expression, zone = first(conf, "schedule_expression"), first(conf, "schedule_expression_timezone")
        target = first(conf, "target")
        kept = isinstance(target, dict) and "dead_letter_config" in target
        daily = expression is not None and (not literal(expression) or DAILY.fullmatch(expression) is not None)
        return CheckResult.PASSED if daily and zone and kept else CheckResult.FAILED


python_3_11 = Python311()
once_a_day = OnceADay()
