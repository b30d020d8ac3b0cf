"""Statements of the design, read in the plan: each is a function of a plan's resources to what contradicts it.

One file per subject; `STATEMENTS` names them all. They see the plan with AWS's answers filled in (plans.known), once
without and once with QuickSight.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from infra_check.design import data, network, notice, public, running, scope, trust, warehouse
from infra_check.plans import Resource

Rule = Callable[[list[Resource]], Iterator[str]]


@dataclass(frozen=True)
class Statement:
    """`about` is the sentence of the design."""

    about: str
    rule: Rule


STATEMENTS: Mapping[str, Statement] = {
    "one-key": Statement("everything that takes a customer managed key has ours", data.one_key),
    "tls-only": Statement("buckets, topics and queues refuse what comes without TLS", data.tls_only),
    "upload": Statement("data is put from listed addresses only; pipeline and services exempt", data.upload_addresses),
    "buckets": Statement("buckets are versioned, private, without ACLs", data.buckets),
    "lifecycle": Statement("only archive/ goes to Deep Archive; nothing of the data expires", data.lifecycle),
    "trail": Statement("CloudTrail records data events of the lake into a bucket of its own", data.trail),
    "no-public": Statement("policies of resources let in this account and services for it only", public.lets_in),
    "no-network": Statement("no NAT, no VPC endpoint, no VPC of our own", network.no_network),
    "no-ingress": Statement("nothing comes in; with QuickSight one group lets in one other", network.no_ingress),
    "capacity": Statement("8 RPU, capped, 80 % of the month's hours warn, 100 % stop", warehouse.capacity),
    "workgroup": Statement("not public, TLS required, queries limited, audit logs kept", warehouse.workgroup),
    "functions": Statement("Python 3.11, outside any VPC, traced, code of the manifest", running.functions),
    "machines": Statement("machines are logged and traced", running.machines),
    "container": Statement("dbt runs by digest, not as root, on a read-only root", running.container),
    "daily": Statement("one schedule, once a day, in a time zone, with a queue for what fails", running.daily),
    "logs": Statement("log groups are kept at least a year, and each function has one", running.logs),
    "notice": Statement("every alarm and every ended execution reaches people", notice.reaches_people),
    "trust": Statement("each role is taken by one service, for this account only", trust.trusted),
    "names": Statement("fixed names are what they are agreed to be", scope.names),
}
