"""Addresses of Neo4j databases: what is understood, what is refused, and that no password is repeated."""

from __future__ import annotations

import pytest

from kg.errors import InvalidInputError, StoreMismatchError
from kg.neo4j_address import Neo4jAccess, Neo4jAddress, parse_address
from kg.neo4j_server import require_version
from kg.open import open_store
from kg.settings import Settings, read_settings


@pytest.mark.parametrize("scheme", ["neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc"])
def test_every_scheme_of_the_driver_is_understood(scheme):
    assert parse_address(f"{scheme}://host:7777/notes") == Neo4jAddress(f"{scheme}://host:7777", "notes")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("neo4j://host", Neo4jAddress("neo4j://host:7687", None)),
        ("neo4j://host/", Neo4jAddress("neo4j://host:7687", None)),
        ("NEO4J://Host/notes", Neo4jAddress("neo4j://host:7687", "notes")),
        ("bolt://[::1]:7777/my.notes-2", Neo4jAddress("bolt://[::1]:7777", "my.notes-2")),
    ],
)
def test_port_and_database_may_be_left_out(url, expected):
    assert parse_address(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "neo4j://",
        "neo4j:///notes",
        "neo4j://host:port/notes",
        "neo4j://host:99999",
        "neo4j://host/no tes",
        "neo4j://host/notes/more",
        "neo4j://host/notes?policy=1",
        "neo4j://host/notes#1",
        "neo4j://[::1",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(url):
    with pytest.raises(InvalidInputError, match="write it as neo4j://host:7687/database"):
        open_store(url)


@pytest.mark.parametrize("make", [lambda url: open_store(url), lambda url: Settings(store=url)])
@pytest.mark.parametrize("login", ["ann:secret", "ann", ":secret"])
def test_an_address_with_a_login_is_refused_and_not_repeated(make, login):
    with pytest.raises(InvalidInputError, match="set KG_NEO4J_USER and KG_NEO4J_PASSWORD") as refused:
        make(f"neo4j://{login}@host:7687/notes")
    assert login not in str(refused.value)


def test_a_login_is_read_from_the_environment_and_never_shown():
    settings = read_settings({"KG_NEO4J_USER": "ann", "KG_NEO4J_PASSWORD": "secret", "KG_NEO4J_SHARED": "1"})
    assert (settings.neo4j_user, settings.neo4j_password, settings.neo4j_shared) == ("ann", "secret", True)
    assert "secret" not in f"{settings!r} {Neo4jAccess(user='ann', password='secret')!r}"


@pytest.mark.parametrize("agent", ["Neo4j/5.26.0", "Neo4j/5.26.30", "Neo4j/5.27-aura", "Neo4j/2025.10.1"])
def test_a_server_that_is_new_enough_is_welcome(agent):
    require_version(agent, "neo4j://host:7687")


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("Neo4j/4.4.44", "runs Neo4j 4.4.44, which is too old: 5.26 or later"),
        ("Neo4j/5.9.0", "too old"),
        ("Memgraph/3.0", "no Neo4j server: it calls itself 'Memgraph/3.0'"),
    ],
)
def test_another_server_is_refused_by_its_name(agent, told):
    with pytest.raises(StoreMismatchError, match=told):
        require_version(agent, "neo4j://host:7687")
