"""Claims become relations: of questions and trade-offs as claimed, of all else as the weights say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from extract.infer import AUTHORED
from extract.lexicon import NEGATIVE_QUALITIES, OUTRIGHT, QUALITIES
from extract.link import Found, NameIndex
from extract.naming import without_asides
from extract.pairs import Pair
from extract.types import fitting_type
from extract.vocabulary import NAMED_WHOLE, Vocabulary
from extract.weights import weights
from kg.model import SYMMETRIC, Entity, EntityKind, Evidence, Relation, RelationClaim, RelationType
from kg.names import name_key

_MOST_ABOUT = 3  # names that one question or title is about
_EVERYDAY = 8  # times as common as the rarest: a word that the question only uses
_WORTH_SAYING = 0.6  # of those just below, three in five are right; of the rest, four in five
MAX_EVIDENCE = 20  # quotes kept with one relation; the best known fact needs no hundredth
_ONE_NAMED = 0.85  # a cell that names one thing among other words

WHOLE_RULES = ("question", "resource", "trade", "weighed", "for")
"""How the rules begin whose source is a question, a resource or a trade-off."""

_CERTAIN = 0.9  # what front matter says needs no weighing
_BELONGING = frozenset(
    {"link", "heading-nested", "section-related", "section-risks", "table-related", "table-risks"}
)
"""Rules that say of two things that they belong together."""
_PLAIN = frozenset(
    f"verb-{what}" for what in ("implements", "improves", "worsens", "mitigates", "lowers", "raises")
)
"""Rules whose verb says it all where subject and object are names and nothing else, as in "X reduces Y"."""

_DENIABLE = frozenset({RelationType.IS_A, RelationType.PART_OF, RelationType.USES, RelationType.IMPLEMENTS})
"""Types that a denial takes back; of "trains without gradients", what prevents or compares still holds."""

_NONE = "NONE"


@dataclass(slots=True)
class _Merged:
    confidence: float = 0.0
    found_by: set[str] = field(default_factory=set)
    evidence: dict[Evidence, float] = field(default_factory=dict)
    gains: dict[str, None] = field(default_factory=dict)
    costs: dict[str, None] = field(default_factory=dict)


class Merger:
    """Gathers what is found of the same two entities and type into one relation."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, RelationType], _Merged] = {}

    def add(
        self,
        ends: tuple[str, str],
        type_: RelationType,
        confidence: float,
        rules: Iterable[str],
        evidence: Evidence,
        gains: Iterable[str] = (),
        costs: Iterable[str] = (),
    ) -> None:
        """Add one find; a symmetric one is turned so that it starts at the smaller id."""
        source, target = sorted(ends) if type_ in SYMMETRIC else ends
        into = self._found.setdefault((source, target, type_), _Merged())
        # The best find, not noisy-or: passages repeat each other, so they are no independent proof.
        into.confidence = max(into.confidence, confidence)
        into.found_by.update(rules)
        into.evidence[evidence] = max(into.evidence.get(evidence, 0.0), confidence)
        into.gains.update((gain, None) for gain in gains)
        into.costs.update((cost, None) for cost in costs)

    def relations(self) -> list[Relation]:
        """Return the relations with all their evidence, by their ends and type."""
        return [_relation(*key, self._found[key]) for key in sorted(self._found)]


# --- pairs of things


def type_pairs(pairs: Iterable[Pair], entities: Mapping[str, Entity], merger: Merger) -> None:
    """Add the relations that are likely enough, each with the probability that it is right."""
    for pair in pairs:
        _add_plain(pair, entities, merger)
        name, share = weights().types.likeliest(pair.features)
        if name == _NONE or share < _WORTH_SAYING:
            continue
        type_, forward = _parsed(name)
        if pair.denied and type_ in _DENIABLE and not pair.says(type_):
            continue
        ends = (pair.source_id, pair.target_id) if forward else (pair.target_id, pair.source_id)
        if _possible(type_, *(entities[end].kind for end in ends)):
            merger.add(ends, type_, round(share, 3), pair.rules, pair.evidence_for(type_))


def _add_plain(pair: Pair, entities: Mapping[str, Entity], merger: Merger) -> None:
    """Add what front matter or plain words say, and that links and outlines hold two things together."""
    for tied in pair.claims:
        claim, ends = tied.claim, (tied.source.entity_id, tied.target.entity_id)
        if claim.confidence >= _CERTAIN:
            merger.add(ends, claim.type, claim.confidence, (claim.rule,), claim.evidence)
        elif (tied.source.fit, tied.target.fit) != ("whole", "whole"):
            continue
        elif claim.rule in AUTHORED:
            merger.add(ends, claim.type, claim.confidence, (claim.rule,), claim.evidence)
        elif claim.rule in _BELONGING:
            merger.add(ends, RelationType.RELATED_TO, claim.confidence, (claim.rule,), claim.evidence)
        elif claim.rule.partition(":")[0] in _PLAIN or claim.rule.partition(":")[2] in OUTRIGHT:
            type_ = fitting_type(claim, entities[ends[0]], entities[ends[1]])
            if type_ is not None:
                merger.add(ends, type_, claim.confidence, (claim.rule,), claim.evidence)


@lru_cache(maxsize=64)
def _parsed(name: str) -> tuple[RelationType, bool]:
    return RelationType(name[:-1]), name.endswith(">")


def _possible(type_: RelationType, a: EntityKind, b: EntityKind) -> bool:
    """Whether the ontology allows the type between these kinds."""
    if type_ is RelationType.MITIGATES:
        return b is EntityKind.RISK and a is not EntityKind.RISK
    return type_ is not RelationType.TEACHES or a is EntityKind.RESOURCE


# --- questions, resources and trade-offs


class WholeReader:
    """Resolves claims whose source is a title or a sentence, and what it is about."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        index: NameIndex,
        ids: Mapping[str, str],
        wholes: Mapping[str, str],
        entities: Mapping[str, Entity],
        spread: Counter[str],
        contexts: Mapping[str, str],
    ) -> None:
        self._vocabulary = vocabulary
        self._index = index
        self._ids = ids  # what the index finds, to entity id
        self._wholes = (
            wholes  # the same of questions, resources and trade-offs; a paper may bear an idea's name
        )
        self._entities = entities  # by id
        self._spread = spread  # entity id to the number of passages that mention it
        self._contexts = contexts  # passage id to the words around a phrase, which tell homonyms apart

    def relate(self, claims: Iterable[RelationClaim], merger: Merger) -> None:
        """Add what the claims say of questions, resources and trade-offs."""
        for claim in claims:
            source = self._whole(claim.source)
            if source is None:
                continue
            title = name_key(without_asides(claim.source))
            for target, weight in self._targets(claim):
                other = self._entities[target]
                if target != source and other.kind not in NAMED_WHOLE and name_key(other.name) != title:
                    confidence = round(claim.confidence * weight, 4)
                    merger.add(
                        (source, target), claim.type, confidence, (claim.rule,), claim.evidence,
                        claim.gains, claim.costs,
                    )  # fmt: skip

    def _whole(self, phrase: str) -> str | None:
        candidate = self._vocabulary.whole.get(name_key(phrase))
        return self._wholes.get(candidate.key) if candidate is not None else None

    def _targets(self, claim: RelationClaim) -> Iterator[tuple[str, float]]:
        found = [
            one
            for one in self._index.find(
                claim.target, context=self._contexts.get(claim.evidence.passage_id, "")
            )
            if one.target in self._ids
        ]
        if not found:
            return
        if claim.rule == "weighed-quality":
            named = dict.fromkeys(self._ids[one.target] for one in found)
            yield from ((it, 1.0) for it in named if self._is_quality(it))
        elif claim.rule.startswith(("question", "resource")):
            yield from ((it, 1.0) for it in self._telling(found))
        elif len({one.target for one in found}) == 1:
            whole = found[0].end - found[0].start >= len(claim.target) - 4
            yield self._ids[found[0].target], 1.0 if whole else _ONE_NAMED

    def _telling(self, found: Sequence[Found]) -> list[str]:
        """Return the rarest of the names in a question or title: those that it is about."""
        named = sorted({self._ids[one.target] for one in found}, key=lambda it: (self._spread.get(it, 0), it))
        most = _EVERYDAY * max(1, self._spread.get(named[0], 0))
        return [it for it in named[:_MOST_ABOUT] if self._spread.get(it, 0) <= most]

    def _is_quality(self, entity_id: str) -> bool:
        entity = self._entities[entity_id]
        words = entity.name.casefold().replace("-", " ").split()
        return (
            words[-1] in QUALITIES
            or entity.kind is EntityKind.METRIC
            or not NEGATIVE_QUALITIES.isdisjoint(words)
        )


def _relation(source: str, target: str, type_: RelationType, merged: _Merged) -> Relation:
    ranked = sorted(merged.evidence, key=lambda evidence: (-merged.evidence[evidence], evidence))
    return Relation(
        source_id=source,
        target_id=target,
        type=type_,
        confidence=merged.confidence,
        found_by=tuple(sorted(merged.found_by)),
        evidence=tuple(ranked[:MAX_EVIDENCE]),
        gains=tuple(sorted(merged.gains)),
        costs=tuple(sorted(merged.costs)),
    )


def merge_relations(relations: Iterable[Relation]) -> list[Relation]:
    """Fold repeated finds of one relation into one that keeps the best evidence, in a fixed order."""
    merged: dict[tuple[str, str, RelationType], list[Relation]] = {}
    for relation in relations:
        merged.setdefault((relation.source_id, relation.target_id, relation.type), []).append(relation)
    return [_one_of(merged[key]) for key in sorted(merged)]


def _one_of(finds: Sequence[Relation]) -> Relation:
    best_first = sorted(finds, key=lambda find: (-find.confidence, find.found_by))
    evidence = dict.fromkeys(quote for find in best_first for quote in find.evidence)
    return replace(
        best_first[0],
        found_by=tuple(sorted({rule for find in finds for rule in find.found_by})),
        evidence=tuple(evidence)[:MAX_EVIDENCE],
        gains=tuple(sorted({gain for find in finds for gain in find.gains})),
        costs=tuple(sorted({cost for find in finds for cost in find.costs})),
    )
