"""A graph of names alone: what walks need, made from plain passages without any extraction."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.linking import STOP_WORDS, longest_runs
from kg.model import Document, Entity, EntityKind, Graph, Mention, Passage
from kg.names import WORD, content_id, fold_word, name_key

_QUALIFIER = re.compile(r"\s*\([^()]*\)\s*$")  # "Mercury (planet)"
_LINKING_WORDS = "of|the|de|del|der|du|la|le|van|von|al|bin"
_CAPITALISED = r"[A-Z\u00c0-\u00de][\w\u2019'-]*"
_NAME = re.compile(rf"(?<!\w){_CAPITALISED}(?:(?:[ -]|,? (?:{_LINKING_WORDS}) ){_CAPITALISED}){{0,6}}")
_CAPITALS_PER_SMALL = 4  # a single word written small more often than this is no name
_PASSAGES_OF_A_NAME = 2  # a name found once ties nothing together


@dataclass(frozen=True, slots=True)
class TitledText:
    """A passage of a corpus that is no guide: an article, say."""

    id: str
    title: str
    text: str


def light_graph(corpus: Sequence[TitledText]) -> tuple[Graph, dict[str, str]]:
    """Make entities of the titles and of capitalised names that several passages share.

    A title is also known without its qualifier in parentheses. There are no relations: what ties
    passages together is that they mention the same names.

    Returns:
        The graph, a document for each passage, and the id of each passage in it by its id in the corpus.
    """
    documents = tuple(
        Document(root="corpus", path=one.id, title=one.title, content_hash=_digest(one.text))
        for one in corpus
    )
    passages = tuple(
        Passage(
            id=content_id("p", document.id, one.text, "0"),
            document_id=document.id,
            position=0,
            headings=(one.title,),
            line=1,
            text=one.text,
        )
        for document, one in zip(documents, corpus, strict=True)
    )
    entities = _entities([one.title for one in corpus], [one.text for one in corpus])
    bearers: dict[str, list[str]] = defaultdict(list)
    for entity in entities:
        for key in {name_key(name) for name in (entity.name, *entity.aliases)}:
            bearers[key].append(entity.id)
    starts = {key.split(" ", 1)[0] for key in bearers}
    mentions = tuple(mention for passage in passages for mention in _mentions(passage, bearers, starts))
    graph = Graph(documents=documents, passages=passages, entities=entities, relations=(), mentions=mentions)
    return graph, {one.id: passage.id for one, passage in zip(corpus, passages, strict=True)}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _entities(titles: Iterable[str], texts: Sequence[str]) -> tuple[Entity, ...]:
    """Return an entity for each title and each shared name that no title bears, first spelling as name."""
    names: dict[str, str] = {}
    aliases: dict[str, tuple[str, ...]] = {}
    for title in titles:
        names.setdefault(name_key(title), title)
        bare = _QUALIFIER.sub("", title)
        if bare not in {"", title}:
            aliases[name_key(title)] = (bare,)
    titled = {name_key(alias) for found in aliases.values() for alias in found}
    for name in _shared_names(texts):
        if name_key(name) not in titled:
            names.setdefault(name_key(name), name)
    names.pop("", None)
    return tuple(
        Entity(
            id=content_id("e", key),
            name=name,
            kind=EntityKind.CONCEPT,
            aliases=aliases.get(key, ()),
            importance=1 / len(names),
        )
        for key, name in sorted(names.items())
    )


def _shared_names(texts: Sequence[str]) -> list[str]:
    """Return the capitalised names found in several passages, but not words that only begin sentences."""
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    holding: dict[str, set[int]] = defaultdict(set)
    spelling: dict[str, str] = {}
    for index, text in enumerate(texts):
        for word in WORD.findall(text):
            (lower if word[0].islower() else upper)[word.casefold()] += 1
        for match in _NAME.finditer(text):
            for name in {match.group(), _without_lead(match.group())}:
                holding[name_key(name)].add(index)
                spelling.setdefault(name_key(name), name)
    return [
        spelling[key]
        for key, found in holding.items()
        if len(found) >= _PASSAGES_OF_A_NAME and _is_name(spelling[key].casefold(), lower, upper)
    ]


def _without_lead(name: str) -> str:
    """Drop an article or the like that a sentence may have put before a name."""
    first, _, rest = name.partition(" ")
    return rest if rest and first.casefold() in STOP_WORDS else name


def _is_name(name: str, lower: Mapping[str, int], upper: Mapping[str, int]) -> bool:
    words = WORD.findall(name)
    if len(words) == 1:
        ordinary = lower[words[0]] * _CAPITALS_PER_SMALL > upper[words[0]]
        return words[0] not in STOP_WORDS and not words[0].isdigit() and not ordinary
    return any(word not in STOP_WORDS for word in words)


def _mentions(passage: Passage, bearers: Mapping[str, Sequence[str]], starts: set[str]) -> list[Mention]:
    """Find the longest names in a passage, in one scan; a name that several entities bear is of each."""
    matches = list(WORD.finditer(passage.text))
    words = [match.group().casefold() for match in matches]
    folded = [fold_word(word) for word in words]

    def key(first: int, last: int) -> str:
        return " ".join([*words[first:last], folded[last]])

    def holds(first: int, last: int) -> bool:
        if matches[first].group()[0].islower() or not {words[first], folded[first]} & starts:
            return False
        return key(first, last) in bearers and any(word not in STOP_WORDS for word in words[first : last + 1])

    counts: Counter[str] = Counter()
    places: dict[str, tuple[int, str]] = {}
    for first, last in longest_runs(len(words), holds):
        start, end = matches[first].start(), matches[last].end()
        for entity_id in bearers[key(first, last)]:
            counts[entity_id] += 1
            places.setdefault(entity_id, (start, passage.text[start:end]))
    return [
        Mention(
            entity_id=entity_id,
            passage_id=passage.id,
            count=count,
            start=places[entity_id][0],
            quote=places[entity_id][1],
        )
        for entity_id, count in sorted(counts.items())
    ]
