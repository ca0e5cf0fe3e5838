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
    "Continuous integration", "Knowledge graph", "Linear algebra", "Probability",
}  # fmt: skip
SUBJECTS = {  # what a newcomer may expect of such a guide, and the notes that keep the promise
    "language models": {
        "Transformer", "Attention", "Tokenization", "Embedding", "Token sampling", "Context window",
        "Structured output", "Model family", "Model selection",
    },
    "training": {
        "Pretraining", "Fine-tuning", "LoRA", "Preference tuning", "Knowledge distillation",
        "Synthetic data", "Quantization", "Reasoning model",
    },
    "inference": {
        "KV cache", "Continuous batching", "Speculative decoding", "PagedAttention", "Serving engine",
        "Model routing", "Cost per task",
    },
    "prompting": {"Prompt engineering", "Few-shot prompting", "Context engineering", "Context compaction"},
    "retrieval": {
        "Chunking", "Embedding model", "Vector index", "Vector database", "Hybrid search", "Reranking",
        "Query rewriting", "Late interaction", "Contextual retrieval", "GraphRAG", "Multimodal retrieval",
        "Agentic RAG", "Retrieval metrics", "Text-to-SQL",
    },
    "agents": {
        "Agent loop", "Tool use", "Model Context Protocol", "Agent2Agent protocol", "Multi-agent system",
        "Agent memory", "Agent planning", "Human in the loop", "Durable execution", "Computer use",
        "Agent evaluation", "Agent security",
    },
    "documents and data": {"Document parsing", "Optical character recognition", "Data pipeline"},
    "platforms": {
        "Message queue", "Semantic cache", "Rate limiting", "Multi-tenancy", "Model gateway",
        "Event-driven architecture", "Autoscaling", "Canary release", "LLM observability", "Drift detection",
    },
    "security and privacy": {"Prompt injection", "Access control", "PII redaction", "AI compliance"},
    "reliability and safety": {"Guardrails", "Graceful degradation", "Red teaming", "AI governance"},
    "evaluation": {"Offline evaluation", "Online evaluation", "LLM as judge", "Evaluation statistics"},
    "product work": {
        "AI product requirements", "Success metrics", "Effort estimation", "Return on investment",
        "Stakeholder communication",
    },
    "interview craft": {"Interview answer structure", "LLM interview questions", "Behavioral interview"},
    "case studies": {
        "Customer support assistant", "Enterprise search assistant", "Coding agent",
        "Fraud detection system", "Recommendation system", "Document intelligence pipeline", "Voice agent",
        "Content moderation system", "Multi-tenant AI SaaS", "Eval-gated release pipeline",
        "Distillation pipeline", "Conversational platform for a million users",
    },
}  # fmt: skip
LAYERS = range(8, 15)  # fewer connect too little, more are a staircase nobody climbs
RUN = 8  # as many words in a row do not coincide by chance

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_NO_PROSE = re.compile(r"^(?:#|\|).*$|\]\([^)]*\)", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\n|\n(?=[-\d])")


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
    def reading_level(self) -> float:
        """The automated readability index of the prose: years of school (Smith and Senter, 1967)."""
        prose = _NO_PROSE.sub("", self.body)
        words = _WORD.findall(prose)
        sentences = [part for part in _SENTENCE_END.split(prose) if _WORD.search(part)]
        return 4.71 * sum(map(len, words)) / len(words) + 0.5 * len(words) / len(sentences) - 21.43

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


def layers() -> dict[str, int]:
    """How many notes deep each note stands on others; 1 for those that need none."""
    needs = {note.title: [n for n in note.meta["prerequisites"] if n not in GENERAL] for note in NOTES}
    deep: dict[str, int] = {}
    for title in TopologicalSorter(needs).static_order():
        deep[title] = 1 + max((deep[needed] for needed in needs[title]), default=0)
    return deep


def test_every_area_has_notes():
    assert {note.path.parent.name for note in NOTES} == AREAS


def test_there_are_at_least_110_notes():
    assert len(NOTES) >= 110


def test_there_are_at_least_twelve_case_studies():
    assert sum(note.path.parent.name == "cases" for note in NOTES) >= 12


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subject_is_covered(subject):
    assert sorted(SUBJECTS[subject] - {note.title for note in NOTES}) == []


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
def test_reading_level_is_that_of_school(note):
    assert note.reading_level <= 12


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


def test_prerequisites_make_a_staircase_of_sensible_height():
    assert max(layers().values()) in LAYERS


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
