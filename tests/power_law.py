"""A made-up graph of any size whose degrees follow a power law, with one hub: for measuring at size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.model import (
    SYMMETRIC,
    Document,
    Entity,
    EntityKind,
    Evidence,
    Graph,
    Passage,
    Relation,
    RelationType,
)
from kg.names import content_id

HUB_SHARE = 50  # one relation in so many is the hub's: 100,000 of 5 million
_SKEW = 2.5  # the target of a relation is number n x u^2.5 for a uniform u: degrees fall with rank^-0.6
_ENTITIES_OF_A_PASSAGE = 100
_PASSAGES_OF_A_DOCUMENT = 50
_SYLLABLES = np.array([f"{a}{b}" for a in "bcdfglmnprstv" for b in ("a", "e", "i", "o", "u", "an", "er")])
_KINDS, _TYPES = tuple(EntityKind), tuple(RelationType)


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """A graph, its hub, which in a large one has by far the most relations, and all others by how many."""

    graph: Graph
    hub: str
    others: tuple[str, ...]


def power_law(entities: int, relations: int, *, seed: int = 7) -> PowerLaw:
    """Return the same graph for the same numbers; no mentions, topics or vectors.

    Args:
        entities: how many; each passage speaks of a hundred of them.
        relations: how many, each with one sentence as evidence; at most some ten per entity.
        seed: of the random numbers.
    """
    pick = np.random.default_rng(seed)
    sources, types, targets = _ends(pick, entities, relations)
    degrees = np.bincount(sources, minlength=entities) + np.bincount(targets, minlength=entities)
    names = _names(pick, entities)
    ids = [content_id("e", name) for name in names]
    documents, passages = _material(pick, entities)
    kinds = pick.integers(len(_KINDS), size=entities).tolist()
    confidences = np.round(pick.uniform(0.3, 1, size=relations), 4).tolist()
    places = pick.integers(len(passages), size=relations).tolist()
    graph = Graph(
        documents=documents,
        passages=passages,
        entities=tuple(
            Entity(
                id=ids[at],
                name=names[at],
                kind=_KINDS[kinds[at]],
                aliases=(f"{names[at]} method",) if at % 3 == 0 else (),
                description=f"{names[at]} is entity {at} of a graph that stands for no real one.",
                importance=float(degree) / (2 * relations),
            )
            for at, degree in enumerate(degrees.tolist())
        ),
        relations=tuple(
            _relation(ids, names, one, _TYPES[type_], other, confidence, passages[place].id)
            for one, type_, other, confidence, place in zip(
                sources.tolist(), types.tolist(), targets.tolist(), confidences, places, strict=True
            )
        ),
        mentions=(),
    )
    order = np.argsort(-degrees, kind="stable").tolist()
    return PowerLaw(graph, ids[0], tuple(ids[at] for at in order if at))


def _ends(
    pick: np.random.Generator, entities: int, relations: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Draw source, type and target of as many different relations; a symmetric one starts at the smaller."""
    wanted = 2 * relations  # repeats, loops and what symmetry makes equal drop out
    sources = pick.integers(entities, size=wanted)
    targets = (entities * pick.random(wanted) ** _SKEW).astype(np.int64)
    targets[: 2 * relations // HUB_SHARE] = 0
    types = pick.integers(len(_TYPES), size=wanted)
    low, high = np.minimum(sources, targets), np.maximum(sources, targets)
    _, first = np.unique((low * len(_TYPES) + types) * entities + high, return_index=True)
    first = np.sort(first[low[first] < high[first]])
    of_hub = low[first] == 0
    hub = first[of_hub][: relations // HUB_SHARE]
    chosen = pick.permutation(np.concatenate([hub, first[~of_hub][: relations - len(hub)]]))
    if len(chosen) < relations:
        raise ValueError(f"{entities} entities are too few for {relations} relations")
    return sources[chosen], types[chosen], targets[chosen]


def _names(pick: np.random.Generator, count: int) -> list[str]:
    """Make names of two words and a number, which makes them different."""
    parts = _SYLLABLES[pick.integers(len(_SYLLABLES), size=(count, 5))]
    return [f"{''.join(row[:3])} {''.join(row[3:])} {at}" for at, row in enumerate(parts.tolist())]


def _material(pick: np.random.Generator, entities: int) -> tuple[tuple[Document, ...], tuple[Passage, ...]]:
    documents: list[Document] = []
    passages: list[Passage] = []
    for at in range(max(1, entities // _ENTITIES_OF_A_PASSAGE)):
        position = at % _PASSAGES_OF_A_DOCUMENT
        if not position:
            path = f"{len(documents)}.md"
            documents.append(
                Document(root="made-up", path=path, title=path, content_hash=content_id("c", path))
            )
        text = " ".join(_SYLLABLES[pick.integers(len(_SYLLABLES), size=120)].tolist())
        passages.append(
            Passage(
                id=content_id("p", documents[-1].id, text, "0"),
                document_id=documents[-1].id,
                position=position,
                headings=(documents[-1].title,),
                line=1 + 10 * position,
                text=text,
            )
        )
    return tuple(documents), tuple(passages)


def _relation(
    ids: list[str], names: list[str], one: int, type_: RelationType, other: int, confidence: float, place: str
) -> Relation:
    source, target = ids[one], ids[other]
    if type_ in SYMMETRIC and source > target:
        source, target = target, source
    return Relation(
        source_id=source,
        target_id=target,
        type=type_,
        confidence=confidence,
        found_by=("made-up",),
        evidence=(Evidence(passage_id=place, quote=f"{names[one]} and {names[other]} are tied here."),),
    )
