"""checkov over the HCL: its own rules and those of infra/checks/rules. What is passed over says why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infra_check import outside
from infra_check.place import Place

CHECK = "checkov"
SKIP = re.compile(r"#\s*checkov:skip=(?P<rule>\w+)(?::(?P<reason>.*))?")
SHORTEST_REASON = 20
"""Characters; below that a reason explains nothing."""


def report(folder: Path, rules: Path) -> dict[str, Any]:
    """checkov's findings over a folder, with our rules beside its own."""
    command = [
        outside.python_tool("checkov"),
        *("--directory", str(folder.resolve()), "--framework", "terraform"),
        *("--external-checks-dir", str(rules.resolve())),
        *("--skip-download", "--download-external-modules", "false", "--output", "json", "--compact", "--soft-fail"),
    ]
    offline = {"CHECKOV_RUN_SCA_PACKAGE_SCAN_V2": "false", "LOG_LEVEL": "ERROR", "ANSI_COLORS_DISABLED": "1"}
    offline["PYTHONPATH"] = str(Path(__file__).parents[1])
    found = outside.parsed(outside.call(command, folder=folder, environ=offline), "checkov")
    return dict(found[0] if isinstance(found, list) else found)


def problems(place: Place) -> Iterator[str]:
    found = place.once("checkov", lambda: report(place.copy, place.project / "infra" / "checks" / "rules"))
    results = found.get("results")
    if not results or not results["passed_checks"]:
        yield f"checkov judged nothing: {str(found)[:300]}"
        return
    for each in results["parsing_errors"]:
        yield f"{each}: checkov could not read it"
    seen = set()
    for each in results["failed_checks"]:
        line = f"infra/terraform{each['file_path']}:{each['file_line_range'][0]}: {each['resource']}: "
        line += f"{each['check_name']} [{each['check_id']}]"
        if line not in seen:
            seen.add(line)
            yield line
    yield from _skips(place, results["skipped_checks"])
    rules = {each["check_id"] for each in (*results["passed_checks"], *results["skipped_checks"])}
    place.note(CHECK, f"{len(rules)} rules applied, {len(results['skipped_checks'])} skips, each with its reason")


def rules_applied(place: Place) -> set[str]:
    """Ids of the rules that judged at least one resource."""
    found = place.once("checkov", lambda: report(place.copy, place.project / "infra" / "checks" / "rules"))
    kinds = ("passed_checks", "failed_checks", "skipped_checks")
    return {str(each["check_id"]) for kind in kinds for each in found["results"][kind]}


def _skips(place: Place, skipped: list[dict[str, Any]]) -> Iterator[str]:
    """Skips without a reason, and skips of rules that judge nothing there."""
    used = {(each["check_id"], Path(each["file_abs_path"]).name) for each in skipped}
    for path in sorted(place.copy.rglob("*.tf")):
        below = path.relative_to(place.copy)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found = SKIP.search(line)
            if not found:
                continue
            where, rule = f"infra/terraform/{below}:{number}: skip of {found['rule']}", found["rule"]
            if len((found["reason"] or "").strip()) < SHORTEST_REASON:
                yield f"{where}: expected its reason after a second colon, found {found['reason']!r}"
            if (rule, path.name) not in used:
                yield f"{where}: skips nothing; remove it"
