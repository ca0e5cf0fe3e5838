"""What a language model's word counts for beside the fitted weights, which know only the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod

from kg.model import EntityClaim, EntityKind, RelationClaim

LLM_RULE = "llm:"
"""Begins the rule of what a language model claims; the model's name follows."""

Claims = Sequence[tuple[str, EntityClaim]]  # each with the document's id


def is_models(claim: EntityClaim | RelationClaim) -> bool:
    """Whether a language model makes the claim."""
    return claim.rule.startswith(LLM_RULE)


def by_rules(claims: Claims) -> Claims:
    """Return the claims that rules make: those that the weights were fitted to."""
    return [one for one in claims if not is_models(one[1])]


def doubt(claims: Claims) -> float:
    """Return how far models leave it open that a name is worth a node, 0 to 1; 1 where none speaks.

    A document counts once, by its surest claim: its passages repeat each other, documents hardly do.
    """
    surest: dict[str, float] = {}
    for document_id, claim in claims:
        if is_models(claim):
            surest[document_id] = max(surest.get(document_id, 0.0), claim.confidence)
    return prod(1 - confidence for confidence in surest.values())


def kind_votes(claims: Claims) -> dict[EntityKind, float]:
    """Return the share of models' claims that say each kind: one voice outweighs all but a sure fit.

    A model has read the passage, where the fit has mostly the look of the name to go by.
    """
    said = Counter(claim.kind for _, claim in claims if is_models(claim) and claim.kind is not None)
    return {kind: count / said.total() for kind, count in said.items() if kind is not None}
