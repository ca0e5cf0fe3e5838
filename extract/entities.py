"""Names become entities: which are worth a node, how each is written, of what kind, and what defines it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from extract.link import NameIndex
from extract.places import Places, Texts
from extract.vocabulary import Candidate, Vocabulary, display_name, other_names
from extract.worth import Surroundings
from kg.model import Document, Entity, EntityClaim, Evidence
from kg.names import content_id, name_key

_DESCRIBING = {"glossary": 0.5, "typed-row": 0.4, "is-a-sentence": 0.35, "term": 0.3, "verb-sentence": 0.15}
POSSIBLE = 0.4
"""A name less likely to be worth a node is not even tried."""
SURE = 0.75
"""A less likely one needs a relation that is likely itself: of those just below, half are no names."""
# In a field that the catalogue does not know less speaks for any name, as its words say nothing: in notes
# on gardening, medicine and sailing, 39 of the 40 that are as likely are names.
_SURE_ELSEWHERE = POSSIBLE  # so whatever is tried there is a node
_DEFINING = 0.45  # what is said with less confidence describes a thing, but others need not rest on it
_AT_HOME = 0.2  # a definition in the document that is about the thing is the better one


@dataclass(frozen=True, slots=True)
class Named:
    """The accepted candidates as entities, and where the text names them."""

    entities: dict[str, Entity]  # by candidate key
    index: NameIndex
    definitions: dict[str, Evidence]  # by entity id
    places: Places  # of candidate keys
    sure: frozenset[str]  # ids of entities that are worth a node by themselves

    @property
    def ids(self) -> dict[str, str]:
        """Entity id by candidate key."""
        return {key: entity.id for key, entity in self.entities.items()}

    @property
    def by_id(self) -> dict[str, Entity]:
        """The entities by their id."""
        return {entity.id: entity for entity in self.entities.values()}

    def spread(self) -> Counter[str]:
        """Return in how many passages each entity is named, by id."""
        ids = self.ids
        return Counter({ids[key]: count for key, count in self.places.spread().items()})


def name_entities(
    vocabulary: Vocabulary, around: Surroundings, documents: Sequence[Document], texts: Texts
) -> Named:
    """Decide which candidates are entities, by their claims and by where the text uses their names.

    Args:
        vocabulary: the candidates.
        around: what the whole material tells of words and phrases.
        documents: all of them, for their titles.
        texts: the passages, read for the names of all candidates.
    """
    every = texts.places(texts.index)
    spread, surfaces = every.spread(), texts.surfaces(every)
    worth = {
        key: candidate.worth(spread[key], surfaces[key], around)
        for key, candidate in sorted(vocabulary.candidates.items())
    }
    accepted = [key for key, share in worth.items() if share >= POSSIBLE]
    titles = {vocabulary.resolve(document.title): document.id for document in documents}
    entities: dict[str, Entity] = {}
    definitions: dict[str, Evidence] = {}
    whole = {content_id("w", key): candidate for key, candidate in vocabulary.whole.items()}
    for key, candidate in [*((key, vocabulary.candidates[key]) for key in accepted), *sorted(whole.items())]:
        entity, evidence = _entity(key, candidate, surfaces[key], titles, around)
        entities[key] = entity
        if evidence is not None:
            definitions[entity.id] = evidence
    sure = {
        entity.id
        for key, entity in entities.items()
        if key in whole
        or worth[key] >= (SURE if around.knows(vocabulary.candidates[key].claims) else _SURE_ELSEWHERE)
    }
    index = texts.index.only(frozenset(accepted))
    return Named(entities, index, definitions, texts.places(index), frozenset(sure))


def keep(named: Named, kept: Collection[str], texts: Texts) -> Named:
    """Return what is left with only the entities ``kept``; names that a longer one hid show where it went.

    A single word that the catalogue does not know stays hidden: see ``Sense.apart``.
    """
    entities = {key: entity for key, entity in named.entities.items() if entity.id in kept}
    index = named.index.only(frozenset(entities))
    definitions = {
        entity_id: evidence for entity_id, evidence in named.definitions.items() if entity_id in kept
    }
    return Named(entities, index, definitions, texts.places(index), named.sure)


def _entity(
    key: str,
    candidate: Candidate,
    surfaces: Counter[str],
    titles: Mapping[str, str],
    around: Surroundings,
) -> tuple[Entity, Evidence | None]:
    kind = candidate.kind(surfaces, around)
    name = display_name(candidate, surfaces, kind)
    described = _best_description(candidate, titles.get(key))
    common = [surface for surface, count in sorted(surfaces.items()) if count > 1]
    entity = Entity(
        id=content_id("e", key),
        name=name,
        kind=kind,
        aliases=other_names(candidate, name, common),
        description=_clean(described.description) if described and described.description else None,
        difficulty=candidate.difficulty(),
    )
    defining = described is not None and described.confidence >= _DEFINING
    return entity, described.evidence if described and defining else None


def _clean(description: str) -> str:
    """Drop quotation marks that a cut left without their twin."""
    return description.strip() if description.count('"') % 2 == 0 else description.replace('"', "").strip()


def _best_description(candidate: Candidate, home: str | None) -> EntityClaim | None:
    def rank(item: tuple[str, EntityClaim]) -> tuple[float, int, str, Evidence]:
        document_id, claim = item
        words = len((claim.description or "").split())
        fair = 0.0 if 6 <= words <= 45 else -0.2
        at_home = _AT_HOME if document_id == home else 0.0
        score = _DESCRIBING.get(claim.rule, 0.1) + claim.confidence / 4 + at_home + fair
        return -score, words, document_id, claim.evidence

    def only_labels(claim: EntityClaim) -> bool:
        # "**Agents**: one user action becomes sixty calls" does not say what an AI agent is.
        labels = claim.rule == "term" and claim.confidence < _DEFINING
        return labels and name_key(claim.name) != candidate.key

    described = [item for item in candidate.claims if item[1].description]
    usable = [item for item in described if item[1].confidence > 0.2 and not only_labels(item[1])]
    return min(usable, key=rank)[1] if usable else None
