"""``kg up`` from end to end: ingest, serve, explore, stop; and ingesting again, which finds nothing to do."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from api.cli import main

NOTE = """# Vector search

**Vector search** finds passages by meaning. It uses embeddings.

## Prerequisites

- Embeddings
"""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@pytest.fixture
def notes(tmp_path, monkeypatch):
    """Give a folder with one note, and an empty store beside it as the settings' store."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "search.md").write_text(NOTE, encoding="utf-8")
    monkeypatch.setenv("KG_STORE", f"sqlite:///{tmp_path}/kg.db")
    return folder


def test_ingesting_again_reads_nothing_again(notes, capsys):
    reports = []
    for _ in range(2):
        with pytest.raises(SystemExit):
            main(["ingest", str(notes), "--json", "--workers", "1"])
        reports.append(json.loads(capsys.readouterr().out))
    assert [report["documents"]["added"] for report in reports] == [1, 0]
    assert [report["documents"]["unchanged"] for report in reports] == [0, 1]
    assert reports[0]["failures"] == []
    assert reports[0]["entities"] == reports[1]["entities"] > 0


def test_up_serves_both_and_stops_both(notes):
    ports = [_free_port(), _free_port()]
    command = [sys.executable, "-m", "api.cli", "up", str(notes)]
    options = ["--port", str(ports[0]), "--explorer-port", str(ports[1])]
    up = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
    said = []
    for line in up.stderr:
        said.append(line)
        if "stops both" in line:
            break
    try:
        assert "stops both" in said[-1], "".join(said)
        answer = httpx.post(f"http://127.0.0.1:{ports[0]}/graphql", json={"query": "{stats {documents}}"})
        page = httpx.get(f"http://127.0.0.1:{ports[1]}/")
    finally:
        up.send_signal(signal.SIGTERM)
        up.stderr.read()
        up.stderr.close()
        code = up.wait()
    assert answer.json() == {"data": {"stats": {"documents": 1}}}
    assert page.status_code == 200
    assert code == 130
    for port in ports:
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/")
