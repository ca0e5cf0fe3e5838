"""How well search finds the passages that hold the evidence: recall by mode, on a labelled set."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.embed import Embedder, embedding_text, vector_key
from kg.errors import InvalidInputError
from kg.light_graph import TitledText, light_graph
from kg.model import Graph
from kg.open import open_store
from kg.search import SearchMode, search
from kg.store import GraphStore, Owner

CUTS = (2, 5, 8, 10)
"""The k of recall@k and all@k."""

_DEPTH = 50  # how far down the rank of a gold passage is looked for
_BATCH = 256  # passages embedded between two commits, so that an interrupted run can go on

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRanks:
    """Where the gold passages of one question came, from 1; None for those not among the first 50."""

    question_id: str
    ranks: dict[str, int | None]  # by gold title or id


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeReport:
    """How one search mode did."""

    mode: SearchMode
    recall: dict[int, float]  # share of a question's gold passages among the first k, averaged
    all_gold: dict[int, float]  # share of questions with all gold passages among the first k
    ms_per_question: float
    questions: tuple[QuestionRanks, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrievalReport:
    """How each search mode did on the same corpus and questions."""

    passages: int
    questions: int
    modes: tuple[ModeReport, ...]


@dataclass(frozen=True, slots=True)
class _Question:
    id: str
    text: str
    gold: frozenset[str]  # titles or ids


def evaluate_retrieval(
    corpus_path: Path,
    questions_path: Path,
    embedder: Embedder,
    *,
    modes: Collection[SearchMode] = tuple(SearchMode),
    cache: Path | None = None,
    progress: Progress | None = None,
) -> RetrievalReport:
    """Rank a corpus's passages for each question with the search that users get.

    Args:
        corpus_path: JSON lines with ``id``, ``title`` and ``text``.
        questions_path: JSON lines with ``id``, ``question`` and ``gold_titles`` or ``gold_ids``.
        embedder: for passages and questions.
        modes: which search modes to try.
        cache: a store file that keeps the vectors for the next run; none means a temporary one.
        progress: told what is being done, how much of it is done, and of how much.

    Raises:
        InvalidInputError: a file cannot be read or a line is not as described; the text says which.
    """
    corpus = [
        TitledText(row["id"], row["title"], row["text"]) for row in _rows(corpus_path, ("title", "text"))
    ]
    if not corpus:
        raise InvalidInputError(f"{corpus_path} holds no passage")
    if len({one.id for one in corpus}) < len(corpus):
        raise InvalidInputError(f"{corpus_path} gives several passages the same id")
    questions = _questions(questions_path)
    tell = progress or (lambda _what, _done, _total: None)
    with tempfile.TemporaryDirectory() as folder:
        path = (cache or Path(folder) / "corpus.db").resolve()
        store = open_store(f"sqlite:///{path}")
        try:
            graph, passage_ids = light_graph(corpus)
            _publish(store, embedder, graph, tell)
            keys = _gold_keys(corpus, passage_ids)
            reports = [_measure(store, embedder, mode, questions, keys, tell) for mode in sorted(modes)]
        finally:
            store.close()
    return RetrievalReport(passages=len(corpus), questions=len(questions), modes=tuple(reports))


def _rows(path: Path, fields: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON lines file, ``id`` as text, with the other fields checked to be text."""
    try:
        # By line feed alone: JSON may hold the other characters that ``splitlines`` breaks at.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"cannot read {path}: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise InvalidInputError(f"{path}, line {number} is not JSON: {error}") from error
        if not (isinstance(row, dict) and "id" in row and all(isinstance(row.get(f), str) for f in fields)):
            raise InvalidInputError(f"{path}, line {number} needs id, {' and '.join(fields)}")
        yield {**row, "id": str(row["id"])}


def _questions(path: Path) -> list[_Question]:
    questions = []
    for row in _rows(path, ("question",)):
        gold = row.get("gold_titles") or row.get("gold_ids")
        if not isinstance(gold, list) or not gold:
            raise InvalidInputError(f"{path}, question {row['id']} needs gold_titles or gold_ids")
        questions.append(_Question(row["id"], row["question"], frozenset(str(one) for one in gold)))
    if not questions:
        raise InvalidInputError(f"{path} holds no question")
    return questions


def _publish(store: GraphStore, embedder: Embedder, graph: Graph, tell: Progress) -> None:
    texts = {passage.id: embedding_text(passage) for passage in graph.passages}
    keys = {passage_id: vector_key(embedder.name, text) for passage_id, text in texts.items()}
    by_key = {key: texts[passage_id] for passage_id, key in keys.items()}
    missing = sorted(store.missing_vectors(by_key.keys()))
    for first in range(0, len(missing), _BATCH):
        tell("embedding passages", first, len(missing))
        batch = missing[first : first + _BATCH]
        store.put_vectors(dict(zip(batch, embedder.encode([by_key[key] for key in batch]), strict=True)))
    store.publish(graph, keys)


def _gold_keys(corpus: Sequence[TitledText], passage_ids: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return what each passage may be called in a question's gold: its title and its id in the corpus."""
    return {passage_ids[one.id]: (one.title, one.id) for one in corpus}


def _measure(
    store: GraphStore,
    embedder: Embedder,
    mode: SearchMode,
    questions: Sequence[_Question],
    keys: Mapping[str, tuple[str, str]],
    tell: Progress,
) -> ModeReport:
    search(store, embedder, questions[0].text, mode=mode)  # warms caches, which users also have warm
    ranked: list[QuestionRanks] = []
    spent_s = 0.0
    for done, question in enumerate(questions):
        tell(f"{mode.lower()} search", done, len(questions))
        start = time.perf_counter()
        found = search(store, embedder, question.text, mode=mode, limit=_DEPTH, owners=[Owner.PASSAGE])
        spent_s += time.perf_counter() - start
        ranks: dict[str, int | None] = dict.fromkeys(sorted(question.gold))
        for rank, hit in enumerate(found.passages, start=1):
            for key in question.gold.intersection(keys[hit.id]):
                ranks[key] = ranks[key] or rank
        ranked.append(QuestionRanks(question_id=question.id, ranks=ranks))
    return ModeReport(
        mode=mode,
        recall={k: round(sum(_recall(one, k) for one in ranked) / len(ranked), 4) for k in CUTS},
        all_gold={k: round(sum(_recall(one, k) == 1 for one in ranked) / len(ranked), 4) for k in CUTS},
        ms_per_question=round(1000 * spent_s / len(questions), 2),
        questions=tuple(ranked),
    )


def _recall(question: QuestionRanks, cut: int) -> float:
    found = [rank for rank in question.ranks.values() if rank is not None and rank <= cut]
    return len(found) / len(question.ranks)
