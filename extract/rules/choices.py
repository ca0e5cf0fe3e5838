"""Choices that a heading or a question puts, "A or B": trade-offs whose sides the text below weighs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extract.blocks import BlockKind
from extract.items import Sentence
from extract.lexicon import BLAME, NEGATIONS, PRAISE
from extract.naming import is_name, names_in_heading
from extract.reading import Part, Reading
from extract.rules.phrases import plain
from extract.rules.questions import asked_in
from extract.rules.trade_offs import Claims, Sides, lists_sides, trade_off
from kg.names import WORD, name_key

_VERSUS = re.compile(r"\s(?:vs\.?|versus)\s[^?]+$", re.IGNORECASE)  # "Errors or timeouts" weighs nothing
_AGAINST = frozenset({"vs", "vs.", "versus", "or"})
_PREFERRED = {"instead": "of", "rather": "than", "better": "than"}
_BRIEF = 12  # words; in a longer question "or" mostly joins what is asked about
_APART = 2  # tokens, such as an article or a bracket, between a side and the word that weighs it
_TURNS = re.compile(
    r"[,;:–—]\s+(?:(?:while|whereas|but|though|although|and)\s+)?|\s+(?:while|whereas|but|though|although)\s+",  # noqa: RUF001
    re.IGNORECASE,
)
_MOST_PARTS = 12  # blocks of an answer that are read


def claims(reading: Reading) -> Claims:
    """Yield a TRADE_OFF for each choice of two things, with what the text below says for and against them."""
    for at, part in enumerate(reading.parts):
        sides = _sides(part, reading)
        if len(sides) == 2:
            answer = _answer(reading, at)
            if not any(map(lists_sides, answer)):  # those are read as tables and lists of pros and cons
                yield from _choice(sides, part, answer)


def _sides(part: Part, reading: Reading) -> list[str]:
    block = part.block
    if block.kind is BlockKind.HEADING and _VERSUS.search(block.text):
        return [name.name for name in names_in_heading(block.text)]
    asked = asked_in(part, reading)
    if asked is None:
        return []
    end = block.text.find(asked[0]) + len(asked[0])
    brief = len(asked[0].split()) <= _BRIEF
    found = (_either(sentence, brief=brief) for sentence in part.sentences if sentence.start_char < end)
    return next((sides for sides in found if sides), [])


def _either(sentence: Sentence, *, brief: bool) -> list[str]:
    """Return what stands on both sides of "vs" or "instead of", or of "or" in a ``brief`` question, or []."""
    words = sentence.words.lower
    for at in range(sentence.start, sentence.end):
        end = at + _width(words, at)
        if end == at or (words[at] == "or" and not brief):
            continue
        before = [phrase for phrase in sentence.phrases if at - _APART <= phrase.end <= at]
        after = [phrase for phrase in sentence.phrases if end <= phrase.start <= end + _APART]
        sides = [plain(phrase.text) for phrase in (*before[-1:], *after[:1])]
        if len(sides) == 2 and all(map(is_name, sides)) and name_key(sides[0]) != name_key(sides[1]):
            return sides
    return []


def _width(words: Sequence[str], at: int) -> int:
    """Return how many words from this one on weigh two things against each other."""
    following = words[at + 1] if at + 1 < len(words) else ""
    if words[at] in _AGAINST:
        return 2 if words[at] == "vs" and following == "." else 1
    return 2 if _PREFERRED.get(words[at]) == following else 0


def _answer(reading: Reading, at: int) -> list[Part]:
    """Return what stands below a heading, or after a question up to the next one."""
    part = reading.parts[at]
    if part.block.kind is BlockKind.ROW:
        return [part]
    below: list[Part] = [part] if part.block.kind is not BlockKind.HEADING else []
    for other in reading.parts[at + 1 : at + 1 + _MOST_PARTS]:
        if other.block.headings[: len(part.block.headings)] != part.block.headings or asked_in(
            other, reading
        ):
            break
        if other.block.kind is not BlockKind.HEADING:
            below.append(other)
    return below


def _choice(sides: list[str], part: Part, answer: list[Part]) -> Claims:
    weighed = Sides(part.evidence())
    for below in answer:
        for sentence in below.sentences:
            for piece in _TURNS.split(sentence.text):
                side, good = _praised(piece, sides)
                if side is not None:
                    gain, cost = (piece.strip(), "") if good else ("", piece.strip())
                    weighed.add(side, gain, cost, below.sentence_evidence(sentence))
    for side in sides:
        weighed.add(side, "", "", part.evidence())
    yield from trade_off(" or ".join(sides), weighed, "trade-off-choice", 0.75)


def _praised(piece: str, sides: list[str]) -> tuple[str | None, bool]:
    """Return the one side that a clause speaks of, and whether it speaks well of it; None if of none."""
    words = {word.casefold() for word in WORD.findall(piece)}
    if not NEGATIONS.isdisjoint(words) or "n't" in piece or "n\u2019t" in piece:
        return None, False  # "not cheap": what is denied need not be the opposite
    named = [side for side, marks in zip(sides, _marks(sides), strict=True) if marks <= words]
    good, bad = not PRAISE.isdisjoint(words), not BLAME.isdisjoint(words)
    return (named[0], good) if len(named) == 1 and good != bad else (None, False)


def _marks(sides: list[str]) -> list[set[str]]:
    """Return for each of two sides the words of it that the other does not have."""
    words = [{word.casefold() for word in WORD.findall(side)} for side in sides]
    return [words[0] - words[1] or words[0], words[1] - words[0] or words[1]]
