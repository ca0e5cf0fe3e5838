"""Measures how the cost of an ingest grows with the material, and prints a Markdown table for docs/scale.md.

``python tests/scale.py [TIMES ...]``: the bundled guide that many times over, by default 1, 4 and 16 times.
In each copy most words of the guide's names are replaced by words of the copy's own, so that entities and
claims grow with the documents, while the rest ties the copies together. Embedding is left out, as its cost
is that of so many texts whatever the rest: texts become hashed bags of words. Each size has a process of
its own. Seconds are those of the processors, added up over all processes, as machines are shared and noisy.
"""

from __future__ import annotations

import hashlib
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from sample import HashEmbedder

from extract.catalogue import bundled_catalogue, read_catalogue
from extract.executor import LocalExecutor
from extract.ingest import ingest
from kg.model import EntityKind
from kg.open import open_store
from kg.store import EntityFilter, GraphStore

GUIDE = Path("seeds/guide")
OWN_WORDS = 0.7  # of the words in names, so many are a copy's own
NAMED = frozenset(EntityKind) - {EntityKind.QUESTION, EntityKind.TRADE_OFF, EntityKind.RESOURCE}


def main() -> None:
    """Measure every size, each in a process of its own."""
    sizes = [int(times) for times in sys.argv[1:]] or [1, 4, 16]
    with tempfile.TemporaryDirectory() as folder:
        words = _words_of_names(Path(folder))
        for number, times in enumerate(sizes):
            notes = Path(folder) / f"{times}" / "notes"
            for copy in range(times):
                _write_copy(notes, copy, words)
            command = [sys.executable, __file__, "--measure", str(notes)]
            row = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            if not number:
                _print(row)
                _print(["---:"] * len(row))
            _print(row.values())
            shutil.rmtree(notes)


def _print(cells: object) -> None:
    print("|", " | ".join(map(str, cells)), "|", flush=True)  # noqa: T201


# --- the material


def _words_of_names(folder: Path) -> list[str]:
    """Return the words that make up the names in the guide, as ingesting it finds them."""
    store = open_store(f"sqlite:///{folder}/names.db")
    _ingest(store, GUIDE, {})
    entities = store.list_entities(EntityFilter(kinds=NAMED), limit=1_000_000).items
    store.close()
    return sorted({word for entity in entities for word in re.findall(r"[a-z]{4,}", entity.name.casefold())})


def _write_copy(notes: Path, copy: int, words: list[str]) -> None:
    own = {word: _own_word(word, copy) for word in words if copy and _share(word, copy) < OWN_WORDS}
    any_word = re.compile(r"[A-Za-z]{4,}")
    for path in sorted(GUIDE.rglob("*.md")):
        target = notes / f"copy-{copy:04}" / path.relative_to(GUIDE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(any_word.sub(lambda match: _replaced(match.group(), own), path.read_text("utf-8")))


def _own_word(word: str, copy: int) -> str:
    # After the word, not before: endings and capitals at the start are what rules go by.
    letters = "".join(chr(ord("a") + int(digit)) for digit in str(copy))
    return word[:-2] + letters + word[-2:]


def _share(word: str, copy: int) -> float:
    return hashlib.blake2b(f"{word} {copy}".encode(), digest_size=1).digest()[0] / 256


def _replaced(word: str, own: dict[str, str]) -> str:
    other = own.get(word.casefold(), word)
    return other.capitalize() if word[0].isupper() else other


# --- what it costs


def _ingest(store: GraphStore, notes: Path, seconds: dict[str, float]) -> None:
    """Ingest, and add up the processors' seconds of each stage."""
    stage, since = "reading", time.process_time()
    children = _children_s()

    def progress(now: str, done: int, total: int) -> None:
        nonlocal stage, since
        if now != stage:
            seconds[stage] = seconds.get(stage, 0.0) + time.process_time() - since
            stage, since = now, time.process_time()

    with LocalExecutor() as executor:
        catalogue = read_catalogue([bundled_catalogue()])
        ingest(store, HashEmbedder(), [str(notes)], catalogue=catalogue, executor=executor, progress=progress)
    progress("", 0, 0)
    seconds["reading"] += _children_s() - children  # with what hashed the texts, which is next to nothing


def _children_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure(notes: Path) -> dict[str, object]:
    """Ingest a folder, edit one of its files, ingest again, and return a row of figures."""
    path = notes.parent / "scale.db"
    store = open_store(f"sqlite:///{path}")
    seconds: dict[str, float] = {}
    with _watching_memory() as peaks:
        _ingest(store, notes, seconds)
    megabytes = path.stat().st_size / 2**20
    edited = min(notes.rglob("*.md"))
    edited.write_text(edited.read_text("utf-8") + "\nReranking improves precision but adds latency.\n")
    again: dict[str, float] = {}
    _ingest(store, notes, again)
    counts = store.counts()
    claims = sum(len(source.entity_claims) + len(source.relation_claims) for source in store.read_sources())
    store.close()
    reading, publishing = seconds.pop("reading"), seconds.pop("publishing")
    seconds.pop("embedding", None)
    return {
        "documents": f"{counts.documents:,}",
        "passages": f"{counts.passages:,}",
        "claims": f"{claims:,}",
        "entities": f"{counts.entities:,}",
        "relations": f"{counts.relations:,}",
        "reading, s": f"{reading:.1f}",
        "folding, s": f"{sum(seconds.values()):.1f}",
        "publishing, s": f"{publishing:.1f}",
        "after one edit, s": f"{sum(again.values()):.1f}",
        "store, MB": f"{megabytes:.0f}",
        "peak, MB": f"{peaks['self']:.0f}",
        "peak of a reader, MB": f"{peaks['child']:.0f}",
    }


@contextmanager
def _watching_memory() -> Iterator[dict[str, float]]:
    """Give the most memory, in MB, that this process and any one of its children were seen to hold.

    Not ``getrusage``, which counts a parent's memory as a child's where the child was forked from it.
    """
    peaks = {"self": 0.0, "child": 0.0}
    over = threading.Event()

    def watch() -> None:
        me = psutil.Process()
        while not over.wait(0.1):
            peaks["self"] = max(peaks["self"], me.memory_info().rss / 2**20)
            for child in me.children():
                with suppress(psutil.NoSuchProcess):
                    peaks["child"] = max(peaks["child"], child.memory_info().rss / 2**20)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peaks
    finally:
        over.set()
        watcher.join()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(Path(sys.argv[2]))))  # noqa: T201
    else:
        main()
