"""More memory makes waiting dearer and no shorter; limits and calls at once make it shorter.

A handler that waits for a supplier and a computation are measured. With an eighth of the memory,
and so of the CPU, the computation takes several times as long and the wait does not: eight times
the memory costs the one about the same and the other more than six times as much, and the
project's `scripts/waiting_cost.py` tells them apart. Then three suppliers that take 0.12 s each:
`before.py` waits for one after another, `after.py` for all at once, in less than two thirds of the
time. When one supplier never answers, or drips its answer byte by byte, `before.py` is still
waiting when `after.py` has answered with the best of the others. Last, the generated project: its
own test passes, and fails when the client's limit, the function's timeout and the ban on retries
are taken away, once for each.

Real: the times, in seconds and in CPU seconds, both samples, HTTP between them and the suppliers,
the generated project with its script and its test. Simulated: less memory. The CPU time that was
measured is stretched as AWS says that it is, in proportion; the rest of the time stays.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest
import urllib3

from catalog.conftest import Project

ID = "workload-cost-external-api"
DELAY = 0.12
"""Seconds that a supplier takes."""

Make = Callable[..., Project]
Sample = Callable[[str], ModuleType]


class Suppliers:
    """Three suppliers and two bad ones on one server."""

    def __init__(self) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                time.sleep(60 if self.path == "/silent" else DELAY)
                body = b'{"price": %d}' % (700 + 10 * int(self.path[-1:].isdigit()))
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                for byte in body:
                    time.sleep(0.4 if self.path == "/drip" else 0)
                    self.wfile.write(bytes([byte]))

            def log_message(self, format: str, *args: object) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def urls(self, *names: str) -> list[str]:
        return [f"http://127.0.0.1:{self.server.server_port}/{name}" for name in names]


@pytest.fixture(scope="module")
def suppliers() -> Iterator[Suppliers]:
    made = Suppliers()
    yield made
    made.server.shutdown()
    made.server.server_close()


def took(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    started = time.monotonic()
    call()
    return time.monotonic() - started


def durations(work: Callable[[], object]) -> dict[int, float]:
    """Milliseconds that the work takes by memory in MB, on average of three.

    What is measured stands for 1,024 MB. With an eighth of it, only the CPU time grows.
    """
    started, used = time.perf_counter(), time.process_time()
    for _ in range(3):
        work()
    took, computed = time.perf_counter() - started, time.process_time() - used
    return {128: (took + 7 * computed) / 3 * 1000, 1024: took / 3 * 1000}


def compute() -> None:
    hashlib.pbkdf2_hmac("sha256", b"part", b"salt", 60_000)


def cost_of(project: Project, measured: dict[int, float]) -> tuple[list[int], float]:
    """What the script says: the shares of waiting in %, and how much dearer more memory is."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.waiting_cost"]
        + [f"{memory}={duration:.1f}" for memory, duration in measured.items()],
        cwd=project.path,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    shares = [int(share) for share in re.findall(r"(\d+)%", done.stdout)]
    return shares, float(re.findall(r"costs ([\d.]+) times as much", done.stdout)[0])


def test_waiting_costs_more_with_memory_and_takes_as_long(
    suppliers: Suppliers, sample: Sample, project: Make
) -> None:
    handler, event = sample("after.py").handler, {"suppliers": suppliers.urls("1")}
    measured = durations(lambda: handler(event, None))
    assert measured[1024] >= DELAY * 1000
    assert measured[128] < 1.25 * measured[1024]
    shares, dearer = cost_of(project(ID), measured)
    assert len(shares) == 2
    assert min(shares) >= 75
    assert dearer > 6


def test_computing_is_not_taken_for_waiting(project: Make) -> None:
    measured = durations(compute)
    assert measured[128] > 3 * measured[1024]
    shares, dearer = cost_of(project(ID), measured)
    assert shares[0] < 75
    assert dearer < 3


def test_calls_at_once_wait_for_the_longest_only(suppliers: Suppliers, sample: Sample) -> None:
    event = {"suppliers": suppliers.urls("1", "2", "cheap")}
    before, after = sample("before.py"), sample("after.py")
    assert before.handler(event, None) == after.handler(event, None) == {"price": 700}
    one_by_one = took(lambda: before.handler(event, None))
    at_once = took(lambda: after.handler(event, None))
    assert one_by_one > 3 * DELAY
    assert at_once < one_by_one * 2 / 3


@pytest.mark.parametrize("bad", ["silent", "drip"])
def test_one_bad_supplier_holds_up_everybody_or_nobody(
    bad: str, suppliers: Suppliers, sample: Sample
) -> None:
    event = {"suppliers": suppliers.urls("1", bad, "2")}
    before, after = sample("before.py"), sample("after.py")

    def wait() -> None:
        with suppress(urllib3.exceptions.HTTPError):  # when the server is shut down at the end
            before.handler(event, None)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    started = time.monotonic()
    assert after.handler(event, None) == {"price": 710}
    assert time.monotonic() - started < after.DEADLINE + 0.5
    assert waiting.is_alive()


def test_nobody_in_time_is_an_error_and_not_an_empty_answer(
    suppliers: Suppliers, sample: Sample
) -> None:
    after = sample("after.py")
    with pytest.raises(after.NoOffer):
        after.handler({"suppliers": suppliers.urls("silent")}, None)
    with pytest.raises(after.NoOffer):
        after.handler({"suppliers": []}, None)


def own_test(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the test that the safeguard gives the project."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    return subprocess.run(
        [*command, "tests/test_time_limits.py"],
        cwd=project,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )


def test_the_project_passes_its_own_test(project: Make) -> None:
    done = own_test(project(ID).path)
    assert done.returncode == 0, done.stdout


BREAKS = [
    ("src/orders/downstream.py", "read=5.0", "read=500.0", "client_gives_up_before_lambda"),
    ("template.yaml", "Timeout: 10", "Timeout: 60", "stops_the_function_before_api_gateway"),
    (
        "src/orders/downstream.py",
        "retries=False",
        "retries=urllib3.Retry(2, allowed_methods=None)",
        "silence_is_waited_for_once",
    ),
]
"""File, what is replaced in it, by what, and the test that has to notice."""


def test_the_projects_own_test_finds_what_is_taken_away(project: Make, tmp_path: Path) -> None:
    broken = shutil.copytree(project(ID).path, tmp_path / "broken")
    for file, old, new, _ in BREAKS:
        text = (broken / file).read_text(encoding="utf-8")
        assert old in text
        (broken / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    done = own_test(broken)
    assert done.returncode == 1, done.stdout
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    assert len(failed) == len(BREAKS)
    for *_, finding in BREAKS:
        assert any(finding in line for line in failed), finding
