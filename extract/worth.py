"""Which claimed names are worth a node: what speaks for a name, as features of a fitted model."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from extract.catalogue import Catalogue
from extract.commonness import commonness
from kg.model import EntityClaim, Source
from kg.names import WORD, name_key

_PROPER = re.compile(r"\w[A-Z]|\d")
_INNER_PLURAL = re.compile(r"\w{3,}[^s\W]s\s+\w")
_STRUCTURE = (
    "lead",
    "listed",
    "item",
    "row",
    "cell",
    "column",
    "term",
    "below",
    "verb",
    "tie",
    "section",
    "table",
)
_PARTS = frozenset({"verb", "tie", "cell", "lead", "item", "row"})
# Share of phrases that the catalogue knows: other fields have none, our own a tenth and more.
_FAMILIAR = 0.02
_RARER = (4, 5, 6, 7, 8, 9, 10, 12, 14, 18, 24)
_NUMBERS = ((1, "1"), (2, "2"), (5, "5"), (20, "20"))


@dataclass(slots=True)
class Surroundings:
    """What the whole material and the catalogue tell of words and phrases."""

    # Of the catalogue's names: their last words, with their kinds, all their words, and their keys.
    heads: Counter[str] = field(default_factory=Counter)
    head_kinds: dict[str, Counter[str]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    # By phrase key: how often each sort of rule has it as an end, and as what ("object:verb-lowers").
    ends: dict[str, Counter[str]] = field(default_factory=dict)
    parts: dict[str, Counter[str]] = field(default_factory=dict)
    familiar: set[str] = field(default_factory=set)  # ids of documents of the catalogue's field

    @classmethod
    def of(cls, catalogue: Catalogue, sources: Iterable[Source]) -> Surroundings:
        """Gather them from the catalogue and all relation claims."""
        it = cls()
        for entry in catalogue.entries:
            for name in (entry.name, *entry.aliases):
                key = name_key(name)
                it.names.add(key)
                words = key.split()
                if words:
                    it.heads[words[-1]] += 1
                    it.head_kinds.setdefault(words[-1], Counter())[entry.kind.value] += 1
                    it.words.update(words)
        keys: dict[str, str] = {}
        for source in sources:
            it._read(source, keys)
        return it

    def _read(self, source: Source, keys: dict[str, str]) -> None:
        known = seen = 0
        for claim in source.relation_claims:
            rule = claim.rule.partition(":")[0]
            sort = rule.split("-")[0]
            if sort not in _STRUCTURE:
                continue
            for part, phrase in (("subject", claim.source), ("object", claim.target)):
                if phrase not in keys:
                    keys[phrase] = name_key(phrase)
                key = keys[phrase]
                seen += 1
                known += key in self.names
                self.ends.setdefault(key, Counter())[sort] += 1
                if sort in _PARTS:
                    self.parts.setdefault(key, Counter())[f"{part}:{rule}"] += 1
        if known >= _FAMILIAR * seen > 0:
            self.familiar.add(source.document.id)

    def knows(self, claims: Iterable[tuple[str, EntityClaim]]) -> bool:
        """Whether a document that claims the name is of the catalogue's field, so that words tell."""
        return any(document in self.familiar for document, _ in claims)


def name_features(
    key: str,
    claims: Iterable[tuple[str, EntityClaim]],
    passages: int,
    surfaces: Mapping[str, int],
    around: Surroundings,
) -> Iterator[str]:
    """Yield what speaks for or against a name; the words are those of the weights file."""
    claims = list(claims)
    words = key.split()
    rules = {claim.rule for _, claim in claims}
    yield from (f"rule:{rule}" for rule in rules)
    if "title" in rules:
        yield from (f"titled:{rule}" for rule in rules if rule not in ("title", "phrase", "word"))
    for _, claim in claims:
        if claim.description:
            yield f"described:{claim.rule}"
            break
    documents = len({document for document, _ in claims})
    yield f"documents:{_bucket(documents)}"
    yield f"passages:{_bucket(passages)}"
    yield f"rules:{min(len(rules), 4)}"
    yield f"words:{min(len(words), 5)}"
    if not words:
        return
    if around.knows(claims):
        yield from _wording(words, around)
    written = Counter(surfaces)
    total = written.total() or 1
    spelling = min(written, key=lambda one: (-written[one], one), default=key).casefold()
    yield from _rarity([commonness(word) for word in WORD.findall(spelling)])
    lower = sum(count for surface, count in written.items() if surface.islower())
    yield f"lower:{'all' if lower == total else 'some' if lower else 'none'}"
    if any(_PROPER.search(surface) for surface in surfaces):
        yield "proper"
    if any("-" in surface for surface in surfaces):
        yield "hyphen"
    if any(_INNER_PLURAL.search(surface) for surface in surfaces):
        yield "inner-plural"  # "documents decay": as a rule a clause that was cut
    ends = around.ends.get(key, Counter())
    for sort in _STRUCTURE:
        if ends[sort]:
            yield f"end:{sort}:{_bucket(ends[sort])}"
    yield from (f"part:{part}" for part in around.parts.get(key, ()))


def _rarity(shares: Sequence[float]) -> Iterator[str]:
    """Yield how common the words are in general English, in powers of e: terms are rare."""
    if shares:
        yield from _rarer("rarest", bisect_left(_RARER, -min(shares)))
        yield from _rarer("head", bisect_left(_RARER, -shares[-1]))
        yield from _rarer("mean", bisect_left(_RARER, -sum(shares) / len(shares)))


@lru_cache(maxsize=64)
def _rarer(name: str, steps: int) -> tuple[str, ...]:
    return tuple(f"{name}-rarer:{step}" for step in _RARER[:steps])


def _wording(words: Sequence[str], around: Surroundings) -> Iterator[str]:
    """Yield what the words themselves tell, which is true of the catalogue's field alone."""
    yield from (f"has:{word}" for word in words)
    yield f"last:{words[-1]}"
    yield f"suffix:{words[-1][-3:]}"
    yield f"first:{words[0]}"
    yield f"first-suffix:{words[0][-2:]}"
    known = around.heads[words[-1]]
    yield f"head-known:{_bucket(known) if known else 0}"
    share = sum(word in around.words for word in words) / len(words)
    yield f"words-known:{'all' if share == 1 else 'some' if share else 'none'}"
    if len(words) > 1:
        if " ".join(words[1:]) in around.names:
            yield "extends-on-left"
        if " ".join(words[:-1]) in around.names:
            yield "extends-on-right"


def kind_features(
    key: str, claims: Iterable[tuple[str, EntityClaim]], surfaces: Iterable[str], around: Surroundings
) -> Iterator[str]:
    """Yield what tells the kind of a name."""
    words = [word for word in key.split() if not word.isdigit()] or key.split()  # "recall@5" is a recall
    if not words:
        return
    yield f"last:{words[-1]}"
    yield f"suffix:{words[-1][-3:]}"
    yield f"words:{min(len(words), 4)}"
    if len(words) > 1:
        yield f"first:{words[0]}"
        yield f"last-two:{' '.join(words[-2:])}"
    kinds = around.head_kinds.get(words[-1], Counter())
    if kinds:
        top, count = min(kinds.items(), key=lambda item: (-item[1], item[0]))
        yield f"head-kind:{top}:{'most' if 2 * count > kinds.total() else 'some'}"
    if any(_PROPER.search(surface) for surface in surfaces):
        yield f"proper:{min(len(words), 2)}"
    for _, claim in claims:
        if claim.kind is not None:
            yield f"claimed:{claim.rule}:{claim.kind}"
            yield f"claimed:{claim.kind}"
    yield from (f"part:{part}" for part in around.parts.get(key, ()))


def _bucket(number: int) -> str:
    return next((name for limit, name in _NUMBERS if number <= limit), "more")
