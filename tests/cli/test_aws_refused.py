"""`dpc aws` where it cannot work: exit status, and a sentence that says what to do."""

from __future__ import annotations

import pytest
from aws_shell import ELT, Shell
from recorded_states import ACCOUNT, STATES, Failed, Recorded, served

WRONG = [
    (["start", "--month", "2025-13"], "--month: expected 2025-04 or 2025-04..2025-06, found '2025-13'"),
    (["start", "--month", "2025-04..2025-06", "--select", "mart/fact_stay"], "give one month, such as --month 2025-04"),
    (
        ["start", "--month", "2025-04", "--select", "mart/fact_stayy"],
        "unknown asset 'mart/fact_stayy'; did you mean mart/fact_stay",
    ),
    (["start", "--month", "2025-04", "--select", "mart/fact_stay and"], "expected a selection such as"),
    (["start", "--suffix", "Dev"], "--suffix: expected small letters"),
    (["start", "--suffix", "dev"], "there is no state machine dpc-learning-schedule-dev in ap-northeast-1"),
    (["start", "--machine", "arn:aws:s3:::bucket"], "--machine: expected the ARN of a state machine"),
    (["start", "--machine", ELT.replace("ap-northeast-1", "eu-west-1")], "set AWS_REGION=eu-west-1"),
    (["start", "--every", "0"], "--every: expected more than 0 seconds, found 0"),
    (["status", "nobody"], "there is no execution nobody in ap-northeast-1; `dpc aws status` lists the latest"),
    (["status", "a name"], "EXECUTION: expected the name or the ARN of an execution, found 'a name'"),
    (["status", "--follow"], "name the EXECUTION to follow"),
    (["status", "--last", "0"], "--last: expected 1 to 100, found 0"),
    (["rerun", "daily-1", "--select", "mart/fact_stay"], "the parent machine, which takes no selection"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(each[0]) for each in WRONG])
def test_wrong_usage_ends_with_2_and_starts_nothing(
    arguments: list[str], said: str, states: Recorded, dpc: Shell
) -> None:
    done = dpc(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert not [given for given in states.asked("StartExecution") if given["stateMachineArn"] in states.machines]


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("ThrottlingException", 1, "AWS is busy (ThrottlingException"),
        ("AccessDeniedException", 1, "Log in with a role that may"),
        ("ExpiredTokenException", 2, "AWS does not accept them (ExpiredTokenException). Log in"),
        ("UnrecognizedClientException", 2, "AWS does not accept them"),
        ("ValidationException", 1, "AWS refuses stepfunctions describe-execution in ap-northeast-1 (ValidationEx"),
    ],
)
def test_what_aws_refuses_is_a_sentence(code: str, status: int, said: str, shell: Shell) -> None:
    states = Recorded("month_succeeded")
    states.refuse["DescribeExecution"] = Failed(code, "no")
    with served(states) as settings:
        done = shell.using(settings)("status", f"{STATES}:execution:dpc-learning-elt:2025-04-a")
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr


SURROUNDINGS = [
    ({}, 2, "AWS region: none is set"),
    ({"AWS_REGION": "ap-northeast-1"}, 2, "AWS credentials: none were found"),
    ({"AWS_REGION": "ap-northeast-1", "AWS_PROFILE": "nobody"}, 2, "The config profile (nobody) could not be found"),
    (
        {"AWS_REGION": "a b", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"},
        2,
        "Mend AWS_REGION or AWS_ENDPOINT_URL",
    ),
    (
        {
            "AWS_REGION": "ap-northeast-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        },
        1,
        "AWS was not reached in ap-northeast-1",
    ),
]


@pytest.mark.parametrize(("settings", "status", "said"), SURROUNDINGS, ids=[each[2] for each in SURROUNDINGS])
def test_surroundings_without_aws_are_a_sentence(
    settings: dict[str, str], status: int, said: str, shell: Shell
) -> None:
    done = shell.using(settings)("status")
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr


def test_the_account_is_told_where_a_machine_is_missing(states: Recorded, dpc: Shell) -> None:
    states.machines = set()
    done = dpc("status")
    assert done.returncode == 2
    assert f"of the account {ACCOUNT}; there is none" in done.stderr
