"""`make aws-local`: everything from nothing to a finished run, with a line for each step."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from infra_check import terraform
from infra_check.outcome import Unasked

from aws_up import contents, deploy, document, place, processes
from aws_up.place import BUCKET, Place, Standing

PORT = 4566
MONTH, MONTHS, FACILITIES, STAYS = "2025-04", 1, 3, 60


class Refused(Exception):
    """It cannot begin; the text says what is missing or in the way."""


def run(where: Place, wish: int, months: int) -> int:
    """Exit status: 0 up and the run ended well, 1 something failed, 2 it could not begin."""
    try:
        check(where)
        _claim(where)
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return 2
    status = None
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        status = _all(where, wish, months)
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
    except (processes.Failed, RuntimeError) as failed:
        sys.stderr.write(f"{failed}\n")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it behind
        if status is None:
            down(where)
            sys.stderr.write(f"Nothing is left running, and {where.folder} is gone.\n")
    return 1 if status is None else status


def check(where: Place) -> None:
    """Raises Refused where a program or an environment is missing."""
    try:
        terraform.program()
        terraform.plugins()
    except Unasked as missing:
        raise Refused(
            f"make aws-local needs Terraform: {missing}. https://developer.hashicorp.com/terraform/install"
        ) from missing
    for each, made_by in ((where.server_python, "aws-local-environment"), (where.python, "setup")):
        if not each.exists():
            raise Refused(f"{each.relative_to(where.project)} is not there: make {made_by}")


def down(where: Place) -> bool:
    """Ends who brings one up, ends the server and removes the folder; whether there was anything."""
    processes.end_all()
    found = where.folder.exists()
    other = where.coming_up()
    if other is not None and other != os.getpid():
        processes.interrupt(other)
    standing = place.noted(where)
    if standing is not None and processes.is_server(standing, where):
        processes.stop(standing)
    shutil.rmtree(where.folder, ignore_errors=True)
    return found


def _claim(where: Place) -> None:
    """Takes the folder. Raises Refused where an AWS is up or comes up there; what a crash left is removed."""
    standing, other = place.noted(where), where.coming_up()
    if standing is not None and processes.is_server(standing, where) and other is None:
        raise Refused(
            f"An AWS on a laptop is up already at {standing.endpoint}.\n{_commands(where)}"
            "or take it down first: make aws-local-down"
        )
    if other is not None:
        raise Refused(f"Another make aws-local (process {other}) is bringing one up; to end it: make aws-local-down")
    shutil.rmtree(where.folder, ignore_errors=True)
    where.logs.mkdir(parents=True)
    where.claim()


def _all(where: Place, wish: int, months: int) -> int:
    """0 where the run ended well, else the status of what did not; the server stays up in both cases."""
    port = wish if wish and place.is_free(wish) else place.free_port()
    began = time.monotonic()

    def say(text: str) -> None:
        sys.stdout.write(f"[{time.monotonic() - began:4.0f} s] {text}\n")
        sys.stdout.flush()

    given_up = threading.Event()
    with ThreadPoolExecutor() as beside:
        try:
            compiling = beside.submit(deploy.compiled, where)
            say("compile: state machines, manifest, zips")
            place.note(where, Standing(processes.start_server(where, port).pid, port))
            say(f"server: up at http://127.0.0.1:{port}")
            delivering = beside.submit(_deliver, where, port, months, given_up)
            documenting = beside.submit(document.models, where)
            outputs = deploy.applied(where, port, compiling.result, say).outputs()
            say("deployed; users, grants and tables: dpc-migrate")
            contents.put_id_key(port, str(outputs["id_key_secret_arn"]))
            contents.open_inbox(port, str(outputs["topic_arn"]))
            contents.migrate(port)
            say(f"delivered: {delivering.result()} submissions by dpc submit")
            page = documenting.result()
            say(f"documentation of the models: {document.store(port, page)}, here {page}")
        except BaseException:
            given_up.set()
            processes.end_all()  # what runs beside ends too, and with it the threads that wait for it
            raise
    say("start: the parent machine, which looks for months with new submissions")
    ended = _dpc(where, port, "start", "--assets")
    if ended == 0:
        _dpc(where, port, "report", "--queue", contents.INBOX)
    say("done" if ended == 0 else "the run did not end well; the AWS stays up, to look into it")
    sys.stdout.write(_commands(where))
    where.unclaim()
    return ended


def _dpc(where: Place, port: int, *words: str) -> int:
    """`dpc aws words` in this terminal; its exit status."""
    environ = place.surroundings(place.commands_environment(port))
    return subprocess.run([where.program("dpc"), "aws", *words], env=environ, cwd=where.project, check=False).returncode


def _deliver(where: Place, port: int, months: int, given_up: threading.Event) -> int:
    """Invented hospitals, submitted as a hospital would once there is a bucket: how many submissions."""
    hospitals, log = where.folder / "hospitals", where.logs / "hospitals.log"
    words = ["--out", str(hospitals), "--month", MONTH, "--months", str(months), "--seed", "1"]
    words += ["--facilities", str(FACILITIES), "--stays", str(STAYS)]
    processes.run([where.program("dpc"), "sample", *words], where.project, log, {})
    while not contents.has_bucket(port, BUCKET) and not given_up.wait(0.5):
        pass
    folders = sorted(hospitals.glob("raw/*/*/v1"))
    for each in folders:
        (each / "_manifest.json").unlink()  # what a hospital hands over is the official files alone
        command = [where.program("dpc"), "submit", str(each), "--lake", f"s3://{BUCKET}"]
        processes.run(command, where.project, log, place.environment(port))
    return len(folders)


def _commands(where: Place) -> str:
    """What a person tries next."""
    shown = where.folder.relative_to(where.project) if where.folder.is_relative_to(where.project) else where.folder
    file = "EFn_131000123_2504.txt"
    tries = [
        ("the addresses and made-up keys, for this shell", f"source {shown}/aws.env"),
        ("the latest executions", ".venv/bin/dpc aws status"),
        ("some assets of a month again", f".venv/bin/dpc aws start --month {MONTH} --select 'mart/fact_stay+'"),
        ("go on where an execution failed", ".venv/bin/dpc aws redrive EXECUTION"),
        ("break a file", f"cp -r {shown}/hospitals/raw/yyyymm={MONTH}/131000123/v1 {shown}/broken"),
        ("", f"echo 'not a line of the layout' >> {shown}/broken/{file}"),
        ("refused, with line, column and what to do", f".venv/bin/dpc submit {shown}/broken"),
        ("the warehouse", ".venv/bin/dpc aws query 'SELECT * FROM mart.facility_monthly'"),
        ("figures, files, messages", f".venv/bin/dpc aws report --queue {contents.INBOX}"),
        ("changes nothing", f"terraform -chdir={shown}/terraform/dev plan"),
        ("end it and remove everything", "make aws-local-down"),
    ]
    lines = [f"  {command:78}  # {what}" if what else f"  {command}" for what, command in tries]
    return "\n".join(["Try (more, with faults to put in: docs/aws-on-a-laptop.md):", *lines, ""])
