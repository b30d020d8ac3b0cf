"""Where statements may be sent: to AWS, or to this machine. Anything else would be given signed requests and data."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_AWS = ".amazonaws.com"


def problem(url: str) -> str:
    """What is wrong with an endpoint, "" where nothing is."""
    try:
        parts = urlsplit(url)
        host, _ = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host = ""
    else:
        if parts.scheme == "https" and host.endswith(_AWS):
            return ""
        if parts.scheme in ("http", "https") and _loopback(host):
            return ""
    return f"expected https://...{_AWS} or a service on this machine such as http://127.0.0.1:4566, found {url}"


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
