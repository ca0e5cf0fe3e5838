"""Cursors: opaque, and what is not one is refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cursors import MAX_OFFSET, cursor, offset_after
from kg.errors import InvalidInputError


@given(st.integers(0, MAX_OFFSET - 1))
def test_a_list_goes_on_after_the_item_of_the_cursor(offset):
    assert offset_after(cursor(offset)) == offset + 1


def test_without_a_cursor_a_list_starts_at_its_beginning():
    assert offset_after(None) == 0


@given(st.text())
def test_any_other_text_is_a_cursor_or_refused_as_invalid_input(text):
    with suppress(InvalidInputError):
        assert 0 < offset_after(text) <= MAX_OFFSET


def test_a_cursor_of_another_version_is_refused():
    with pytest.raises(InvalidInputError, match="no cursor of this API"):
        offset_after("Mjox")  # 2:1


def test_paging_ends_where_it_would_only_walk_over_what_it_skips():
    with pytest.raises(InvalidInputError, match="narrow the filter"):
        offset_after(cursor(MAX_OFFSET))
