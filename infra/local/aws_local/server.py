"""The server: ministack with our plug-ins, as one process that listens on 127.0.0.1 and nowhere else.

ministack reads the environment when it is imported, so nothing here imports it before `environment` is in place.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from aws_local import children
from aws_local.settings import ACCOUNT, Settings

READY = "/_ministack/ready"
"""Answers 200 once requests are served."""

PLUGINS = ("data_api", "serverless", "repairs", "functions", "tasks", "calls", "faults", "states", "schedules")
"""Modules of this package with `install(settings)`, and `close()` where something has to be ended, in order."""

PATIENCE = 2.0
"""Seconds that requests under way are given when the server ends."""

Close = Callable[[], None]
Application = Callable[[Any, Any, Any], Awaitable[None]]


def environment(settings: Settings) -> dict[str, str]:
    """What ministack is told. State is kept in memory alone: the objects of the lake too, so that a lake of some
    hundred megabytes is about what a laptop holds."""
    return {
        "GATEWAY_PORT": str(settings.port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": settings.region,
        "AWS_DEFAULT_REGION": settings.region,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "0",
        "S3_PERSIST": "0",
        # No daemon is asked for anything: a socket that is not there keeps ministack from looking for Docker.
        "DOCKER_HOST": f"unix://{settings.folder / 'no-docker.sock'}",
    }


def run(settings: Settings, attached: bool) -> None:
    """Serves until SIGINT or SIGTERM, or, `attached`, until standard input ends. Does not return.

    The process ends by `os._exit`: executions and functions under way run in threads that nothing can interrupt.
    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(environment(settings))
    closing = install(settings)
    status = 1
    try:
        # Not asyncio.run, which waits for every thread of its pool.
        asyncio.new_event_loop().run_until_complete(_serve(settings, attached))
        status = 0
    except Exception:
        logging.getLogger(__name__).exception("The server stopped")
    finally:
        for close in reversed(closing):
            close()
        children.end(os.getpid())
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def install(settings: Settings) -> list[Close]:
    """Installs every plug-in; what they want called at the end."""
    closing = []
    for name in PLUGINS:
        module = importlib.import_module(f"aws_local.{name}")
        module.install(settings)
        if hasattr(module, "close"):
            closing.append(module.close)
    return closing


async def _serve(settings: Settings, attached: bool) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack import app

    config = Config()
    config.bind = [f"127.0.0.1:{settings.port}"]
    # Longer than any client keeps an idle connection (Go, 90 s): where the server closes first, a request that is just
    # arriving is carried out and its answer lost, and Terraform sends it again.
    config.keep_alive_timeout = 3600
    config.keep_alive_max_requests = sys.maxsize
    config.graceful_timeout = PATIENCE
    config.shutdown_timeout = PATIENCE
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, asked.set)
    if attached:
        threading.Thread(target=_until_input_ends, args=(loop, asked), daemon=True).start()
    await serve(_any_target(app.app), config, shutdown_trigger=asked.wait)


def _any_target(app: Application) -> Application:
    """`app` behind a server that takes requests in absolute form (RFC 9112, 3.2.2), as clients write them to a proxy.

    S3 Control puts the account before the host, and 000000000000.127.0.0.1 is no name anywhere: Terraform is told that
    this server is its proxy, so that it asks nobody for the address.
    """

    async def take(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith("http://"):
            _, _, path = scope["path"].removeprefix("http://").partition("/")
            _, _, raw = scope["raw_path"].removeprefix(b"http://").partition(b"/")
            scope = {**scope, "path": f"/{path}", "raw_path": b"/" + raw}
        await app(scope, receive, send)

    return take


def _until_input_ends(loop: asyncio.AbstractEventLoop, asked: asyncio.Event) -> None:
    sys.stdin.buffer.read()
    loop.call_soon_threadsafe(asked.set)
