"""Where names stand: in which line, and in what part of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.link import Found
from extract.positions import positions

TEXT = """Caches come in kinds. A semantic cache compares meanings.

Kinds of cache:

- **Prefix cache**: keeps the attention state
  - page table
- exact cache - compares text

| Cache | Cost |
|---|---|
| KV cache | memory |
| disk | latency |

```
cache = KV()
```
"""


def place(name: str):
    start = TEXT.index(name)
    (one,) = positions(TEXT, [Found(start=start, end=start + len(name), target=name)])[name]
    return one


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Caches", "prose.start"),
        ("semantic cache", "prose.in"),
        ("Prefix cache", "item.term"),
        ("attention state", "item.rest"),
        ("exact cache", "item.term"),
        ("Cost", "header"),
        ("KV cache", "row.first"),
        ("latency", "row.other"),
    ],
)
def test_a_name_plays_a_part_in_its_line(name, part):
    assert place(name).part == part


def test_sentences_and_columns_are_counted():
    assert (place("Caches").sentence, place("semantic cache").sentence) == (0, 1)
    assert (place("KV cache").column, place("latency").column) == (0, 1)


def test_what_introduces_a_list_stands_above_its_items():
    above = place("Prefix cache").line.above
    assert above is not None
    assert above.text == "Kinds of cache:"
    nested = place("page table").line.above
    assert nested is not None
    assert nested.text.startswith("- **Prefix cache**")


def test_a_row_knows_its_header():
    header = place("latency").line.header
    assert header is not None
    assert header.cells[place("latency").column].strip() == "Cost"


def test_code_is_no_place_of_a_name():
    start = TEXT.index("KV()")
    assert positions(TEXT, [Found(start=start, end=start + 2, target="KV")]) == {}


@given(st.text(alphabet="ab |-*#:.\n`>1)", max_size=120), st.data())
def test_any_text_has_its_places(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    for places in positions(text, [Found(start=start, end=end, target="x")]).values():
        for one in places:
            assert one.line.start <= one.start <= one.line.start + len(one.line.text)


def test_line_ends_make_no_difference():
    windows = TEXT.replace("\n", "\r\n")
    start = windows.index("page table")
    (one,) = positions(windows, [Found(start=start, end=start + 10, target="x")])["x"]
    assert one.line.above is not None
    assert one.line.above.text.startswith("- **Prefix cache**")
    start = windows.index("latency")
    (one,) = positions(windows, [Found(start=start, end=start + 7, target="x")])["x"]
    assert one.part == "row.other"


def test_a_quoted_row_has_its_cells():
    text = "> | Cache | Cost |\n> |---|---|\n> | disk | latency |\n"
    start = text.index("latency")
    (one,) = positions(text, [Found(start=start, end=start + 7, target="x")])["x"]
    assert one.line.header is not None
    assert one.line.header.cells[one.column].strip() == "Cost"
