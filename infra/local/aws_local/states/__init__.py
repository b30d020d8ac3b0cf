"""Step Functions: ministack keeps the machines, our own interpreter runs them, in real time.

ministack's engine knows no redrive, no heartbeat and no time limit of the machine; the interpreter does, and is tested
against the language. Each task is a request to the server itself, under the role of the machine.
"""

from __future__ import annotations

from aws_local.settings import Settings


def install(settings: Settings) -> None:
    # Not above: the clock, the engine and the history need no ministack, and are tested without it.
    from aws_local.states import service

    service.install(settings)
