"""A document as the rules see it: its blocks in order, each with its passage, tokens and subject."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from extract.blocks import Block, BlockKind
from extract.items import Sentence
from extract.naming import names_in_heading
from kg.model import Evidence, Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One block of a document. A heading's passage is the first one below it."""

    block: Block
    passage: Passage
    sentences: tuple[Sentence, ...]  # none for code
    subject: str  # what the section is about: the nearest heading that names something, or ""

    def evidence(self, start: int = 0, end: int | None = None) -> Evidence:
        """Return the source's own words for ``text[start:end]``; a heading or row is quoted whole."""
        if self.block.kind in (BlockKind.HEADING, BlockKind.ROW):
            return Evidence(passage_id=self.passage.id, quote=self.block.raw.strip())
        text_end = len(self.block.text) if end is None else end
        return Evidence(passage_id=self.passage.id, quote=self.block.quote(start, text_end).strip())

    def evidence_at(self, offset: int) -> Evidence:
        """Return the source's own words for the sentence around ``text[offset]``."""
        for sentence in self.sentences:
            if sentence.end_char > offset:
                return self.sentence_evidence(sentence)
        return self.evidence()

    def sentence_evidence(self, sentence: Sentence) -> Evidence:
        """Return the source's own words for a sentence of this part."""
        return self.evidence(sentence.start_char, sentence.end_char)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A whole document, ready for the rules."""

    path: str
    title: str  # what the document is about, as a name, or ""
    metadata: dict[str, object]
    parts: tuple[Part, ...]

    def below(self, at: int) -> Iterator[Part]:
        """Yield the parts of the section that the heading ``parts[at]`` opens, deeper headings included."""
        level = self.parts[at].block.level
        for part in self.parts[at + 1 :]:
            if part.block.kind is BlockKind.HEADING and part.block.level <= level:
                return
            yield part


@lru_cache(maxsize=1_000)  # all blocks of a section have the same
def subject_of(headings: tuple[str, ...]) -> str:
    """Return the name that the innermost naming heading gives, or ""."""
    for heading in reversed(headings):
        names = names_in_heading(heading)
        if len(names) == 1:
            return names[0].name
        if names:
            return ""  # "X vs Y" is about both, and a sentence below it about either
    return ""
