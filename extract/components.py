"""Our components for spaCy pipelines, registered under names that begin with ``kg_``.

spaCy finds them through the entry points in ``pyproject.toml``, so any pipeline of a user's can add them,
and a user's own component may add spans to ``doc.spans["ties"]`` for the sentence rules to read.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from extract.items import TIE_SPANS
from extract.lexicon import TIES
from extract.sentences import sentence_spans
from extract.tagging import PartOfSpeechTagger

_START, _WITHIN = 1, -1  # what spaCy writes for a token that begins a sentence, and for one that does not
_BE = ("is", "are", "was", "were", "be", "been", "being")
_ADVERBS = ("", "also", "often", "usually", "commonly", "typically", "widely", "mainly")


class SentenceMarker:
    """Marks the tokens that begin a sentence, by ``sentence_spans``."""

    def __call__(self, doc: Doc) -> Doc:
        """Set ``is_sent_start`` on every token."""
        starts = [start for start, _ in sentence_spans(doc.text)]
        marks = np.full(len(doc), _WITHIN, np.int64)
        marks[:1] = _START
        if starts[1:] or starts[:1] != [0]:
            first_tokens = np.searchsorted(doc.to_array("IDX"), np.array(starts, np.uint64))
            marks[first_tokens[first_tokens < len(doc)]] = _START
        # All at once: each write to ``token.is_sent_start`` looks through the whole document.
        return doc.from_array(["SENT_START"], marks.astype(np.uint64))  # type: ignore[arg-type]


class TieFinder:
    """Finds the phrases that tie two names, as spans labelled "TYPE>" or "TYPE<"."""

    def __init__(self, nlp: Language) -> None:
        # All phrases are spelled out: a trie of phrases is twenty times as fast as patterns with choices.
        self._matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
        for label, phrases in TIES.items():
            spelled = [words for phrase in phrases for words in _spelled(phrase.split())]
            self._matcher.add(label, [Doc(nlp.vocab, words=words) for words in spelled])

    def __call__(self, doc: Doc) -> Doc:
        """Add the spans to ``doc.spans["ties"]``, the longest where some overlap, in order."""
        found = [Span(doc, start, end, label=label) for label, start, end in self._matcher(doc)]
        doc.spans[TIE_SPANS] = [*doc.spans.get(TIE_SPANS, []), *filter_spans(found)]
        return doc


def _spelled(words: list[str]) -> Iterator[list[str]]:
    """Yield a phrase of the lexicon as it is, and with an adverb after a first form of "to be"."""
    for adverb in _ADVERBS if words[0] in _BE and len(words) > 1 else ("",):
        yield [words[0], *([adverb] if adverb else []), *words[1:]]


@Language.factory("kg_sentences", assigns=["token.is_sent_start"])
def make_sentences(nlp: Language, name: str) -> SentenceMarker:  # noqa: ARG001 - what spaCy passes
    """Make the component "kg_sentences" for ``nlp.add_pipe``."""
    return SentenceMarker()


@Language.factory("kg_ties")
def make_ties(nlp: Language, name: str) -> TieFinder:  # noqa: ARG001 - what spaCy passes
    """Make the component "kg_ties" for ``nlp.add_pipe``."""
    return TieFinder(nlp)


@Language.factory("kg_tags", assigns=["token.tag", "token.pos"])
def make_tags(nlp: Language, name: str) -> PartOfSpeechTagger:  # noqa: ARG001 - what spaCy passes
    """Make the component "kg_tags" for ``nlp.add_pipe``."""
    return PartOfSpeechTagger()
