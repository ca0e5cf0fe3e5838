"""Imports point one way: explorer -> api -> extract -> kg; nothing heavy is loaded before it is needed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
ALLOWED = {
    "kg": {"kg"},
    "extract": {"extract", "kg"},
    "api": {"api", "extract", "kg"},
    "explorer": {"explorer", "api"},
}
HEAVY = {"torch", "spacy", "sentence_transformers"}
LIGHT = ("kg", "api")  # packages that load nothing heavy at the top of a module


@dataclass(frozen=True)
class Import:
    """One import statement's module, and where it stands."""

    module: str
    line: int
    hidden: bool  # inside a function, or under TYPE_CHECKING

    @property
    def root(self) -> str:
        return self.module.partition(".")[0]


def imports(source: str, package: str) -> list[Import]:
    return list(_imports(ast.parse(source), package, hidden=False))


def _imports(node: ast.AST, package: str, *, hidden: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, hidden) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            # A relative import stays within its package.
            module = package if child.level else child.module or ""
            yield Import(module, child.lineno, hidden)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            yield from _imports(ast.Module(child.body, []), package, hidden=True)
            yield from _imports(ast.Module(child.orelse, []), package, hidden=hidden)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            yield from _imports(child, package, hidden=hidden or inside)


def wrong(found: list[Import], package: str) -> list[Import]:
    """Return the imports that point the wrong way, are hidden, or load something heavy too early."""
    return [
        one
        for one in found
        if (one.root in ALLOWED and (one.root not in ALLOWED[package] or one.hidden))
        or (one.root in HEAVY and package in LIGHT and not one.hidden)
    ]


def modules(package: str) -> list[Path]:
    return sorted((CHECKOUT / package).rglob("*.py"))


@pytest.mark.parametrize("package", ALLOWED)
def test_every_import_points_the_right_way_in_the_open_and_loads_nothing_heavy(package):
    assert modules(package)
    bad = {
        f"{path.relative_to(CHECKOUT)}:{one.line} {one.module}"
        for path in modules(package)
        for one in wrong(imports(path.read_text(encoding="utf-8"), package), package)
    }
    assert bad == set()


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("kg", "import extract.fold"),
        ("kg", "from api import app"),
        ("extract", "from api.client import connect"),
        ("api", "import explorer"),
        ("explorer", "from kg.model import Entity"),
        ("kg", "def late():\n    from kg.model import Entity"),
        ("kg", "class Late:\n    async def late(self):\n        import kg.model"),
        ("api", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from kg.model import Entity"),
        ("api", "import typing\nif typing.TYPE_CHECKING:\n    import kg.store"),
        ("kg", "import torch"),
        (
            "api",
            "try:\n    from sentence_transformers import SentenceTransformer\nexcept ImportError:\n    pass",
        ),
        ("kg", "import numpy as np, spacy.tokens"),
    ],
)
def test_a_wrong_import_is_seen(package, source):
    assert len(wrong(imports(source, package), package)) == 1


@pytest.mark.parametrize(
    ("package", "source"),
    [
        ("explorer", "from api.client import connect\nfrom explorer import address"),
        ("extract", "import spacy\nfrom kg.model import Entity"),
        ("kg", "from . import model"),
        ("kg", "def load():\n    import torch"),
        (
            "kg",
            "import typing\nif typing.TYPE_CHECKING:\n    import spacy\nelse:\n    import kg.model",
        ),
        ("api", "from kgraph import store"),
    ],
)
def test_a_right_import_is_let_through(package, source):
    assert wrong(imports(source, package), package) == []
