"""Five cron fields to the six of EventBridge Scheduler, and what those cannot say."""

import pytest

from compiler.cron import scheduler_expression
from compiler.errors import Refused


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 3 * * *", "cron(0 3 * * ? *)"),
        ("* * * * *", "cron(* * * * ? *)"),
        ("*/15 * * * *", "cron(0/15 * * * ? *)"),
        ("5/15 * * * *", "cron(5/15 * * * ? *)"),
        ("*/7 * * * *", "cron(0/7 * * * ? *)"),
        ("*/1 * * * *", "cron(* * * * ? *)"),
        ("*/40 * * * *", "cron(0,40 * * * ? *)"),
        ("10-30/10 9-17 * * *", "cron(10,20,30 9-17 * * ? *)"),
        ("0 22-2 * * *", "cron(0 0-2,22,23 * * ? *)"),
        ("0,30 8,20 1,15 * *", "cron(0,30 8,20 1,15 * ? *)"),
        ("0 0 */2 * *", "cron(0 0 1/2 * ? *)"),
        ("0 0 L * *", "cron(0 0 L * ? *)"),
        ("0 0 1 jan,APR-jun */1", "cron(0 0 1 1,4-6 ? *)"),
        ("0 0 1 */3 *", "cron(0 0 1 1/3 ? *)"),
        ("0 9 * * 0", "cron(0 9 ? * 1 *)"),
        ("0 9 * * 7", "cron(0 9 ? * 1 *)"),
        ("0 9 * * 1-5", "cron(0 9 ? * 2-6 *)"),
        ("0 9 * * MON-FRI", "cron(0 9 ? * 2-6 *)"),
        ("0 9 * * fri-mon", "cron(0 9 ? * 1,2,6,7 *)"),
        ("0 9 * * 5-7", "cron(0 9 ? * 1,6,7 *)"),
        ("0 9 * * sat,sun", "cron(0 9 ? * 1,7 *)"),
        ("0 9 * * 1/2", "cron(0 9 ? * 2,4,6 *)"),
        ("0 9 * * 0-7", "cron(0 9 * * ? *)"),
        ("0 9 ? * 3", "cron(0 9 ? * 4 *)"),
        ("0 9 * * fri#2", "cron(0 9 ? * 6#2 *)"),
        ("0 9 * * L5", "cron(0 9 ? * 6L *)"),
        ("@daily", "cron(0 0 * * ? *)"),
        ("@weekly", "cron(0 0 ? * 1 *)"),
        ("@monthly", "cron(0 0 1 * ? *)"),
        ("@yearly", "cron(0 0 1 1 ? *)"),
        ("@hourly", "cron(0 * * * ? *)"),
    ],
)
def test_what_aws_can_say(cron: str, expected: str) -> None:
    assert scheduler_expression(cron) == expected


@pytest.mark.parametrize(
    ("cron", "message"),
    [
        ("0 9 1 * 1", "it names both days of the month and weekdays, which means either of them; AWS cannot say that"),
        (
            "0 9 */2 * fri",
            "it names both days of the month and weekdays, which means either of them; AWS cannot say that",
        ),
        ("0 9 * *", "expected five fields: minute hour day month weekday"),
        ("0 0 9 * * *", "expected five fields: minute hour day month weekday"),
        ("60 * * * *", "minute: expected numbers from 0 to 59, found '60'"),
        ("* 24 * * *", "hour: expected numbers from 0 to 23, found '24'"),
        ("* * 0 * *", "day: expected numbers from 1 to 31, found '0'"),
        ("* * * 13 *", "month: expected numbers from 1 to 12, found '13'"),
        ("* * * * 8", "weekday: expected numbers from 0 to 7, found '8'"),
        ("*/0 * * * *", "minute: expected numbers from 0 to 59, found '*/0'"),
        ("1- * * * *", "minute: expected numbers from 0 to 59, found '1-'"),
        ("*-5 * * * *", "minute: expected numbers from 0 to 59, found '*-5'"),
        ("mon * * * *", "minute: expected numbers from 0 to 59, found 'mon'"),
        ("@reboot", "expected five fields: minute hour day month weekday"),
    ],
)
def test_what_aws_cannot_say_or_is_no_cron(cron: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        scheduler_expression(cron)
    [problem] = refused.value.problems
    assert (problem.where, problem.message) == (f"cron {cron!r}", message)
