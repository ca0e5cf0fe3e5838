"""Parts of speech: word by word from HanTa, over a sentence by a trigram Viterbi search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from HanTa.HanoverTagger import EMPTY, START, HanoverTagger  # type: ignore[import-untyped]
from spacy.parts_of_speech import IDS  # type: ignore[import-not-found]
from spacy.tokens import Doc, Span, Token

from extract.lexicon import verb_lemma

_MODEL = "morphmodel_en.pgz"  # comes inside the package
_UNSEEN = -15.0  # log-probability of a step that the model has not seen
_BEAM = 8.0  # log-probability below the best at which a state is given up
_LONGEST = 24  # characters; what is longer is taken for a name, as analysing it takes time squared
_NAME, _CODE = "NP0", "UNC"

# The tags of the British National Corpus (C5) as universal parts of speech, by their first letters.
_UNIVERSAL = {
    "AJ": "ADJ", "AT": "DET", "AV": "ADV", "CJC": "CCONJ", "CJ": "SCONJ", "CRD": "NUM", "DPS": "DET",
    "DT": "DET", "EX": "PRON", "ITJ": "INTJ", "NN": "NOUN", "NP": "PROPN", "ORD": "ADJ", "PN": "PRON",
    "POS": "PART", "PR": "ADP", "PU": "PUNCT", "TO": "PART", "VB": "AUX", "VD": "AUX", "VH": "AUX",
    "VM": "AUX", "VV": "VERB", "XX": "PART", "ZZ": "SYM",
}  # fmt: skip


class PartOfSpeechTagger:
    """Sets ``token.tag`` (C5, such as "NN1" or "VVZ") and ``token.pos`` (universal) of every token.

    HanTa's own search over a sentence tries every tag for every word; this one tries those that a word
    can have, and remembers them, which is thirty times as fast. Accuracy is that of its model.
    """

    def __init__(self) -> None:
        self._hanta = HanoverTagger(_MODEL)
        self._number: dict[str, int] = self._hanta.tag2int
        self._steps: dict[tuple[int, int], dict[int, float]] = self._hanta.LP_trans_word
        self._tags_of = lru_cache(maxsize=200_000)(self._analyse)

    def __call__(self, doc: Doc) -> Doc:
        """Tag a document whose sentences are marked; one that is tagged already is left as it is."""
        if doc.has_annotation("TAG"):
            return doc
        rows = np.zeros((len(doc), 2), np.uint64)
        strings = doc.vocab.strings
        for sentence in doc.sents:
            units = list(_units(sentence))
            tags = self.tag([unit.text for unit in units])
            for unit, tag in zip(units, tags, strict=True):
                rows[unit.start : unit.end] = strings.add(tag), _universal(tag)
        return doc.from_array(["TAG", "POS"], rows)  # type: ignore[arg-type]

    def tag(self, words: Sequence[str]) -> list[str]:
        """Return the likeliest C5 tags of the words of one sentence."""
        states: dict[tuple[int, int], float] = {(EMPTY, START): 0.0}
        back: list[dict[tuple[int, int], tuple[int, int]]] = []
        for at, word in enumerate(words):
            after: dict[tuple[int, int], float] = {}
            came: dict[tuple[int, int], tuple[int, int]] = {}
            for state, so_far in states.items():
                steps = self._steps.get(state, {})
                for tag, given in self._tags_of(word, at > 0):
                    total = so_far + given + steps.get(tag, _UNSEEN)
                    reached = (state[1], tag)
                    if reached not in after or total > after[reached]:
                        after[reached], came[reached] = total, state
            best = max(after.values())
            states = {state: total for state, total in after.items() if total >= best - _BEAM}
            back.append(came)
        state = max(states, key=lambda it: states[it])
        path = []
        for came in reversed(back):
            path.append(state[1])
            state = came[state]
        return _mended(words, [self._hanta.int2tag[tag] for tag in reversed(path)])

    def _analyse(self, word: str, inside: bool) -> tuple[tuple[int, float], ...]:
        """Return the tags that a word can have, with its log-probability given each."""
        if len(word) > _LONGEST or not word.isascii():
            return ((self._number[_NAME], 0.0),)
        found = [
            (tag, float(joint) - self._hanta.LP_wtag[self._number[tag]])
            for tag, joint in self._hanta.tag_word(word, casesensitive=inside)
            if tag in self._number and self._number[tag] in self._hanta.LP_wtag
        ]
        return tuple((self._number[tag], given) for tag, given in found) or ((self._number[_CODE], 0.0),)


def _mended(words: Sequence[str], tags: list[str]) -> list[str]:
    """Make a verb of a plural before an article or another plural: "the metric measures the recall"."""
    for at in range(1, len(tags) - 1):
        if (
            tags[at] == "NN2"
            and tags[at - 1].startswith(("N", "AJ"))
            and tags[at + 1] in ("AT0", "DPS", "DT0", "DTQ", "NN2")
            and verb_lemma(words[at].lower()) is not None
        ):
            tags[at] = "VVZ"
    return tags


def _units(sentence: Span) -> Iterator[Span]:
    """Yield the words of a sentence; one that hyphens join, as "cross-encoder", is a single one."""
    doc, start = sentence.doc, sentence.start
    for at in range(sentence.start + 1, sentence.end + 1):
        if at < sentence.end and _joined(doc[at - 1], doc[at]):
            continue
        yield doc[start:at]
        start = at


def _joined(one: Token, other: Token) -> bool:
    hyphen = "-" in (one.text, other.text)
    return (
        hyphen
        and not one.whitespace_
        and (one.text == "-" or one.is_alpha)
        and (other.text == "-" or other.is_alpha)
    )


def _universal(tag: str) -> int:
    name = _UNIVERSAL.get(tag) or _UNIVERSAL.get(tag[:3]) or _UNIVERSAL.get(tag[:2], "X")
    return int(IDS[name])
