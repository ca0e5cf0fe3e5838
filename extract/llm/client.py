"""One question to an OpenAI-compatible server, in the form that it understands."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import msgspec

from extract.llm.prompt import INSTRUCTIONS, SCHEMA
from kg.settings import Settings

if TYPE_CHECKING:
    import httpx

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_NOT_UNDERSTOOD = (400, 422, 501)  # statuses of servers that lack a parameter
_MAX_SAID = 200  # characters of a server's own message that are passed on


class BusyError(Exception):
    """The server gave no answer now and may give one later."""

    def __init__(self, reason: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_s = retry_after_s  # as the server wishes


class UnusableError(Exception):
    """The server answered, and this question has no usable answer."""


class RefusedError(Exception):
    """The server will answer no question until a setting is mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A model at an address, and how hard it may be asked."""

    url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout_s: float
    parallel: int
    max_requests: int  # 0 sets no limit

    @property
    def host(self) -> str:
        """The server's name and port, for messages."""
        return urlsplit(self.url).netloc

    @property
    def warning(self) -> str:
        """What is unsafe about the address, or ""."""
        parts = urlsplit(self.url)
        if self.api_key and parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            return f"KG_LLM_API_KEY goes to {self.host} unencrypted: use https"
        return ""


def endpoint_of(settings: Settings) -> Endpoint | None:
    """Return the model that the settings name, or None."""
    if not settings.llm_url:
        return None
    return Endpoint(
        url=settings.llm_url,
        model=settings.llm_model,
        api_key=settings.llm_api_key,
        timeout_s=settings.llm_timeout_s,
        parallel=settings.llm_parallel,
        max_requests=settings.llm_max_requests,
    )


@dataclass(slots=True)
class Usage:
    """What has been asked of the server so far."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0  # of all requests, those at the same time added up


class _Form(IntEnum):
    """How a server is told the form of an answer, the strictest first."""

    SCHEMA = 0
    OBJECT = 1
    WORDS = 2  # by the prompt alone


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Tokens(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Tokens | None = None


class ChatClient:
    """Asks one server for completions, and remembers what it understands and what it has cost."""

    def __init__(self, endpoint: Endpoint, http: httpx.AsyncClient) -> None:
        self.usage = Usage()
        self.reached = False  # whether the server has answered anything yet
        self._endpoint = endpoint
        self._http = http
        self._address = _completions(endpoint.url)
        self._forms = list(_Form)  # those that the server may understand
        self._temperature = True  # whether it lets a temperature be set; reasoning models do not

    async def ask(self, question: str) -> str:
        """Return the text of the server's answer to ``question``.

        Raises:
            BusyError: it is overloaded, failing, out of reach or too slow.
            UnusableError: it has no answer to this question, or one cut short.
            RefusedError: asking anything else is as useless.
        """
        said = ""
        for form in tuple(self._forms):
            for temperature in (True, False) if self._temperature else (False,):
                response = await self._post(_body(self._endpoint.model, question, form, temperature))
                if response.status_code not in _NOT_UNDERSTOOD:
                    content = self._content(response)
                    # Only now is it known that the form was at fault, and not the question.
                    self._forms = [one for one in self._forms if one >= form]
                    self._temperature = self._temperature and temperature
                    return content
                said = self._said(response)
                if "temperature" not in said:
                    break
        raise UnusableError(f"{self._endpoint.host} cannot answer: {said or 'it gives no reason'}")

    async def _post(self, body: Mapping[str, Any]) -> httpx.Response:
        import anyio
        import httpx

        key = self._endpoint.api_key
        usage, limit = self.usage, self._endpoint.max_requests
        if limit and usage.requests >= limit:
            raise RefusedError(f"the {limit} requests of KG_LLM_MAX_REQUESTS are spent")
        usage.requests += 1
        started = time.monotonic()
        try:
            # Of the whole answer: the library's own limits start anew with every byte.
            with anyio.fail_after(self._endpoint.timeout_s):
                response = await self._http.post(
                    self._address, json=body, headers={"Authorization": f"Bearer {key}"} if key else {}
                )
        except TimeoutError as error:
            late = f"{self._endpoint.host} gave no answer within {self._endpoint.timeout_s:g} s"
            raise BusyError(late) from error
        except httpx.RequestError as error:
            raise BusyError(f"{self._endpoint.host} cannot be reached: {error or 'no reason'}") from error
        finally:
            usage.seconds += time.monotonic() - started
        self.reached = True
        return response

    def _content(self, response: httpx.Response) -> str:
        _raise_for(response, self._endpoint, self._said(response))
        try:
            completion = msgspec.json.decode(response.content, type=_Completion)
        except (msgspec.DecodeError, RecursionError) as error:
            raise UnusableError(f"{self._endpoint.host} does not answer as a model's API does") from error
        if completion.usage:
            self.usage.prompt_tokens += completion.usage.prompt_tokens or 0
            self.usage.completion_tokens += completion.usage.completion_tokens or 0
        choice = completion.choices[0] if completion.choices else None
        if choice is None or not choice.message.content:
            raise UnusableError("the model gave no answer")
        if choice.finish_reason == "length":
            raise UnusableError("the answer was cut short: the server allows too few tokens")
        return choice.message.content

    def _said(self, response: httpx.Response) -> str:
        """Return the server's message, short, printable, and without the key that it may repeat."""
        if response.is_success:
            return ""
        try:
            said = msgspec.json.decode(response.content)
        except (msgspec.DecodeError, RecursionError):
            return ""
        for name in ("error", "message", "detail"):
            said = said.get(name, said) if isinstance(said, dict) else said
        words = said if isinstance(said, str) else ""
        if key := self._endpoint.api_key:
            words = words.replace(key, "***")
        return "".join(char for char in " ".join(words.split()) if char.isprintable())[:_MAX_SAID]


def _completions(url: str) -> str:
    parts = urlsplit(url)
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return urlunsplit(parts._replace(path=f"{path}/chat/completions", fragment=""))


def _body(model: str, question: str, form: _Form, temperature: bool) -> dict[str, Any]:
    schema = {"name": "claims", "strict": True, "schema": SCHEMA}
    formats: dict[_Form, dict[str, Any]] = {
        _Form.SCHEMA: {"response_format": {"type": "json_schema", "json_schema": schema}},
        _Form.OBJECT: {"response_format": {"type": "json_object"}},
        _Form.WORDS: {},
    }
    return {
        "model": model,
        "messages": [
            {"role": "system", "content": INSTRUCTIONS},
            {"role": "user", "content": question},
        ],
        **({"temperature": 0} if temperature else {}),
        **formats[form],
    }


def _raise_for(response: httpx.Response, endpoint: Endpoint, said: str) -> None:
    """Raise what a status other than success means for this question and those to come."""
    status = response.status_code
    tail = f": {said}" if said else ""
    if response.is_success:
        return
    if status in (401, 403):
        # Without the server's words: some repeat a part of the key.
        raise RefusedError(f"{endpoint.host} refuses the key ({status}): check KG_LLM_API_KEY")
    if status in (404, 405):
        raise RefusedError(
            f"{endpoint.host} has no such address or model ({status}){tail}; "
            "check KG_LLM_URL and KG_LLM_MODEL"
        )
    if status == 402:
        raise RefusedError(f"{endpoint.host} wants to be paid first ({status}){tail}")
    if 300 <= status < 400:
        # Followed, it might carry the key elsewhere.
        raise RefusedError(f"{endpoint.host} redirects ({status}), which is not followed; check KG_LLM_URL")
    if status in (408, 409, 425, 429) or status >= 500:
        raise BusyError(f"{endpoint.host} answers {status}{tail}", _retry_after_s(response))
    raise UnusableError(f"{endpoint.host} answers {status}{tail}")


def _retry_after_s(response: httpx.Response) -> float | None:
    """Return what ``Retry-After`` asks for: seconds, or a moment by the server's own clock."""
    text = response.headers.get("retry-after", "")
    if text.isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        return (moment - parsedate_to_datetime(response.headers["date"])).total_seconds()
    except (ValueError, KeyError, TypeError):
        return None
