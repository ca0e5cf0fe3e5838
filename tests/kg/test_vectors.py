"""The exact scan and the form in which vectors are stored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import StoreMismatchError
from kg.vectors import VectorTable, from_bytes, to_bytes


def table(matrix: np.ndarray) -> VectorTable:
    return VectorTable.of([f"id_{i:03}" for i in range(len(matrix))], [to_bytes(row) for row in matrix])


def unit_rows(seed: int, n: int, dim: int) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(seed=st.integers(0, 2**32), n=st.integers(1, 50), limit=st.integers(1, 60))
def test_the_nearest_are_those_of_a_full_sort(seed, n, limit):
    rows = unit_rows(seed, n, 8)
    found = table(rows)
    scores = found.matrix @ rows[0]
    expected = sorted(range(n), key=lambda i: (-scores[i], i))[:limit]
    assert [id_ for id_, _ in found.nearest(rows[0], limit)] == [f"id_{i:03}" for i in expected]


@given(seed=st.integers(0, 2**32))
def test_a_stored_vector_keeps_its_direction_and_length(seed):
    (row,) = unit_rows(seed, 1, 384)
    stored = from_bytes(to_bytes(row))
    assert stored.dtype == np.float32
    assert float(stored @ row) > 0.99999
    assert float(np.linalg.norm(stored)) == pytest.approx(1, abs=1e-5)


def test_ties_at_the_limit_are_broken_by_id():
    same = np.tile(unit_rows(1, 1, 4), (6, 1))
    assert [id_ for id_, _ in table(same).nearest(same[0], 2)] == ["id_000", "id_001"]


def test_an_empty_table_has_no_nearest():
    assert table(np.zeros((0, 4), np.float32)).nearest(np.ones(4, np.float32), 3) == []


def test_vectors_of_two_models_are_refused():
    with pytest.raises(StoreMismatchError, match="more than one embedding model"):
        VectorTable.of(["a", "b"], [bytes(8), bytes(16)])


def test_a_zero_vector_is_similar_to_nothing():
    rows = np.array([[1, 0], [0, 0]], np.float32)
    assert table(rows).nearest(np.array([1, 0], np.float32), 2) == [("id_000", 1.0), ("id_001", 0.0)]
