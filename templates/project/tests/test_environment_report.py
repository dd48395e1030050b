"""The extension registers, counts the invocations, and says why the environment ended."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from extensions import environment_report


@dataclass
class FakeApi:
    """Lambda's Extensions API on this machine."""

    events: list[dict[str, Any]] = field(default_factory=list)
    registered: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    status: int = 200

    def invoked(self, times: int) -> None:
        """Set what happens: so many invocations, and the end."""
        self.events = [{"eventType": "INVOKE", "deadlineMs": 1}] * times
        self.events.append({"eventType": "SHUTDOWN", "shutdownReason": "spindown"})


@pytest.fixture
def lambda_api(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    """An API that really listens, and that the extension finds."""
    state = FakeApi()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/2020-01-01/extension/register"
            state.name = self.headers["Lambda-Extension-Name"]
            state.registered = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer({"functionName": "orders-api", "functionVersion": "7"})

        def do_GET(self) -> None:
            assert self.path == "/2020-01-01/extension/event/next"
            assert self.headers["Lambda-Extension-Identifier"] == "extension-1"
            self.answer(state.events.pop(0))

        def answer(self, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(state.status)
            self.send_header("Lambda-Extension-Identifier", "extension-1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", f"127.0.0.1:{server.server_port}")
    yield state
    server.shutdown()
    server.server_close()


def test_it_reports_how_an_environment_ended(
    lambda_api: FakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    lambda_api.invoked(times=3)
    environment_report.main()
    report = json.loads(capsys.readouterr().out)
    assert report["reason"] == "spindown"
    assert report["invocations"] == 3
    assert report["seconds"] >= 0
    assert (report["function_name"], report["function_version"]) == ("orders-api", "7")
    assert lambda_api.events == []


def test_it_registers_under_its_file_name_for_all_events(lambda_api: FakeApi) -> None:
    lambda_api.invoked(times=0)
    environment_report.main()
    assert lambda_api.name == "environment_report.py"
    assert lambda_api.registered == {"events": ["INVOKE", "SHUTDOWN"]}


def test_it_stops_if_lambda_refuses_it(
    lambda_api: FakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    lambda_api.status = 403
    with pytest.raises(RuntimeError, match="403 to register"):
        environment_report.main()
    assert capsys.readouterr().out == ""
