"""An answer, and how it is written: sentences of the material with numbered marks."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from kg.model import Evidence
from kg.paths import Subgraph
from kg.quotes import as_sentence
from kg.search import Hit
from kg.telling import Quote, say_the_same


class AnswerMode(StrEnum):
    """How widely to look; AUTO leaves it to the question."""

    AUTO = "AUTO"
    LOCAL = "LOCAL"  # around one entity, or in the passages that fit best
    MULTI_HOP = "MULTI_HOP"  # along relations from what the question names
    GLOBAL = "GLOBAL"  # over the topics of the whole material


@dataclass(frozen=True, slots=True)
class Citation:
    """What the mark ``[number]`` in an answer points to; ``quote`` is a stretch of the passage's text."""

    number: int
    passage_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the material says to a question, or that it says nothing.

    ``confidence`` says how far the cited evidence supports the text, 0 to 1. Of a set it is the mean
    confidence of its relations, of a path their product, of definitions the mean support of their
    sentences (0.9 for a defining sentence, 0.6 for one that only begins with the name), and of other
    sentences how near the cited ones are to the question in words and meaning, on average. An answer that
    abstains keeps the support of the best that was found, below what an answer needs.
    """

    text: str | None  # prose with [n] marks; None where it abstains
    abstained: bool
    confidence: float
    mode: AnswerMode  # the one that was used, never AUTO
    citations: tuple[Citation, ...]
    entities: list[Hit]  # that answer the question, best first
    subgraph: Subgraph  # what the answer walked over


NO_GRAPH = Subgraph(entities=(), relations=(), truncated=False)


@dataclass(slots=True)
class Draft:
    """An answer being written; the same words of the same passage get one number."""

    mode: AnswerMode
    lines: list[str] = field(default_factory=list)
    support: list[float] = field(default_factory=list)
    entities: list[Hit] = field(default_factory=list)
    subgraph: Subgraph = NO_GRAPH
    said: list[Quote] = field(default_factory=list)  # sentence by sentence; members of a set are none
    _numbers: dict[Evidence, int] = field(default_factory=dict)

    def cite(self, evidence: Evidence) -> str:
        """Return the mark that points to the evidence."""
        return f"[{self._numbers.setdefault(evidence, len(self._numbers) + 1)}]"

    def say(self, quote: Quote, lead: str = "", words: str = "") -> None:
        """Add a sentence of the material with its mark, unless it has been said; ``words`` word it anew."""
        evidence = Evidence(passage_id=quote.passage_id, quote=quote.text)
        if evidence in self._numbers or any(say_the_same(quote.text, one.text) for one in self.said):
            return
        mark = self.cite(evidence)
        self.lines.append(f"{lead}{words or as_sentence(quote.text)} {mark}")
        self.support.append(quote.support)
        self.said.append(quote)

    def append(self, other: Draft) -> None:
        """Add what another draft says in sentences of the material, unless it has been said."""
        for quote in other.said:
            self.say(quote)

    def finish(self) -> Answer:
        """Return the answer; it abstains where nothing was said."""
        citations = tuple(
            Citation(number, one.passage_id, one.quote) for one, number in self._numbers.items()
        )
        confidence = sum(self.support) / len(self.support) if self.support else 0.0
        return Answer(
            text="\n\n".join(self.lines) or None,
            abstained=not self.lines,
            confidence=round(confidence, 4),
            mode=self.mode,
            citations=citations,
            entities=self.entities,
            subgraph=self.subgraph,
        )
