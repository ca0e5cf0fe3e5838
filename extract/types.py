"""Which type of relation a claim makes between two kinds of things: as claimed, more exact, or none."""

from __future__ import annotations

from extract.lexicon import NEGATIVE_QUALITIES, QUALITIES, kind_of_definition
from kg.model import Entity, EntityKind, RelationClaim, RelationType

_IDEA = frozenset({EntityKind.CONCEPT, EntityKind.PATTERN})
_MADE = frozenset({EntityKind.TOOL, EntityKind.MODEL})


def fitting_type(claim: RelationClaim, source: Entity, target: Entity) -> RelationType | None:
    """Return the type that the claim comes to, None where these two cannot be tied so."""
    verb = claim.rule.partition(":")[0]
    if verb in ("verb-raises", "verb-lowers"):
        return _changed(target, more=verb == "verb-raises")
    fit = _FITS.get(claim.type)
    type_ = fit(claim.rule, source.kind, target.kind) if fit else claim.type
    if type_ is RelationType.IS_A and source.kind in _MADE and target.kind is EntityKind.CONCEPT:
        # Qdrant is a vector database, but only implements filtering.
        sort = kind_of_definition(target.name.casefold().split()[-1])
        return RelationType.IS_A if sort is source.kind else RelationType.IMPLEMENTS
    return type_


def sense_of(entity: Entity) -> str:
    """Return whether more of it is "good" or "bad", "neither" where its name and kind do not tell."""
    if _last_word(entity) in QUALITIES:
        return "good"
    words = entity.name.casefold().replace("-", " ").split()
    if entity.kind is EntityKind.RISK or not NEGATIVE_QUALITIES.isdisjoint(words):
        return "bad"
    return "good" if entity.kind is EntityKind.METRIC else "neither"


def _changed(target: Entity, *, more: bool) -> RelationType | None:
    sense = sense_of(target)
    if sense == "neither" or (sense == "good" and _last_word(target) not in QUALITIES):
        return None  # of a length or a score neither more nor less is better
    if more != (sense == "good"):
        return RelationType.WORSENS
    return RelationType.MITIGATES if target.kind is EntityKind.RISK else RelationType.IMPROVES


def _last_word(entity: Entity) -> str:
    return entity.name.casefold().replace("-", " ").split()[-1]


def _is_a(_: str, a: EntityKind, b: EntityKind) -> RelationType | None:
    if a in _MADE and b is EntityKind.PATTERN:
        return RelationType.IMPLEMENTS
    alike = a is b or b is EntityKind.CONCEPT or (a is EntityKind.CONCEPT and b is EntityKind.PATTERN)
    return RelationType.IS_A if alike else None


def _part_of(rule: str, a: EntityKind, b: EntityKind) -> RelationType | None:
    if (a is EntityKind.RISK) != (b is EntityKind.RISK):
        return None
    if "part-of" in rule and a in _MADE and b in _IDEA:
        return RelationType.IS_A  # "Vector databases include Qdrant": instances, not parts
    return RelationType.PART_OF


def _alternative(_: str, a: EntityKind, b: EntityKind) -> RelationType | None:
    alike = a is b or (a in _IDEA and b in _IDEA) or (a in _MADE and b in _MADE)
    return RelationType.ALTERNATIVE_TO if alike and a is not EntityKind.RISK else None


def _mitigates(_: str, a: EntityKind, b: EntityKind) -> RelationType | None:
    return RelationType.MITIGATES if b is EntityKind.RISK and a is not EntityKind.RISK else None


def _measures(_: str, a: EntityKind, __: EntityKind) -> RelationType | None:
    return None if a is EntityKind.RISK else RelationType.MEASURES


_FITS = {
    RelationType.IS_A: _is_a,
    RelationType.PART_OF: _part_of,
    RelationType.ALTERNATIVE_TO: _alternative,
    RelationType.MITIGATES: _mitigates,
    RelationType.MEASURES: _measures,
}
