"""An execution environment ends, once without an extension and once with one.

Without the safeguard, what a function wanted to say at its end is lost: Lambda gives it no time
and kills the process. With it, the generated extension registers for the events of the
environment, waits with it through the invocations, gets the shutdown event, and writes why the
environment ended and what it had done. It runs as Lambda would run it: as the file that the
generated Makefile puts into the layer. Then the template: each function has the layer, a layer of
somebody else comes by parameter, and all safeguards together stay within five layers.

Real: the generated extension as a process of its own, the Makefile run by make, the samples, the
templates after the SAM transform. Simulated: Lambda. Its Extensions API is an HTTP server here,
which follows the documented requests and answers and refuses what is not in order, and the end of
an environment without extensions is the signal that Lambda is documented to send. What an
extension adds to a real cold start is not shown.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.combinations.selections import catalog

ID = "lambda-extensions"
SAMPLES = Path(__file__).parent / "samples"
IDENTIFIER = "2f3a4b5c-extension"
ARN = "arn:aws:lambda:ap-northeast-1:123456789012:layer:vendor-extension-arm64:7"

Make = Callable[..., Any]


@dataclass
class ExtensionsApi:
    """What Lambda does with one extension.

    Attributes:
        file_name: under which name alone it may register.
        invocations: how many there are before the end.
        reason: why the environment ends.
        events: what it registered for, empty until then.
        told: the types of the events that it was given.
    """

    file_name: str
    invocations: int = 0
    reason: str = "spindown"
    events: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def register(self, name: str | None, document: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Status and answer to a registration."""
        if name != self.file_name:
            return 403, {"errorType": "Extension.InvalidExtensionName"}
        self.events = document["events"]
        return 200, {"functionName": "orders-api", "functionVersion": "7", "handler": "h"}

    def next_event(self, identifier: str | None) -> tuple[int, dict[str, Any]]:
        """Status and answer to a request for the next event."""
        if identifier != IDENTIFIER or not self.events:
            return 403, {"errorType": "Extension.UnknownExtensionIdentifier"}
        if len(self.told) < self.invocations:
            self.told.append("INVOKE")
            return 200, {"eventType": "INVOKE", "deadlineMs": 676051, "requestId": "r-1"}
        self.told.append("SHUTDOWN")
        return 200, {"eventType": "SHUTDOWN", "shutdownReason": self.reason, "deadlineMs": 676051}


@contextmanager
def serving(api: ExtensionsApi) -> Iterator[str]:
    """The API behind a real HTTP server; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/2020-01-01/extension/register"
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(*api.register(self.headers.get("Lambda-Extension-Name"), body))

        def do_GET(self) -> None:
            assert self.path == "/2020-01-01/extension/event/next"
            self.answer(*api.next_event(self.headers.get("Lambda-Extension-Identifier")))

        def answer(self, status: int, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Lambda-Extension-Identifier", IDENTIFIER)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def run(extension: Path, api: ExtensionsApi) -> subprocess.CompletedProcess[str]:
    """Start an extension as Lambda does: execute the file, with the API's address."""
    with serving(api) as address:
        return subprocess.run(
            [str(extension)],
            env={"PATH": os.environ["PATH"], "AWS_LAMBDA_RUNTIME_API": address},
            capture_output=True,
            text=True,
            timeout=20,
        )


@pytest.fixture(scope="module")
def layer(project: Make, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer's contents, made by the generated Makefile as `sam build` calls it."""
    artifacts = tmp_path_factory.mktemp("layer")
    subprocess.run(
        ["make", "build-EnvironmentReportLayer"],
        cwd=project(ID).path / "extensions",
        env={"PATH": os.environ["PATH"], "ARTIFACTS_DIR": str(artifacts)},
        check=True,
        capture_output=True,
    )
    return artifacts


def test_without_it_what_is_said_at_the_end_is_lost() -> None:
    said = {sent: said_at_the_end("before.py", sent) for sent in (signal.SIGKILL, None)}
    assert said[signal.SIGKILL] == ""
    # It is the kill that loses it: a process that may end does say it.
    assert said[None] == "2 orders in this environment\n"


def said_at_the_end(sample: str, sent: signal.Signals | None) -> str:
    """What a function writes after two invocations, when it is killed or may end."""
    code = f"import {Path(sample).stem} as f; f.handler({{}}, 0); f.handler({{}}, 0); print('done')"
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", f"{code}; input()"],
        cwd=SAMPLES,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == "done\n"
        if sent is not None:
            process.send_signal(sent)
            return process.stdout.read()
        process.stdin.write("\n")
        process.stdin.flush()
        return process.stdout.read()


def test_with_an_extension_it_is_told_and_says_it(tmp_path: Path) -> None:
    extension = tmp_path / "orders-counter"
    extension.write_bytes((SAMPLES / "after.py").read_bytes())
    extension.chmod(0o755)
    done = run(extension, ExtensionsApi("orders-counter", invocations=2))
    assert done.stdout == "2 orders in this environment, end: spindown\n"


def test_the_layer_has_one_file_that_can_be_executed(layer: Path) -> None:
    files = [path for path in layer.rglob("*") if path.is_file()]
    assert [path.relative_to(layer).as_posix() for path in files] == [
        "extensions/environment-report"
    ]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o755


@pytest.mark.parametrize("reason", ["spindown", "timeout", "failure"])
def test_the_generated_extension_gets_the_shutdown_event(reason: str, layer: Path) -> None:
    api = ExtensionsApi("environment-report", invocations=3, reason=reason)
    done = run(layer / "extensions" / "environment-report", api)
    assert done.returncode == 0, done.stderr
    assert api.events == ["INVOKE", "SHUTDOWN"]
    assert api.told == ["INVOKE", "INVOKE", "INVOKE", "SHUTDOWN"]
    (line,) = done.stdout.splitlines()
    report = json.loads(line)
    assert report["message"] == "environment ended"
    assert (report["reason"], report["invocations"]) == (reason, 3)
    assert report["function_name"] == "orders-api"


def test_under_another_name_lambda_refuses_it(layer: Path, tmp_path: Path) -> None:
    renamed = tmp_path / "renamed"
    renamed.write_bytes((layer / "extensions" / "environment-report").read_bytes())
    renamed.chmod(0o755)
    api = ExtensionsApi("environment-report")
    done = run(renamed, api)
    assert done.returncode != 0
    assert "403 to register" in done.stderr
    assert api.told == []


def layers(of: Any) -> dict[str, list[Any]]:
    """The layers of each function, as the translated template has them."""
    found = of.resources("AWS::Lambda::Function").items()
    return {name: function["Properties"].get("Layers", []) for name, function in found}


def test_only_with_it_has_every_function_the_layer(project: Make) -> None:
    assert list(layers(project("sqs-buffering")).values()) == [[], []]
    made = project(ID, "sqs-buffering")
    (own,) = made.resources("AWS::Lambda::LayerVersion")
    by_parameter = {"Fn::If": ["HasExtensionLayer", {"Ref": "ExtensionLayerArn"}, NOTHING]}
    assert list(layers(made).values()) == [[{"Ref": own}, by_parameter]] * 2


NOTHING = {"Ref": "AWS::NoValue"}


def test_all_safeguards_together_stay_within_five_layers(project: Make) -> None:
    entries, chosen = catalog(), [ID]
    for entry in entries.safeguards:
        active = set(entries.closure([*chosen, entry.id]))
        if not any(set(entries.entries[i].pattern.conflicts) & active for i in active):
            chosen.append(entry.id)
    counts = [len(of) for of in layers(project(*chosen)).values()]
    assert counts and max(counts) <= 5
