"""What the published graph says within sections of its documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from kg.errors import InvalidInputError
from kg.gold import GoldSection
from kg.model import Document, Entity, Passage, Relation
from kg.names import name_key
from kg.store import GraphStore, Page, RelationFilter

_PAGE = 1_000  # passages or relations read at once
_JOINED = " > "

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the graph says within one section."""

    entities: tuple[Entity, ...]  # mentioned there, or an end of a relation said there; by id
    relations: tuple[Relation, ...]  # with evidence there; most confident first, then by id


def read_said(store: GraphStore, sections: Mapping[int, GoldSection], gold: Path) -> dict[int, Said]:
    """Return what the graph says within each labelled section, by line of the ``gold`` file.

    Raises:
        InvalidInputError: the graph has no such document or section, or two lines label one passage;
            the text names the line.
    """
    found: dict[int, Said] = {}
    passages: dict[str, list[Passage]] = {}
    relations: dict[str, list[Relation]] = {}
    documents = _by_path(store.list_documents())
    labelled: dict[str, int] = {}
    for line, section in sections.items():
        place = f"{gold}, line {line}"
        document = _document(documents, section.document, place)
        if document.id not in passages:
            passages[document.id] = _passages(store, document)
            relations[document.id] = _relations(store, document)
        inside = _inside(section, passages[document.id], place)
        for passage_id in inside:
            first = labelled.setdefault(passage_id, line)
            if first != line:
                raise InvalidInputError(f"{place} labels what line {first} does: label each section once")
        found[line] = _said(store, inside, relations[document.id])
    return found


def _said(store: GraphStore, passage_ids: set[str], relations: Sequence[Relation]) -> Said:
    here = [one for one in relations if any(each.passage_id in passage_ids for each in one.evidence)]
    mentions = store.passage_mentions(passage_ids)
    ids = {mention.entity_id for of_one in mentions.values() for mention in of_one}
    entities = store.entities(ids.union(*((one.source_id, one.target_id) for one in here)))
    return Said(
        entities=tuple(entities[id_] for id_ in sorted(entities)),
        relations=tuple(sorted(here, key=lambda one: (-one.confidence, one.id))),
    )


def _by_path(documents: Sequence[Document]) -> dict[str, list[Document]]:
    named: dict[str, list[Document]] = {}
    for document in documents:
        for path in (document.path, f"{document.root}/{document.path}"):
            named.setdefault(path, []).append(document)
    return named


def _document(documents: Mapping[str, Sequence[Document]], path: str, place: str) -> Document:
    found = documents.get(path, ())
    if not found:
        raise InvalidInputError(
            f"{place}: the graph has no document {path!r}{_similar(path, documents)}; "
            "write its path relative to the ingested root, or ingest it"
        )
    if len(found) > 1:
        roots = " or ".join(f"{one.root}/{one.path}" for one in found)
        raise InvalidInputError(f"{place}: there are {len(found)} documents {path!r}: write {roots}")
    return found[0]


def _inside(section: GoldSection, passages: Sequence[Passage], place: str) -> set[str]:
    # As names are compared: neither markup nor emoji in a heading should matter to who labels it.
    path = [name_key(heading) for heading in section.headings]
    inside = {one.id for one in passages if [name_key(each) for each in one.headings[: len(path)]] == path}
    if not inside:
        wanted = _JOINED.join(section.headings)
        known = dict.fromkeys(_JOINED.join(one.headings) for one in passages)
        raise InvalidInputError(
            f"{place}: {section.document} has no section {wanted!r}{_similar(wanted, known)}; "
            "write all headings from the document's title down"
        )
    return inside


def _similar(text: str, known: Mapping[str, object]) -> str:
    close = get_close_matches(text, known, n=3, cutoff=0.4)
    return f" (similar: {'; '.join(close)})" if close else ""


def _passages(store: GraphStore, document: Document) -> list[Passage]:
    return list(_pages(lambda start: store.document_passages(document.id, limit=_PAGE, offset=start)))


def _relations(store: GraphStore, document: Document) -> list[Relation]:
    where = RelationFilter(document_path=document.path)
    return list(_pages(lambda start: store.list_relations(where, limit=_PAGE, offset=start)))


def _pages(read: Callable[[int], Page[T]]) -> Iterator[T]:
    start = 0
    while items := read(start).items:
        yield from items
        start += len(items)
