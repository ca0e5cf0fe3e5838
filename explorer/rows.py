"""Answers of the API as rows of tables: pure functions, each the twin of a drawing or a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from explorer.kinds import DIFFICULTIES, KINDS
from explorer.phrases import PHRASES, SYMMETRIC, confidence_words, seen_from, type_name

Answer = Mapping[str, Any]
Row = dict[str, Any]


def relation_rows(relations: Iterable[Answer]) -> list[Row]:
    """Return one row for each relation: a sentence in three cells, how sure, and where it is said."""
    return [
        {
            "From": relation["source"]["name"],
            "Relation": type_name(relation["type"]),
            "To": relation["target"]["name"],
            "Confidence": relation["confidence"],
            "Said": relation["evidence"][0]["quote"] if relation["evidence"] else "",
            "Where": place(relation["evidence"][0]) if relation["evidence"] else "",
        }
        for relation in relations
    ]


def entity_rows(entities: Iterable[Answer]) -> list[Row]:
    """Return one row for each entity, in their order."""
    return [
        {
            "Name": entity["name"],
            "Kind": KINDS[entity["kind"]].name,
            "Level": DIFFICULTIES.get(entity.get("difficulty") or "", ""),
            "Importance": entity.get("importance", 0.0),
            "Description": entity.get("description") or "",
        }
        for entity in entities
    ]


def relation_groups(name: str, relations: Iterable[Answer]) -> list[tuple[str, str, list[Answer]]]:
    """Group relations of the entity ``name`` by how they read from it.

    Returns:
        (relation type, wording, relations) in the order of the ontology, what goes out before what
        comes in; relations keep their order.
    """
    groups: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for relation in relations:
        direction, _, _ = seen_from(relation, name)
        groups[relation["type"], direction].append(relation)
    return [
        (type_, _wording(type_, direction), groups[type_, direction])
        for type_ in PHRASES
        for direction in ("out", "in")
        if (type_, direction) in groups
    ]


def count_labels(counts: Iterable[Answer]) -> dict[str, str]:
    """Return a label with its number for each relation type that occurs: what expanding would bring."""
    numbers = {count["type"]: count["out"] + count["in"] for count in counts}
    return {type_: f"{type_name(type_)} ({numbers[type_]:,})" for type_ in PHRASES if numbers.get(type_)}


def step_rows(plan: Answer) -> list[Row]:
    """Return one row for each step of a study plan."""
    return [
        {
            "Week": step["week"],
            "Step": step["position"],
            "Learn": step["entity"]["name"],
            "Minutes": step["minutes"],
            "Rests on": ", ".join(relation["source"]["name"] for relation in step["because"]),
        }
        for step in plan["steps"]
    ]


def weeks(plan: Answer) -> list[tuple[int, list[Answer], list[Answer]]]:
    """Return (week, its steps, the questions at its end) for each week that has any."""
    steps: dict[int, list[Answer]] = defaultdict(list)
    for step in plan["steps"]:
        steps[step["week"]].append(step)
    questions = {checkpoint["week"]: checkpoint["questions"] for checkpoint in plan["checkpoints"]}
    return [(week, steps[week], questions.get(week, [])) for week in sorted({*steps, *questions})]


def place(source: Answer) -> str:
    """Say where evidence or a passage stands: the file, its line and its headings."""
    headings = [heading for heading in source["headings"] if heading != source["document"]["title"]]
    return " > ".join([f"{source['document']['path']}, line {source['line']}", *headings])


def relation_caption(relation: Answer) -> str:
    """Say how sure a relation is and what found it."""
    return f"{confidence_words(relation['confidence'])} · found by {', '.join(relation['foundBy'])}"


def _wording(relation_type: str, direction: str) -> str:
    phrase = PHRASES[relation_type]
    return phrase.out if direction == "out" or relation_type in SYMMETRIC else phrase.back
