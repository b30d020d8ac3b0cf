"""The deployment, step by step: Terraform on both roots, and the linter on what it is about to deploy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator

from filelock import FileLock

from aws_up import contents, processes, roots
from aws_up.place import BUCKET, Place
from aws_up.roots import BOOTSTRAP, DEV, Root

STATE, LOCK = "aws_s3_bucket_versioning.state", "aws_dynamodb_table.lock"
"""What an environment needs of the bootstrap: the one to be planned, the other to be applied. The rest of it is mostly
the provider's waiting for a lifecycle rule to be seen, which goes on beside the environment."""

Say = Callable[[str], None]


def compiled(place: Place) -> None:
    """State machines, manifest and zips, by the compiler, and a copy of them: whoever compiles next changes the
    project's, and Terraform refuses zips that are not those of the manifest."""
    (place.project / "build").mkdir(exist_ok=True)
    with FileLock(place.project / "build" / ".compiling"):
        processes.run([place.program("dpc-compile"), "build"], place.project, place.logs / "compile.log", {})
        shutil.copytree(place.project / "build" / "dist", place.dist)
        shutil.copytree(place.project / "infra" / "terraform" / "generated", place.folder / "generated")


def lint(place: Place) -> None:
    """The definitions, judged by statelint before they are deployed; the compiler's own rules are asked again by the
    server when the machine is made. Raises Failed with every finding."""
    found = list(_findings(place))
    if found:
        raise processes.Failed("\n".join(found))


def applied(place: Place, port: int, ready: Callable[[], object], say: Say, as_committed: bool = False) -> Root:
    """Both roots; the environment's. `ready` is called before it is planned, when its zips have to be there."""
    roots.copy(place, as_committed)
    bootstrap, dev = Root(place, port, BOOTSTRAP), Root(place, port, DEV)
    bootstrap.initialise()
    say("terraform apply: bootstrap (state bucket, lock table, roles of the workflows)")
    started = bootstrap.begin_apply()
    bootstrap.wait_for(STATE, started)
    ready()
    shutil.copytree(place.folder / "generated", place.terraform / "generated", dirs_exist_ok=True)
    lint(place)
    if not as_committed:
        contents.upload(port, roots.CODE_BUCKET, place.dist)
    dev.initialise()
    dev.plan()
    bootstrap.wait_for(LOCK, started)
    say("terraform apply: dev (most of it is the provider waiting until it sees what it made)")
    dev.apply()
    bootstrap.finish(started)
    return dev


def emptied(port: int) -> int:
    """Versions that were in the buckets of the environment."""
    return sum(contents.empty(port, each) for each in (BUCKET, contents.TRAIL_BUCKET))


def _findings(place: Place) -> Iterator[str]:
    from statelint.linter import Linter

    for file in sorted((place.terraform / "generated").glob("*.asl.json")):
        for each in Linter.validate(json.loads(file.read_text("utf-8"))):
            yield f"{file.name}: {each}"
