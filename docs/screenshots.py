"""The pictures in docs/images: lineage, an asset with its checks, dbt docs. Taken from the running user interface.

    make demo && make screenshots

Needs Chromium (`chromium` on the PATH, or its path in CHROMIUM) and the demo's lake and warehouse.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[1]
IMAGES = PROJECT / "docs" / "images"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZE = {"width": 1680, "height": 1000}
TALL = {"width": 1400, "height": 1640}
OPENED = ("raw", "mart", "dq", "export")


def main() -> int:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        sys.stderr.write("Chromium is needed: install it (Debian: apt-get install chromium) or set CHROMIUM=/path\n")
        return 2
    environment = os.environ | {
        "DPC_LAKE": os.environ.get("DPC_LAKE", str(PROJECT / "data/demo/lake")),
        "DPC_WAREHOUSE": os.environ.get("DPC_WAREHOUSE", str(PROJECT / "data/demo/dpc.duckdb")),
    }
    if not Path(environment["DPC_WAREHOUSE"]).exists():
        sys.stderr.write(f"There is no {environment['DPC_WAREHOUSE']}; run `make demo` first\n")
        return 2
    IMAGES.mkdir(parents=True, exist_ok=True)
    dpc = [sys.executable, "-m", "dpc_assets.cli.main"]
    done = subprocess.run([*dpc, "docs", "--no-serve"], cwd=PROJECT, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.stderr.write(done.stderr)
        return 1
    docs = done.stdout.strip().splitlines()[-1]
    with dagster(dpc, environment) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=list(FLAGS))
        page = browser.new_page(viewport=SIZE)
        lineage(page, address)
        asset(page, address)
        dbt_docs(page, Path(docs))
        browser.close()
    for picture in sorted(IMAGES.glob("*.png")):
        sys.stdout.write(f"{picture.relative_to(PROJECT)}\n")
    return 0


@contextmanager
def dagster(dpc: list[str], environment: dict[str, str]) -> Iterator[str]:
    """`dpc dev` on a free port in a process session of its own, ended as a group."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = PROJECT / ".dagster" / "logs" / "screenshots.log"
    said.parent.mkdir(parents=True, exist_ok=True)
    with said.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            [*dpc, "dev", "--port", str(port)],
            cwd=PROJECT,
            env=environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        wait(address + "/server_info", process)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            if process.poll() is not None:
                raise SystemExit("Dagster ended early; see .dagster/logs/screenshots.log") from None
            time.sleep(0.5)
    raise SystemExit("Dagster did not start within two minutes; see .dagster/logs/screenshots.log")


def lineage(page: Page, address: str) -> None:
    """The global asset graph with the groups OPENED opened."""
    page.set_viewport_size(TALL)
    opened = ",".join(f"global@global:{group}" for group in OPENED)
    page.goto(f"{address}/asset-groups?expanded={opened}", wait_until="networkidle")
    page.get_by_text("Hide navigation").click()
    page.reload(wait_until="networkidle")  # a fresh page fits the graph in
    page.wait_for_timeout(4000)
    page.screenshot(path=IMAGES / "lineage.png")
    page.set_viewport_size(SIZE)


def asset(page: Page, address: str) -> None:
    """dq/results_checks with one check a rule."""
    page.goto(f"{address}/assets/dq/results_checks?view=checks", wait_until="networkidle")
    page.wait_for_timeout(4000)
    page.screenshot(path=IMAGES / "asset-checks.png")


def dbt_docs(page: Page, file: Path) -> None:
    """The page of mart.fact_stay in dbt docs."""
    page.goto(f"{file.as_uri()}#!/model/model.dpc.fact_stay", wait_until="load")
    page.wait_for_timeout(4000)
    page.screenshot(path=IMAGES / "dbt-docs.png")


if __name__ == "__main__":
    sys.exit(main())
