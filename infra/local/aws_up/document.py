"""The documentation of the dbt models, made and stored as .github/workflows/deploy.yml does."""

from __future__ import annotations

from pathlib import Path

from aws_up import contents, processes
from aws_up.place import BUCKET, Place

KEY = "processed/docs/index.html"


def models(place: Place) -> Path:
    """One page with everything in it; asks no warehouse."""
    folder, log = place.folder / "docs", place.logs / "docs.log"
    project = str(place.project / "dbt")
    where = ["--target", "dev", "--target-path", str(folder), "--log-path", str(folder)]
    where += ["--project-dir", project, "--profiles-dir", project]
    dbt = [place.program("dbt"), "--quiet"]
    processes.run([*dbt, "parse", *where], place.project, log, {})
    page = ["docs", "generate", "--empty-catalog", "--no-compile", "--static"]
    processes.run([*dbt, *page, *where], place.project, log, {})
    return folder / "static_index.html"


def store(port: int, page: Path) -> str:
    """Puts the page into the lake; its address."""
    kind = "text/html; charset=utf-8"
    contents.client(port, "s3").put_object(Bucket=BUCKET, Key=KEY, Body=page.read_bytes(), ContentType=kind)
    return f"s3://{BUCKET}/{KEY}"
