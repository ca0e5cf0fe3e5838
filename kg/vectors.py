"""Vectors as they are stored and searched: half precision on disk, one matrix to scan in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kg.errors import StoreMismatchError

# Half the space of single precision, and 9,995 of 10,000 nearest neighbours stay the same (measured, 384
# numbers, 10 of 10,000 nearest).
_STORED = np.dtype("<f2")


@dataclass(frozen=True, slots=True)
class VectorTable:
    """Vectors by id: ``matrix`` is float32 (n_ids, dim), rows of length 1, in the order of ``ids``."""

    ids: tuple[str, ...]  # sorted
    matrix: np.ndarray

    @classmethod
    def of(cls, ids: Sequence[str], values: Sequence[bytes]) -> VectorTable:
        """Build the table of stored vectors, ``ids`` sorted.

        Raises:
            StoreMismatchError: the vectors have different lengths, so several models made them.
        """
        lengths = {len(value) for value in values}
        if len(lengths) > 1:
            raise StoreMismatchError(
                "the graph's vectors come from more than one embedding model: ingest again into a new file"
            )
        dim = lengths.pop() // _STORED.itemsize if lengths else 0
        stored = np.frombuffer(b"".join(values), _STORED).reshape(len(ids), dim)
        return cls(tuple(ids), _unit_rows(stored.astype(np.float32)))

    def nearest(self, vector: np.ndarray, limit: int) -> list[tuple[str, float]]:
        """Return the ids most similar to ``vector`` by cosine, best first, ties by id.

        Raises:
            StoreMismatchError: ``vector`` has another length than the table's.
        """
        if not self.ids or limit < 1:
            return []
        require_length(vector, self.matrix.shape[1])
        scores = self.matrix @ vector.astype(np.float32)
        rows = np.arange(len(scores))
        if limit < len(scores):
            # All that reach the worst score of the best, so that ties at the edge are broken by id too.
            rows = np.flatnonzero(scores >= np.partition(scores, -limit)[-limit])
        best = rows[np.argsort(-scores[rows], kind="stable")][:limit]
        return [(self.ids[row], float(np.clip(scores[row], -1, 1))) for row in best]


def require_length(query: np.ndarray, dim: int) -> None:
    """Refuse a query of another embedding model than the vectors of ``dim`` numbers that it is to meet.

    Raises:
        StoreMismatchError: it has another length.
    """
    if query.shape != (dim,):
        raise StoreMismatchError(
            f"the graph's vectors have {dim} numbers and the query's {query.size}: "
            "use the embedding model that the graph was built with, or ingest again into a new store"
        )


def to_bytes(vector: np.ndarray) -> bytes:
    """Return ``vector`` as it is stored."""
    return vector.astype(_STORED).tobytes()


def from_bytes(value: bytes) -> np.ndarray:
    """Return a stored vector as float32 (dim,), length 1."""
    row: np.ndarray = _unit_rows(np.frombuffer(value, _STORED).astype(np.float32)[None])[0]
    return row


def _unit_rows(matrix: np.ndarray) -> np.ndarray:
    """Scale rows back to length 1, which rounding has moved a little; zero rows stay."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    np.divide(matrix, lengths, out=matrix, where=lengths > 0)
    return matrix
