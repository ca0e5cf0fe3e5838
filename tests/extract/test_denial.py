"""What a text denies is not stated."""

import hashlib
import re

import pytest

from extract.catalogue import Catalogue, Entry
from extract.claims import extract
from extract.fold import fold
from extract.lexicon import denies
from extract.link import Found
from extract.load import load
from extract.mentions import stretches
from extract.positions import Above
from extract.ties import NamedPassage, under
from kg.model import Document, EntityKind, Passage, RelationType


@pytest.mark.parametrize(
    "before",
    [
        "routes without ",
        "answers without calling an ",
        "does not need a ",
        "doesn't need a ",
        "doesn\u2019t use ",
        "is no ",
        "is never a ",
        "keeps vectors in Postgres instead of a ",
        "cannot use the ",
    ],
)
def test_words_before_a_name_deny_it(before):
    assert denies(before, len(before))


@pytest.mark.parametrize(
    "before",
    [
        "uses ",
        "is not just a ",
        "is not only an ",
        "does not wait, it calls the ",
        "without a plan; it uses ",
        "works without labels because it uses ",
        "no longer fails but uses ",
        "needs no training and calls an ",
        "does not work without an ",
        "is not always a ",
        "does not scale until it uses a ",
        "is a notable ",
        "knows a ",
        "without a word of warning to anyone who may be about to read all of what the ",
    ],
)
def test_what_is_denied_ends_with_its_clause(before):
    assert not denies(before, len(before))


@pytest.mark.parametrize(
    ("below", "denied"),
    [
        ("Many teams route without an LLM.", True),
        ("Many teams route without an LLM. Here an LLM routes.", False),
        ("Nothing is said of it here.", False),
    ],
)
def test_what_stands_below_a_heading_is_denied_where_all_of_it_is(below, denied):
    passage = Passage(id="p", document_id="d", position=0, headings=("Semantic router",), line=1, text=below)
    found = [Found(start=at.start(), end=at.end(), target="LLM") for at in re.finditer("LLM|Nothing", below)]
    above = [Above("Semantic router", 0, True, "Semantic router")]
    (tie,) = under(
        NamedPassage(passage, found, above), stretches(below), {"LLM", "Semantic router"}, lambda a, b: True
    )
    assert (tie.denied, tie.evidence.quote) == (denied, below.split(". ")[0].rstrip(".") + ".")


@pytest.mark.parametrize(("words", "stated"), [("calls an", True), ("never calls an", False)])
def test_what_is_denied_is_not_used(words, stated):
    catalogue = Catalogue(
        entries=(
            Entry(name="Semantic router", kind=EntityKind.PATTERN, uses=("LLM",)),
            Entry(name="LLM", kind=EntityKind.CONCEPT),
        ),
        files=("field.yaml",) * 2,
        tracks=(),
        digest="",
    )
    data = f"# Notes\n\nA semantic router {words} LLM.\n".encode()
    loaded = load("a.md", data)
    digest = hashlib.sha256(data).hexdigest()
    document = Document(root="notes", path="a.md", title=loaded.title, content_hash=digest)
    graph = fold([extract(document, loaded)], catalogue)
    (relation,) = [one for one in graph.relations if one.type is RelationType.USES]
    assert ("near" in relation.found_by) is stated
