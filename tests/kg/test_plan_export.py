from __future__ import annotations

import csv
import json
import re
from datetime import date, timedelta
from io import StringIO

import pytest
from linked import draw_graph
from markdown_it import MarkdownIt
from sample import entity_id

from kg.errors import InvalidInputError
from kg.model import RelationType
from kg.plan import study_plan
from kg.plan_export import PlanFormat, export_plan

START = date(2027, 1, 31)
# A name that would end a label, a cell, a line, a link or a formula if it were not escaped.
HOSTILE = (
    '=HYPERLINK("x";1) | <b>&amp;</b> [a](b) `c` *d* #e; "f", g\\h\n- i\x1b[31m; END:VEVENT é' + "界" * 40
)


@pytest.fixture
def plan(sample_store):
    return study_plan(sample_store, goals=["RAG engineer"], hours_per_week=0.1, start_date=START)


@pytest.fixture
def hostile_plan(store):
    rows = [("base", RelationType.PREREQUISITE_OF, HOSTILE, 0.9)]
    texts = {"base": "word " * 400, HOSTILE: "word " * 400}
    store.publish(draw_graph(rows, texts=texts, naming={"base": ["base"], HOSTILE: [HOSTILE]}), {})
    return study_plan(store, goals=[HOSTILE], start_date=START)


def plain(text):
    """How a name reads once line breaks and what steers a terminal are gone."""
    return " ".join(re.sub(r"[\x00-\x1f]", " ", text).split())


# --- an iCalendar reader that takes nothing but what RFC 5545 allows


def read_calendar(text):
    assert text.endswith("\r\n")
    physical = text[:-2].split("\r\n")
    assert all("\n" not in line and "\r" not in line for line in physical)
    assert all(len(line.encode()) <= 75 for line in physical)
    lines = "\r\n".join(physical).replace("\r\n ", "").split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-1] == "END:VCALENDAR"
    events = "\n".join(lines).split("BEGIN:VEVENT\n")[1:]
    return [
        dict(line.split(":", 1) for line in event.split("\nEND:VEVENT")[0].split("\n")) for event in events
    ]


def unescape(value):
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value)
    return re.sub(r"\\(.)", lambda match: {"n": "\n"}.get(match[1], match[1]), value)


def day(text):
    assert re.fullmatch(r"\d{8}", text)
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def test_a_calendar_has_an_event_for_each_step_and_checkpoint(plan):
    summaries = [unescape(event["SUMMARY"]) for event in read_calendar(export_plan(plan, PlanFormat.ICS))]
    steps = [f"{step.entity.name} ({step.minutes} min)" for step in plan.steps]
    assert summaries == [*steps, *(f"Checkpoint, week {one.week}" for one in plan.checkpoints)]


def test_events_lie_within_the_weeks_of_their_steps(plan):
    events = read_calendar(export_plan(plan, PlanFormat.ICS))
    for step, event in zip(plan.steps, events, strict=False):
        first, end = day(event["DTSTART;VALUE=DATE"]), day(event["DTEND;VALUE=DATE"])
        week = START + timedelta(weeks=step.week - 1)
        assert week <= first < end <= week + timedelta(weeks=1)


def test_events_are_known_again_in_a_plan_made_anew(sample_store, plan):
    later = study_plan(
        sample_store, goals=["RAG engineer"], hours_per_week=0.1, start_date=START + timedelta(days=9)
    )
    uids = [
        [event["UID"] for event in read_calendar(export_plan(one, PlanFormat.ICS))] for one in (plan, later)
    ]
    assert uids[0] == uids[1]
    assert len(set(uids[0])) == len(uids[0])


def test_hostile_names_stay_within_their_calendar_value(hostile_plan):
    events = read_calendar(export_plan(hostile_plan, PlanFormat.ICS))
    assert unescape(events[1]["SUMMARY"]) == f"{plain(HOSTILE)} (2 min)"


def test_a_calendar_needs_a_start_date(sample_store):
    plan = study_plan(sample_store, goals=["RAG"])
    with pytest.raises(InvalidInputError, match="give a start date"):
        export_plan(plan, PlanFormat.ICS)


def test_a_calendar_that_outlasts_the_calendar_is_refused(sample_store):
    plan = study_plan(sample_store, goals=["RAG"], hours_per_week=0.1, start_date=date(9999, 12, 30))
    with pytest.raises(InvalidInputError, match="past the year 9999"):
        export_plan(plan, PlanFormat.ICS)


# --- Markdown and plain text


def list_items(markdown):
    """The text of each list item as a reader of the rendered page sees it."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    inline = [token for token in tokens if token.type == "inline" and token.level >= 3]
    kinds = {child.type for token in inline for child in token.children}
    assert kinds <= {"text", "strong_open", "strong_close"}
    return ["".join(child.content for child in token.children) for token in inline]


def test_markdown_is_a_checklist_with_reasons_and_places(plan):
    items = list_items(export_plan(plan, PlanFormat.MARKDOWN))
    assert "[ ] Tokenization (1 min)" in items
    assert "after Vector search: “RAG builds on vector search.”" in items
    assert "read retrieval/rag.md, line 26 (Retrieval-augmented generation > GraphRAG), 1 min" in items
    assert "[ ] ? When would you choose RAG over fine-tuning?" in items


def test_markdown_shows_hostile_names_as_they_are(hostile_plan):
    markdown = export_plan(hostile_plan, PlanFormat.MARKDOWN)
    assert f"[ ] {plain(HOSTILE)} (2 min)" in list_items(markdown)
    assert "<b>" not in MarkdownIt("commonmark").render(markdown)


def test_plain_text_has_each_step_and_no_terminal_codes(hostile_plan):
    text = export_plan(hostile_plan, PlanFormat.TEXT)
    assert f"   2. {plain(HOSTILE)} (2 min)\n" in text
    assert "\x1b" not in text


def test_plain_text_tells_what_is_known_and_what_is_deferred(sample_store):
    plan = study_plan(sample_store, goals=["GraphRAG"], known=["Embedding"], hours_per_week=0.1, max_weeks=1)
    text = export_plan(plan, PlanFormat.TEXT)
    assert "\nKnown already: Embedding\n" in text
    assert "\nDeferred: GraphRAG\n" in text


# --- data


def test_json_has_the_fields_of_the_contract(plan):
    content = json.loads(export_plan(plan, PlanFormat.JSON))
    assert [step["entity"]["name"] for step in content["steps"]] == [one.entity.name for one in plan.steps]
    assert content["totalMinutes"] == plan.total_minutes
    assert content["startDate"] == "2027-01-31"
    reading = content["steps"][0]["readings"][0]
    assert (reading["path"], reading["line"], reading["minutes"]) == ("basics.md", 1, 1)


def test_json_of_a_plan_without_a_start_date_says_null(sample_store):
    content = json.loads(export_plan(study_plan(sample_store, goals=["RAG"]), PlanFormat.JSON))
    assert content["startDate"] is None


def test_csv_has_a_row_for_each_step(plan):
    rows = list(csv.DictReader(StringIO(export_plan(plan, PlanFormat.CSV), newline="")))
    assert [(row["entity"], int(row["minutes"])) for row in rows] == [
        (step.entity.name, step.minutes) for step in plan.steps
    ]


def test_no_cell_is_a_formula(hostile_plan):
    rows = list(csv.reader(StringIO(export_plan(hostile_plan, PlanFormat.CSV), newline="")))
    assert rows[2][2] == f"'{plain(HOSTILE)}"


def anki_cards(text):
    separator, html, columns, *lines = text.splitlines()
    assert (separator, html, columns) == ("#separator:tab", "#html:false", "#columns:Question\tAnswer")
    return dict(csv.reader(lines, delimiter="\t"))


def test_flash_cards_answer_in_the_words_of_the_material_and_say_where(plan):
    cards = anki_cards(export_plan(plan, PlanFormat.ANKI_TSV))
    assert cards["What is GraphRAG?"] == (
        "A kind of RAG that walks a knowledge graph."
        " [retrieval/rag.md, line 26 (Retrieval-augmented generation > GraphRAG)]"
    )
    assert cards["When would you choose RAG over fine-tuning?"].startswith("See [retrieval/rag.md, line 1 ")


def test_flash_cards_hold_hostile_names(hostile_plan):
    cards = anki_cards(export_plan(hostile_plan, PlanFormat.ANKI_TSV))
    assert list(cards) == [f"What should be understood before {plain(HOSTILE)}?"]


# --- diagrams


def read_mermaid(text):
    """Nodes with their labels and arrows; any line of another form fails."""
    first, *lines = text.splitlines()
    assert first == "flowchart TD"
    nodes, arrows = {}, []
    for line in lines:
        match = re.fullmatch(
            r'\s*(?:subgraph week\d+\["Week \d+"\]|end'
            r'|(?P<id>step\d+)\["(?P<label>(?:[^"#<>`]|#\d+;)*)"\]'
            r"|(?P<a>step\d+) --> (?P<b>step\d+))",
            line,
        )
        nodes |= {match["id"]: re.sub(r"#(\d+);", lambda code: chr(int(code[1])), match["label"] or "")}
        arrows.append((match["a"], match["b"]))
    nodes.pop(None)
    return nodes, [arrow for arrow in arrows if arrow != (None, None)]


def test_a_diagram_has_a_box_for_each_step_and_an_arrow_for_each_reason(plan):
    nodes, arrows = read_mermaid(export_plan(plan, PlanFormat.MERMAID))
    names = {f"step{step.position}": f"{step.entity.name} ({step.minutes} min)" for step in plan.steps}
    place = {step.entity.id: f"step{step.position}" for step in plan.steps}
    expected = sorted((place[one.source_id], place[one.target_id]) for one in plan.subgraph.relations)
    assert nodes == names
    assert sorted(arrows) == expected


def test_hostile_names_stay_within_their_box(hostile_plan):
    nodes, arrows = read_mermaid(export_plan(hostile_plan, PlanFormat.MERMAID))
    assert nodes["step2"] == f"{plain(HOSTILE)} (2 min)"
    assert arrows == [("step1", "step2")]


# --- all formats


@pytest.mark.parametrize("format_", PlanFormat)
def test_the_same_plan_gives_the_same_text(sample_store, plan, format_):
    again = study_plan(sample_store, goals=["RAG engineer"], hours_per_week=0.1, start_date=START)
    assert export_plan(again, format_) == export_plan(plan, format_)


@pytest.mark.parametrize("format_", PlanFormat)
def test_a_plan_with_nothing_to_learn_can_be_written(sample_store, format_):
    plan = study_plan(sample_store, goals=["RAG"], known=[entity_id("RAG")], start_date=START)
    assert export_plan(plan, format_)
