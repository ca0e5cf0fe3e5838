"""The answers of a model on disk: shared by processes, and whole after a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from language_model import source

from extract.llm.cache import AnswerCache, cache_key, default_cache
from extract.llm.prompt import question


def test_answers_are_found_by_model_headings_and_text():
    (passage,) = source("a", "One text.").passages
    (same,) = source("b", "One text.").passages
    (other,) = source("a", "One text.", headings=("Elsewhere",)).passages
    key = cache_key("reader", question(passage))
    assert key == cache_key("reader", question(same))
    assert key != cache_key("reader", question(other))
    assert key != cache_key("reader-2", question(passage))


def test_a_later_answer_takes_the_place_of_an_earlier_one(tmp_path):
    with AnswerCache(tmp_path / "answers.db") as cache:
        assert cache.find(b"key") is None
        cache.put(b"key", "one")
        cache.put(b"key", "two")
        assert cache.find(b"key") == "two"


def test_many_may_write_at_the_same_time(tmp_path):
    def write(writer: int) -> None:
        with AnswerCache(tmp_path / "answers.db") as cache:
            for number in range(20):
                cache.put(f"{writer} {number}".encode(), "answer")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    with AnswerCache(tmp_path / "answers.db") as cache:
        found = [cache.find(f"{writer} {number}".encode()) for writer in range(4) for number in range(20)]
    assert found == ["answer"] * 80


WRITES_WITHOUT_END = """
import itertools, pathlib, sys
from extract.llm.cache import AnswerCache
cache = AnswerCache(pathlib.Path(sys.argv[1]))
for number in itertools.count():
    cache.put(str(number).encode(), "answer " * 1000)
    print(number, flush=True)
"""


def test_what_was_kept_before_a_kill_is_found_after_it(tmp_path):
    path = tmp_path / "answers.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITES_WITHOUT_END, str(path)], stdout=subprocess.PIPE, text=True
    )
    kept = [next(writer.stdout) for _ in range(20)]
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    with AnswerCache(path) as cache:
        assert [cache.find(number.strip().encode()) for number in kept] == ["answer " * 1000] * 20


def test_answers_lie_in_the_users_cache_folder():
    assert default_cache({"XDG_CACHE_HOME": "/caches"}) == Path("/caches/guidegraph/llm-answers.db")
    assert default_cache({}) == Path.home() / ".cache" / "guidegraph" / "llm-answers.db"
