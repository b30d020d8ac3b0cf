"""The Redshift Data API alone: `python data_api_server.py --warehouse dpc.duckdb --port 0`, for tests and for trying.

Prints `http://127.0.0.1:<port>` when it listens. Runs in the project's environment and in the server's. Ends on SIGTERM
or Ctrl-C; what was not committed is lost. Protocol: smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PLACE = Path(__file__).resolve()
sys.path[:0] = [str(PLACE.parent), str(PLACE.parents[2])]

from aws_local.data_api import lakes  # noqa: E402
from aws_local.data_api.service import DataApi  # noqa: E402
from aws_local.data_api.warehouse import Warehouse  # noqa: E402
from aws_local.errors import AwsError  # noqa: E402


def served(api: DataApi, port: int) -> ThreadingHTTPServer:
    """A server of `api` on 127.0.0.1, which the caller runs; port 0 takes a free one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                self._answer(200, api.handle(operation, json.loads(body or b"{}")))
            except AwsError as error:
                self._answer(error.status, {"__type": error.code, "message": str(error), "Message": str(error)})

        def log_message(self, format: str, *args: Any) -> None:
            """Requests are not logged."""

        def _answer(self, status: int, content: dict[str, Any]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    return server


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--warehouse", type=Path, required=True, help="DuckDB file, named as the database")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--user", default="IAMR:role-dbt-runner", help="database user of every caller without a secret")
    parser.add_argument("--lake", type=Path, help="folder that stands for s3://local-lake/")
    parser.add_argument("--endpoint", help="address of an S3 that COPY and UNLOAD use instead of a folder")
    parser.add_argument("--region", default="ap-northeast-1")
    given = parser.parse_args(arguments)
    unsigned = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    lake = (
        lakes.buckets(given.endpoint, given.region, unsigned)
        if given.endpoint
        else lakes.folder(given.lake or given.warehouse.absolute().parent / "lake")
    )
    api = DataApi(Warehouse(given.warehouse, lake), caller=lambda: "", user_of=lambda _: given.user)
    api.start_sweeping()
    server = served(api, given.port)
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
    server.server_close()
    api.close()


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # threads of connections that clients keep open would be torn down in the middle
