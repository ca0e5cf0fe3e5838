"""The bundled guide keeps its promises: form, links, order of study, and words of its own."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from kg.names import name_key

GUIDE = Path(__file__).parents[2] / "seeds" / "guide"
FOREIGN = Path(__file__).parents[3] / "shared" / "corpora"  # other people's guides, where they lie at hand
AREAS = {
    "foundations", "models", "training", "inference", "prompting", "retrieval", "agents", "platforms",
    "security", "reliability", "evaluation", "data", "product", "interview", "cases",
}  # fmt: skip
GENERAL = {  # may be asked of a reader without a note of ours
    "Access control", "Continuous integration", "Knowledge graph", "Linear algebra",
    "Optical character recognition", "Probability",
}  # fmt: skip
RUN = 8  # as many words in a row do not coincide by chance

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@dataclass(frozen=True)
class Note:
    path: Path
    meta: dict[str, Any]
    body: str  # below the front matter, code blocks left out

    @property
    def title(self) -> str:
        return str(self.meta["title"])

    @property
    def words(self) -> int:
        return len(_WORD.findall(_LINK.sub("]", self.body)))

    @property
    def links(self) -> list[Path]:
        return list(linked(self.path, self.body))


def linked(path: Path, text: str) -> Iterator[Path]:
    for target in _LINK.findall(text):
        yield (path.parent / target.partition("#")[0]).resolve()


def read_note(path: Path) -> Note:
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return Note(path.resolve(), yaml.safe_load(front), _FENCE.sub("", body))


NOTES = [read_note(path) for path in sorted(GUIDE.glob("*/*.md"))]
BY_KEY = {name_key(note.title): note for note in NOTES}
each_note = pytest.mark.parametrize("note", NOTES, ids=lambda note: note.path.stem)


def runs(text: str) -> Iterator[tuple[str, ...]]:
    words = [word.casefold() for word in re.findall(r"[^\W_]+", text)]
    return zip(*(words[start:] for start in range(RUN)), strict=False)


def test_every_area_has_notes():
    assert {note.path.parent.name for note in NOTES} == AREAS


@each_note
def test_front_matter_holds_the_five_fields_and_nothing_else(note):
    assert list(note.meta) == ["title", "aliases", "difficulty", "minutes", "prerequisites"]
    assert note.meta["difficulty"] in {"beginner", "intermediate", "advanced"}
    assert all(isinstance(name, str) for name in note.meta["aliases"] + note.meta["prerequisites"])


@each_note
def test_title_is_the_only_first_level_heading(note):
    assert re.findall(r"^# (.+)$", note.body, re.MULTILINE) == [note.title]


@each_note
def test_first_sentence_says_what_the_title_is(note):
    paragraph = note.body.split(f"# {note.title}\n\n", 1)[1].split("\n\n", 1)[0]
    assert re.match(rf"(An? |The )?{re.escape(note.title)} (is|are) ", paragraph, re.IGNORECASE)


@each_note
def test_length_is_250_to_700_words(note):
    assert 250 <= note.words <= 700


@each_note
def test_minutes_are_the_reading_time_at_100_words_a_minute(note):
    assert note.meta["minutes"] == math.ceil(note.words / 100)


@each_note
def test_questions_come_with_answers(note):
    questions, answers = note.body.count("**Q:**"), note.body.count("**A:**")
    assert questions == answers
    assert questions in {2, 3}


@each_note
def test_further_reading_is_named(note):
    assert re.search(r"^## Further reading\n\n- ", note.body, re.MULTILINE)


@each_note
def test_links_lead_to_files_of_the_guide(note):
    assert [path for path in note.links if not path.is_file()] == []


@each_note
def test_prerequisites_are_notes_or_general_knowledge(note):
    names = note.meta["prerequisites"]
    assert [name for name in names if name not in GENERAL and name_key(name) not in BY_KEY] == []


@each_note
def test_text_links_to_each_prerequisite(note):
    needed = [BY_KEY[name_key(name)].path for name in note.meta["prerequisites"] if name not in GENERAL]
    assert [path.stem for path in needed if path not in note.links] == []


@each_note
def test_another_note_leads_to_it(note):
    assert any(note.path in other.links for other in NOTES if other is not note)


@each_note
def test_tables_are_rectangular(note):
    rows = [line.count("|") for line in note.body.splitlines()]
    assert all(left == right or not left or not right for left, right in pairwise(rows))


def test_prerequisites_are_acyclic():
    needs = {note.title: note.meta["prerequisites"] for note in NOTES}
    assert {note.title for note in NOTES} <= set(TopologicalSorter(needs).static_order())


def test_no_two_notes_claim_one_name():
    names = Counter(
        key for note in NOTES for key in {name_key(name) for name in [note.title, *note.meta["aliases"]]}
    )
    assert [key for key, times in names.items() if times > 1] == []


def test_index_lists_every_note_once_and_nothing_else():
    index = GUIDE / "README.md"
    assert sorted(linked(index, index.read_text(encoding="utf-8"))) == [note.path for note in NOTES]


@pytest.mark.skipif(not FOREIGN.is_dir(), reason=f"no foreign guides to compare with at {FOREIGN.name}/")
def test_no_run_of_eight_words_is_found_in_foreign_guides():
    ours = {run: note.path.name for note in NOTES for run in runs(note.path.read_text(encoding="utf-8"))}
    foreign = (path for path in FOREIGN.rglob("*") if path.suffix in {".md", ".txt"})
    shared = {run for path in foreign for run in runs(path.read_text("utf-8", "replace")) if run in ours}
    assert sorted((ours[run], " ".join(run)) for run in shared) == []
