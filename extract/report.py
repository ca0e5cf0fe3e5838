"""What an ingest tells: how far it is while it runs, and what it did when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from extract.found import Failure
from extract.llm.reader import ModelReport
from kg.store import SourceState


class Progress(Protocol):
    """Told how far long work has come."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Take the name of the stage and how many of how many are done; a total of 0 is not known."""


def silent(stage: str, done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCounts:
    """What became of the documents of one ingest."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What an ingest did; the counts of the graph are those that readers now see."""

    documents: DocumentCounts
    passages: int
    entities: int
    relations: int
    seconds: float
    failures: tuple[Failure, ...] = ()
    warnings: tuple[Failure, ...] = ()  # what was read in part, or passed over and could be read
    skipped: int = 0  # files of kinds that are not read, in folders and archives
    model: ModelReport | None = None  # what the language model read, where there is one


@dataclass(slots=True)
class Tally:
    """What became of the documents so far."""

    known: Mapping[str, SourceState]  # what the store had before, by document id
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    left_by_model: int = 0  # of those unchanged, the ones that the language model has yet to read
    seen: set[str] = field(default_factory=set)  # document ids that the paths hold, readable or not
    failures: list[Failure] = field(default_factory=list)
    warnings: list[Failure] = field(default_factory=list)

    def count(self, document_id: str) -> None:
        """Count a document that was read."""
        if document_id in self.known:
            self.changed += 1
        else:
            self.added += 1

    def counts(self, removed: int) -> DocumentCounts:
        """Return the counts, with as many documents removed."""
        return DocumentCounts(
            added=self.added,
            changed=self.changed,
            unchanged=self.unchanged,
            removed=removed,
            failed=len(self.failures),
        )
