"""Pairs of entities that one passage ties, with all that is said there of how."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from extract.lexicon import EVALUATIVE, GENERIC_HEADS
from extract.link import Found, NameIndex, Spot, needs_context
from extract.mentions import stretches
from extract.pair_features import Ends, Standing, Traits, pair_features
from extract.ties import End, NamedPassage, Tied, Ties, near, under
from extract.vocabulary import NAMED_WHOLE
from kg.model import Entity, Evidence, RelationClaim, RelationType
from kg.names import WORD

_ARTICLES = frozenset(
    {"a", "an", "the", "its", "your", "their", "our", "both", "this", "that", "these", "each"}
)
_SURE = ("tie", "verb", "heading", "section", "table", "front", "code")
"""How the rules begin that know which end is the source, the surest first."""

_NEGLIGIBLE = 40  # finds of one pair in one passage that are looked at
_CLOSE = 40  # characters between two that nothing but standing together ties: farther apart, few are


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entities that one passage ties; the most telling claim goes from source to target."""

    source_id: str
    target_id: str
    claims: tuple[Tied, ...]  # the most telling first
    evidence: tuple[Evidence, ...]  # likewise; never empty
    rules: tuple[str, ...]  # that found it, sorted
    features: frozenset[str]
    denied: bool  # one of the two is, wherever they stand together: "routing without an LLM"

    def says(self, type_: RelationType) -> bool:
        """Whether a clause with a subject of its own says so: one that denies it would claim nothing."""
        plain = f"verb-{type_.value.lower().replace('_', '-')}"
        return any(tied.claim.rule.partition(":")[0] == plain for tied in self.claims)

    def evidence_for(self, type_: RelationType) -> Evidence:
        """Return the words that say so best: those of a claim of this very type, if there is one."""
        return next(
            (tied.claim.evidence for tied in self.claims if tied.claim.type is type_), self.evidence[0]
        )


class PairReader:
    """Resolves the phrases of claims and gathers what they say by pair and passage."""

    def __init__(
        self,
        index: NameIndex,
        ids: Mapping[str, str],
        entities: Mapping[str, Entity],
        contexts: Mapping[str, str],
        catalogued: Mapping[tuple[str, str], Sequence[RelationType]],
        curated: Collection[str],
        sure: Collection[str],
    ) -> None:
        self._index = index
        self._ids = ids  # what the index finds, to entity id
        self._entities = entities
        self._contexts = contexts  # passage id to the words around a phrase, which tell homonyms apart
        self._catalogued = catalogued  # what the catalogue says of a pair
        self._curated = curated  # ids of entities that the catalogue knows
        self._sure = sure  # ids of entities whose names are no chance finds
        self._spots: dict[str, tuple[list[Spot], bool]] = {}  # by phrase; whether words around it matter
        self._ends: dict[tuple[str, str], End | None] = {}
        self._of_entity: dict[str, Traits] = {}

    def pairs(self, claims: Iterable[RelationClaim], passages: Iterable[NamedPassage]) -> Iterator[Pair]:
        """Yield each pair of entities of each passage, by passage and the entities' ids.

        Args:
            claims: that tie two phrases.
            passages: that name two entities or more, each once.
        """
        ties: dict[tuple[str, str, str], Ties] = defaultdict(Ties)
        for claim in claims:
            source = self.end(claim.source, claim.evidence.passage_id)
            target = self.end(claim.target, claim.evidence.passage_id)
            if source is None or target is None or source.entity_id == target.entity_id:
                continue
            ends = _ordered(source.entity_id, target.entity_id)
            ties[claim.evidence.passage_id, *ends].claims.append(Tied(claim, source, target))
        claimed = frozenset(ties)
        by_id: dict[str, NamedPassage] = {}
        for named in passages:
            passage = named.passage
            by_id[passage.id] = named
            spans = stretches(passage.text)
            for one in near(named, spans, partial(self._tells, claimed, passage.id)):
                ties[passage.id, *_ordered(one.source_id, one.target_id)].near.append(one)
            for each in under(named, spans, self._sure, self._knows):
                ties[passage.id, *_ordered(each.source_id, each.target_id)].under = each
        standing = Standing()
        for spot in sorted(ties):
            if standing.passage_id != spot[0]:
                standing = Standing.of(spot[0], by_id.get(spot[0]))
            yield self._pair(ties[spot], standing)

    def _tells(
        self, found: Container[tuple[str, str, str]], passage_id: str, a: str, b: str, distance: int
    ) -> bool:
        """Whether it tells that two names stand together: they are sure, known as a pair, or claimed."""
        if a == b:
            return False
        if self._knows(a, b):
            return True
        alone = distance <= _CLOSE and a in self._sure and b in self._sure
        return alone or (passage_id, *_ordered(a, b)) in found

    def _knows(self, a: str, b: str) -> bool:
        return (a, b) in self._catalogued or (b, a) in self._catalogued

    def end(self, phrase: str, passage_id: str) -> End | None:
        """Return what a noun phrase names: the name that it ends in, or the last one within it."""
        if phrase not in self._spots:
            spots = self._index.spots(phrase)
            self._spots[phrase] = (spots, needs_context(spots))
        spots, homonym = self._spots[phrase]
        asked = (phrase, passage_id if homonym else "")
        if asked not in self._ends:
            context = self._contexts.get(passage_id, "") if homonym else ""
            found = [
                one
                for one in self._index.choose(spots, phrase, context=context)
                if self._entities[self._ids[one.target]].kind not in NAMED_WHOLE
            ]
            self._ends[asked] = _fitting(phrase, found, self._ids) if found else None
        return self._ends[asked]

    def _pair(self, ties: Ties, standing: Standing) -> Pair:
        ties.claims = sorted(ties.claims, key=_telling)[:_NEGLIGIBLE]
        ties.near = ties.near[:_NEGLIGIBLE]
        together = [*ties.near, *([ties.under] if ties.under else ())]
        if ties.claims:
            source_id, target_id = ties.claims[0].source.entity_id, ties.claims[0].target.entity_id
        else:
            source_id, target_id = together[0].source_id, together[0].target_id
        rules = {tied.claim.rule for tied in ties.claims}
        return Pair(
            source_id,
            target_id,
            tuple(ties.claims),
            tuple(
                dict.fromkeys(
                    [*(tied.claim.evidence for tied in ties.claims), *(one.evidence for one in together)]
                )
            ),
            tuple(sorted(rules.union(sort for sort in ties.sorts if sort != "claim"))),
            pair_features(
                Ends(source_id, target_id, self._traits(source_id), self._traits(target_id)),
                ties,
                standing,
                self._catalogued.get((source_id, target_id), ()),
                self._catalogued.get((target_id, source_id), ()),
            ),
            ties.denied,
        )

    def _traits(self, entity_id: str) -> Traits:
        """Return what an entity's name and kind tell, once found out."""
        if entity_id not in self._of_entity:
            self._of_entity[entity_id] = Traits.of(
                self._entities[entity_id], curated=entity_id in self._curated
            )
        return self._of_entity[entity_id]


def _ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def _telling(tied: Tied) -> tuple[int, float, str, Evidence, str]:
    """Return what to sort the claims of a pair by, the most telling first."""
    claim = tied.claim
    head = claim.rule.split("-")[0]
    rank = _SURE.index(head) if head in _SURE else len(_SURE)
    return rank, -claim.confidence, claim.rule, claim.evidence, claim.source


def _fitting(phrase: str, found: Sequence[Found], ids: Mapping[str, str]) -> End:
    last = found[-1]
    after = [word.casefold() for word in WORD.findall(phrase[last.end :])]
    before = [word.casefold() for word in WORD.findall(phrase[: last.start])]
    if any(word not in GENERIC_HEADS for word in after):
        return End(ids[last.target], "inside")
    extra = [word for word in before if word not in _ARTICLES and word not in EVALUATIVE]
    return End(ids[last.target], "head" if extra else "whole")
