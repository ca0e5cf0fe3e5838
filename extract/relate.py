"""Claimed relations resolved: phrases to entities, types held to the kinds of their ends, finds merged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from extract.lexicon import GENERIC_HEADS, NEGATIVE_QUALITIES, QUALITIES, kind_of_definition
from extract.link import Found, NameIndex
from extract.vocabulary import NAMED_WHOLE, Vocabulary
from kg.model import SYMMETRIC, Entity, EntityKind, Evidence, Relation, RelationClaim, RelationType
from kg.names import WORD, name_key

_ONE_PART = 0.65  # "includes" before a list tells parts; before one name it may mean anything
_MOST_ABOUT = 3  # names that one question or title is about
_EVERYDAY = 8  # times as common as the rarest: a word that the question only uses
_LEAST_BY_VERB = 0.5  # read by hand, six of 47 verb finds below it were right
MAX_EVIDENCE = 20  # quotes kept with one relation; the best known fact needs no hundredth

_JOINED = re.compile(
    r"[\s*_`]*(?:,|/|&|\+|and|or|,\s*and|,\s*or|as well as|plus)[\s*_`]*(?:the|an?|its)?[\s*_`]*",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"[\s*_`]*(?:with|for|of|in|on|from|using|to|via|between|through|over)\b[\s\w-]{0,20}", re.IGNORECASE
)
_ALL_NAMES = frozenset({"question", "resource-title", "resource-about"})
_HARMLESS = frozenset("overall better higher lower more good typical modern most many some such".split())
_JOINS = frozenset("and or with for of in on from using to via but while so then that as when if by".split())
_ARTICLES = frozenset({"a", "an", "the", "its", "your", "their", "our", "both", "this"})
_EXACT = frozenset({"heading-versus", "table-peers", "table-columns"})
_EFFECTS = frozenset({"verb-improves", "verb-raises", "verb-lowers", "verb-worsens"})
_WHOLE_CELL = frozenset({"table-mitigation", "table-measures"})
_THING = frozenset(
    {
        EntityKind.CONCEPT,
        EntityKind.TOOL,
        EntityKind.MODEL,
        EntityKind.PATTERN,
        EntityKind.METRIC,
        EntityKind.RISK,
    }
)
_IDEA = frozenset({EntityKind.CONCEPT, EntityKind.PATTERN})
_MADE = frozenset({EntityKind.TOOL, EntityKind.MODEL})


@dataclass(frozen=True, slots=True)
class End:
    """An entity that a phrase names, and how surely the phrase means it."""

    entity_id: str
    weight: float


@dataclass(slots=True)
class _Merged:
    confidence: float = 0.0
    found_by: set[str] = field(default_factory=set)
    evidence: dict[Evidence, float] = field(default_factory=dict)
    gains: dict[str, None] = field(default_factory=dict)
    costs: dict[str, None] = field(default_factory=dict)


class Resolver:
    """Turns claims whose ends are phrases into relations whose ends are entities."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        index: NameIndex,
        ids: Mapping[str, str],
        entities: Mapping[str, Entity],
        spread: Mapping[str, int],
        contexts: Mapping[str, str],
    ) -> None:
        self._vocabulary = vocabulary
        self._index = index
        self._ids = ids  # what the index and the vocabulary find, to entity id
        self._entities = entities  # by id
        self._spread = spread  # entity id to the number of passages that mention it
        self._contexts = contexts  # passage id to the words around a phrase, which tell homonyms apart
        self._phrases: dict[tuple[str, str], list[Found]] = {}

    def merge(self, claims: Iterable[RelationClaim]) -> list[Relation]:
        """Return the relations that the claims make, each with all its evidence, by its ends and type."""
        merged: dict[tuple[str, str, RelationType], _Merged] = {}
        for claim in claims:
            for source, target, type_, confidence in self._resolved(claim):
                if type_ in SYMMETRIC and source > target:
                    source, target = target, source
                into = merged.setdefault((source, target, type_), _Merged())
                # The best find, not noisy-or: passages repeat each other, so they are no independent proof.
                into.confidence = max(into.confidence, confidence)
                into.found_by.add(claim.rule)
                into.evidence[claim.evidence] = max(into.evidence.get(claim.evidence, 0.0), confidence)
                into.gains.update((gain, None) for gain in claim.gains)
                into.costs.update((cost, None) for cost in claim.costs)
        return [_relation(*key, merged[key]) for key in sorted(merged)]

    def _resolved(self, claim: RelationClaim) -> Iterator[tuple[str, str, RelationType, float]]:
        reverse = claim.rule.endswith(("-list", "-by"))  # the source stands on the right
        spot = claim.evidence.passage_id
        sources = self._ends(claim.source, claim.rule, spot, left=not reverse)
        targets = self._ends(claim.target, claim.rule, spot, left=reverse)
        if claim.rule == "verb-part-of-list" and len(sources) == len(targets) == 1:
            sources = [End(sources[0].entity_id, sources[0].weight * _ONE_PART)]
        by_verb = claim.rule.startswith("verb-")
        for source in sources:
            for target in targets:
                if source.entity_id == target.entity_id:
                    continue
                type_ = self._fit(claim, source.entity_id, target.entity_id)
                confidence = round(claim.confidence * source.weight * target.weight, 4)
                if type_ is not None and confidence >= (_LEAST_BY_VERB if by_verb else 0):
                    yield source.entity_id, target.entity_id, type_, confidence

    def _ends(self, phrase: str, rule: str, passage_id: str, *, left: bool) -> list[End]:
        """Return what a phrase names: the whole phrase, else the names in the place that counts."""
        whole = self._vocabulary.whole.get(name_key(phrase))
        if whole is not None and whole.key in self._ids and not rule.startswith("verb-"):
            own = End(self._ids[whole.key], 1.0)
            if rule not in _ALL_NAMES or left:
                return [own]
        elif rule in _ALL_NAMES and left:
            return []
        found = self._find(phrase, passage_id)
        if not found:
            return []
        if rule == "weighed-quality":
            return [
                End(self._ids[one.target], 1.0) for one in found if self._is_quality(self._ids[one.target])
            ]
        if rule in _ALL_NAMES:
            return self._telling(found)
        if rule == "mitigates-it" and not left:
            risks = dict.fromkeys(self._ids[one.target] for one in found)
            return [End(it, 0.9) for it in risks if self._entities[it].kind is EntityKind.RISK][:2]
        if rule == "trade-off-table" and not left:
            return [End(self._ids[found[0].target], 0.85)] if len({one.target for one in found}) == 1 else []
        if rule in _WHOLE_CELL:
            return self._in_cell(phrase, found)
        if rule in _EXACT:
            return [End(self._ids[found[0].target], 1.0)] if _is_all(phrase, found[0]) else []
        if rule.startswith("verb-") or rule == "mitigates-it":
            return self._beside(phrase, found, rule, left=left)
        return self._head(phrase, found)

    def _find(self, phrase: str, passage_id: str) -> list[Found]:
        spot = (phrase, passage_id)
        if spot not in self._phrases:
            found = self._index.find(phrase, context=self._contexts.get(passage_id, ""))
            self._phrases[spot] = [
                one for one in found if one.target in self._ids and not _glued(phrase, one)
            ]
        return self._phrases[spot]

    def _telling(self, found: list[Found]) -> list[End]:
        """Return the rarest of the names in a question or title: those that it is about."""
        named = sorted({self._ids[one.target] for one in found}, key=lambda it: (self._spread.get(it, 0), it))
        most = _EVERYDAY * max(1, self._spread.get(named[0], 0))
        return [End(it, 1.0) for it in named[:_MOST_ABOUT] if self._spread.get(it, 0) <= most]

    def _in_cell(self, phrase: str, found: list[Found]) -> list[End]:
        """Return the names that head the first part of a cell: "Schema validation, retries"."""
        first = re.split(r"[;(]", phrase)[0]
        parts = {part.strip(" .").casefold() for part in re.split(r",|\band\b|\bor\b|\+", first)}
        heads = [one for one in found if one.end <= len(first) and _heads(phrase[one.start : one.end], parts)]
        return [End(self._ids[one.target], 0.85) for one in heads[:3]]

    def _head(self, phrase: str, found: list[Found]) -> list[End]:
        """Return the name that makes up most of a short phrase: "LangGraph framework", "the KV cache"."""
        last = found[-1]
        before = WORD.findall(phrase[: last.start])
        after = [word for word in WORD.findall(phrase[last.end :]) if word.casefold() not in GENERIC_HEADS]
        extra = len([word for word in before if word.casefold() not in ("the", "a", "an")]) + len(after)
        if len(found) > 1 or extra > 2 or len(after) > 0:
            return []
        return [End(self._ids[last.target], 0.8**extra)]

    def _beside(self, phrase: str, found: list[Found], rule: str, *, left: bool) -> list[End]:
        """Return the name beside the verb, and those that "and" or a comma joins to it."""
        ordered = found[::-1] if left else found
        first = ordered[0]
        gap = phrase[first.end :] if left else phrase[: first.start]
        weight = _gap_weight(gap, left=left, loose=rule.removesuffix("-by") in _EFFECTS)
        if not weight:
            return []
        group = [first]
        for one in ordered[1:]:
            between = phrase[one.end : group[-1].start] if left else phrase[group[-1].end : one.start]
            if left and len(group) == 1 and _PREPOSITION.fullmatch(between):
                group = [one]  # "RAG with reranking improves": RAG does
                continue
            if not _JOINED.fullmatch(between):
                break
            group.append(one)
        tail = phrase[: group[-1].start] if left else phrase[group[-1].end :]
        weight *= _tail_weight(tail, left=left, strict=rule == "verb-is-a")
        return [End(self._ids[one.target], round(weight, 4)) for one in group] if weight >= 0.4 else []

    def _fit(self, claim: RelationClaim, source: str, target: str) -> RelationType | None:
        """Return the type that the kinds of the ends allow, which may be more exact than the claimed one."""
        a, b = self._entities[source].kind, self._entities[target].kind
        type_ = claim.type
        if type_ is RelationType.ASKS_ABOUT:
            return type_ if a is EntityKind.QUESTION and b in _THING else None
        if type_ is RelationType.TEACHES:
            return type_ if a is EntityKind.RESOURCE and b in _THING else None
        if type_ is RelationType.TRADES_OFF:
            return type_ if a is EntityKind.TRADE_OFF and b in _THING else None
        if a in NAMED_WHOLE or b in NAMED_WHOLE:
            return None
        if type_ in (RelationType.IMPROVES, RelationType.WORSENS):
            return self._effect(claim, target)
        fitted = _FITS[type_](claim.rule, a, b) if type_ in _FITS else type_
        if fitted is RelationType.IS_A and a in _MADE and b is EntityKind.CONCEPT:
            # Qdrant is a vector database, but only implements filtering.
            sort = kind_of_definition(self._entities[target].name.casefold().split()[-1])
            return RelationType.IS_A if sort is a else RelationType.IMPLEMENTS
        return fitted

    def _is_quality(self, entity_id: str) -> bool:
        entity = self._entities[entity_id]
        words = entity.name.casefold().replace("-", " ").split()
        return (
            words[-1] in QUALITIES
            or (entity.kind is EntityKind.METRIC)
            or not NEGATIVE_QUALITIES.isdisjoint(words)
        )

    def _effect(self, claim: RelationClaim, target: str) -> RelationType | None:
        words = self._entities[target].name.casefold().replace("-", " ").split()
        kind = self._entities[target].kind
        rule = claim.rule.removesuffix("-by")
        if kind is EntityKind.RISK:
            if rule == "verb-lowers":
                return RelationType.MITIGATES
            return RelationType.WORSENS if rule in ("verb-raises", "verb-worsens") else None
        good = words[-1] in QUALITIES
        bad = not good and not NEGATIVE_QUALITIES.isdisjoint(words)
        if kind is not EntityKind.METRIC and not bad and not good:
            return None
        if rule == "verb-raises":
            return RelationType.WORSENS if bad else RelationType.IMPROVES
        if rule == "verb-lowers":
            return RelationType.IMPROVES if bad else RelationType.WORSENS
        return claim.type


def _is_all(phrase: str, one: Found) -> bool:
    rest = phrase[: one.start] + phrase[one.end :]
    return all(word.casefold() in _ARTICLES for word in WORD.findall(rest))


def _heads(name: str, parts: set[str]) -> bool:
    """Whether one of the parts of a list is the name, or ends in it after a word or two."""
    lower = name.casefold()
    return any(
        part == lower or (part.endswith(" " + lower) and part.count(" ") <= lower.count(" ") + 2)
        for part in parts
    )


def _glued(phrase: str, one: Found) -> bool:
    """Whether a hyphen makes the name part of another word: "contamination-resistant"."""
    before, after = phrase[max(0, one.start - 2) : one.start], phrase[one.end : one.end + 2]
    return re.fullmatch(r"\w[-\u2010]", before) is not None or re.fullmatch(r"[-\u2010]\w", after) is not None


def _gap_weight(gap: str, *, left: bool, loose: bool) -> float:
    """Weigh the words between a verb and the nearest name: none is best, a preposition breaks the tie."""
    words = [word.casefold() for word in WORD.findall(gap)]
    if any(mark in gap for mark in ";:()"):
        return 0.0
    if left:
        words = [word for word in words if word not in GENERIC_HEADS]
        return 0.0 if words or "," in gap else 1.0
    if any(_PREPOSITION.fullmatch(word) for word in words):
        return 0.0
    words = [
        word for word in words if word not in _ARTICLES and word not in _HARMLESS and not word.endswith("ly")
    ]
    if loose and len(words) <= 2:
        return 0.8 ** len(words)  # "retrieval precision" is precision
    return 0.0 if words else 1.0


def _tail_weight(tail: str, *, left: bool, strict: bool) -> float:
    """Weigh what goes on beyond the names: on the right, a following noun means something else."""
    if left:
        before = WORD.findall(tail)
        plain = not before or before[-1].casefold() in _ARTICLES | _HARMLESS | _JOINS
        return 1.0 if plain else 0.65  # "long prompts" are not prompts
    after = re.match(r"[\s*_`]*([\w-]+)", tail)
    if after is None:
        return 1.0
    word = after.group(1).casefold()
    if (word in GENERIC_HEADS and not strict) or re.fullmatch(
        r"(?:for|with|in|on|of|to|by|at|from|as|and|or|using|when|while|via|during|across|over|between|without|under|"
        r"that|which|is|are|through|into|after|before|because|if|so|per|than|but|instead|based|only|too|well|directly|"
        r"among|within|against|until|about|up|down|out|even|further|"
        r"significantly|dramatically|substantially|enough|first|later|early|again|rather|not|can|will|may)",
        word,
    ):
        return 1.0
    return 0.0 if strict else 0.6  # "is a Python library" makes nothing a kind of Python


def _is_a(rule: str, a: EntityKind, b: EntityKind) -> RelationType | None:
    if a in _MADE and b is EntityKind.PATTERN:
        return RelationType.IMPLEMENTS
    if a is EntityKind.METRIC and rule == "section-examples":
        return None
    same = a is b or b is EntityKind.CONCEPT or (a is EntityKind.CONCEPT and b is EntityKind.PATTERN)
    return RelationType.IS_A if same else None


def _uses(_: str, a: EntityKind, b: EntityKind) -> RelationType | None:
    return None if EntityKind.RISK in (a, b) or a is EntityKind.METRIC else RelationType.USES


def _implements(_: str, a: EntityKind, b: EntityKind) -> RelationType | None:
    return RelationType.IMPLEMENTS if a in _MADE and (b in _IDEA or b is EntityKind.METRIC) else None


def _part_of(rule: str, a: EntityKind, b: EntityKind) -> RelationType | None:
    if EntityKind.RISK in (a, b) or (a is EntityKind.METRIC and b is not EntityKind.METRIC):
        return None
    if rule == "verb-part-of-list" and a in _MADE and b in _IDEA:
        return RelationType.IS_A  # "Vector databases include Qdrant": a list of instances, not of parts
    return RelationType.PART_OF


def _alternative(_: str, a: EntityKind, b: EntityKind) -> RelationType | None:
    alike = a is b or (a in _IDEA and b in _IDEA) or (a in _MADE and b in _MADE)
    return RelationType.ALTERNATIVE_TO if alike and a is not EntityKind.RISK else None


def _mitigates(_: str, a: EntityKind, b: EntityKind) -> RelationType | None:
    return RelationType.MITIGATES if b is EntityKind.RISK and a is not EntityKind.RISK else None


def _measures(_: str, a: EntityKind, b: EntityKind) -> RelationType | None:
    can = a in (EntityKind.METRIC, EntityKind.TOOL, EntityKind.PATTERN)
    return RelationType.MEASURES if can and (b not in _MADE or a is EntityKind.METRIC) else None


_FITS = {
    RelationType.IS_A: _is_a,
    RelationType.USES: _uses,
    RelationType.IMPLEMENTS: _implements,
    RelationType.PART_OF: _part_of,
    RelationType.ALTERNATIVE_TO: _alternative,
    RelationType.MITIGATES: _mitigates,
    RelationType.MEASURES: _measures,
}


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
