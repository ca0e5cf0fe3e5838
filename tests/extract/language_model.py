"""A server on loopback that speaks the chat protocol, and answers as a test wants it to."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from extract.llm.client import Endpoint
from kg.model import Document, Passage, Source
from kg.names import content_id

KEY = "sk-a-key-that-nobody-may-see"
NOTHING = {"entities": [], "relations": []}

TEXT = "Reranking improves precision, but it adds latency to each query."
GOOD = {
    "entities": [{"name": "Reranking", "kind": "PATTERN", "aliases": [], "description": None}],
    "relations": [{"source": "Reranking", "type": "IMPROVES", "target": "precision", "quote": TEXT}],
}


@dataclass(frozen=True)
class Reply:
    """An HTTP answer; without a status the connection is held until the client leaves."""

    status: int | None = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def says(content: object, finish_reason: str = "stop") -> Reply:
    """Return the completion of a model that says ``content``, written as JSON unless it is text."""
    text = content if isinstance(content, str) else json.dumps(content)
    completion = {
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10},
    }
    return Reply(body=json.dumps(completion).encode())


def fails(status: int, message: str = "", **headers: str) -> Reply:
    """Return an error as servers write it."""
    body = json.dumps({"error": {"message": message}}).encode()
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


HOLD = Reply(status=None)


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    path: str
    headers: Message
    body: dict[str, object]

    @property
    def question(self) -> str:
        return self.body["messages"][1]["content"]

    @property
    def form(self) -> str:
        return self.body.get("response_format", {"type": "none"})["type"]


class LanguageModel:
    """Gives the replies of ``script``, one a request, and then what ``otherwise`` says to each."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.script: deque[Reply] = deque()
        self.otherwise: Callable[[Asked], Reply] = lambda _: says(NOTHING)
        self.url = ""

    def endpoint(self, **given) -> Endpoint:
        defaults = {"url": f"{self.url}/v1", "model": "reader-1", "timeout_s": 30.0, "parallel": 1}
        return Endpoint(**{**defaults, "max_requests": 0, **given})

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        return self.script.popleft() if self.script else self.otherwise(asked)


@contextmanager
def serving() -> Iterator[LanguageModel]:
    """Give a language model that is served while the block lasts."""
    model = LanguageModel()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # a reply leaves in one piece, so that none waits for the client to confirm the first

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = model.reply(Asked(self.path, self.headers, body))
            if reply.status is None:
                self.connection.recv(1)  # returns when the client has left
                self.close_connection = True
                return
            self.send_response_only(reply.status)  # with no header but the reply's own
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def do_GET(self) -> None:
            model.asked.append(Asked(self.path, self.headers, {}))
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Say nothing: the tests look at ``asked``."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        model.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield model
        finally:
            server.shutdown()
            thread.join()


def source(name: str, *texts: str, headings: tuple[str, ...] = ("Retrieval",)) -> Source:
    """Return a document without claims, with these passages."""
    document = Document(root="notes", path=f"{name}.md", title=name, content_hash=name)
    return Source(
        document=document,
        fingerprint="rules",
        passages=tuple(
            Passage(
                id=content_id("p", document.id, text, str(position)),
                document_id=document.id,
                position=position,
                headings=headings,
                line=position + 1,
                text=text,
            )
            for position, text in enumerate(texts)
        ),
    )


def numbered(count: int, passages: int = 1) -> list[Source]:
    """Return documents of so many passages each, no two alike."""
    return [
        source(f"note-{number}", *(f"{TEXT} Note {number}, part {part}." for part in range(passages)))
        for number in range(count)
    ]


def complete(sources: Sequence[Source]) -> list[bool]:
    """Return for each document whether the model has read all of it."""
    return ["without" not in one.fingerprint for one in sources]
