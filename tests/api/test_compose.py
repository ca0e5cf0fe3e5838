"""What the Dockerfile and compose.yaml rely on: that commands, options, settings and files are there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from api.cli import main
from kg.settings import PREFIX, Settings, read_settings

CHECKOUT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((CHECKOUT / "compose.yaml").read_text())["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "guidegraph"}
DOCKERFILE = (CHECKOUT / "Dockerfile").read_text()
PASSWORD = "${KG_NEO4J_PASSWORD:?set it in the file .env, to 8 characters or more}"


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


def passes(check: list[str], port: str) -> bool:
    """Tell whether a health check passes, asking the port that the API has here."""
    interpreter, *rest = check
    assert interpreter == "python"
    here = [part.replace(f" {Settings().port},", f" {port},") for part in rest]
    return subprocess.run([sys.executable, *here], check=False).returncode == 0


@pytest.mark.parametrize("service", OURS)
def test_every_command_exists_with_its_options(service, capsys):
    name, *arguments = OURS[service]["command"]
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    said = capsys.readouterr().out
    assert not ended.value.code
    assert all(argument in said for argument in arguments if argument.startswith("--"))


def test_the_image_runs_a_command_that_exists_as_a_user_without_rights():
    entry, command = json.loads(instructions("ENTRYPOINT")[0]), json.loads(instructions("CMD")[0])
    scripts = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["scripts"]
    assert entry[0] in scripts
    assert command == SERVICES["api"]["command"]
    assert int(instructions("USER")[0]) > 0


def test_every_variable_is_a_setting_and_of_its_form():
    variables = {name: value for s in OURS.values() for name, value in s.get("environment", {}).items()}
    variables |= dict(re.findall(r"\b(KG_\w+)=(\S+)", DOCKERFILE))
    known = {f"{PREFIX}{each.name.upper()}" for each in fields(Settings)}
    assert variables.keys() <= known
    assert read_settings(variables).store == "bolt://neo4j:7687/neo4j"


def test_the_password_comes_from_outside_and_has_no_default():
    assert SERVICES["neo4j"]["environment"]["NEO4J_AUTH"] == f"neo4j/{PASSWORD}"
    assert OURS["api"]["environment"]["KG_NEO4J_PASSWORD"] == PASSWORD
    assert ".env" in (CHECKOUT / ".gitignore").read_text().splitlines()


def test_ports_are_open_to_this_machine_alone_and_the_databases_to_none():
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    settings = Settings()
    assert published == [f"127.0.0.1:{port}:{port}" for port in (settings.port, settings.explorer_port)]


def test_services_wait_for_those_they_need_and_ask_them_by_name():
    waits = {name: list(service.get("depends_on", {})) for name, service in SERVICES.items()}
    assert waits == {"neo4j": [], "ingest": ["neo4j"], "api": ["ingest"], "explorer": ["api"]}
    assert (
        urlsplit(OURS["explorer"]["command"][-1]).hostname == OURS["api"]["environment"]["KG_ALLOWED_HOSTS"]
    )


def test_the_image_is_built_of_files_that_are_there_and_not_ignored():
    *_, last = instructions("COPY")
    copied = [source for line in instructions("COPY")[:-1] for source in line.split()[:-1]]
    let_in = (CHECKOUT / ".dockerignore").read_text().splitlines()
    assert last.startswith("--from=build")
    assert "*" in let_in
    assert all((CHECKOUT / source).exists() and f"!{source}" in let_in for source in copied)


def test_the_image_installs_extras_that_exist():
    extras = re.search(r"\[([\w,]+)\]\"$", DOCKERFILE, re.MULTILINE)[1].split(",")
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert set(extras) <= project["optional-dependencies"].keys()


def test_health_checks_of_image_and_service_pass_on_a_server_with_a_graph(served):
    port = served.rpartition(":")[2]
    of_image = json.loads(instructions("HEALTHCHECK")[0].partition(" CMD ")[2])
    _, *of_service = SERVICES["api"]["healthcheck"]["test"]
    assert passes(of_image, port)
    assert passes(of_service, port)
    assert not passes([part.replace("/readyz", "/nowhere") for part in of_service], port)
