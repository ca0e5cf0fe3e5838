"""Sentences and glossary lines that say what a thing is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extract.blocks import BlockKind, SpanStyle
from extract.lexicon import PRONOUN, asks, defines, kind_of_definition_text
from extract.naming import split_parenthesis, tidy
from extract.reading import Part, Reading
from kg.model import EntityClaim, EntityKind

_IS = re.compile(
    r"^(?P<name>[^.?!:;]{2,70}?)[,]?\s+(?:is|are|refers to|means|denotes|describes|is defined as)\s+"
    r"(?:(?:essentially|basically|simply|usually|often|typically|now|also)\s+)?(?P<rest>.{12,})$",
    re.DOTALL,
)
_ARTICLE = re.compile(
    r"^(?:an?|the|one of the|any|the art of|the process of|the practice of|when|how)\b", re.IGNORECASE
)
_INDEFINITE = re.compile(
    r"^(?:an?|any|one of|the (?:process|practice|art|task|use|ability))\b", re.IGNORECASE
)
# Most of what follows a bold word is said about it; what opens so says what it is.
_DEFINING = re.compile(
    rf"{_INDEFINITE.pattern}|^(?!(?:during|string|something|nothing|anything|everything)\b)\w+ing\b",
    re.IGNORECASE,
)
_REMARK = 0.3  # still a name with something said of it, but no ground for what others rest on
_VERB_ABOUT = re.compile(
    r"^(?P<name>[A-Z][^.?!:;,]{1,60}?)\s+(?:combines?|adapts?|measures?|splits?|converts?|stores?|compresses|reduces?|"
    r"quantif(?:y|ies)|predicts?|describes?|extends?|generates?|routes?|reorders?|encodes?|lets?|allows?|enables?|"
    r"replaces?|maps?|runs?|provides?|checks?|tracks?|keeps?|makes?|turns?|trains?|uses?|groups?|caches?|retrieves?)\s",
)
_DASH = re.compile(r"^\s*(?:[:–—]|-{1,2}\s|\s-\s)\s*")  # noqa: RUF001


def entity_claims(reading: Reading) -> Iterator[EntityClaim]:
    """Yield names with a defining sentence, from glossary lines and from "X is a ..."."""
    glossary = _is_glossary(reading)
    for part in reading.parts:
        if part.block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM):
            yield from _term(
                part, glossary=glossary or any("glossary" in h.casefold() for h in part.block.headings)
            )
            yield from _sentences(part)


def _is_glossary(reading: Reading) -> bool:
    return "glossary" in f"{reading.path} {reading.title}".casefold()


def _term(part: Part, *, glossary: bool) -> Iterator[EntityClaim]:
    """Read "**Term**: what it is", bold or, in a glossary, plain."""
    text = part.block.text
    span = next((span for span in part.block.spans if span.style is SpanStyle.BOLD and span.start == 0), None)
    if span is not None:
        label, rest = text[: span.end], text[span.end :]
        mark = _DASH.match(rest) or (_DASH.match(": ") if label.rstrip().endswith(":") else None)
    elif glossary and (plain := re.match(r"^(?P<label>[^.:]{2,60}?)(?=\s*(?::|\s[-–—])\s)", text)):  # noqa: RUF001
        label, rest = plain["label"], text[plain.end() :]
        mark = _DASH.match(rest)
    else:
        return
    name = split_parenthesis(tidy(label))
    body = _DASH.sub("", rest).strip()
    if name is None or mark is None or len(body.split()) < 4:
        return
    first = _first_sentence(part, len(text) - len(body))
    described = first if defines(first) and not part.block.ordered else None
    yield EntityClaim(
        name=name.name,
        aliases=name.aliases,
        kind=kind_of_definition_text(first, name.name),
        description=described,
        rule="glossary" if glossary else "term",
        confidence=_term_confidence(described, glossary=glossary),
        evidence=part.evidence_at(len(text) - len(body)),
    )


def _term_confidence(described: str | None, *, glossary: bool) -> float:
    if described is None:
        return 0.35
    if glossary:
        return 0.9
    return 0.5 if _DEFINING.match(described) else _REMARK


def _first_sentence(part: Part, start: int) -> str:
    for sentence in part.sentences:
        if sentence.end_char > start:
            return part.block.text[max(start, sentence.start_char) : sentence.end_char].strip()
    return part.block.text[start:]


def _sentences(part: Part) -> Iterator[EntityClaim]:
    for number, sentence in enumerate(part.sentences):
        text = sentence.text.strip()
        match = _IS.match(text) or (_VERB_ABOUT.match(text) if number == 0 else None)
        if match is None or asks(text) or len(text) > 500 or text.count('"') % 2:
            continue
        if re.match(r"(?:the|this|that|our|your)\s+\w+$", match["name"].strip(), re.IGNORECASE):
            continue  # "The wrapper is a thin process" speaks of one wrapper, named before
        subject = re.sub(r"^(?:an?|the)\s+", "", match["name"].strip(), flags=re.IGNORECASE)
        name = split_parenthesis(tidy(subject))
        copula = "rest" in match.re.groupindex
        if name is None or PRONOUN.fullmatch(name.name) or (copula and not _ARTICLE.match(match["rest"])):
            continue
        kind = kind_of_definition_text(match["rest"], name.name) if copula else None
        known = part.subject.casefold() == name.name.casefold()
        yield EntityClaim(
            name=name.name,
            aliases=name.aliases,
            kind=kind,
            description=text,
            rule="is-a-sentence" if copula else "verb-sentence",
            confidence=_sentence_confidence(match, kind, at_home=known),
            evidence=part.sentence_evidence(sentence),
        )


def _sentence_confidence(match: re.Match[str], kind: EntityKind | None, *, at_home: bool) -> float:
    if "rest" not in match.re.groupindex:
        return 0.4 if at_home else 0.15
    if not _INDEFINITE.match(match["rest"]):
        return 0.35  # "the X is the ..." says as often what role it plays as what it is
    return 0.6 if kind else 0.45
