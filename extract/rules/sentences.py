"""Relations that a sentence states by a verb or phrase between two names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from extract.blocks import BlockKind, SpanStyle
from extract.lexicon import (
    AUXILIARIES,
    CLAUSE_ENDS,
    CLAUSE_MARKS,
    HEDGES,
    NEGATIONS,
    NEGATIVE_QUALITIES,
    PRONOUN,
    QUALITIES,
)
from extract.naming import is_name, tidy
from extract.reading import Part, Reading
from kg.model import RelationClaim, RelationType

if TYPE_CHECKING:
    from spacy.tokens import Span

# What each trigger's claims earned when read by hand; the graph's fold lowers it by what stands between.
_CONFIDENCE = {
    "IMPROVES": 0.85,
    "RAISES": 0.8,
    "LOWERS": 0.85,
    "WORSENS": 0.8,
    "MITIGATES": 0.8,
    "USES": 0.75,
    "PART_OF": 0.8,
    "IS_A": 0.8,
    "IMPLEMENTS": 0.8,
    "ALTERNATIVE_TO": 0.7,
    "MEASURES": 0.8,
    "PREREQUISITE_OF": 0.75,
}
# RAISES and LOWERS become IMPROVES, WORSENS or MITIGATES once it is known what the target is.
_TYPES = {"RAISES": RelationType.IMPROVES, "LOWERS": RelationType.IMPROVES}
_ASPECTS = QUALITIES | NEGATIVE_QUALITIES  # "**Efficiency**: reduces ..." is not about efficiency
_LISTING = frozenset({"IS_A<", "PART_OF<"})  # what stands on the left has, or heads, what is on the right
_OBJECT_PRONOUN = re.compile(
    r"(?:it|them|this|these|both|the (?:style|pattern|idea|technique))"
    r"(?: (?:for|in|with|on|by|at|across) .*)?",
    re.IGNORECASE,
)
_PRONOUN_WEIGHT = 0.75
_HEDGED = 0.95
_MAX_WORDS = 16
_INTRO = re.compile(
    r"^(?:in|with|for|by|when|if|at|on|as|unlike|like|because|since|while|although|after|before|during|to|from|under|"
    r"here|however|instead|overall|today|finally|first|second|also|for example|e\.g\.|in contrast|moreover|"
    r"additionally|similarly|compared|given|once|without|across|among|beyond)\b[^,]*,\s*",
    re.IGNORECASE,
)
_ASIDE = re.compile(r",\s*(?:which|who|that|a|an|the)\s[^,]*,?$")


def relation_claims(reading: Reading) -> Iterator[RelationClaim]:
    """Yield what verbs say of the phrases around them; the ends are phrases, resolved to names later."""
    for part in reading.parts:
        if part.doc is None or part.block.kind not in (BlockKind.PARAGRAPH, BlockKind.ITEM):
            continue
        for sentence in part.doc.sents:
            if not sentence.text.rstrip().endswith("?"):
                yield from _sentence(part, sentence)


def _sentence(part: Part, sentence: Span) -> Iterator[RelationClaim]:
    found = part.doc.spans["triggers"] if part.doc else []
    triggers = [one for one in found if sentence.start <= one.start < sentence.end and not _glued(one)]
    evidence = part.sentence_evidence(sentence) if triggers else None
    for number, (trigger, left, weight) in enumerate(_subjects(part, sentence, triggers)):
        end = triggers[number + 1].start if number + 1 < len(triggers) else sentence.end
        right = _right(trigger, end, sentence)
        if not left or not right or evidence is None or _negated(sentence, trigger):
            continue
        label = trigger.label_[:-1]
        rule = f"verb-{label.lower().replace('_', '-')}{_suffix(trigger)}"
        if _OBJECT_PRONOUN.fullmatch(right):
            right, rule = _antecedent(part, sentence, label, rule)
            weight *= _PRONOUN_WEIGHT
        source, target = (left, right) if trigger.label_.endswith(">") else (right, left)
        if source and target:
            yield RelationClaim(
                source=source,
                type=_TYPES.get(label) or RelationType(label),
                target=target,
                rule=rule,
                confidence=round(_CONFIDENCE[label] * weight * (_HEDGED if _is_hedged(trigger) else 1.0), 4),
                evidence=evidence,
            )


def _subjects(part: Part, sentence: Span, triggers: list[Span]) -> Iterator[tuple[Span, str, float]]:
    """Yield each trigger with the phrase on its left, "" where there is none, and what that is worth."""
    subject = ""
    for number, trigger in enumerate(triggers):
        own = _left(sentence, trigger, triggers[number - 1] if number else None)
        if trigger.label_ == "IS_A<":
            yield trigger, own or "", 1.0  # "For example, ..." belongs to the sentence before
            continue
        # "X improves recall and reduces latency": the second verb has the first one's subject.
        subject = subject if own is None else own
        if own == "":
            # An item may leave its subject out: "- **Reranking**: improves ...". "Use X to ..." elsewhere
            # tells the reader what to do, not what is so.
            stated = part.block.kind is BlockKind.ITEM and not number and trigger[0].lower_.endswith("s")
            subject = (_lead(part, sentence) or part.subject) if stated else ""
            yield trigger, subject, _PRONOUN_WEIGHT
        elif PRONOUN.fullmatch(subject):
            yield trigger, part.subject, _PRONOUN_WEIGHT
        else:
            yield trigger, subject, 1.0


def _is_hedged(trigger: Span) -> bool:
    doc = trigger.doc
    return any(
        token.lower_ in HEDGES for token in doc[max(trigger.sent.start, trigger.start - 3) : trigger.start]
    )


def _left(sentence: Span, trigger: Span, previous: Span | None) -> str | None:
    """Return the phrase before a trigger; None where a conjunction hands on an earlier subject."""
    doc = sentence.doc
    at = trigger.start
    while at > sentence.start and (doc[at - 1].lower_ in AUXILIARIES or doc[at - 1].lower_.endswith("ly")):
        at -= 1
    start = at
    floor = previous.end if previous is not None else sentence.start
    if trigger.label_ == "IS_A<" and at > sentence.start and doc[at - 1].text == "(":
        at = start = at - 1  # "databases (e.g. Qdrant)"
    while start > floor and at - start < _MAX_WORDS:
        token = doc[start - 1]
        if token.text in CLAUSE_MARKS or token.lower_ in ("but", "while", "because", "whereas", "so"):
            break
        start -= 1
    if previous is not None and start == previous.end:
        between = doc[previous.end : trigger.start].text
        if re.search(r"(?:,|\band|\bbut|\bor)\W*(?:also|then|can|often)?\s*$", between):
            return None
    if start == at and previous is not None:
        return None
    text = _INTRO.sub("", doc[start:at].text.strip())
    return _ASIDE.sub("", text).strip(" ,")


def _right(trigger: Span, end: int, sentence: Span) -> str:
    doc = sentence.doc
    stop = trigger.end
    while stop < min(end, sentence.end) and stop - trigger.end < _MAX_WORDS:
        token = doc[stop]
        if token.text in CLAUSE_MARKS or (token.lower_ in CLAUSE_ENDS and stop > trigger.end):
            break
        stop += 1
    while stop > trigger.end and doc[stop - 1].lower_ in ("and", "or", "but", ","):
        stop -= 1
    return doc[trigger.end : stop].text.strip(" ,.")


def _antecedent(part: Part, sentence: Span, label: str, rule: str) -> tuple[str, str]:
    """Return what "it" or "this" stands for as an object, and under which rule to resolve it.

    A mitigation is of the risk that the sentence before names; what is measured or implemented is
    what the section is about.
    """
    if label == "MITIGATES" and sentence.start > 0:
        before = [one for one in sentence.doc.sents if one.end <= sentence.start]
        return before[-1].text, "mitigates-it"
    return (part.subject, rule) if label in ("MEASURES", "IMPLEMENTS", "MITIGATES") else ("", rule)


def _lead(part: Part, sentence: Span) -> str:
    """Return the bold name that an item such as "**Reranking**: improves precision" is about."""
    if sentence.start == 0 or part.block.kind is BlockKind.ITEM:
        for span in part.block.spans:
            if span.style is SpanStyle.BOLD and span.start == 0:
                name = tidy(part.block.text[: span.end])
                about_quality = name.casefold().split()[-1:] and name.casefold().split()[-1] in _ASPECTS
                return name if is_name(name) and not about_quality else ""
    return ""


def _glued(trigger: Span) -> bool:
    """Whether a hyphen makes the words part of another one: "tool-use"."""
    doc = trigger.doc
    before = doc[trigger.start - 1].text if trigger.start else ""
    after = doc[trigger.end].text if trigger.end < len(doc) else ""
    return "-" in (before, after)


def _suffix(trigger: Span) -> str:
    """Tell in the rule's name where the source stands on the right: phrases are read by their side."""
    if trigger.label_ in _LISTING:
        return "-list"
    return "-by" if trigger.label_.endswith("<") else ""


def _negated(sentence: Span, trigger: Span) -> bool:
    doc = sentence.doc
    around = [
        *doc[max(sentence.start, trigger.start - 8) : trigger.start],
        *doc[trigger.end : trigger.end + 1],
    ]
    return any(token.lower_ in NEGATIONS or token.norm_ == "not" for token in around)
