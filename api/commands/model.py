"""The optional language model of an ingest: opened by the settings, and what it cost."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.commands.output import say
from extract.llm.cache import default_cache
from extract.llm.client import endpoint_of
from extract.llm.reader import ModelReader, ModelReport, open_reader
from kg.settings import Settings

_SHOWN = 5  # reasons told one by one; --json has them all


@contextmanager
def reading_model(settings: Settings) -> Iterator[ModelReader | None]:
    """Give the language model that the settings name, or None."""
    endpoint = endpoint_of(settings)
    if endpoint is None:
        yield None
        return
    if endpoint.warning:
        say(f"warning: {endpoint.warning}")
    cache = Path(settings.llm_cache).expanduser() if settings.llm_cache else default_cache(os.environ)
    with open_reader(endpoint, cache) as reader:
        yield reader


def tell_model(report: ModelReport) -> None:
    """Say what the model read, what that cost, and what is left."""
    say(
        f"{report.model} read {report.read} of {report.passages} passages, {report.cached} of them before: "
        f"{report.requests} requests, {report.prompt_tokens:,} + {report.completion_tokens:,} tokens, "
        f"{report.seconds:.1f} s"
    )
    kept = report.entity_claims + report.relation_claims
    if kept or report.dropped:
        say(f"  {kept} claims kept, {sum(report.dropped.values())} dropped")
    _list("dropped", report.dropped)
    _list("passages not read", report.failures)
    if report.stopped:
        say(f"  it was asked no more: {report.stopped}")
    if report.unread or report.documents_left:
        left = f" and {report.documents_left} more documents" if report.documents_left else ""
        say(f"  {report.unread} passages{left} were not read by it; run again to have them read")


def _list(what: str, counts: dict[str, int]) -> None:
    for reason, count in Counter(counts).most_common(_SHOWN):
        say(f"  {what}: {count}: {reason}")
    if len(counts) > _SHOWN:
        say(f"  and {len(counts) - _SHOWN} more reasons; --json lists them")
