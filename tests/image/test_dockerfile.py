"""The Dockerfile, as far as it can be read without building it, and what it installs."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
IMAGE = ROOT / "infra" / "image"


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n\s*", " ", (IMAGE / "Dockerfile").read_text("utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def pinned(file: Path) -> set[tuple[str, str]]:
    """(name, version); a lock for every Python may hold a name twice."""
    return set(re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^ ;\\]+)", file.read_text("utf-8"), re.M))


def test_the_base_is_an_argument_with_a_tag_and_without_a_digest() -> None:
    assert instructions()[:2] == [("ARG", "BASE=python:3.11-slim-bookworm"), ("FROM", "${BASE}")]


def test_it_runs_as_nobody_and_writes_to_one_volume() -> None:
    found = instructions()
    assert [rest for word, rest in found if word == "USER"] == ["10001:10001"]
    assert [rest for word, rest in found if word == "VOLUME"] == ['["/work"]']
    assert found[-1] == ("ENTRYPOINT", '["python", "/app/run_dbt.py"]')
    environ = " ".join(rest for word, rest in found if word == "ENV").split()
    assert {"HOME=/work", "TMPDIR=/work"} <= set(environ)
    container = (ROOT / "infra/terraform/modules/pipeline/variables.tf").read_text("utf-8")
    assert '"10001:10001"' in container


def test_nothing_is_fetched_but_locked_packages() -> None:
    found = instructions()
    assert [word for word, _ in found if word == "ADD"] == []
    fetching = [rest for word, rest in found if word == "RUN" and re.search(r"curl|wget|apt|git |pip", rest)]
    assert fetching == [
        "pip install --no-deps --require-hashes --requirement /app/requirements.lock",
        "pip install --no-deps --no-index --no-build-isolation /app/dbt-redshift-data",
    ]


def test_what_is_copied_is_there_and_let_through() -> None:
    ignored = (IMAGE / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert ignored[0] == "*"
    sources = [each for word, rest in instructions() if word == "COPY" for each in rest.split()[:-1]]
    assert {f"!{each}" for each in sources} == {each for each in ignored if each.startswith("!")}
    assert [each for each in sources if not (ROOT / each).exists()] == []


def test_the_lock_is_the_projects() -> None:
    """The same versions as dbt was tested with here, each with a hash."""
    own, projects = pinned(IMAGE / "requirements.lock"), pinned(ROOT / "requirements.lock")
    assert {"boto3", "dbt-core", "dbt-redshift"} <= {name for name, _ in own}
    assert own <= projects
    text = (IMAGE / "requirements.lock").read_text("utf-8")
    assert len(re.findall(r"^[a-z0-9-]+.*== *[^\\]+\\\n +--hash=sha256:", text, re.M)) == len(own)
