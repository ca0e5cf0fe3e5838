"""Tags that a web page showed as separate labels and a copy ran together: "Causal maskingBERT vs GPT"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import pairwise

_WORD = re.compile(r"\S+")
_JOINT = re.compile(
    r"(?<=[a-z0-9)%\u2192])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z)])(?=\d)|(?<=[A-Z])(?=[A-Z]{2})"
)
_LOWER_UPPER = re.compile(r"[a-z0-9)](?=[A-Z][a-z])|[a-z)](?=[A-Z])")
_EDGE = "\"'.,;:!?()[]{}\u201c\u201d\u2018\u2019"
_MAX_CHARS = 300
_PIECE_COST = 5  # in unknown letters: high enough that an unknown "LangGraph" is not cut at "Graph"
_MAX_JOINTS = 24  # in one word; the best cut is found by trying all pairs


def vocabulary(lines: Iterable[str]) -> frozenset[str]:
    """Return the words of a text in lower case, as they stand between blanks."""
    return frozenset(word.strip(_EDGE).casefold() for line in lines for word in line.split())


def split_tags(line: str, known: Collection[str]) -> list[tuple[int, int]] | None:
    """Return where each tag of a run-together line begins and ends, or None where it is no such line.

    A word is cut only into words that the rest of the text knows, so that "LangGraph" stays whole.
    """
    if len(line) > _MAX_CHARS or line[-1:] in ".:;?!," or not _LOWER_UPPER.search(line):
        return None
    cuts = []
    unknown = 0
    for word in _WORD.finditer(line):
        if word[0].strip(_EDGE).casefold() in known or not _JOINT.search(word[0]):
            continue
        found, missing = _cut_word(word[0], known)
        cuts += [word.start() + cut for cut in found]
        unknown += missing
    if len(cuts) < 2 or unknown > len(cuts):
        return None
    edges = [0, *cuts, len(line)]
    return [(start, end) for start, end in pairwise(edges) if line[start:end].strip()]


def _cut_word(word: str, known: Collection[str]) -> tuple[list[int], bool]:
    """Return where to cut a word so that it costs least, and whether letters of it are still unknown."""
    joints = [0, *(match.start() for match in _JOINT.finditer(word))][:_MAX_JOINTS]
    joints.append(len(word))
    best: list[tuple[int, int, list[int]]] = [(0, 0, [])]  # cost, unknown letters, ends of pieces
    for last in range(1, len(joints)):
        options = []
        for first in range(last):
            cost, unknown, ends = best[first]
            piece = word[joints[first] : joints[last]]
            missing = 0 if _is_known(piece, known) else len(piece)
            options.append((cost + missing + _PIECE_COST, unknown + missing, [*ends, joints[last]]))
        best.append(min(options))
    _, unknown, ends = best[-1]
    return ends[:-1], unknown > 0


def _is_known(piece: str, known: Collection[str]) -> bool:
    """Whether the text has a piece of a word, or each part of a compound; a single letter is none."""
    piece = piece.strip(_EDGE).casefold()
    if piece in known and len(piece) > 1:
        return True
    parts = re.split(r"[/-]", piece)
    return piece.isdigit() or (len(parts) > 1 and all(part in known for part in parts))
