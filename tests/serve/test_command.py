"""The verb as a process: what it prints, and how it ends."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.pages.command_line import run_command

ROOT = Path(__file__).parents[2]


def serving(*words: str, **environment: str) -> subprocess.Popen[str]:
    """A server in a process of its own, with these additions to its environment."""
    return subprocess.Popen(
        [sys.executable, "cli.py", "serve", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def test_it_says_where_it_is_and_ends_on_an_interrupt(tmp_path: Path) -> None:
    """One line of JSON once it answers, on a free port; then nothing more, and no trace of an end that was asked for.

    What it answers is what the command line says at the same site. A file that is opened is not written anywhere.
    """
    site = tmp_path / "site.yaml"
    site.write_text(
        "name: Ward 9\npolicies: [history-absent]\ntrials_open: {RO: {open: true}}\n", encoding="utf-8"
    )
    (tmp_path / "written").mkdir()
    words = ["--port", "0", "--format", "json", "--site", str(site)]
    with serving(*words, TMPDIR=str(tmp_path / "written")) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told.keys() == {"url", "token", "port"}
        assert told["url"].startswith(f"http://127.0.0.1:{told['port']}/open?token=")
        connection = http.client.HTTPConnection("127.0.0.1", told["port"], timeout=10)
        connection.request("GET", told["url"].partition(str(told["port"]))[2])
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (303, b"")
        cookie = str(answer.getheader("Set-Cookie")).partition(";")[0]
        headers = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{told['port']}"}
        headers["Content-Type"] = "multipart/form-data; boundary=edge"
        part = b'--edge\r\nContent-Disposition: form-data; name="record"; filename="Jane Doe.json"\r\n\r\n'
        content = (ROOT / "examples/undetermined.json").read_bytes() + b" " * 3_000_000
        connection.request("POST", "/", part + content + b"\r\n--edge--\r\n", headers)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (303, b"")
        assert "Doe" not in str(answer.getheader("Location"))
        assert list((tmp_path / "written").iterdir()) == []
        connection.request("POST", "/", b"Jane Doe", headers)
        answer = connection.getresponse()
        assert (answer.status, b"Doe" in answer.read()) == (422, False)
        record = (ROOT / "examples/several-trials.json").read_text(encoding="utf-8")
        bearer = {"Authorization": f"Bearer {told['token']}"}
        connection.request("POST", "/api/match", f'{{"record": {record}, "trials": ["RO"]}}', bearer)
        found = json.loads(connection.getresponse().read())
        printed = run_command(
            str(ROOT / "examples/several-trials.json"),
            "--trials",
            "RO",
            "--format",
            "json",
            "--site",
            str(site),
        )
        assert found == json.loads(printed.output)
        process.send_signal(signal.SIGINT)  # while a browser still holds its connection
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0
        connection.close()


def test_it_ends_while_it_works() -> None:
    """A question that takes long does not keep it, and what is no request is not told of."""
    record = {
        "as_of": "2026-11-20",
        "facts": {"ecog": 1, "country": "FR", "diagnosis": "AML", "pregnant": True},
    }
    body = json.dumps({"record": record, "trials": ["UC"]}).encode()
    with serving("--port", "0", "--format", "json") as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", told["port"]), timeout=10) as strange:
            strange.sendall(b"Jane Doe\r\n\r\n")
            assert strange.recv(100).startswith(b"HTTP/1.1 403")
        with socket.create_connection(("127.0.0.1", told["port"]), timeout=10) as nameless:
            nameless.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert nameless.recv(100).startswith(b"HTTP/1.1 403")
        with socket.create_connection(("127.0.0.1", told["port"]), timeout=10) as working:
            head = f"POST /api/when HTTP/1.1\r\nHost: 127.0.0.1:{told['port']}\r\nAuthorization: Bearer {told['token']}\r\n"
            working.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            assert process.communicate(timeout=6) == ("", "")
            assert process.returncode == 0


def test_a_port_that_is_taken_is_told() -> None:
    """In one line, with what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run_command("serve", "--port", str(port))
    assert (done.code, done.output) == (2, "")
    assert done.error == f"error: --port: {port} is in use: give another one, or 0 for any that is free\n"


def test_without_its_extra_it_says_which_one_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    """And shows its help all the same."""
    for name in [name for name in sys.modules if name.startswith("solver.serve.")]:
        if name != "solver.serve.command":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "starlette", None)
    monkeypatch.setitem(sys.modules, "starlette.applications", None)
    done = run_command("serve")
    assert (done.code, done.error) == (
        2,
        "error: match serve needs the extra serve: pip install 'trialproof[serve]'\n",
    )
    assert run_command("serve", "--help").code == 0
