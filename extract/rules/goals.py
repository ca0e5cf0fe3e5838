"""What a heading or question sets as its goal ("How do you prevent X?"), and what below it serves that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from extract.blocks import BlockKind, SpanStyle
from extract.clauses import clauses
from extract.lexicon import NEGATIONS, NEGATIVE_QUALITIES, QUALITIES, role_of
from extract.naming import is_name, names_in_heading, tidy, without_asides
from extract.reading import Part, Reading
from extract.rules.phrases import plain
from extract.rules.questions import answer_below, asked_in
from extract.rules.sentences import lead_name
from kg.model import Evidence, RelationClaim, RelationType
from kg.names import WORD, name_key

_LESS = (
    r"prevent(?:ing)?|avoid(?:ing)?|mitigat(?:e|ing)|reduc(?:e|ing)|lower(?:ing)?|minimi[sz](?:e|ing)|cut(?:ting)?|"
    r"eliminat(?:e|ing)|counter(?:ing)?|combat(?:ing)?|handl(?:e|ing)|tackl(?:e|ing)|deal(?:ing)?\s+with|"
    r"(?:protect|defend|guard)(?:ing)?(?:\s+[\w-]+){0,4}?\s+(?:against|from)"
)
_MORE = (
    r"improv(?:e|ing)|increas(?:e|ing)|boost(?:ing)?|maximi[sz](?:e|ing)|ensur(?:e|ing)|guarantee(?:ing)?|"
    r"optimi[sz](?:e|ing)|design(?:ing)?\s+for"
)
_GOAL = (
    r"(?P<goal>[^?,:;.!]{3,60}?)"
    r"(?=\s+(?:in|when|using|with|for|on|across|at|from|without|while|by|that|if)\b|\s*[?,:;.!]|$)"
)
_DO = re.compile(rf"\b(?:(?P<less>{_LESS})|{_MORE})\s+{_GOAL}", re.IGNORECASE)
_DONE = re.compile(
    r"^(?P<goal>.{3,50}?)\s+"
    r"(?:(?P<less>mitigations?|prevention|reduction|defen[cs]es?|countermeasures)|(?P<tuned>optimi[sz]ations?))"
    r"(?:\s+(?:strategies|techniques|patterns|methods|measures|playbook|pipeline|in\s+depth|summary|opportunities))?$",
    re.IGNORECASE,
)
# Who is asked how to reach a goal; "How does X reduce Y?" asks about X.
_MEANS = (
    r"(?:techniques|strategies|patterns|methods|measures|practices|approaches|ways|steps|controls|guardrails)"
)
_ASKED = re.compile(
    r"^(?:how\s+(?:(?:do|would|can|should|could|might)\s+(?:you|we|one|I|teams?|engineers?)|to)"
    rf"|(?:what|which)\s+(?:[\w-]+\s+){{0,3}}?{_MEANS}"
    rf"|(?:describe|explain|name|list|discuss|outline)\s+(?:[\w-]+\s+){{0,3}}?(?:how\s+(?:to|you|we)|{_MEANS}))\b",
    re.IGNORECASE,
)
# "Handling failures": of whatever sort.
_ANYTHING = frozenset(
    {"failure", "failures", "issue", "issues", "mistakes", "mode", "modes", "problems", "risks"}
)
_WARNINGS = frozenset({"avoid", "avoiding", "don", "doesn", "isn"})
_USING = frozenset({"USES", "IMPLEMENTS"})
_SERVED = 0.6  # a start: the fold's model weighs it with all else
_MOST_PARTS = 40  # blocks below a heading that are read; a longer section is about more than its heading


def claims(reading: Reading) -> Iterator[RelationClaim]:
    """Yield that what is set out below a goal serves it; the question's own block is not read."""
    for at, part in enumerate(reading.parts):
        goal = _goal(part, reading)
        if goal is not None:
            yield from _serving(goal, reading, at)


def _serving(goal: tuple[RelationType, str, str], reading: Reading, at: int) -> Iterator[RelationClaim]:
    type_, rule, phrase = goal
    own = name_key(phrase)
    for name, how, evidence in _means(reading, at):
        if name_key(name) != own:
            yield RelationClaim(
                source=name,
                type=type_,
                target=phrase,
                rule=f"{rule}-asked:{how}",
                confidence=_SERVED,
                evidence=evidence,
            )


def _goal(part: Part, reading: Reading) -> tuple[RelationType, str, str] | None:
    """Return what is to become of the goal, as a type and a verb's rule, and the goal's phrase."""
    asked = asked_in(part, reading)
    if asked is not None:
        opening = _ASKED.match(asked[0])
        match = _DO.search(without_asides(asked[0][opening.end() :])) if opening else None
    elif part.block.kind is BlockKind.HEADING:
        heading = tidy(part.block.text)
        match = _DO.match(heading) or _DONE.match(heading)
    else:
        return None
    if match is None:
        return None
    phrase = tidy(match["goal"])
    last = phrase.casefold().split()[-1:]
    if not last or last[0] in _ANYTHING:
        return None
    if last[0] in NEGATIVE_QUALITIES:  # "improving latency", too, means less of it
        return RelationType.IMPROVES, "verb-lowers", phrase
    if last[0] not in QUALITIES:
        if match.groupdict().get("tuned"):
            return None  # "Direct preference optimization"
        if match["less"]:
            return RelationType.MITIGATES, "verb-mitigates", phrase
    return RelationType.IMPROVES, "verb-raises", phrase


def _means(reading: Reading, at: int) -> Iterator[tuple[str, str, Evidence]]:
    """Yield what the blocks below set out, how ("headed", "led", "bold" or "used"), and where.

    Of the sections within the goal's own only their headings are read.
    """
    opening = reading.parts[at]
    is_heading = opening.block.kind is BlockKind.HEADING
    below = islice(reading.below(at), _MOST_PARTS) if is_heading else answer_below(reading, at)
    inner = False
    for part in below:
        block = part.block
        if asked_in(part, reading) and part is not opening:
            return
        if block.kind is BlockKind.HEADING:
            inner = True
            if block.level == opening.block.level + 1 and not _announces(part, reading):
                yield from ((name.name, "headed", part.evidence()) for name in names_in_heading(block.text))
        elif inner or part is opening or block.kind in (BlockKind.CODE, BlockKind.ROW) or _is_reference(part):
            continue
        elif lead := lead_name(part):
            yield lead, "led", part.evidence_at(0)
        else:
            yield from ((name, "bold", evidence) for name, evidence in _named(part))
            yield from ((name, "used", evidence) for name, evidence in _used(part))


def _announces(part: Part, reading: Reading) -> bool:
    """Whether a heading announces something else: resources, costs, another goal."""
    return role_of(part.block.text) is not None or _goal(part, reading) is not None


def _is_reference(part: Part) -> bool:
    """Whether a block begins with a link that leads out: a source, not a means."""
    return any(
        span.style is SpanStyle.LINK and span.start == 0 and "://" in span.target for span in part.block.spans
    )


def _named(part: Part) -> Iterator[tuple[str, Evidence]]:
    """Yield the bold names of a block, and an item that is no more than a name."""
    block = part.block
    for span in block.spans:
        bold = block.text[span.start : span.end]
        if span.style is not SpanStyle.BOLD or _denied_at(part, span.start):
            continue
        if is_name(tidy(bold)) and ":" not in block.text[span.end - 1 :][:2]:
            yield tidy(bold), part.evidence_at(span.start)
    if block.kind is BlockKind.ITEM and is_name(tidy(block.text)):
        yield tidy(block.text), part.evidence_at(0)


def _denied_at(part: Part, offset: int) -> bool:
    """Whether the sentence around an offset denies something or warns of it."""
    sentence = next((one for one in part.sentences if one.end_char > offset), None)
    words = {word.casefold() for word in WORD.findall(sentence.text)} if sentence is not None else set()
    return not words.isdisjoint(NEGATIONS) or not words.isdisjoint(_WARNINGS)


def _used(part: Part) -> Iterator[tuple[str, Evidence]]:
    """Yield what one is told to use, or "we" use."""
    for sentence in part.sentences:
        for clause in clauses(sentence):
            if clause.label in _USING and not (clause.negated or clause.subjects or clause.pronoun):
                evidence = part.sentence_evidence(sentence)
                yield from ((name, evidence) for it in clause.objects if is_name(name := plain(it.text)))
