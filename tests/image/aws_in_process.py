"""Step Functions and S3 as far as one dbt task calls them, over HTTP: what was told and stored can be looked at."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Aws:
    """`told`: (operation, body) in order. After `beats` heartbeats the token is gone. `refuses`: S3 denies access."""

    port: int = 0
    beats: float = float("inf")
    refuses: bool = False
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    objects: dict[str, bytes] = field(default_factory=dict)
    heard: threading.Event = field(default_factory=threading.Event)

    def answers(self) -> list[tuple[str, dict[str, Any]]]:
        return [(operation, body) for operation, body in self.told if operation != "SendTaskHeartbeat"]

    @property
    def environ(self) -> dict[str, str]:
        address = f"http://127.0.0.1:{self.port}"
        return {
            "AWS_ENDPOINT_URL_SFN": address,
            "AWS_ENDPOINT_URL_S3": address,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "ap-northeast-1",
            "AWS_DEFAULT_REGION": "ap-northeast-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def aws() -> Iterator[Aws]:
    here = Aws()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            return

        def _answer(self, status: int, body: bytes, kind: str = "application/x-amz-json-1.0", **more: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in more.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def _body(self) -> bytes:
            if "chunked" in self.headers.get("Transfer-Encoding", "") or "aws-chunked" in self.headers.get(
                "Content-Encoding", ""
            ):
                return self._chunks()
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _chunks(self) -> bytes:
            found = b""
            while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
                found += self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return found

        def do_POST(self) -> None:
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            here.told.append((operation, json.loads(self._body())))
            here.heard.set()
            beats = sum(name == "SendTaskHeartbeat" for name, _ in here.told)
            if beats > here.beats:
                self._answer(400, b'{"__type": "TaskTimedOut", "message": "gone"}')
            else:
                self._answer(200, b"{}")

        def do_PUT(self) -> None:
            body = self._body()
            if here.refuses:
                denied = b"<Error><Code>AccessDenied</Code><Message>denied</Message></Error>"
                return self._answer(403, denied, "application/xml")
            here.objects[self.path.split("?")[0]] = body
            return self._answer(200, b"", ETag='"0"')

        def do_GET(self) -> None:
            found = here.objects.get(self.path.split("?")[0])
            if found is None:
                missing = b"<Error><Code>NoSuchKey</Code><Message>none</Message></Error>"
                return self._answer(404, missing, "application/xml")
            return self._answer(200, found, "application/octet-stream", ETag='"0"')

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    here.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
