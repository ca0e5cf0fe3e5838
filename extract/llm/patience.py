"""How long a server is asked again, and when it is asked no more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import ldexp
from random import SystemRandom

from extract.llm.answer import AnswerError, read_answer
from extract.llm.client import BusyError, ChatClient, RefusedError, UnusableError

ATTEMPTS = 7
"""Times that a question is asked of a server that is busy: over a minute, as rates are limited by it."""

FIRST_ATTEMPTS = 3
"""Times that a question is asked of a server that has never answered anything: perhaps it is not started."""

ANSWERS = 2
"""Answers that a model may give before one of the right form."""

FAILURES_IN_A_ROW = 5
"""Questions without an answer, one after another, after which the model is asked nothing more."""

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0  # however long the server wishes; what is not read now is read by the next ingest

_RANDOM = SystemRandom()

Sleep = Callable[[float], Awaitable[None]]


class NoAnswerError(Exception):
    """A question was not answered, and why."""


class PatientClient:
    """Asks a server again while that may help, and stops where it does not.

    One failure costs one question; ``FAILURES_IN_A_ROW``, or a refusal, end the asking, so that an ingest
    neither hangs on a server that is down nor pays for a model that cannot do the task.
    """

    def __init__(self, client: ChatClient, sleep: Sleep) -> None:
        """Take whom to ask, and how to wait between attempts."""
        self.stopped = ""  # why nothing more is asked, or ""
        self._client = client
        self._sleep = sleep
        self._failures = 0  # in a row

    async def ask(self, question: str) -> str:
        """Return an answer that ``read_answer`` can read.

        Raises:
            NoAnswerError: there is none now.
        """
        try:
            content = await self._persist(question)
        except RefusedError as error:
            self.stopped = self.stopped or str(error)
            raise NoAnswerError(str(error)) from error
        except (BusyError, UnusableError, AnswerError) as error:
            self._failures += 1
            if self._failures >= FAILURES_IN_A_ROW:
                self.stopped = self.stopped or f"{self._failures} failures in a row, the last: {error}"
            raise NoAnswerError(str(error)) from error
        self._failures = 0
        return content

    async def _persist(self, question: str) -> str:
        attempts = answers = 0
        while True:
            if self.stopped:
                raise RefusedError(self.stopped)
            try:
                content = await self._client.ask(question)
                read_answer(content)
            except BusyError as error:
                attempts += 1
                if attempts >= (ATTEMPTS if self._client.reached else FIRST_ATTEMPTS):
                    raise
                await self._sleep(self._pause_s(attempts, error.retry_after_s))
            except AnswerError:
                answers += 1
                if answers == ANSWERS:
                    raise
            else:
                return content

    def _pause_s(self, attempts: int, retry_after_s: float | None) -> float:
        """Return a pause that doubles with each attempt, spread so that requests do not return together."""
        if retry_after_s is not None:
            return min(max(retry_after_s, 0.0), _LONGEST_PAUSE_S)
        return min(ldexp(_FIRST_PAUSE_S, attempts - 1), _LONGEST_PAUSE_S) * (0.5 + _RANDOM.random() / 2)
