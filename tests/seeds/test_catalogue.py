"""The bundled catalogue keeps its promises: a name for each thing, whole references, an order to learn in."""

from __future__ import annotations

from collections import Counter
from graphlib import TopologicalSorter
from itertools import chain

import pytest

from extract.catalogue import RELATION_FIELDS, Entry, bundled_catalogue, read_catalogue
from extract.forms import written_as
from kg.model import Difficulty, EntityKind, Track
from kg.names import WORD, name_key

AREAS = {
    "agents", "data", "evaluation", "foundations", "inference", "models", "platforms", "product", "prompting",
    "retrieval", "security", "tracks", "training",
}  # fmt: skip
IDEAS = {EntityKind.CONCEPT, EntityKind.PATTERN, EntityKind.METRIC, EntityKind.RISK}
THINGS = {EntityKind.TOOL, EntityKind.MODEL, EntityKind.RESOURCE}
MAKERS = {EntityKind.TOOL, EntityKind.MODEL}
LEVELS = {level: number for number, level in enumerate(Difficulty)}

CATALOGUE = read_catalogue([bundled_catalogue()])
ENTRIES = {entry.name: entry for entry in CATALOGUE.entries}
PREREQUISITES = {entry.name: entry.prerequisites for entry in CATALOGUE.entries}
each_track = pytest.mark.parametrize("track", CATALOGUE.tracks, ids=lambda track: track.name)


def of_kinds(kinds: set[EntityKind]) -> list[Entry]:
    return [entry for entry in CATALOGUE.entries if entry.kind in kinds]


def keys(named: Entry | Track) -> list[str]:
    return [name_key(name) for name in (named.name, *named.aliases)]


def repeated(values: list[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def layers(after: dict[str, tuple[str, ...]]) -> int:
    """Count the steps of the longest way from a basic idea to an advanced one."""
    depth: dict[str, int] = {}
    for name in TopologicalSorter(after).static_order():
        depth[name] = 1 + max((depth[before] for before in after[name]), default=0)
    return max(depth.values())


def test_every_area_has_its_file():
    assert {path.stem for path in bundled_catalogue().iterdir()} == AREAS


def test_it_names_a_thousand_things_and_ten_roles():
    assert len(CATALOGUE.entries) >= 1000
    assert len(CATALOGUE.tracks) >= 10


def test_every_kind_that_has_names_of_its_own_occurs():
    assert {entry.kind for entry in CATALOGUE.entries} == IDEAS | THINGS


def test_no_entry_replaces_another():
    written = sum(path.read_text("utf-8").count("\n  - name: ") for path in bundled_catalogue().iterdir())
    assert written == len(CATALOGUE.entries) + len(CATALOGUE.tracks)


def test_no_name_or_alias_stands_for_two_things():
    assert repeated(list(chain.from_iterable(set(keys(entry)) for entry in CATALOGUE.entries))) == []


def test_no_alias_only_respells_another_form():
    assert [entry.name for entry in CATALOGUE.entries if repeated(keys(entry))] == []


def test_no_form_is_a_name_or_stands_for_two_things():
    forms = {
        entry.name: {name_key(text) for form in entry.forms for text in written_as(form)} - {*keys(entry)}
        for entry in ENTRIES.values()
    }
    assert repeated(list(chain.from_iterable(forms.values()))) == []
    # One of all that a verb makes may be another's name, which wins.
    plain = {name_key(form) for entry in ENTRIES.values() for form in entry.forms if form[:3] != "to "}
    assert plain.isdisjoint(chain.from_iterable(map(keys, ENTRIES.values())))


def test_every_name_has_a_letter_or_a_digit():
    assert [entry.name for entry in CATALOGUE.entries if "" in keys(entry)] == []


@pytest.mark.parametrize("field", RELATION_FIELDS)
def test_relations_name_other_entries_once(field):
    named = {entry.name: list(getattr(entry, field)) for entry in CATALOGUE.entries}
    assert set(chain.from_iterable(named.values())) <= ENTRIES.keys()
    assert [name for name, others in named.items() if name in others or repeated(others)] == []


@pytest.mark.parametrize("field", ["prerequisites", "is_a", "part_of", "uses"])
def test_ordering_relations_have_no_circle(field):
    TopologicalSorter({entry.name: getattr(entry, field) for entry in CATALOGUE.entries}).prepare()


def test_prerequisites_lead_from_basics_to_the_front_in_a_dozen_steps():
    assert 8 <= layers(PREREQUISITES) <= 14


def test_nothing_asks_for_more_than_four_direct_prerequisites():
    assert [name for name, before in PREREQUISITES.items() if len(before) > 4] == []


def test_ideas_beyond_the_basics_say_what_comes_before_them():
    advanced = [entry for entry in of_kinds(IDEAS) if entry.difficulty is not Difficulty.BEGINNER]
    assert [entry.name for entry in advanced if not entry.prerequisites] == []


def test_no_prerequisite_is_harder_than_what_it_prepares_for():
    levels = {entry.name: LEVELS.get(entry.difficulty, 0) for entry in CATALOGUE.entries}
    steps = [(before, name) for name, all_before in PREREQUISITES.items() for before in all_before]
    assert [(before, name) for before, name in steps if levels[before] > levels[name]] == []


def test_ideas_have_a_difficulty():
    assert [entry.name for entry in of_kinds(IDEAS) if entry.difficulty is None] == []


def test_things_have_neither_difficulty_nor_prerequisites():
    assert [entry.name for entry in of_kinds(THINGS) if entry.difficulty or entry.prerequisites] == []


def test_only_tools_and_models_implement():
    assert {entry.kind for entry in CATALOGUE.entries if entry.implements} <= MAKERS


def test_only_ideas_are_implemented():
    done = set(chain.from_iterable(entry.implements for entry in CATALOGUE.entries))
    assert [
        name for name in sorted(done) if ENTRIES[name].kind not in {EntityKind.CONCEPT, EntityKind.PATTERN}
    ] == []


def test_a_gloss_is_one_short_sentence():
    glosses = [entry.gloss for entry in CATALOGUE.entries]
    assert [gloss for gloss in glosses if not (10 <= len(gloss) <= 120 and gloss.endswith("."))] == []


def test_no_two_entries_share_a_gloss():
    assert repeated([entry.gloss for entry in CATALOGUE.entries]) == []


def test_words_that_tell_homonyms_apart_are_single_words():
    words = chain.from_iterable(entry.near for entry in CATALOGUE.entries)
    assert [word for word in words if WORD.fullmatch(word) is None] == []


@each_track
def test_a_track_has_eight_to_twenty_five_goals_that_are_entries(track):
    assert 8 <= len(set(track.goals)) == len(track.goals) <= 25
    assert set(track.goals) <= ENTRIES.keys()


@each_track
def test_a_track_is_described_in_one_sentence(track):
    assert 20 <= len(track.description) <= 120
    assert track.description.endswith(".")


def test_no_track_is_called_like_another_or_like_an_entry():
    tracks = list(chain.from_iterable(keys(track) for track in CATALOGUE.tracks))
    assert repeated(tracks) == []
    assert set(tracks).isdisjoint(chain.from_iterable(keys(entry) for entry in CATALOGUE.entries))
