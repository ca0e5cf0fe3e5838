"""Choices that a heading or a question puts, "A or B": trade-offs whose sides the text below weighs."""

from __future__ import annotations

import re

from extract.blocks import BlockKind
from extract.lexicon import BLAME, NEGATIONS, PRAISE
from extract.naming import is_name, names_in_heading, tidy, without_asides
from extract.reading import Part, Reading
from extract.rules.questions import answer_below, asked_in
from extract.rules.trade_offs import Claims, Sides, choice_of, lists_sides, trade_off
from kg.names import WORD, name_key

_VERSUS = r"(?:vs\.?|versus)"  # "Errors or timeouts" in a heading weighs nothing
_PREFERRED = r"(?:instead of|rather than)"
_SIDE = r"[^,;:?!]{2,60}?"
_CHOOSING = r"(?:choose|chose|use|using|pick|prefer|recommend|select|favou?r|adopt|need|balance|between)"
_BETTER = (
    r"(?:often\s+|usually\s+|generally\s+|much\s+|significantly\s+)?(?:(?:preferred|favou?red|chosen)\s+(?:over|to)|"
    rf"better\s+(?:for\s+\w+\s+)?than|required\s+{_PREFERRED})"
)
# Where a side ends that no mark ends: "RAG over fine-tuning for rules that change".
_ENDS = r"(?=\s+(?:for|in|when|to|that|which|if|at|on|and|with|trained|approach)\b|\s*[,;:.?!]|$)"
_FOR = r"(?:\s+(?:for|in|at|on|with)\s[^?:]*)?"
_HEADED = re.compile(
    rf"^(?:[^:]+:\s+)?(?:(?:why|{_CHOOSING})\s+(?P<a>{_SIDE})\s+over\s+(?P<b>{_SIDE}){_ENDS}"
    rf"|(?:why\s+)?(?P<this>{_SIDE})\s+{_PREFERRED}\s+(?P<that>{_SIDE}){_ENDS})",
    re.IGNORECASE,
)
_OPPOSED = re.compile(rf"\s{_VERSUS}\s", re.IGNORECASE)
_ASKED = (
    # "When would you choose A over B?", "Why is A better than B?", "Should you use A or B?", "A or B?"
    rf"\b{_CHOOSING}\s+(?P<a>{_SIDE})\s+(?:over|{_VERSUS}|{_PREFERRED})\s+(?P<b>{_SIDE}){_ENDS}",
    rf"\b(?:is|are)\s+(?P<a>{_SIDE})\s+{_BETTER}\s+(?P<b>{_SIDE}){_ENDS}",
    rf"\b{_CHOOSING}\s+(?P<a>{_SIDE})\s+or\s+(?P<b>{_SIDE}){_FOR}\s*[?:]",
    rf"^(?!(?:what|how|why|when|where|who|which|do|does|did|is|are|was|were|can|could|should|would|will)\b)"
    rf"(?:[^:]+:\s+)?(?P<a>{_SIDE})\s+(?:or|{_VERSUS})\s+(?P<b>{_SIDE}){_FOR}(?:\s*[?:]|\s+[–—-]\s)",  # noqa: RUF001
)
_APART = re.compile(
    r"\bdiffer(?:ence|ences|s|ent|ently)?\b", re.IGNORECASE
)  # to tell things apart is no choice
_QUESTIONS = tuple(re.compile(one, re.IGNORECASE) for one in _ASKED)
_MOST_WORDS = 5  # of a side
_LABEL = re.compile(rf"^[^:]+:\s+(?=.*\s{_VERSUS}\s)", re.IGNORECASE)
_AFTERTHOUGHT = re.compile(r"\s+[–—-]\s.*$|\s+trade-?offs?$|\s+comparison$", re.IGNORECASE)  # noqa: RUF001
_JOINED = re.compile(r"\b(?:or|over|vs|versus|instead|rather)\b", re.IGNORECASE)
_QUOTES = re.compile(r"[\"“”]")
_LIGHT = re.compile(r"^(?:(?:an?|the|just|only|simply|simple|standard|pure|plain)\s+)+", re.IGNORECASE)
_TURNS = re.compile(
    r"[,;:–—]\s+(?:(?:while|whereas|but|though|although|and)\s+)?|\s+(?:while|whereas|but|though|although)\s+",  # noqa: RUF001
    re.IGNORECASE,
)
# "Use RAG when the knowledge changes" says what speaks for it.
_CHOSEN = re.compile(
    rf"\b(?:{_CHOOSING}|switch to|reach for|go with|opt for)\s+(?P<what>{_SIDE})\s+(?:when|if|for|where)\s",
    re.IGNORECASE,
)


def claims(reading: Reading) -> Claims:
    """Yield a TRADE_OFF for each choice of things, with what the text below says for and against them."""
    for at, part in enumerate(reading.parts):
        sides = _sides(part, reading)
        if sides:
            answer = answer_below(reading, at)
            if not any(map(lists_sides, answer)):  # those are read as tables and lists of pros and cons
                yield from _choice(sides, part, answer)


def _sides(part: Part, reading: Reading) -> list[str]:
    asked = asked_in(part, reading)
    is_heading = part.block.kind is BlockKind.HEADING
    found = sides_asked(asked[0]) if asked is not None else []
    return found or (sides_headed(part.block.text) if is_heading else [])


def sides_headed(heading: str) -> list[str]:
    """Return what a heading weighs: the sides of "A vs B", "Label: A vs B" or "A over B"; else none."""
    heading = " ".join(tidy(heading).split())
    if _APART.search(heading):
        return []
    if _OPPOSED.search(heading):
        body = _AFTERTHOUGHT.sub("", _LABEL.sub("", without_asides(heading)))
        sides = [name.name for name in names_in_heading(body)]
        return sides if len(sides) > 1 else []
    match = _HEADED.match(heading)
    return _sides_of(match["a"] or match["this"], match["b"] or match["that"]) if match else []


def sides_asked(question: str) -> list[str]:
    """Return the two things that a question weighs: "When would you choose A over B?"; else none."""
    text = " ".join(_QUOTES.sub("", without_asides(question)).split())
    if _APART.search(text):
        return []
    found = (_sides_of(match["a"], match["b"]) for pattern in _QUESTIONS for match in pattern.finditer(text))
    return next(filter(None, found), [])


def _sides_of(*phrases: str) -> list[str]:
    """Return both sides if they are names, and different ones; else none."""
    sides = [tidy(_LIGHT.sub("", phrase)) for phrase in phrases]
    fit = all(
        is_name(side) and len(side.split()) <= _MOST_WORDS and not _JOINED.search(side) for side in sides
    )
    return sides if fit and name_key(sides[0]) != name_key(sides[1]) else []


def _choice(sides: list[str], part: Part, answer: list[Part]) -> Claims:
    weighed = Sides(part.evidence())
    for below in answer:
        if below.block.kind is BlockKind.ROW and below is not part:
            continue  # its cells are about other things, in order
        for sentence in below.sentences:
            for piece in _TURNS.split(sentence.text):
                side, good = _praised(piece, sides)
                if side is not None:
                    gain, cost = (piece.strip(), "") if good else ("", piece.strip())
                    weighed.add(side, gain, cost, below.sentence_evidence(sentence))
    for side in sides:
        weighed.add(side, "", "", part.evidence())
    yield from trade_off(choice_of(sides), weighed, "trade-off-choice", 0.75)


def _praised(piece: str, sides: list[str]) -> tuple[str | None, bool]:
    """Return the one side that a clause speaks of, and whether it speaks well of it; None if of none."""
    words = {word.casefold() for word in WORD.findall(piece)}
    if not NEGATIONS.isdisjoint(words) or "avoid" in words or "n't" in piece or "n\u2019t" in piece:
        return None, False  # "not cheap": what is denied need not be the opposite
    if chosen := _CHOSEN.search(piece):
        named = _spoken_of(chosen["what"], sides)
        if len(named) == 1:
            return named[0], True
    named = _spoken_of(piece, sides)
    good, bad = not PRAISE.isdisjoint(words), not BLAME.isdisjoint(words)
    return (named[0], good) if len(named) == 1 and good != bad else (None, False)


def _spoken_of(piece: str, sides: list[str]) -> list[str]:
    words = {word.casefold() for word in WORD.findall(piece)}
    return [side for side, marks in zip(sides, _marks(sides), strict=True) if marks <= words]


def _marks(sides: list[str]) -> list[set[str]]:
    """Return for each side the words of it that no other has, all of them where there are none."""
    words = [{word.casefold() for word in WORD.findall(side)} for side in sides]
    others = [set().union(*(one for one in words if one is not own)) for own in words]
    return [own - rest or own for own, rest in zip(words, others, strict=True)]
