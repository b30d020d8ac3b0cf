"""What every request passes before ministack sees it: ours to read, to refuse, and to answer below /_dpc/."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from aws_local import wire
from aws_local.errors import AwsError
from aws_local.wire import Asked

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

Answer = tuple[int, Mapping[str, str], bytes]
Refuse = Callable[[Asked], Answer | None]
"""An answer takes the place of the service's."""
Told = Callable[[Asked, int], None]
"""A call and the HTTP status that it is answered with."""
Page = Callable[[str, Any], object]
"""(method, JSON that came) -> JSON; raises AwsError."""

OURS = "/_dpc/"
_NOBODYS = ("/_ministack/", "/_localstack/")


@dataclass
class Front:
    """An ASGI application around another."""

    inner: App
    refuse: list[Refuse] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_NOBODYS):
            await self.inner(scope, receive, send)
        elif scope["path"].startswith(OURS):
            body = await _body(receive)
            await _send(send, self._page(scope["path"].removeprefix(OURS), scope["method"], body))
        else:
            await self._call(scope, receive, send)

    async def _call(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = scope.get("query_string", b"").decode("latin-1")
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        who = wire.signed(headers, query)
        body, again = b"", receive
        if who is not None and who[1] != "s3":  # objects are large, and nothing that is asked for stands in them
            body = await _body(receive)
            again = _replayed(body, receive)
        asked = wire.read(scope["method"], path, query, headers, body)
        if asked is None:
            await self.inner(scope, receive, send)
            return

        async def heard(message: Message) -> None:
            """Whoever has the answer can read of the call."""
            if message["type"] == "http.response.start":
                for each in self.told:
                    each(asked, message["status"])
            await send(message)

        answer = next((found for each in self.refuse if (found := each(asked))), None)
        if answer is None:
            await self.inner(scope, again, heard)
        else:
            await _body(again)
            await _send(heard, answer)

    def _page(self, name: str, method: str, body: bytes) -> Answer:
        try:
            if name not in self.pages:
                raise AwsError("NotFound", f"{OURS}{name}: not here; there are {', '.join(self.pages)}", 404)
            status, content = 200, self.pages[name](method, json.loads(body or b"null"))
        except AwsError as error:
            status, content = error.status, {"code": error.code, "message": str(error)}
        except ValueError as error:
            status, content = 400, {"code": "NotJson", "message": str(error)}
        return status, {"content-type": "application/json"}, json.dumps(content).encode()


_front: list[Front] = []


def stand() -> Front:
    """The one in front of ministack, put there by whoever asks first."""
    from ministack import app

    if not _front:
        _front.append(Front(app.app))
        app.app = _front[0]
    return _front[0]


async def _body(receive: Receive) -> bytes:
    parts = []
    while (message := await receive())["type"] == "http.request":
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body as one message, then what comes after it."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return left.pop() if left else await receive()

    return again


async def _send(send: Send, answer: Answer) -> None:
    status, headers, content = answer
    listed = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    length = (b"content-length", str(len(content)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*listed, length]})
    await send({"type": "http.response.body", "body": content})
