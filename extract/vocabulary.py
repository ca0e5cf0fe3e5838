"""Names resolved to entities: which claimed names are one thing, and which are worth a node."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from extract.catalogue import Catalogue, Entry
from extract.commonness import commonness
from extract.forms import written_as
from extract.link import Sense, looks_like_acronym
from extract.llm.voice import by_rules, doubt, kind_votes
from extract.naming import initials_match
from extract.weights import weights
from extract.worth import Surroundings, kind_features, name_features
from kg.model import Difficulty, EntityClaim, EntityKind
from kg.names import name_key

NAMED_WHOLE = frozenset({EntityKind.QUESTION, EntityKind.RESOURCE, EntityKind.TRADE_OFF})
"""Kinds whose names are titles or sentences: never searched for in text, never merged by alias."""

_AUTHORED = 0.9  # what a glossary or front matter says is a name, is one
_ENGLISH = -15.0  # commonness: "raft" and "react" are above, "vllm" and "api" far below
_PROSE = 5  # one in so many mentions in small letters makes a common noun
_PROPER = re.compile(r"\w[A-Z]|\d")


@dataclass(slots=True)
class Candidate:
    """All that is claimed of one name, before it is decided whether it becomes an entity."""

    key: str
    entry: Entry | None = None
    claims: list[tuple[str, EntityClaim]] = field(default_factory=list)  # with the document's id
    aliases: dict[str, None] = field(default_factory=dict)  # as written, in order of finding
    forms: dict[str, str] = field(default_factory=dict)  # by key, how text may write what is no name of it

    def kind(self, surfaces: Iterable[str], around: Surroundings) -> EntityKind:
        """Return the catalogue's kind, else the likeliest by how it is named, claimed and spoken of."""
        if self.entry is not None:
            return self.entry.kind
        stated = self.claims[0][1].kind
        if stated in NAMED_WHOLE:
            return stated
        features = kind_features(self.key, by_rules(self.claims), surfaces, around)
        shares = Counter(weights().kinds.distribution(set(features)))
        shares.update(kind_votes(self.claims))
        return EntityKind(min(shares, key=lambda kind: (-shares[kind], kind)))

    def difficulty(self) -> Difficulty | None:
        """Return the difficulty stated most often, else the catalogue's."""
        stated = Counter(claim.difficulty for _, claim in self.claims if claim.difficulty is not None)
        if stated:
            return min(stated, key=lambda level: (-stated[level], level))
        return self.entry.difficulty if self.entry else None

    def worth(self, passages: int, surfaces: Counter[str], around: Surroundings) -> float:
        """Return how likely the name is worth a node, by how many passages have it and how they write it."""
        if any(claim.confidence >= _AUTHORED for _, claim in by_rules(self.claims)):
            return 1.0  # even where only a title says it
        if self.entry is not None or not passages:
            return float(passages > 0)
        claims = by_rules(self.claims)
        model = weights().names if around.knows(claims) else weights().names_elsewhere
        features = name_features(self.key, claims, passages, surfaces, around)
        return 1 - doubt(self.claims) * (1 - model.probability(set(features)))


class Vocabulary:
    """Candidates by key, with every spelling that leads to each."""

    def __init__(self, catalogue: Catalogue, claims: Iterable[tuple[str, EntityClaim]]) -> None:
        self.candidates: dict[str, Candidate] = {}
        self.whole: dict[str, Candidate] = {}  # questions, resources and trade-offs
        self._owner: dict[str, str] = {}  # any spelling's key to the key of its candidate
        self._written: dict[str, str] = {}  # the spelling that a key was made of, capitals and all
        for entry in catalogue.entries:
            self._add_entry(entry)
        for entry in catalogue.entries:  # after all names, which win over forms
            self._add_forms(entry)
        listed = sorted(claims, key=lambda item: (item[1].name, item[0], item[1].rule, item[1].evidence))
        for short, long in _short_forms(claim for _, claim in listed):
            self._adopt(short, long)
        for document_id, claim in listed:
            self._add_claim(document_id, claim)

    def _add_entry(self, entry: Entry) -> None:
        key = name_key(entry.name)
        self.candidates[key] = Candidate(key=key, entry=entry)
        for name in (entry.name, *entry.aliases):
            self._owner.setdefault(name_key(name), key)

    def _add_forms(self, entry: Entry) -> None:
        candidate = self.candidates[name_key(entry.name)]
        for form in entry.forms:
            for written in written_as(form):
                key = name_key(written)
                if key not in self._owner:  # else it is a name, or another's form
                    self._owner[key] = candidate.key
                    candidate.forms[key] = written

    def _adopt(self, short: str, long: str) -> None:
        """Make an acronym and its long form one name, unless the catalogue knows them apart."""
        short_key, long_key = name_key(short), name_key(long)
        self._written.setdefault(short_key, short)
        self._written.setdefault(long_key, long)
        short_owner, long_owner = self._owner.get(short_key), self._owner.get(long_key)
        if short_owner is None:
            self._owner[short_key] = long_owner or long_key
        elif long_owner is None:
            self._owner[long_key] = short_owner

    def _add_claim(self, document_id: str, claim: EntityClaim) -> None:
        if claim.kind in NAMED_WHOLE:
            key = name_key(claim.name)
            candidate = self.whole.setdefault(key, Candidate(key=key))
        else:
            if claim.confidence < _AUTHORED and self._is_another_word(claim.name):
                return  # not even a name of its own: such words are hardly ever meant as one
            key = self.resolve(claim.name) if claim.rule == "code" else self._home(claim.name)
            candidate = self.candidates.setdefault(key, Candidate(key=key))
            candidate.aliases.update((alias, None) for alias in claim.aliases if self.resolve(alias) == key)
        candidate.claims.append((document_id, claim))

    def _is_another_word(self, name: str) -> bool:
        """Whether it is an English word whose letters the catalogue knows as an acronym: "the rest", REST."""
        candidate = self.candidates.get(name_key(name))
        return (
            candidate is not None
            and candidate.entry is not None
            and looks_like_acronym(candidate.entry.name)
            and not looks_like_acronym(name)
            and commonness(name.casefold()) > _ENGLISH
        )

    def _home(self, name: str) -> str:
        """Return the key of a claimed name: a plain word does not go to an acronym of the same letters."""
        key = name_key(name)
        written = self._written.get(key, name)
        if looks_like_acronym(written) and not looks_like_acronym(name) and self._owner.get(key, key) != key:
            return key
        return self.resolve(name)

    def resolve(self, name: str) -> str:
        """Return the key of the candidate that a name leads to, itself where it leads nowhere."""
        key = name_key(name)
        seen = {key}
        while (owner := self._owner.get(key, key)) not in seen:
            seen.add(owner)
            key = owner
        return key

    def senses(self, keys: Iterable[str]) -> list[Sense]:
        """Return how the candidates of these keys are found in text."""
        found: list[Sense] = []
        spellings: dict[str, list[str]] = defaultdict(list)
        for spelling in sorted(self._written):
            spellings[self.resolve(spelling)].append(spelling)
        for key in keys:
            candidate = self.candidates[key]
            entry = candidate.entry
            near = (
                frozenset(word for text in entry.near for word in name_key(text).split())
                if entry
                else frozenset()
            )
            names = dict.fromkeys((entry.name, *entry.aliases) if entry else ())
            names.update(dict.fromkeys(claim.name for _, claim in candidate.claims))
            names.update(candidate.aliases)
            known = {name_key(name) for name in names}
            names.update((self._written[it], None) for it in spellings[key] if it not in known)
            for name in names:
                if entry and entry.exact and name_key(name) == key:
                    name = entry.name
                found.append(
                    Sense(
                        target=key,
                        name=name,
                        exact=bool(entry and entry.exact and name == entry.name),
                        acronym=looks_like_acronym(name),
                        near=near,
                        apart=entry is None and " " not in name_key(name),
                        known=entry is not None,
                    )
                )
            found.extend(Sense(target=key, name=form, near=near) for form in candidate.forms.values())
        return found


def _short_forms(claims: Iterable[EntityClaim]) -> list[tuple[str, str]]:
    """Return (acronym, long form), for each acronym the long form that most documents give it."""
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    spelled: dict[str, str] = {}
    for claim in claims:
        for alias in claim.aliases:
            if initials_match(alias, claim.name):
                votes[alias][name_key(claim.name)] += 1
                spelled.setdefault(name_key(claim.name), claim.name)
    pairs = []
    for short in sorted(votes):
        best = min(votes[short], key=lambda key: (-votes[short][key], key))
        pairs.append((short, spelled[best]))
    return pairs


def display_name(candidate: Candidate, surfaces: Counter[str], kind: EntityKind) -> str:
    """Return how to write the name: the catalogue's way, else the commonest, as a sentence would begin it."""
    if candidate.entry is not None:
        return candidate.entry.name
    names = Counter({claim.name: 1 for _, claim in candidate.claims})
    weighed = surfaces + names
    own = [name for name in weighed if name_key(name) == candidate.key] or list(weighed)
    singular = [name for name in own if not name.endswith("s") or name.endswith("ss")]
    best = min(singular or own, key=lambda name: (-weighed[name], name))
    lower = weighed[best.lower()]
    if not _PROPER.search(best) and _PROSE * lower >= sum(
        weighed[name] for name in own if name.lower() == best.lower()
    ):
        best = best.lower()  # prose writes it small, so its capitals elsewhere are those of a heading
    proper = kind in (EntityKind.TOOL, EntityKind.MODEL)  # "pgvector" is written so
    return best[0].upper() + best[1:] if best.islower() and not proper else best


def other_names(candidate: Candidate, name: str, surfaces: Sequence[str]) -> tuple[str, ...]:
    """Return the aliases worth showing: other words, not other capitals, hyphens, plurals or verbs of one."""
    seen = {name_key(name), *candidate.forms}
    kept: list[str] = []
    entry_names = (candidate.entry.name, *candidate.entry.aliases) if candidate.entry else ()
    for alias in (*entry_names, *candidate.aliases, *surfaces):
        key = name_key(alias)
        if key and key not in seen:
            seen.add(key)
            kept.append(alias)
    return tuple(sorted(kept))
