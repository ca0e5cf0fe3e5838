"""What of an answer is kept: claims whose quotes and names stand in the passage, of the ontology."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from extract.link import NameIndex, Sense, looks_like_acronym
from extract.llm.answer import Answer, StatedEntity, StatedRelation
from extract.mentions import mentions, prose
from extract.naming import is_name, tidy
from extract.vocabulary import NAMED_WHOLE
from kg.model import EntityClaim, EntityKind, Evidence, Passage, RelationClaim, RelationType
from kg.names import name_key
from kg.quotes import plain

# Models differ, so these are a cautious start, not a fit: a claim that passes every check still counts
# for less than the best of the rules', and an entity that is only named needs something else to speak for
# it. `kg eval extraction` tells what a model's claims earn.
_DEFINED = 0.7  # an entity in a sentence that names it and says what it is
_NAMED = 0.4  # an entity that is named
_STATED = 0.7  # a relation whose quote names both ends
_HALF_STATED = 0.5  # a relation one end of which stands elsewhere in the passage

_MAX_NAME_CHARS = 300
_MAX_ALIASES = 8
_MAX_QUOTE_CHARS = 1_200  # a longer one is no sentence but the passage


class Dropped(StrEnum):
    """Why a claim is not kept."""

    MALFORMED = "not of the form asked for"
    UNKNOWN_KIND = "no kind or type of the ontology"
    NO_NAME = "not the shape of a name"
    NAME_ELSEWHERE = "a name that is not in the passage"
    QUOTE_ELSEWHERE = "a quote that is not in the passage"
    QUOTE_APART = "a quote that names neither end"
    ITSELF = "a relation of a thing to itself"


class _DropError(Exception):
    def __init__(self, reason: Dropped) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What is kept of an answer, and how often what else was dropped for which reason."""

    entity_claims: tuple[EntityClaim, ...]
    relation_claims: tuple[RelationClaim, ...]
    dropped: Counter[Dropped] = field(default_factory=Counter)


def check(answer: Answer, passage: Passage, rule: str) -> Checked:
    """Keep the claims that the passage bears out, under the name ``rule``.

    Whatever an answer holds, and whoever made the model say it, a kept claim is of the ontology, its
    quote stands in the passage but for white space, and its names do there or in the headings above.
    """
    dropped = Counter({Dropped.MALFORMED: answer.malformed} if answer.malformed else {})
    place = _Place(passage)
    entities: dict[EntityClaim, None] = {}
    relations: dict[RelationClaim, None] = {}
    names: dict[str, str] = {}  # by key, of the entities kept
    aliases: dict[str, str] = {}  # key of an alias to the name that it stands for
    for stated in answer.entities:
        try:
            claim = _entity(stated, place, rule)
        except _DropError as drop:
            dropped[drop.reason] += 1
            continue
        entities[claim] = None
        names[name_key(claim.name)] = claim.name
        aliases.update((name_key(alias), claim.name) for alias in stated.aliases[:_MAX_ALIASES])
    known = aliases | names  # an alias leads nowhere else than the name that it is
    for relation in answer.relations:
        try:
            relations[_relation(relation, place, known, rule)] = None
        except _DropError as drop:
            dropped[drop.reason] += 1
    return Checked(entity_claims=tuple(entities), relation_claims=tuple(relations), dropped=dropped)


def locate(quote: str, text: str) -> str | None:
    """Return the stretch of ``text`` that ``quote`` copies, white space aside; None where there is none."""
    if not quote.strip() or len(quote) > _MAX_QUOTE_CHARS:
        return None
    match = re.search(_spaced(quote), text)
    return match.group() if match else None


def _spaced(words: str) -> str:
    """Return a pattern of these words, with any white space between them."""
    return r"\s+".join(map(re.escape, words.split()))


class _Place:
    """A passage, asked where it has quotes and names."""

    def __init__(self, passage: Passage) -> None:
        self._passage = passage

    def quote(self, stated: str) -> Evidence:
        """Return the passage's own words for a quote."""
        found = locate(stated, self._passage.text)
        if found is None:
            raise _DropError(Dropped.QUOTE_ELSEWHERE)
        return Evidence(passage_id=self._passage.id, quote=found)

    def find(self, name: str) -> Evidence | None:
        """Return the sentence that first has a name, else the title in the text, else the heading above."""
        mention = next(mentions(self._passage, _index(name).find(prose(self._passage))), None)
        headings = (one for one in reversed(self._passage.headings) if _has(one, name))
        quote = mention.quote if mention else _verbatim(name, self._passage.text) or next(headings, None)
        return Evidence(passage_id=self._passage.id, quote=quote) if quote else None


def _index(name: str) -> NameIndex:
    return NameIndex([Sense(target=name, name=name, acronym=looks_like_acronym(name))])


def _verbatim(name: str, text: str) -> str | None:
    """Return a title, question or other name as a text has it word for word."""
    match = re.search(rf"(?<!\w){_spaced(name)}(?!\w)", text)
    return match.group() if match else None


def _has(text: str, name: str) -> bool:
    """Whether a text has a name, in one of its spellings or word for word."""
    return bool(name_key(name)) and bool(_index(name).find(text) or _verbatim(name, text))


def _entity(stated: StatedEntity, place: _Place, rule: str) -> EntityClaim:
    kind = _member(EntityKind, stated.kind)
    name = _name(stated.name, whole=kind in NAMED_WHOLE)
    named = place.find(name)
    if named is None:
        raise _DropError(Dropped.NAME_ELSEWHERE)
    aliases = tuple(
        alias
        for alias in dict.fromkeys(map(tidy, stated.aliases[:_MAX_ALIASES]))
        if name_key(alias) != name_key(name) and _is_alias(alias, place)
    )
    evidence = place.quote(stated.description) if stated.description else named
    # "It is a ..." says what the thing is, but reads as a description of nothing.
    defined = bool(stated.description) and any(_has(evidence.quote, one) for one in (name, *aliases))
    return EntityClaim(
        name=name,
        kind=kind,
        aliases=aliases,
        description=plain(evidence.quote) if defined else None,
        rule=rule,
        confidence=_DEFINED if defined else _NAMED,
        evidence=evidence,
    )


def _is_alias(alias: str, place: _Place) -> bool:
    return is_name(alias) and alias.isprintable() and place.find(alias) is not None


def _relation(stated: StatedRelation, place: _Place, known: dict[str, str], rule: str) -> RelationClaim:
    type_ = _member(RelationType, stated.type)
    evidence = place.quote(stated.quote)
    source, target = (_end(end, place, known) for end in (stated.source, stated.target))
    if name_key(source) == name_key(target):
        raise _DropError(Dropped.ITSELF)
    quoted = [
        any(_has(evidence.quote, name) for name in (end, as_stated))
        for end, as_stated in ((source, stated.source), (target, stated.target))
    ]
    if not any(quoted):
        raise _DropError(Dropped.QUOTE_APART)
    return RelationClaim(
        source=source,
        type=type_,
        target=target,
        rule=rule,
        confidence=_STATED if all(quoted) else _HALF_STATED,
        evidence=evidence,
    )


def _end(stated: str, place: _Place, known: dict[str, str]) -> str:
    """Return the name that an end means: that of a kept entity, or one that the passage has."""
    entity = known.get(name_key(stated))
    if entity is not None:
        return entity
    name = _name(stated, whole=False)
    if place.find(name) is None:
        raise _DropError(Dropped.NAME_ELSEWHERE)
    return name


def _name(stated: str, *, whole: bool) -> str:
    """Return a name without marks around it; titles and questions stay ``whole``, as they are."""
    name = " ".join(stated.split())
    name = name if whole else tidy(name)
    # A name is found by its words alone, so nothing unseen may hide between them.
    if name_key(name) and name.isprintable() and len(name) <= _MAX_NAME_CHARS and (whole or is_name(name)):
        return name
    raise _DropError(Dropped.NO_NAME)


Member = TypeVar("Member", EntityKind, RelationType)


def _member(of: type[Member], value: str) -> Member:
    try:
        return of(value)
    except ValueError as error:
        raise _DropError(Dropped.UNKNOWN_KIND) from error
