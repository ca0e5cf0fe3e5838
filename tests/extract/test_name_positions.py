"""Where names stand: in which block, and in what part of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.link import Found
from extract.positions import positions
from kg.model import Passage

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


def passage_of(text: str):
    return Passage(id="p", document_id="d", position=0, headings=(), line=1, text=text)


def place(name: str, text: str = TEXT):
    start = text.index(name)
    (one,) = positions(passage_of(text), [Found(start=start, end=start + len(name), target=name)])[name]
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
def test_a_name_plays_a_part_in_its_block(name, part):
    assert place(name).part == part


def test_sentences_and_columns_are_counted():
    assert (place("Caches").sentence, place("semantic cache").sentence) == (0, 1)
    assert (place("KV cache").column, place("latency").column) == (0, 1)


def test_what_introduces_a_list_stands_above_its_items():
    above = place("Prefix cache").block.above
    assert above is not None
    assert above.text.strip() == "Kinds of cache:"
    nested = place("page table").block.above
    assert nested is not None
    assert nested.text.startswith("- **Prefix cache**")


def test_a_row_knows_its_header():
    header = place("latency").block.header
    assert header is not None
    assert header.cells[place("latency").column].strip() == "Cost"


def test_rows_cut_from_their_head_are_rows():
    rows = TEXT[TEXT.index("| KV cache") :]
    assert place("latency", rows).part == "row.other"
    assert place("latency", rows).block.header is None


def test_each_of_two_tables_has_its_own_head():
    text = (
        "| Cache | Cost |\n|---|---|\n| disk | latency |\n\n| Store | Licence |\n|---|---|\n| S3 | Apache |\n"
    )
    header = place("Apache", text).block.header
    assert header is not None
    assert header.cells[1].strip() == "Licence"
    assert place("Licence", text).part == "header"
    assert place("latency", "| disk | latency |\n\n---\n\nMore.\n").part == "row.other"


def test_a_wrapped_item_is_one_and_does_not_end_its_list():
    text = (
        "Kinds:\n\n- a prefix cache, which keeps\n  attention state\n"
        "- an exact cache\n\n  with a paragraph\n- page table\n"
    )
    assert place("attention state", text).part == "item.in"
    assert place("paragraph", text).part == "prose.in"
    above = place("page table", text).block.above
    assert above is not None
    assert above.text.strip() == "Kinds:"


def test_code_is_no_place_of_a_name():
    start = TEXT.index("KV()")
    assert positions(passage_of(TEXT), [Found(start=start, end=start + 2, target="KV")]) == {}


@given(st.text(alphabet="ab |-*#:.\n`>1)", max_size=120), st.data())
def test_any_text_has_its_places(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    for places in positions(passage_of(text), [Found(start=start, end=end, target="x")]).values():
        for one in places:
            assert one.block.start <= one.start <= one.block.start + len(one.block.text)
