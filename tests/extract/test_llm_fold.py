"""What a model claims in the graph: as it states it, where the ontology lets it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from language_model import source

from extract.catalogue import Catalogue
from extract.fold import fold
from extract.llm.answer import read_answer
from extract.llm.check import check
from kg.model import EntityKind, Graph, RelationType, Source

TEXT = """A frobnicator is a gateway that cuts zorblatt drift. A quuxometer quantifies zorblatt drift.

When does a frobnicator pay? It is told in "The Book of Frobs"."""
(FIRST, SECOND) = TEXT.split("\n\n")[0].split(". ")
KINDS = {
    "frobnicator": ("TOOL", FIRST),
    "zorblatt drift": ("RISK", FIRST),
    "quuxometer": ("METRIC", SECOND),
    "When does a frobnicator pay?": ("QUESTION", "When does a frobnicator pay?"),
    "The Book of Frobs": ("RESOURCE", 'It is told in "The Book of Frobs".'),
}


def stated(*relations: tuple[str, str, str], text: str = TEXT) -> Source:
    """Return a document that a model has read, and has stated these relations of."""
    answer = {
        "entities": [
            {"name": name, "kind": kind, "aliases": [], "description": said}
            for name, (kind, said) in KINDS.items()
        ],
        "relations": [
            {"source": a, "type": type_, "target": b, "quote": KINDS[a][1]} for a, type_, b in relations
        ],
    }
    note = source("note", text, headings=("Frobs",))
    found = check(read_answer(json.dumps(answer)), note.passages[0], "llm:reader-1")
    return replace(note, entity_claims=found.entity_claims, relation_claims=found.relation_claims)


def folded(*relations: tuple[str, str, str]) -> Graph:
    return fold([stated(*relations)], Catalogue(entries=(), files=(), tracks=(), digest=""))


def said(graph: Graph) -> set[tuple[str, RelationType, str]]:
    names = {entity.id: entity.name.casefold() for entity in graph.entities}
    return {
        (names[one.source_id], one.type, names[one.target_id])
        for one in graph.relations
        if one.found_by == ("llm:reader-1",)
    }


@pytest.mark.parametrize(
    "relation",
    [
        ("frobnicator", "MITIGATES", "zorblatt drift"),
        ("quuxometer", "MEASURES", "zorblatt drift"),
        ("When does a frobnicator pay?", "ASKS_ABOUT", "frobnicator"),
        ("The Book of Frobs", "TEACHES", "frobnicator"),
    ],
)
def test_a_relation_is_in_the_graph_as_the_model_states_it(relation):
    source_, type_, target = relation
    assert said(folded(relation)) == {(source_.casefold(), RelationType(type_), target)}


@pytest.mark.parametrize(
    "relation",
    [
        ("zorblatt drift", "MITIGATES", "frobnicator"),
        ("frobnicator", "MITIGATES", "quuxometer"),
        ("frobnicator", "ASKS_ABOUT", "zorblatt drift"),
        ("When does a frobnicator pay?", "USES", "frobnicator"),
        ("frobnicator", "TEACHES", "The Book of Frobs"),
    ],
)
def test_a_relation_between_kinds_that_it_cannot_tie_is_left_out(relation):
    assert said(folded(relation, ("frobnicator", "MITIGATES", "zorblatt drift"))) == {
        ("frobnicator", RelationType.MITIGATES, "zorblatt drift")
    }


def test_a_thing_is_of_the_kind_that_the_model_says():
    graph = folded(("frobnicator", "MITIGATES", "zorblatt drift"))
    kinds = {entity.name.casefold(): entity.kind for entity in graph.entities}
    assert (kinds["frobnicator"], kinds["zorblatt drift"]) == (EntityKind.TOOL, EntityKind.RISK)
