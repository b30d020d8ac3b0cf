"""Two executions at once, executions stopped by hand, a sibling that fails while dbt runs: one writer."""

import json
from typing import Any

import pytest
from deployed import WAIT_SCALE, Deployed
from lakes import lake

pytestmark = pytest.mark.soak

TWO = {"months": 2, "facilities": 1}


def test_of_two_months_at_once_the_second_refuses_and_names_the_first(deployed: Deployed) -> None:
    deployed.reset(lake(**TWO))
    first = deployed.start({"partition": "2025-04"})
    deployed.in_state(first, "raw/submissions: validate-manifest")

    second = deployed.run({"partition": "2025-05"})

    assert (second.status, second.error) == ("FAILED", "WriterBusy")
    assert first in second.cause
    assert deployed.ended(first).status == "SUCCEEDED"
    assert deployed.hears("WriterBusy", "redrive")
    assert deployed.redrive(second.arn).status == "SUCCEEDED"
    assert deployed.exported_months() == ["2025-04", "2025-05"]


def test_of_two_months_at_once_the_second_waits_where_it_is_asked_to(deployed: Deployed) -> None:
    deployed.reset(lake(**TWO))
    first = deployed.start({"partition": "2025-04"})
    deployed.in_state(first, "raw/submissions: validate-manifest")

    second = deployed.run({"partition": "2025-05", "wait": True})

    assert (second.status, deployed.ended(first).status) == ("SUCCEEDED", "SUCCEEDED")
    assert second.tries("Plan run") >= 2
    assert deployed.exported_months() == ["2025-04", "2025-05"]


def test_a_machine_stopped_by_hand_while_dbt_runs_goes_on_by_redrive(
    deployed: Deployed, undisturbed: dict[str, Any]
) -> None:
    deployed.reset(lake(months=1, facilities=1))
    arn = deployed.start({"partition": "2025-04"})
    deployed.in_state(arn, "dbt")
    deployed.while_dbt_writes()

    stopped = deployed.stop(arn)

    assert stopped.status == "ABORTED"
    deployed.until(lambda: not deployed.running_tasks(), 130, "the container did not notice that nobody waits")
    assert deployed.exported_months() == []
    assert deployed.hears("ABORTED", "redrive")
    again = deployed.redrive(arn)
    assert again.status == "SUCCEEDED"
    assert again.entered.count("raw/submissions: validate-manifest") == 1
    assert deployed.state() == undisturbed


def test_a_sibling_fails_while_dbt_runs_and_redrive_has_one_writer(
    deployed: Deployed, undisturbed: dict[str, Any]
) -> None:
    """A machine of the test: the compiled dbt state beside a task that fails once."""
    deployed.reset(lake(months=1, facilities=1))
    assert deployed.run({"partition": "2025-04", "select": "group:raw"}).status == "SUCCEEDED"
    states = deployed.client("stepfunctions")
    real = states.describe_state_machine(stateMachineArn=deployed.arn("dpc-learning-elt"))
    definition = json.loads(real["definition"])
    plan, dbt = definition["States"]["Plan run"], definition["States"]["dbt"]
    failing = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {
            "FunctionName": "dpc-copy-raw-pending",
            "Payload": {"context": "{% $states.context %}", "plan": "{% $plan %}"},
        },
        "TimeoutSeconds": 60,
        "Output": {},
        "End": True,
    }
    machine = {
        "QueryLanguage": "JSONata",
        "TimeoutSeconds": 3600,
        "StartAt": "Plan run",
        "States": {
            "Plan run": {**plan, "Next": "Both"},
            "Both": {
                "Type": "Parallel",
                "End": True,
                "Branches": [
                    {
                        "StartAt": "dbt",
                        "States": {
                            "dbt": {name: value for name, value in dbt.items() if name != "Next"} | {"End": True}
                        },
                    },
                    {
                        "StartAt": "Wait",
                        "States": {
                            "Wait": {"Type": "Wait", "Seconds": int(15 / WAIT_SCALE), "Next": "Sibling"},
                            "Sibling": failing,
                        },
                    },
                ],
            },
        },
    }
    # Named like the machine of the deployment: the claim asks after the holder by the ARN of its execution.
    made = states.create_state_machine(
        name="dpc-learning-elt-sibling", definition=json.dumps(machine), roleArn=real["roleArn"]
    )["stateMachineArn"]
    try:
        deployed.fault(
            "lambda", "Invoke", "ResourceNotFoundException", containing="dpc-copy-raw-pending", times=1, status=404
        )
        started = states.start_execution(stateMachineArn=made, input='{"partition": "2025-04", "select": "kind:dbt"}')[
            "executionArn"
        ]

        failed = deployed.ended(started)
        assert failed.status == "FAILED"
        assert failed.error.startswith("Lambda.")
        (left,) = deployed.running_tasks()

        again = deployed.redrive(started)

        assert again.status == "SUCCEEDED"
        assert again.tries("Sibling") == 2
        assert left not in deployed.running_tasks(), "the first container notices that nobody waits, and stops"
    finally:
        states.delete_state_machine(stateMachineArn=made)
    assert deployed.run({"partition": "2025-04"}).status == "SUCCEEDED"
    assert deployed.state() == undisturbed
