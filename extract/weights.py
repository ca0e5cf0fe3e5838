"""The fitted models: how much each feature speaks for a name, a kind or a relation.

``weights.json`` is written by ``python -m tests.fit`` from the labels in ``tests/gold``; nothing in it is
made up by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from math import exp

import msgspec
import numpy as np
import numpy.typing as npt

SCALE = 100
"""Weights are whole hundredths: sums are exact, so that the order of features never shows in a graph."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``weights.json``: weights by feature, "" being the bias; the lists are as long as their classes."""

    names: dict[str, int]
    names_elsewhere: dict[str, int]
    kinds: dict[str, list[int]]
    kind_classes: tuple[str, ...]
    types: dict[str, list[int]]
    type_classes: tuple[str, ...]


class Binary:
    """A logistic regression: how likely something is, by its features; unknown ones weigh nothing."""

    def __init__(self, weights: Mapping[str, int]) -> None:
        self._weights = weights
        self._bias = weights.get("", 0)

    def probability(self, features: Collection[str]) -> float:
        """Return the probability, 0 to 1, given a set of features."""
        weigh = self._weights
        total = self._bias + sum([weigh[feature] for feature in features if feature in weigh])
        return 1 / (1 + exp(-total / SCALE))


class Multinomial:
    """A multinomial logistic regression: how likely each class is, by the features."""

    def __init__(self, weights: Mapping[str, Sequence[int]], classes: Sequence[str]) -> None:
        self.classes = tuple(classes)
        self._bias = np.array(weights.get("", [0] * len(self.classes)), np.int64)
        self._place = {feature: place for place, feature in enumerate(weights)}
        self._table = np.array([*weights.values()], np.int64).reshape(-1, len(self.classes))

    def distribution(self, features: Collection[str]) -> dict[str, float]:
        """Return the probability of each class, given a set of features."""
        return dict(zip(self.classes, self._shares(features).tolist(), strict=True))

    def likeliest(self, features: Collection[str]) -> tuple[str, float]:
        """Return the class that is most probable, given a set of features, and its probability."""
        shares = self._shares(features)
        best = int(shares.argmax())
        return self.classes[best], float(shares[best])

    def _shares(self, features: Collection[str]) -> npt.NDArray[np.float64]:
        place = self._place
        rows = [place[feature] for feature in features if feature in place]
        totals = (self._table[rows].sum(axis=0) + self._bias) / SCALE
        shares: npt.NDArray[np.float64] = np.exp(totals - totals.max())
        shares /= shares.sum()
        return shares


@dataclass(frozen=True, slots=True)
class Weights:
    """The models that the fold asks."""

    names: Binary  # that a name is worth a node
    names_elsewhere: Binary  # likewise, in a field whose words the catalogue does not know
    kinds: Multinomial  # of names
    types: Multinomial  # of pairs: "USES>", "USES<" (the other way), or "NONE"


@lru_cache(maxsize=1)
def weights() -> Weights:
    """Return the models that come with the package."""
    file = msgspec.json.decode(files("extract").joinpath("weights.json").read_bytes(), type=_File)
    return Weights(
        names=Binary(file.names),
        names_elsewhere=Binary(file.names_elsewhere),
        kinds=Multinomial(file.kinds, file.kind_classes),
        types=Multinomial(file.types, file.type_classes),
    )
