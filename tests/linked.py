"""Small graphs drawn by hand or at random, where ids are names: what tests of walks and plans run on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kg.model import (
    SYMMETRIC,
    Document,
    Entity,
    EntityKind,
    Evidence,
    Graph,
    Mention,
    Passage,
    Relation,
    RelationType,
    Track,
)

DOCUMENT = Document(root="drawn", path="drawn.md", title="Drawn", content_hash="0")

Row = tuple[str, RelationType, str, float]


def draw_graph(
    rows: Iterable[Row],
    *,
    entities: Iterable[str] = (),
    importance: Mapping[str, float] | None = None,
    kinds: Mapping[str, EntityKind] | None = None,
    texts: Mapping[str, str] | None = None,
    naming: Mapping[str, Iterable[str]] | None = None,
    tracks: tuple[Track, ...] = (),
) -> Graph:
    """Build a graph with the relations ``rows`` and a passage for each key of ``texts``.

    ``naming`` has the entities that each passage mentions; a passage's key is its own heading.
    """
    rows, texts = list(rows), dict(texts or {})
    ids = sorted({*entities, *(row[0] for row in rows), *(row[2] for row in rows)})
    said = [passage(key, text, at) for at, (key, text) in enumerate(texts.items(), start=1)]
    return Graph(
        documents=(DOCUMENT,),
        passages=(passage("proof", "All of this is so.", 0), *said),
        entities=tuple(
            Entity(
                id=id_,
                name=id_,
                kind=(kinds or {}).get(id_, EntityKind.CONCEPT),
                importance=(importance or {}).get(id_, 1 / len(ids)),
            )
            for id_ in ids
        ),
        relations=tuple(relation(row) for row in rows),
        mentions=tuple(
            Mention(entity_id=id_, passage_id=f"p_{key}", count=1, start=0, quote=texts[key])
            for key, named in (naming or {}).items()
            for id_ in named
        ),
        tracks=tracks,
    )


def passage(key: str, text: str, position: int) -> Passage:
    return Passage(
        id=f"p_{key}",
        document_id=DOCUMENT.id,
        position=position,
        headings=("Drawn", key),
        line=position * 10 + 1,
        text=text,
    )


def relation(row: Row) -> Relation:
    source, type_, target, confidence = row
    first, second = sorted([source, target]) if type_ in SYMMETRIC else (source, target)
    return Relation(
        source_id=first,
        target_id=second,
        type=type_,
        confidence=confidence,
        found_by=("hand",),
        evidence=(Evidence(passage_id="p_proof", quote="All of this is so."),),
    )
