"""The model as a reader of documents: it adds claims to what the rules found."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from extract.fingerprint import checks_version
from extract.llm.answer import Answer, AnswerError, read_answer
from extract.llm.cache import AnswerCache, cache_key
from extract.llm.check import Checked, check
from extract.llm.client import ChatClient, Endpoint
from extract.llm.patience import NoAnswerError, PatientClient, Sleep
from extract.llm.prompt import question
from extract.llm.voice import LLM_RULE
from kg.model import Passage, Source
from kg.names import WORD, content_id
from kg.quotes import sentences, table_rows

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

_AHEAD = 4  # passages asked about ahead of the one awaited, for each request at a time
_MAX_CHARS = 12_000  # a longer passage is a listing or data, and none for a model
_FEWEST_WORDS = 4
_BETWEEN = " "  # between the parts of a fingerprint: rules, model, what is missing


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReport:
    """What a model read in one ingest, and what that took."""

    model: str
    passages: int  # of the documents that were new to it
    read: int  # those that it answered, now or earlier
    cached: int  # of those read, the ones answered earlier
    unread: int  # those that it should have answered and did not
    requests: int
    prompt_tokens: int  # as the server counts them
    completion_tokens: int
    seconds: float  # of all requests; those at the same time are added up
    entity_claims: int
    relation_claims: int
    dropped: dict[str, int]  # claims that the passage does not bear out, by reason
    failures: dict[str, int]  # passages not read, by reason
    stopped: str  # why it was asked no more, or ""
    documents_left: int = 0  # those that nothing else made read, and that it was then not asked about


@dataclass(slots=True)
class _Tally:
    passages: int = 0
    read: int = 0
    cached: int = 0
    entity_claims: int = 0
    relation_claims: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Outcome:
    answer: Answer | None
    cached: bool = False
    failure: str = ""  # why there is no answer


class ModelReader:
    """Reads documents with a language model, several passages at a time; ``open_reader`` gives one.

    Whatever the server does, every document comes out again: a passage without an answer has no claims of
    the model, and the document's fingerprint says so.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        cache: AnswerCache,
        portal: BlockingPortal,
        client: ChatClient,
        patient: PatientClient,
    ) -> None:
        self._endpoint = endpoint
        self._cache = cache
        self._portal = portal
        self._client = client
        self._patient = patient
        self._slots = asyncio.Semaphore(endpoint.parallel)
        self._tally = _Tally()
        self._rule = f"{LLM_RULE}{endpoint.model}"
        self._mark = f"{self._rule}@{checks_version()}"

    @property
    def stopped(self) -> str:
        """Why the model is asked nothing more, or ""."""
        return self._patient.stopped

    def has_read(self, fingerprint: str) -> bool:
        """Whether this very model has read every passage of the document with this fingerprint."""
        return fingerprint.partition(_BETWEEN)[2] == self._mark

    def read(self, sources: Iterable[Source]) -> Iterator[Source]:
        """Yield every document, in order, with the model's claims after those that it came with."""
        waiting: deque[tuple[Source, list[tuple[Passage, Future[_Outcome]]]]] = deque()
        try:
            for source in sources:
                asked = [
                    (passage, self._portal.start_task_soon(self._ask, question(passage)))
                    for passage in source.passages
                    if _is_worth_asking(passage)
                ]
                waiting.append((source, asked))
                while sum(len(asked) for _, asked in waiting) > _AHEAD * self._endpoint.parallel:
                    yield self._with_claims(*waiting[0])
                    waiting.popleft()
            while waiting:
                yield self._with_claims(*waiting[0])
                waiting.popleft()
        finally:
            # Interrupted, none should wait for answers that no one will store; those given are kept.
            for _, asked in waiting:
                for _, future in asked:
                    future.cancel()

    def report(self, documents_left: int = 0) -> ModelReport:
        """Return what was read so far, and what it took."""
        tally, usage = self._tally, self._client.usage
        return ModelReport(
            model=self._endpoint.model,
            passages=tally.passages,
            read=tally.read,
            cached=tally.cached,
            unread=tally.passages - tally.read,
            requests=usage.requests,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            seconds=round(usage.seconds, 3),
            entity_claims=tally.entity_claims,
            relation_claims=tally.relation_claims,
            dropped=dict(sorted(tally.dropped.items())),
            failures=dict(sorted(tally.failures.items())),
            stopped=self.stopped,
            documents_left=documents_left,
        )

    async def _ask(self, text: str) -> _Outcome:
        key = cache_key(self._endpoint.model, text)
        known = self._cache.find(key)
        if known is not None:
            with suppress(AnswerError):  # kept by a version that read answers otherwise
                return _Outcome(read_answer(known), cached=True)
        async with self._slots:
            try:
                content = await self._patient.ask(text)
            except NoAnswerError as error:
                return _Outcome(None, failure=str(error))
        self._cache.put(key, content)
        return _Outcome(read_answer(content))

    def _with_claims(self, source: Source, asked: Sequence[tuple[Passage, Future[_Outcome]]]) -> Source:
        entity_claims = dict.fromkeys(source.entity_claims)
        relation_claims = dict.fromkeys(source.relation_claims)
        unread: list[str] = []
        for passage, future in asked:
            checked = self._checked(passage, future.result())
            if checked is None:
                unread.append(passage.id)
                continue
            entity_claims.update(dict.fromkeys(checked.entity_claims))
            relation_claims.update(dict.fromkeys(checked.relation_claims))
        # Which passages are missing is part of it: the graph is folded anew when others are read.
        missing = f"{_BETWEEN}without {content_id('u', *unread)}" if unread else ""
        return replace(
            source,
            fingerprint=f"{source.fingerprint}{_BETWEEN}{self._mark}{missing}",
            entity_claims=tuple(entity_claims),
            relation_claims=tuple(relation_claims),
        )

    def _checked(self, passage: Passage, outcome: _Outcome) -> Checked | None:
        tally = self._tally
        tally.passages += 1
        if outcome.answer is None:
            tally.failures[outcome.failure] += 1
            return None
        tally.read += 1
        tally.cached += outcome.cached
        checked = check(outcome.answer, passage, self._rule)
        tally.entity_claims += len(checked.entity_claims)
        tally.relation_claims += len(checked.relation_claims)
        tally.dropped.update(checked.dropped)
        return checked


@contextmanager
def open_reader(endpoint: Endpoint, cache: Path, *, sleep: Sleep = asyncio.sleep) -> Iterator[ModelReader]:
    """Give a reader that keeps answers in the file ``cache`` and waits between attempts by ``sleep``.

    Raises:
        StoreUnavailableError: the file cannot be used.
    """
    import httpx
    from anyio.from_thread import start_blocking_portal

    # Of its own accord the library gives up after 5 s without a byte; whole answers are timed instead.
    http = httpx.AsyncClient(timeout=None)  # noqa: S113
    with (
        AnswerCache(cache) as answers,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(http),
    ):
        client = ChatClient(endpoint, http)
        yield ModelReader(endpoint, answers, portal, client, PatientClient(client, sleep))


def rules_of(fingerprint: str) -> str:
    """Return the part of a document's fingerprint that stands for the rules that read it."""
    return fingerprint.partition(_BETWEEN)[0]


def is_of_model(fingerprint: str) -> bool:
    """Whether a document has claims of a language model, or could have."""
    return _BETWEEN in fingerprint


def _is_worth_asking(passage: Passage) -> bool:
    """Whether a passage says anything in sentences or rows; code and rulers do not."""
    if len(passage.text) > _MAX_CHARS:
        return False
    said = chain(sentences(passage.text), table_rows(passage.text))
    return any(len(WORD.findall(one)) >= _FEWEST_WORDS for one in said)
