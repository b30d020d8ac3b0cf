"""What every module and root has to look like, and what dev and prod have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra_check import outside
from infra_check.outcome import Unasked
from infra_check.place import ENVIRONMENTS, Place

FILES = ("variables.tf", "outputs.tf", "versions.tf")
SAME = ("main.tf", "variables.tf", "outputs.tf")
"""Files of the roots, equal byte for byte; what differs are values in terraform.tfvars and the state's key."""

PROVIDER, PROVIDER_VERSION = "hashicorp/aws", "= 5.100.0"
BACKEND = {"bucket": "dpc-learning-tfstate", "dynamodb_table": "terraform-lock", "use_lockfile": True, "encrypt": True}
ANY = re.compile(r"\bany\b")
ACCOUNT = re.compile(r"(?<![0-9])(?!123456789012|111122223333|000000000000)[0-9]{12}(?![0-9])")
LEFT = re.compile(
    r"(^|/)\.terraform/|\.tfstate|\.tfplan$|(^|/)modules/[^/]+/\.terraform\.lock\.hcl$|^infra/(?!.*/tests/).*\.zip$"
)
"""Committed files that a tool leaves behind. A root's lock file is committed on purpose."""


class Unreadable(Exception):
    """A file that checkov's parser cannot read; the text says where it stops."""


def shape(place: Place) -> Iterator[str]:
    """Fixed files, exact versions, variables with a type and a description, outputs with a description."""
    for name in (*place.modules, *place.roots):
        where = f"infra/terraform/{name}"
        for file in FILES:
            if not (place.source / name / file).is_file():
                yield f"{where}: expected {file}, found none"
        for path in sorted((place.source / name).glob("*.tf")):
            yield from _file(f"{where}/{path.name}", path)


def _file(where: str, path: Path) -> Iterator[str]:
    try:
        blocks = read(path)
    except Unreadable as error:
        yield f"{where}: {error}"
        return
    for name, content in named(blocks.get("variable", [])):
        if not content.get("description"):
            yield f"{where}: variable {name}: expected a description"
        kind = str(content.get("type", ""))
        if not kind or ANY.search(kind):
            yield f"{where}: variable {name}: expected a written type, found {kind or 'none'}"
        for rule in content.get("validation", []):
            if len(str(rule.get("error_message", ""))) < 30:
                yield f"{where}: variable {name}: expected a message that says what was expected and found"
        if path.name != "variables.tf":
            yield f"{where}: variable {name}: expected in variables.tf"
    for name, content in named(blocks.get("output", [])):
        if not content.get("description"):
            yield f"{where}: output {name}: expected a description"
    if path.name == "versions.tf":
        yield from _versions(where, blocks)


def _versions(where: str, blocks: Mapping[str, Any]) -> Iterator[str]:
    settings = blocks.get("terraform", [])
    if not any("required_version" in each for each in settings):
        yield f"{where}: expected required_version, found none"
    for each in settings:
        for providers in each.get("required_providers", []):
            for name, written in providers.items():
                wanted = written[0] if isinstance(written, list) else written
                exact = isinstance(wanted, dict) and re.fullmatch(r"=?\s*5\.100\.0", str(wanted.get("version")))
                if name != "aws" or not exact or wanted.get("source") != PROVIDER:
                    yield f"{where}: provider {name}: expected {PROVIDER} {PROVIDER_VERSION}, found {wanted}"


def text_rules(place: Place) -> Iterator[str]:
    """No account number but the examples of AWS's documentation; nothing that a tool left is committed."""
    for path in sorted(place.source.rglob("*")):
        below = path.relative_to(place.project)
        if path.suffix in (".tf", ".tfvars", ".hcl") and ".terraform" not in path.parts:
            for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
                for found in ACCOUNT.finditer(line):
                    yield f"{below}:{number}: {found.group()}: expected no account number but the examples"
    for name in _tracked(place):
        if LEFT.search(name):
            yield f"{name}: left behind by a tool; remove it from the repository"


def _tracked(place: Place) -> list[str]:
    """Committed files; an export of the repository without git has nothing to say here."""
    if not (place.project / ".git").exists():
        return []
    done = outside.call(["git", "ls-files", "infra"], folder=place.project)
    return done.stdout.splitlines()


def same_roots(place: Place) -> Iterator[str]:
    """dev and prod: equal files, an own key in the shared state bucket, values in terraform.tfvars."""
    first = place.source / ENVIRONMENTS[0]
    keys = set()
    for name in ENVIRONMENTS:
        folder = place.source / name
        for file in SAME:
            one, other = first / file, folder / file
            if not other.is_file():
                yield f"infra/terraform/{name}/{file}: expected, found none"
            elif one.is_file() and one.read_bytes() != other.read_bytes():
                yield f"infra/terraform/{name}/{file}: expected the same bytes as {ENVIRONMENTS[0]}/{file}"
        if not (folder / "terraform.tfvars").is_file():
            yield f"infra/terraform/{name}/terraform.tfvars: expected, found none"
        backend = _backend(folder)
        if backend is None:
            yield f"infra/terraform/{name}: expected backend s3, found none"
            continue
        for key, wanted in BACKEND.items():
            if backend.get(key) != wanted:
                yield f"infra/terraform/{name}: backend s3: {key}: expected {wanted!r}, found {backend.get(key)!r}"
        keys.add(backend.get("key"))
    if len(keys) == 1:
        yield f"infra/terraform: backend s3: expected a key for each environment, found {keys}"


def _backend(folder: Path) -> dict[str, Any] | None:
    for path in sorted(folder.glob("*.tf")):
        try:
            found = read(path).get("terraform", [])
        except Unreadable:
            continue  # told by `shape`
        for settings in found:
            for backend in settings.get("backend", []):
                if "s3" in backend:
                    return dict(backend["s3"])
    return None


def read(path: Path) -> dict[str, Any]:
    """The blocks of an HCL file, by checkov's own parser: what this cannot read, checkov passes over in silence."""
    try:
        import hcl2
        from lark.exceptions import LarkError
    except ImportError as error:
        raise Unasked("the HCL parser is not installed: run make infra-check") from error
    try:
        found: dict[str, Any] = _plain(hcl2.loads(path.read_text(encoding="utf-8")))
    except LarkError as error:
        where = f"line {getattr(error, 'line', '?')}, column {getattr(error, 'column', '?')}"
        raise Unreadable(
            f"{where}: checkov's parser stops here and would judge nothing; write it another way"
        ) from error
    return found


def named(blocks: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for block in blocks:
        yield from block.items()


def _plain(found: Any) -> Any:
    """Arguments as values: the parser hands each in a list of one. Nested blocks stay lists."""
    if isinstance(found, dict):
        return {key: _argument(value) for key, value in found.items() if not key.startswith("__")}
    if isinstance(found, list):
        return [_plain(each) for each in found]
    return found


def _argument(found: Any) -> Any:
    alone = isinstance(found, list) and len(found) == 1 and not isinstance(found[0], dict)
    return _plain(found[0] if alone else found)
