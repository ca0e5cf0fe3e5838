"""Answers of the API as rows of tables."""

from __future__ import annotations

from typing import Any

from explorer.rows import count_labels, entity_rows, place, relation_groups, relation_rows, step_rows, weeks

_SAID = {
    "quote": "RAG uses embeddings.",
    "headings": ["RAG", "Search"],
    "line": 3,
    "document": {"title": "RAG", "path": "rag.md"},
}


def relation(source: str, type_: str, target: str, **more: Any) -> dict[str, Any]:
    return {
        "source": {"name": source},
        "type": type_,
        "target": {"name": target},
        "confidence": 0.8,
        "foundBy": ["table"],
        "evidence": [_SAID],
    } | more


def step(position: int, week: int, because: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "position": position,
        "week": week,
        "entity": {"name": f"e{position}"},
        "minutes": 9,
        "because": because,
    }


def test_a_relation_is_a_sentence_in_three_cells_with_its_source():
    assert relation_rows([relation("RAG", "USES", "Embedding")]) == [
        {
            "From": "RAG",
            "Relation": "uses",
            "To": "Embedding",
            "Confidence": 0.8,
            "Said": "RAG uses embeddings.",
            "Where": "rag.md, line 3 > Search",
        }
    ]


def test_an_entity_without_description_or_level_has_empty_cells():
    (row,) = entity_rows([{"name": "RAG", "kind": "PATTERN", "description": None, "difficulty": None}])
    assert (row["Kind"], row["Level"], row["Description"]) == ("Pattern", "", "")


def test_relations_are_grouped_by_how_they_read_from_the_entity():
    relations = [
        relation("RAG", "USES", "a"),
        relation("b", "USES", "RAG"),
        relation("RAG", "USES", "c"),
        relation("d", "PREREQUISITE_OF", "RAG"),
    ]
    groups = relation_groups("RAG", relations)
    assert [(wording, len(members)) for _, wording, members in groups] == [
        ("builds on", 1),
        ("uses", 2),
        ("is used by", 1),
    ]


def test_a_relation_without_a_direction_makes_one_group_for_both_ends():
    relations = [relation("RAG", "RELATED_TO", "a"), relation("b", "RELATED_TO", "RAG")]
    assert [len(members) for _, _, members in relation_groups("RAG", relations)] == [2]


def test_the_label_of_a_type_tells_how_many_relations_it_has():
    counts = [{"type": "USES", "out": 1200, "in": 34}, {"type": "IS_A", "out": 0, "in": 0}]
    assert count_labels(counts) == {"USES": "uses (1,234)"}


def test_a_step_names_what_it_rests_on():
    plan = {
        "steps": [
            step(2, 1, [relation("a", "PREREQUISITE_OF", "e2"), relation("b", "PREREQUISITE_OF", "e2")])
        ]
    }
    assert step_rows(plan)[0]["Rests on"] == "a, b"


def test_weeks_come_in_order_with_their_steps_and_questions():
    plan = {
        "steps": [step(1, 1, []), step(2, 1, []), step(3, 2, [])],
        "checkpoints": [{"week": 2, "questions": [{"name": "Why?"}]}],
    }
    found = [(week, len(steps), len(questions)) for week, steps, questions in weeks(plan)]
    assert found == [(1, 2, 0), (2, 1, 1)]


def test_a_place_does_not_repeat_the_title():
    assert place(_SAID) == "rag.md, line 3 > Search"
