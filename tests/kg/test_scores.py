"""Precision, recall, macro averages and calibration, by hand and by law."""

from __future__ import annotations

import pytest
from graded import figures
from hypothesis import given
from hypothesis import strategies as st

from kg.scores import calibrate, macro_average, score


def test_a_share_of_nothing_is_none_but_missing_all_is_an_f1_of_0():
    assert figures(score(0, 0, 0)) == (None, None, None)
    assert figures(score(0, 0, 3)) == (None, 0, 0)
    assert figures(score(0, 3, 0)) == (0, None, 0)


@given(st.integers(1, 50), st.integers(0, 50), st.integers(0, 50))
def test_f1_is_the_harmonic_mean(right, wrong, missed):
    precision, recall, f1 = figures(score(right, right + wrong, right + missed))
    assert f1 == pytest.approx(2 * precision * recall / (precision + recall), abs=2e-4)


def test_a_macro_average_counts_a_precision_that_is_none_as_0():
    assert figures(macro_average([score(1, 2, 1), score(0, 0, 1)])) == (0.25, 0.5, 0.3333)
    assert figures(macro_average([])) == (None, None, None)


def test_calibration_error_weighs_each_bin_by_what_it_holds():
    found = calibrate([(0.0, False), (0.25, True), (0.29, False), (1.0, True)])
    assert [one.n for one in found.bins] == [1, 0, 2, 0, 0, 0, 0, 0, 0, 1]
    assert (found.bins[2].confidence, found.bins[2].right) == (0.27, 0.5)
    assert (found.bins[1].confidence, found.bins[1].right) == (None, None)
    assert found.expected_error == pytest.approx((0 + 2 * 0.23 + 0) / 4)


def test_a_confidence_on_a_border_is_in_the_upper_bin():
    assert [calibrate([(n / 10, True)]).bins[n].n for n in range(10)] == [1] * 10


def test_nothing_judged_is_no_calibration_error():
    assert calibrate([]).expected_error is None
