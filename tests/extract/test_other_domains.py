"""Notes about something else: no catalogue knows their words."""

import hashlib
from pathlib import Path

import pytest

from extract.catalogue import Catalogue
from extract.claims import extract
from extract.fold import fold
from extract.load import load
from kg.model import Document, Graph, RelationType

NOTES = Path(__file__).parent / "other_domains"


@pytest.fixture(scope="module")
def graph() -> Graph:
    sources = []
    for path in sorted(NOTES.iterdir()):
        data = path.read_bytes()
        loaded = load(path.name, data)
        digest = hashlib.sha256(data).hexdigest()
        document = Document(root="notes", path=path.name, title=loaded.title, content_hash=digest)
        sources.append(extract(document, loaded))
    return fold(sources, Catalogue(entries=(), files=(), tracks=(), digest=""))


def test_the_main_ideas_are_found(graph):
    names = {entity.name.casefold() for entity in graph.entities}
    assert {"composting", "hot composting", "vermicomposting", "hypertension", "ace inhibitor"} <= names


def test_what_the_notes_say_is_said(graph):
    names = {entity.id: entity.name.casefold() for entity in graph.entities}
    said = {(names[one.source_id], one.type, names[one.target_id]) for one in graph.relations}
    assert ("vermicomposting", RelationType.IS_A, "composting") in said
    assert ("hot composting", RelationType.USES, "thermophilic bacteria") in said


def test_no_heading_of_any_document_is_an_idea(graph):
    names = {entity.name.casefold() for entity in graph.entities}
    assert names.isdisjoint({"how it works", "methods", "what goes wrong", "trade-offs", "questions"})
