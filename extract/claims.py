"""One document in, all that it claims out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from extract.blocks import Block, BlockKind, Loaded
from extract.fingerprint import extractor_version
from extract.items import sentences_of
from extract.naming import names_in_heading
from extract.reading import Part, Reading, subject_of
from extract.rules import (
    choices,
    code,
    compared,
    definitions,
    frames,
    goals,
    grades,
    names,
    phrases,
    questions,
    sections,
    sentences,
    tables,
    trade_offs,
)
from extract.split import split
from kg.model import Document, EntityClaim, Passage, RelationClaim, Source

if TYPE_CHECKING:
    from spacy.language import Language

Rule = Callable[[Reading], Iterable[EntityClaim | RelationClaim]]

MAX_RULE_CHARS = 20_000
"""A longer line without a sentence's end is data, not prose: it can be searched, but claims nothing."""

RULES: tuple[Rule, ...] = (
    names.entity_claims,
    definitions.entity_claims,
    phrases.entity_claims,
    sentences.relation_claims,
    tables.claims,
    sections.claims,
    questions.claims,
    code.claims,
    trade_offs.claims,
    choices.claims,
    goals.claims,
    grades.claims,
    compared.claims,
    frames.claims,
)


@lru_cache(maxsize=1)
def pipeline() -> Language:
    """Return this process's spaCy pipeline: a blank English tokenizer and our components, by name."""
    import spacy  # a second to import, which a run that finds nothing new does not owe
    from spacy.attrs import LOWER, NORM  # type: ignore[import-not-found]

    nlp = spacy.blank("en")
    # spaCy works out two dozen properties of each new word; the components and rules ask for two.
    properties = nlp.vocab.lex_attr_getters  # type: ignore[attr-defined]
    nlp.vocab.lex_attr_getters = {it: properties[it] for it in (LOWER, NORM)}  # type: ignore[attr-defined]
    nlp.max_length = 64_000_000  # there is no parser here whose memory grows with the text
    nlp.add_pipe("kg_sentences")
    nlp.add_pipe("kg_tags")
    nlp.add_pipe("kg_ties")
    return nlp


def extract(document: Document, loaded: Loaded) -> Source:
    """Split a document into passages and return them with every claim that the rules find."""
    pieces = split(document, loaded)
    reading = read(loaded, pieces)
    entity_claims: dict[EntityClaim, None] = {}
    relation_claims: dict[RelationClaim, None] = {}
    for rule in RULES:
        for claim in rule(reading):
            if not claim.evidence.quote:
                continue
            if isinstance(claim, EntityClaim):
                entity_claims[claim] = None
            else:
                relation_claims[claim] = None
    return Source(
        document=document,
        fingerprint=extractor_version(),
        passages=tuple(passage for passage, _ in pieces),
        entity_claims=tuple(entity_claims),
        relation_claims=tuple(relation_claims),
    )


def read(loaded: Loaded, pieces: list[tuple[Passage, tuple[Block, ...]]]) -> Reading:
    """Tokenize the blocks and give each its passage and subject."""
    kept = [
        (block, passage)
        for passage, blocks in pieces
        for block in blocks
        if len(block.text) <= MAX_RULE_CHARS
    ]
    texts = [block.text for block, _ in kept if block.kind is not BlockKind.CODE]
    docs = iter(pipeline().pipe(texts, batch_size=256))
    names_of_title = names_in_heading(loaded.title)
    return Reading(
        path=loaded.path,
        title=names_of_title[0].name if len(names_of_title) == 1 else "",
        metadata=loaded.metadata,
        parts=tuple(
            Part(
                block=block,
                passage=passage,
                sentences=() if block.kind is BlockKind.CODE else sentences_of(next(docs)),
                subject=subject_of(block.headings),
            )
            for block, passage in kept
        ),
    )
