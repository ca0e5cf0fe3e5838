"""What a heading or question sets as its goal ("How do you prevent X?"), and what below it serves that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from extract.blocks import BlockKind, SpanStyle
from extract.clauses import clauses
from extract.lexicon import NEGATIVE_QUALITIES, QUALITIES
from extract.naming import is_name, names_in_heading, tidy, without_asides
from extract.reading import Part, Reading
from extract.rules.phrases import plain
from extract.rules.questions import answer_below, asked_in
from extract.rules.sentences import lead_name
from kg.model import Evidence, RelationClaim, RelationType

_LESS = (
    r"prevent\w*|avoid\w*|mitigat\w*|reduc\w*|lower(?:s|ed|ing)?|minimi[sz]\w*|cut(?:s|ting)?|handl\w*|tackl\w*|"
    r"eliminat\w*|counter\w*|combat\w*|(?:protect\w*|defend\w*|guard\w*)(?:\s+[\w-]+){0,4}?\s+(?:against|from)|"
    r"deal\w*\s+with|cope\s+with|stop"
)
_MORE = (
    r"improv\w*|increas\w*|boost\w*|maximi[sz]\w*|ensur\w*|guarantee\w*|"
    r"optimi[sz](?:e|es|ing)|design\w*\s+for"
)
_GOAL = (
    r"(?P<goal>[^?,:;.!]{3,60}?)"
    r"(?=\s+(?:in|when|using|with|for|on|across|at|from|without|while|by|that|if)\b|\s*[?,:;.!]|$)"
)
_DO = re.compile(rf"\b(?:(?P<less>{_LESS})|{_MORE})\s+{_GOAL}", re.IGNORECASE)
_DONE = re.compile(
    r"^(?P<goal>.{3,50}?)\s+(?:(?P<less>mitigations?|prevention|reduction|defen[cs]es?|countermeasures)|optimi[sz]ations?)"
    r"(?:\s+(?:strategies|techniques|patterns|methods|measures|playbook|pipeline|in\s+depth|summary|opportunities))?$",
    re.IGNORECASE,
)
_ASKED = re.compile(r"^(?:how|what|which|describe|explain|name)\b", re.IGNORECASE)
_USING = frozenset({"USES", "IMPLEMENTS"})
# "Handling failures": of whatever sort.
_ANYTHING = frozenset(
    {"failure", "failures", "issue", "issues", "mistakes", "mode", "modes", "problems", "risks"}
)
_SERVED = 0.6
_MOST_PARTS = 40  # blocks below a heading that are read


def claims(reading: Reading) -> Iterator[RelationClaim]:
    """Yield that what is set out below a goal serves it; which way is settled by what the goal is."""
    for at, part in enumerate(reading.parts):
        goal = _goal(part, reading)
        if goal is not None:
            rule, phrase = goal
            for name, how, evidence in _means(reading, at):
                yield RelationClaim(
                    source=name,
                    type=RelationType.IMPROVES,
                    target=phrase,
                    rule=f"{rule}:{how}",
                    confidence=_SERVED,
                    evidence=evidence,
                )


def _goal(part: Part, reading: Reading) -> tuple[str, str] | None:
    """Return the rule, which says what is to become of the goal, and the goal's phrase."""
    asked = asked_in(part, reading)
    if asked is not None and _ASKED.match(asked[0]):
        match = _DO.search(without_asides(asked[0]))
    elif part.block.kind is BlockKind.HEADING:
        heading = tidy(part.block.text)
        match = _DO.match(heading) or _DONE.match(heading)
    else:
        return None
    if match is None:
        return None
    phrase = tidy(match["goal"])
    words = phrase.casefold().split()
    if not words or words[-1] in _ANYTHING:
        return None
    # "Improving latency" means less of it, "preventing low quality" more.
    less = words[-1] in NEGATIVE_QUALITIES or (match["less"] is not None and words[-1] not in QUALITIES)
    return f"verb-{'lowers' if less else 'raises'}-asked", phrase


def _means(reading: Reading, at: int) -> Iterator[tuple[str, str, Evidence]]:
    """Yield what the blocks below set out, how ("headed", "led", "bold" or "used"), and where."""
    opening = reading.parts[at]
    is_heading = opening.block.kind is BlockKind.HEADING
    below = islice(reading.below(at), _MOST_PARTS) if is_heading else answer_below(reading, at)
    for part in below:
        block = part.block
        if part is opening or block.kind in (BlockKind.CODE, BlockKind.ROW) or _is_reference(part):
            continue
        if block.kind is BlockKind.HEADING:
            if block.level == opening.block.level + 1:
                yield from ((name.name, "headed", part.evidence()) for name in names_in_heading(block.text))
        elif lead := lead_name(part):
            yield lead, "led", part.evidence_at(0)
        else:
            yield from ((name, "bold", evidence) for name, evidence in _named(part))
            yield from ((name, "used", evidence) for name, evidence in _used(part))


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
        if span.style is SpanStyle.BOLD and is_name(tidy(bold)) and ":" not in block.text[span.end - 1 :][:2]:
            yield tidy(bold), part.evidence_at(span.start)
    if block.kind is BlockKind.ITEM and is_name(tidy(block.text)):
        yield tidy(block.text), part.evidence_at(0)


def _used(part: Part) -> Iterator[tuple[str, Evidence]]:
    """Yield what one is told to use, or "we" use."""
    for sentence in part.sentences:
        for clause in clauses(sentence):
            if clause.label in _USING and not (clause.negated or clause.subjects or clause.pronoun):
                evidence = part.sentence_evidence(sentence)
                yield from ((name, evidence) for it in clause.objects if is_name(name := plain(it.text)))
