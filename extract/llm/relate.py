"""Relations that a language model states, as it states them: the fitted weights know only the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from extract.llm.voice import is_models
from extract.pairs import PairReader
from extract.relate import Merger
from extract.vocabulary import NAMED_WHOLE
from kg.model import Entity, EntityKind, RelationClaim, RelationType, Source
from kg.names import name_key

_OF_WHOLES = {
    RelationType.TRADES_OFF: EntityKind.TRADE_OFF,
    RelationType.ASKS_ABOUT: EntityKind.QUESTION,
    RelationType.TEACHES: EntityKind.RESOURCE,
}


def stated(sources: Iterable[Source]) -> Iterator[RelationClaim]:
    """Yield the relations that models claim."""
    for source in sources:
        yield from (claim for claim in source.relation_claims if is_models(claim))


def relate_stated(
    claims: Iterable[RelationClaim],
    reader: PairReader,
    whole_ids: Mapping[str, str],
    entities: Mapping[str, Entity],
    merger: Merger,
) -> None:
    """Add the claims whose ends are entities and of kinds that the type can tie.

    Args:
        claims: what models state; their confidence is that of the relation.
        reader: finds the entity that a name is.
        whole_ids: name key of a question, resource or trade-off to its entity's id.
        entities: by id.
        merger: takes the relations.
    """
    for claim in claims:
        ends = [_end(name, claim, reader, whole_ids) for name in (claim.source, claim.target)]
        source, target = ends
        if source is None or target is None or source == target:
            continue
        if _fits(claim.type, entities[source].kind, entities[target].kind):
            merger.add((source, target), claim.type, claim.confidence, (claim.rule,), claim.evidence)


def _end(name: str, claim: RelationClaim, reader: PairReader, whole_ids: Mapping[str, str]) -> str | None:
    whole = whole_ids.get(name_key(name))
    if whole is not None:
        return whole
    found = reader.end(name, claim.evidence.passage_id)
    # The model names its ends, so nothing less than the whole of a name is meant.
    return found.entity_id if found is not None and found.fit == "whole" else None


def _fits(type_: RelationType, source: EntityKind, target: EntityKind) -> bool:
    """Whether the ontology ties these kinds so; a risk is what is mitigated, and mitigates nothing."""
    if target in NAMED_WHOLE:
        return False
    if source in NAMED_WHOLE or type_ in _OF_WHOLES:
        return _OF_WHOLES.get(type_) is source
    return type_ is not RelationType.MITIGATES or (
        target is EntityKind.RISK and source is not EntityKind.RISK
    )
