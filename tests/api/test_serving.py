"""``kg serve`` as a process: one line when it is up, one line when it cannot be, and a clean end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys

import httpx
import pytest
from sample import publish_sample

from kg.open import open_store


@pytest.fixture
def serve(tmp_path, embedder):
    """Give a function that starts ``kg serve`` on the sample graph."""
    url = f"sqlite:///{tmp_path}/kg.db"
    store = open_store(url)
    publish_sample(store, embedder)
    store.put_setting("embedding_model", "all-MiniLM-L6-v2")
    store.close()
    started: list[subprocess.Popen[str]] = []

    def serve(*options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "api.cli", "serve", *options]
        environment = {**os.environ, "KG_STORE": url}
        started.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield serve
    for process in started:
        process.kill()
        process.wait()
        process.stderr.close()


def test_it_says_where_it_answers_and_ends_on_an_interrupt(serve):
    process = serve("--port", "0")
    address = re.search(r"http://\S+", process.stderr.readline())[0]
    assert httpx.post(address, json={"query": "{stats {documents}}"}).json()["data"]["stats"] == {
        "documents": 3
    }
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert (process.returncode, said.strip()) == (130, "kg: interrupted")


def test_a_port_that_is_taken_is_one_line_and_exit_1(serve):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = serve("--port", str(taken.getsockname()[1]))
        _, said = process.communicate()
    assert process.returncode == 1
    assert "--port takes another" in said.splitlines()[-1]


def test_the_pages_end_with_the_command_that_opened_them(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "api.cli",
        "explore",
        "--port",
        str(port),
        "--store",
        f"sqlite:///{tmp_path}/kg.db",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in process.stdout:  # Streamlit says its address once it listens
        if str(port) in line and "URL" in line:
            break
    assert httpx.get(f"http://127.0.0.1:{port}/_stcore/health").text == "ok"
    process.send_signal(signal.SIGTERM)
    process.communicate()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/_stcore/health")
