"""Relations that a sentence states by a verb or phrase between two names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extract.blocks import BlockKind, SpanStyle
from extract.clauses import Clause, clauses, noun_group_after, noun_group_before
from extract.items import Mood, Phrase, Sentence, Tie, Words
from extract.lexicon import NEGATIVE_QUALITIES, PRONOUN, QUALITIES, asks
from extract.naming import is_name, tidy
from extract.reading import Part, Reading
from kg.model import Evidence, RelationClaim, RelationType

# RAISES and LOWERS become IMPROVES, WORSENS or MITIGATES once it is known what the target is.
_TYPES = {
    "RAISES": RelationType.IMPROVES,
    "LOWERS": RelationType.IMPROVES,
    "BUILDS_ON": RelationType.PREREQUISITE_OF,
}
_REVERSED = frozenset({"PART_OF", "BUILDS_ON"})  # "A includes B": B is part of A
_ASPECTS = QUALITIES | NEGATIVE_QUALITIES  # "**Efficiency**: reduces ..." is not about efficiency
_STATED, _HEDGED, _CARRIED = 0.8, 0.95, 0.75


def relation_claims(reading: Reading) -> Iterator[RelationClaim]:
    """Yield what verbs say of the phrases around them; the ends are phrases, resolved to names later."""
    for part in reading.parts:
        if part.block.kind not in (BlockKind.PARAGRAPH, BlockKind.ITEM):
            continue
        lead = lead_name(part)
        for sentence in part.sentences:
            if not asks(sentence.text):
                yield from _by_verb(part, lead, sentence)
                yield from _by_tie(part, lead, sentence)


def _by_verb(part: Part, lead: str, sentence: Sentence) -> Iterator[RelationClaim]:
    for clause in clauses(sentence):
        if clause.negated:
            continue
        evidence = part.sentence_evidence(sentence)
        subjects, how = _subjects(part, clause, lead, sentence)
        objects = [span.text for span in clause.objects]
        if clause.object_pronoun and (lead or part.subject):
            objects, how = [lead or part.subject], "it"
        yield from _claims(clause, subjects, objects, how, evidence)


def _subjects(part: Part, clause: Clause, lead: str, sentence: Sentence) -> tuple[list[str], str]:
    """Return the names a clause is said of, and whether the clause has them: "" or "carried"."""
    stated = [span.text for span in clause.subjects]
    if len(stated) == 1 and PRONOUN.fullmatch(_with_article(clause.subjects[0], sentence)):
        stated = []
    if stated:
        return stated, ""
    if not (clause.pronoun or clause.mood is not Mood.PARTICIPLE):
        return [], ""
    about = lead or part.subject
    how = "it" if clause.pronoun else "command" if clause.mood is Mood.IMPERATIVE else "bare"
    return ([about], how) if about else ([], "")


def _with_article(phrase: Phrase, sentence: Sentence) -> str:
    return sentence.words.phrase(max(sentence.start, phrase.start - 1), phrase.end).text


def _claims(
    clause: Clause, subjects: Sequence[str], objects: Sequence[str], how: str, evidence: Evidence
) -> Iterator[RelationClaim]:
    confidence = _STATED * (_HEDGED if clause.hedged else 1.0) * (_CARRIED if how else 1.0)
    label = clause.label
    rule = f"verb-{label.lower().replace('_', '-')}{'-' + how if how else ''}:{clause.lemma}"
    for subject in subjects:
        for other in objects:
            source, target = (other, subject) if label in _REVERSED else (subject, other)
            yield RelationClaim(
                source=source,
                type=_TYPES.get(label) or RelationType(label),
                target=target,
                rule=rule,
                confidence=round(confidence, 4),
                evidence=evidence,
            )


def _by_tie(part: Part, lead: str, sentence: Sentence) -> Iterator[RelationClaim]:
    words = sentence.words
    for tie in sentence.ties:
        before = max(sentence.start, tie.start - 3)
        if _glued(tie, words) or words.negate(before, tie.start) or words.negate(tie.end, tie.end + 1):
            continue
        label, side = tie.label[:-1], tie.label[-1]
        left = [span.text for span in noun_group_before(sentence, tie.start)]
        right = [span.text for span in noun_group_after(sentence, tie.end)]
        how = ""
        if label == "IS_A" and side == ">":
            left = left[-1:]
            right = right[:1]
        if side == "<" and label == "IS_A":
            left = left[-1:]
        if len(left) == 1 and PRONOUN.fullmatch(left[0]) and (lead or part.subject):
            left, how = [lead or part.subject], "it"
        if side == "<":
            left, right = right, left
        kind = (
            f"tie-{label.lower().replace('_', '-')}{'-list' if side == '<' else ''}{'-' + how if how else ''}"
        )
        rule = f"{kind}:{' '.join(words.lower[tie.start : tie.end])}"
        for source in left:
            for target in right:
                yield RelationClaim(
                    source=source,
                    type=RelationType(label),
                    target=target,
                    rule=rule,
                    confidence=round(_STATED * (_CARRIED if how else 1.0), 4),
                    evidence=part.sentence_evidence(sentence),
                )


def lead_name(part: Part) -> str:
    """Return the bold name that a block such as "**Reranking**: improves precision" is about, or ""."""
    for span in part.block.spans:
        if span.style is SpanStyle.BOLD and span.start == 0:
            name = tidy(part.block.text[: span.end])
            about_quality = name.casefold().split()[-1:] and name.casefold().split()[-1] in _ASPECTS
            return name if is_name(name) and not about_quality else ""
    if part.block.kind is BlockKind.ITEM:
        label = re.match(r"([^:.!?]{2,60}):\s", part.block.text)
        name = tidy(label[1]) if label else ""
        return name if is_name(name) else ""
    return ""


def _glued(tie: Tie, words: Words) -> bool:
    """Whether a hyphen makes the words part of another one: "look-alike"."""
    return "-" in (*words.texts[max(tie.start - 1, 0) : tie.start], *words.texts[tie.end : tie.end + 1])
