"""What the published graph says comes before what, graded against labelled pairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.errors import InvalidInputError
from kg.gold import GoldPair, read_pairs
from kg.lookup import find_entities
from kg.model import RelationType
from kg.scores import Score, score, share
from kg.store import GraphStore

_Pair = tuple[str, str]  # ids: what comes before, what comes after


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderScore:
    """How well one reading of the graph, its edges or their closure, agrees with the pairs."""

    score: Score  # right: labelled as prerequisite, and the graph says so
    connected: int  # pairs labelled as prerequisite that the graph connects, either way round
    direction_accuracy: float | None  # of those, the share pointing right; None where there are none


@dataclass(frozen=True, slots=True, kw_only=True)
class PrerequisiteReport:
    """How well the prerequisites of the published graph agree with labelled pairs."""

    min_confidence: float
    pairs: int  # in the file
    unknown_pairs: int  # that name an entity which the graph does not know; left out
    unknown_names: tuple[str, ...]  # those entities, sorted
    same_entity: int  # pairs of which the graph holds both names as one entity; left out
    judged: int  # different pairs of entities that are left
    direct: OrderScore  # by edges
    closure: OrderScore  # by chains of edges, of any length


def grade_prerequisites(store: GraphStore, gold: Path, *, min_confidence: float = 0.0) -> PrerequisiteReport:
    """Grade the published prerequisites over the labelled pairs of entities that the graph knows.

    Pairs without a label are not judged, for no list of prerequisites is complete. But what comes before
    cannot also come after: the reverse of each labelled prerequisite counts as labelled 0, unless it is
    labelled itself. So an edge that points the wrong way costs precision, even where all labels are 1.

    Args:
        store: with a published graph.
        gold: CSV or JSON lines as described in ``docs/gold.md``; names are found as ``kg show`` does.
        min_confidence: of the edges that count, in the closure too.

    Raises:
        InvalidInputError: ``gold`` is not as described, or labels one pair of entities both ways.
    """
    pairs = read_pairs(gold)
    entities = find_entities(store, sorted({name for one in pairs.values() for name in _names(one)}))
    ids = {name: entity.id for name, entity in entities.items()}
    known = {line: one for line, one in pairs.items() if all(name in ids for name in _names(one))}
    distinct = {line: one for line, one in known.items() if ids[one.before] != ids[one.after]}
    labels = _labels(distinct, ids, gold)
    after = _edges(store, min_confidence)
    return PrerequisiteReport(
        min_confidence=min_confidence,
        pairs=len(pairs),
        unknown_pairs=len(pairs) - len(known),
        unknown_names=tuple(sorted({name for one in pairs.values() for name in _names(one)} - ids.keys())),
        same_entity=len(known) - len(distinct),
        judged=len(labels),
        direct=_grade(labels, after),
        closure=_grade(labels, {id_: _reach(id_, after) for id_ in {end for pair in labels for end in pair}}),
    )


def _names(pair: GoldPair) -> _Pair:
    return pair.before, pair.after


def _labels(pairs: Mapping[int, GoldPair], ids: Mapping[str, str], gold: Path) -> dict[_Pair, bool]:
    labels: dict[_Pair, bool] = {}
    for line, one in pairs.items():
        label = bool(one.label)
        if labels.setdefault((ids[one.before], ids[one.after]), label) is not label:
            raise InvalidInputError(
                f"{gold}, line {line}: {one.before!r} before {one.after!r} is labelled both 0 and 1; keep one"
            )
    return labels


def _edges(store: GraphStore, min_confidence: float) -> dict[str, set[str]]:
    after: dict[str, set[str]] = {}
    for link in store.iter_links():
        if link.type is RelationType.PREREQUISITE_OF and link.confidence >= min_confidence:
            after.setdefault(link.source_id, set()).add(link.target_id)
    return after


def _reach(start: str, after: Mapping[str, Collection[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = set(after.get(waiting.pop(), ())) - reached
        reached |= fresh
        waiting += fresh
    return reached


def _grade(labels: Mapping[_Pair, bool], after: Mapping[str, Collection[str]]) -> OrderScore:
    def said(before: str, then: str) -> bool:
        return then in after.get(before, ())

    positive = [pair for pair, label in labels.items() if label]
    reverse = {(then, before) for before, then in positive} - labels.keys()
    right = sum(said(*pair) for pair in positive)
    connected = sum(said(before, then) or said(then, before) for before, then in positive)
    return OrderScore(
        score=score(right, sum(said(*pair) for pair in [*labels, *reverse]), len(positive)),
        connected=connected,
        direction_accuracy=share(right, connected),
    )
