"""Fixtures of the tests with a language model: the model on its server, and a reader that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from language_model import LanguageModel, serving

from extract.llm.client import Endpoint
from extract.llm.reader import ModelReport, open_reader
from kg.model import Source


@pytest.fixture
def model() -> Iterator[LanguageModel]:
    with serving() as model:
        yield model


@pytest.fixture
def cache(tmp_path) -> Path:
    return tmp_path / "cache" / "answers.db"


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def read(cache, pauses):
    """Give a function that reads documents with a model and returns them, and the report."""

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    def read(endpoint: Endpoint, *sources: Source) -> tuple[list[Source], ModelReport]:
        with open_reader(endpoint, cache, sleep=sleep) as reader:
            return list(reader.read(sources)), reader.report()

    return read
