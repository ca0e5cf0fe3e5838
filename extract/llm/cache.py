"""Answers kept by what was asked, so that nothing is paid for twice.

They lie in the user's cache folder rather than in the store: one file serves stores of every engine, and
a new store, an edited document or a graph built again from nothing costs only what was never asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import apsw

from extract.llm.prompt import DIGEST
from kg.errors import StoreUnavailableError

_BUSY_TIMEOUT_MS = 10_000
_SCHEMA = "CREATE TABLE IF NOT EXISTS answer (key BLOB PRIMARY KEY, content TEXT NOT NULL) WITHOUT ROWID"


def default_cache(env: Mapping[str, str]) -> Path:
    """Return where answers are kept: in ``XDG_CACHE_HOME``, else ``~/.cache``."""
    folder = Path(env.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return folder / "guidegraph" / "llm-answers.db"


def cache_key(model: str, question: str) -> bytes:
    """Return the key of a model's answer to a question; it changes with the prompt."""
    return hashlib.sha256("\0".join((model, DIGEST, question)).encode()).digest()


class AnswerCache:
    """Answers as the model gave them, by ``cache_key``; processes may share the file.

    One statement is one transaction, so a process that is killed loses at most the answer it was writing.
    What is kept is unchecked: other checks judge it anew, without asking again.
    """

    def __init__(self, path: Path) -> None:
        """Open the file at ``path``, made if it is missing, for its owner's eyes alone: it quotes notes.

        Raises:
            StoreUnavailableError: it cannot be made or opened, or is something else.
        """
        self._path = path
        with self._translated():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._db = apsw.Connection(str(path))
            self._db.set_busy_timeout(_BUSY_TIMEOUT_MS)
            self._db.execute(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._db.close()

    def find(self, key: bytes) -> str | None:
        """Return the answer of this key, or None."""
        with self._translated():
            content: str | None = self._db.execute("SELECT content FROM answer WHERE key = ?", (key,)).get
            return content

    def put(self, key: bytes, content: str) -> None:
        """Keep an answer, in place of an earlier one."""
        with self._translated():
            self._db.execute("INSERT OR REPLACE INTO answer VALUES (?, ?)", (key, content))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (apsw.Error, OSError) as error:
            raise StoreUnavailableError(
                f"the language model's answers cannot be kept in {self._path} ({error}): "
                "remove the file, or name another in KG_LLM_CACHE"
            ) from error
