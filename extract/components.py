"""Our components for spaCy pipelines, registered under names that begin with ``kg_``.

spaCy finds them through the entry points in ``pyproject.toml``, so any pipeline of a user's can add them,
and a user's own component may add spans to ``doc.spans["triggers"]`` for the sentence rules to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from extract.lexicon import PASSIVE, TRIGGERS
from extract.sentences import sentence_spans

_START, _WITHIN = 1, -1  # what spaCy writes for a token that begins a sentence, and for one that does not
TRIGGER_SPANS = "triggers"
_BE = ("is", "are", "was", "were", "be", "been", "being", "get", "gets")
_BY = ("by", "with", "using", "through", "via")
_ADVERBS = ("", "also", "often", "usually", "commonly", "typically", "widely", "mainly")


class SentenceMarker:
    """Marks the tokens that begin a sentence, by ``sentence_spans``."""

    def __call__(self, doc: Doc) -> Doc:
        """Set ``is_sent_start`` on every token."""
        starts = iter([start for start, _ in sentence_spans(doc.text)])
        start = next(starts, None)
        marks = np.full((len(doc), 1), _WITHIN, np.int64)
        for token in doc:
            if token.i == 0:
                marks[0] = _START
            while start is not None and token.idx >= start:
                marks[token.i] = _START
                start = next(starts, None)
        # All at once: each write to ``token.is_sent_start`` looks through the whole document.
        return doc.from_array(["SENT_START"], marks.astype(np.uint64))  # type: ignore[arg-type]


class TriggerFinder:
    """Finds the words that tie two names, as spans labelled "TYPE>" or "TYPE<"."""

    def __init__(self, nlp: Language) -> None:
        # All phrases are spelled out: a trie of phrases is twenty times as fast as patterns with choices.
        self._matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
        for label, phrases in TRIGGERS.items():
            spelled = [words for phrase in phrases for words in _spelled(phrase.split())]
            self._matcher.add(label, [Doc(nlp.vocab, words=words) for words in spelled])
        for label, participles in PASSIVE.items():
            passive = [[word for word in words if word] for words in product(_BE, _ADVERBS, participles, _BY)]
            passive.extend([participle, "by"] for participle in participles)
            self._matcher.add(label, [Doc(nlp.vocab, words=words) for words in passive])

    def __call__(self, doc: Doc) -> Doc:
        """Add the spans to ``doc.spans["triggers"]``, the longest where some overlap, in order."""
        found = [Span(doc, start, end, label=label) for label, start, end in self._matcher(doc)]
        doc.spans[TRIGGER_SPANS] = [*doc.spans.get(TRIGGER_SPANS, []), *filter_spans(found)]
        return doc


def _spelled(words: list[str]) -> Iterator[list[str]]:
    """Yield a phrase of the lexicon in all its forms; an adverb may follow a first form of "to be"."""
    adverbs = _ADVERBS if words[0] in _BE and len(words) > 1 else ("",)
    for adverb in adverbs:
        for form in product(*(_inflections(word) for word in words)):
            yield [form[0], *([adverb] if adverb else []), *form[1:]]


def _inflections(word: str) -> list[str]:
    # The present alone: in technical prose a form in "-ed" is a participle more often than a past.
    if not word.endswith("~"):
        return [word]
    base = word[:-1]
    if base.endswith("e"):
        return [base, base + "s"]
    if base.endswith("y") and base[-2] not in "aeiou":
        return [base, base[:-1] + "ies"]
    if base.endswith(("s", "sh", "ch", "x")):
        return [base, base + "es"]
    return [base, base + "s"]


@Language.factory("kg_sentences", assigns=["token.is_sent_start"])
def make_sentences(nlp: Language, name: str) -> SentenceMarker:  # noqa: ARG001 - what spaCy passes
    """Make the component "kg_sentences" for ``nlp.add_pipe``."""
    return SentenceMarker()


@Language.factory("kg_triggers")
def make_triggers(nlp: Language, name: str) -> TriggerFinder:  # noqa: ARG001 - what spaCy passes
    """Make the component "kg_triggers" for ``nlp.add_pipe``."""
    return TriggerFinder(nlp)
