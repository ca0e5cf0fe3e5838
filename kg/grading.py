"""What the published graph says of labelled sections, graded against the labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kg.gold import GoldEntity, GoldRelation, GoldSection, find_labels, names_of, read_sections, sentence
from kg.model import SYMMETRIC, Entity, EntityKind, RelationType
from kg.names import name_key
from kg.scores import Calibration, Means, Score, calibrate, macro_average, score, share
from kg.sections import Said, read_said
from kg.store import GraphStore

Group = TypeVar("Group", EntityKind, RelationType)

_SAME = 7  # how close an entity is to a label of the same name and kind


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityReport:
    """How well the entities of the sections were found; each counts once for each section."""

    exact: Score  # the same name, letter for letter
    alias: Score  # a name or alias in common, by ``name_key``; each matched at most once
    salient: int  # labelled as what their section is about
    salient_recall: float | None  # of those, by alias
    kind_accuracy: float | None  # of those matched by alias, the share of the labelled kind
    kinds: dict[EntityKind, Score]  # right: matched by alias and of this kind on both sides


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationReport:
    """How well the relations of the sections were found; each counts once for each section.

    One that is found is right where a label of its section has its type and, by alias, its ends; in
    either order where the type is symmetric. Each label makes at most one right, the most confident.
    """

    min_confidence: float
    types: dict[RelationType, Score]  # those labelled or found
    micro: Score  # over all of them together
    macro: Means  # over the types that are labelled
    calibration: Calibration  # at any confidence
    unjudged: int  # RELATED_TO where the labels have none, in none of the figures


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionReport:
    """What to look at in one section; entities by alias, relations as sentences, both in order."""

    document: str
    headings: tuple[str, ...]
    missed_entities: tuple[str, ...]
    wrong_entities: tuple[str, ...]
    wrong_kinds: tuple[str, ...]  # "name: found kind, not labelled kind"
    missed_relations: tuple[str, ...]
    wrong_relations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractionReport:
    """How well the published graph says what labelled sections say."""

    entities: EntityReport
    relations: RelationReport
    sections: tuple[SectionReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Graded:
    section: GoldSection
    said: Said
    pairs: tuple[tuple[GoldEntity, Entity], ...]  # that match by alias
    right: dict[str, GoldRelation]  # by id of the relation that it makes right


def grade_extraction(store: GraphStore, gold: Path, *, min_confidence: float = 0.5) -> ExtractionReport:
    """Grade what the published graph says within labelled sections.

    Said of a section is what has its mention or evidence in a passage there. Where the labels name no
    RELATED_TO, those found are not judged: it only says that nothing more specific is known.

    Args:
        store: with the graph that was made of the labelled material.
        gold: JSON lines as described in ``docs/gold.md``.
        min_confidence: of the relations in all figures but calibration, which needs the others too.

    Raises:
        InvalidInputError: ``gold`` is not as described, or names what the graph does not hold.
    """
    sections = read_sections(gold)
    said = read_said(store, sections, gold)
    graded = [_grade(section, said[line]) for line, section in sections.items()]
    return ExtractionReport(
        entities=_report_entities(graded),
        relations=_report_relations(graded, min_confidence),
        sections=tuple(_report_section(one, min_confidence) for one in graded),
    )


def _grade(section: GoldSection, said: Said) -> _Graded:
    pairs = _match_entities(section.entities, said.entities)
    return _Graded(section=section, said=said, pairs=pairs, right=_match_relations(section, said))


def _match_entities(
    labels: Sequence[GoldEntity], entities: Sequence[Entity]
) -> tuple[tuple[GoldEntity, Entity], ...]:
    """Pair as many as can be, each once; of several ways the one with the closest names."""
    # 0.2 s that only grading needs.
    from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

    if not (labels and entities):
        return ()
    named = [(entity, name_key(entity.name), names_of(entity)) for entity in entities]
    close = [_closeness(label, named) for label in labels]
    # More than all closeness together, so that one more pair always weighs most.
    pair = (_SAME + 1) * len(labels)
    weights = [[value + pair if value else 0 for value in row] for row in close]
    rows, columns = linear_sum_assignment(weights, maximize=True)
    chosen = ((int(row), int(column)) for row, column in zip(rows, columns, strict=True))
    return tuple((labels[row], entities[column]) for row, column in chosen if close[row][column])


def _closeness(label: GoldEntity, named: Iterable[tuple[Entity, str, frozenset[str]]]) -> list[int]:
    """Return for each entity, with the keys of its name and of all its names, 0 to ``_SAME``."""
    key, keys = name_key(label.name), names_of(label)
    # An own name in common says most; then the kind, which tells two senses of a name apart.
    return [
        0
        if keys.isdisjoint(others)
        else (4 if key == other else 1) + 2 * (label.kind is entity.kind) + (label.name == entity.name)
        for entity, other, others in named
    ]


def _match_relations(section: GoldSection, said: Said) -> dict[str, GoldRelation]:
    names = {entity.id: names_of(entity) for entity in said.entities}
    free = [(label, _ends(section, label)) for label in section.relations]
    right: dict[str, GoldRelation] = {}
    for relation in said.relations:
        ends = [names[relation.source_id], names[relation.target_id]]
        for place, (label, labelled) in enumerate(free):
            if label.type is relation.type and _same_ends(ends, labelled, relation.type):
                right[relation.id] = label
                del free[place]
                break
    return right


def _ends(section: GoldSection, label: GoldRelation) -> list[frozenset[str]]:
    named = (find_labels(section, name) for name in (label.source, label.target))
    return [frozenset[str]().union(*map(names_of, found)) for found in named]


def _same_ends(
    ends: Sequence[frozenset[str]], labelled: Sequence[frozenset[str]], type_: RelationType
) -> bool:
    orders = [labelled, labelled[::-1]] if type_ in SYMMETRIC else [labelled]
    return any(all(not a.isdisjoint(b) for a, b in zip(ends, order, strict=True)) for order in orders)


def _report_entities(graded: Collection[_Graded]) -> EntityReport:
    labels = [label for one in graded for label in one.section.entities]
    found = [entity for one in graded for entity in one.said.entities]
    pairs = [pair for one in graded for pair in one.pairs]
    exact = sum((_names(one.section.entities) & _names(one.said.entities)).total() for one in graded)
    salient = sum(label.salient for label in labels)
    agreed = Counter(label.kind for label, entity in pairs if label.kind is entity.kind)
    labelled, given = Counter(label.kind for label in labels), Counter(entity.kind for entity in found)
    return EntityReport(
        exact=score(exact, len(found), len(labels)),
        alias=score(len(pairs), len(found), len(labels)),
        salient=salient,
        salient_recall=share(sum(label.salient for label, _ in pairs), salient),
        kind_accuracy=share(agreed.total(), len(pairs)),
        kinds=_by_group(EntityKind, agreed, given, labelled),
    )


def _names(entities: Collection[Entity] | Collection[GoldEntity]) -> Counter[str]:
    return Counter(entity.name for entity in entities)


def _report_relations(graded: Collection[_Graded], min_confidence: float) -> RelationReport:
    labelled = Counter(label.type for one in graded for label in one.section.relations)
    all_found = [(relation, one) for one in graded for relation in one.said.relations]
    judged = [
        (relation, relation.id in one.right)
        for relation, one in all_found
        if relation.type is not RelationType.RELATED_TO or relation.type in labelled
    ]
    found = [(relation, right) for relation, right in judged if relation.confidence >= min_confidence]
    rights = Counter(relation.type for relation, right in found if right)
    types = _by_group(RelationType, rights, Counter(relation.type for relation, _ in found), labelled)
    return RelationReport(
        min_confidence=min_confidence,
        types=types,
        micro=score(rights.total(), len(found), labelled.total()),
        macro=macro_average([types[type_] for type_ in types if labelled[type_]]),
        calibration=calibrate([(relation.confidence, right) for relation, right in judged]),
        unjudged=len(all_found) - len(judged),
    )


def _by_group(
    groups: Iterable[Group], right: Mapping[Group, int], found: Mapping[Group, int], gold: Mapping[Group, int]
) -> dict[Group, Score]:
    scores = {one: score(right.get(one, 0), found.get(one, 0), gold.get(one, 0)) for one in groups}
    return {one: of_one for one, of_one in scores.items() if of_one.found or of_one.gold}


def _report_section(one: _Graded, min_confidence: float) -> SectionReport:
    labels, entities = [label for label, _ in one.pairs], {entity.id for _, entity in one.pairs}
    names = {entity.id: entity.name for entity in one.said.entities}
    found = [each for each in one.said.relations if each.confidence >= min_confidence]
    met = [one.right[each.id] for each in found if each.id in one.right]
    return SectionReport(
        document=one.section.document,
        headings=one.section.headings,
        missed_entities=_sorted(label.name for label in one.section.entities if label not in labels),
        wrong_entities=_sorted(each.name for each in one.said.entities if each.id not in entities),
        wrong_kinds=_sorted(
            f"{label.name}: {entity.kind}, not {label.kind}"
            for label, entity in one.pairs
            if label.kind is not entity.kind
        ),
        missed_relations=_sorted(sentence(each) for each in one.section.relations if each not in met),
        wrong_relations=_sorted(
            f"{names[each.source_id]} {each.type} {names[each.target_id]}"
            for each in found
            if each.id not in one.right
        ),
    )


def _sorted(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(texts))
