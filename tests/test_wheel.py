"""The built wheel alone: installed into an empty environment, away from the checkout."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import httpx
import pytest

CHECKOUT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """Build the wheel and install it; what it depends on is borrowed from this environment."""
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=CHECKOUT)
    (wheel,) = folder.glob("guidegraph-*.whl")
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    run([str(python), "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel)], cwd=folder)
    # A plain line in a .pth file adds the folder, but runs none of its own .pth files: the checkout's
    # editable install stays out of sight.
    site = subprocess.check_output(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    )
    (Path(site.strip()) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "env" / "bin"


def run(command: list[str], cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True, env=clean_environment())


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "KG_STORE")}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


def test_the_wheel_holds_the_packages_and_their_data(installed, tmp_path):
    code = "import api, seeds; print(api.__file__, seeds.__file__)"
    said = subprocess.check_output([installed / "python", "-c", code], cwd=tmp_path, text=True)
    assert str(CHECKOUT / "api") not in said
    assert said.count(str(installed.parent)) == 2


def test_kg_up_explores_the_bundled_guide(installed, tmp_path):
    ports = [free_port(), free_port()]
    up = subprocess.Popen(
        [installed / "kg", "up", "--port", str(ports[0]), "--explorer-port", str(ports[1])],
        cwd=tmp_path,
        env=clean_environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    said = []
    for line in up.stderr:
        said.append(line)
        if "stops both" in line:
            break
    try:
        assert "stops both" in said[-1], "".join(said)
        query = '{ entity(name: "hybrid search") { kind evidence { quote } } stats { documents } }'
        answer = httpx.post(f"http://127.0.0.1:{ports[0]}/graphql", json={"query": query}).json()["data"]
        page = httpx.get(f"http://127.0.0.1:{ports[1]}/")
    finally:
        up.send_signal(signal.SIGTERM)
        up.communicate()
    assert answer["entity"]["kind"] == "PATTERN"
    assert answer["entity"]["evidence"]
    assert answer["stats"]["documents"] >= 24
    assert page.status_code == 200
    assert (tmp_path / "kg.db").exists()
