import json

import pytest

from kg.errors import InvalidInputError
from kg.evaluate import evaluate_retrieval
from kg.search import SearchMode

CORPUS = [
    {"id": 0, "title": "Silver Lantern (film)", "text": "Silver Lantern is a film directed by Mara Quill."},
    {"id": 1, "title": "Mara Quill", "text": "Mara Quill is a director. She was born in Port Ember."},
    {"id": 2, "title": "Port Ember", "text": "Port Ember is a town by the sea."},
    {"id": 3, "title": "Iron Orchard", "text": "Iron Orchard is a film directed by Tom Vane."},
    {"id": 4, "title": "Tom Vane", "text": "Tom Vane makes films in Port Ember."},
    *(
        {"id": 10 + n, "title": f"Plain town {n}", "text": f"A town of {n} houses by a river."}
        for n in range(20)
    ),
]
QUESTIONS = [
    {
        "id": 0,
        "question": "Where was the director of film Silver Lantern born?",
        "gold_titles": ["Silver Lantern (film)", "Mara Quill"],
    },
    {"id": "b", "question": "Who directed Iron Orchard?", "gold_ids": [3, 4]},
]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def corpus(tmp_path):
    return write(tmp_path / "corpus.jsonl", CORPUS)


@pytest.fixture
def questions(tmp_path):
    return write(tmp_path / "questions.jsonl", QUESTIONS)


def test_every_mode_is_measured_on_the_same_questions(corpus, questions, embedder):
    report = evaluate_retrieval(corpus, questions, embedder)
    assert (report.passages, report.questions) == (25, 2)
    assert {one.mode for one in report.modes} == set(SearchMode)
    assert all(len(one.questions) == 2 and one.ms_per_question > 0 for one in report.modes)


def test_a_graph_search_finds_evidence_two_steps_away(corpus, questions, embedder):
    (graph,) = evaluate_retrieval(corpus, questions, embedder, modes=[SearchMode.GRAPH]).modes
    assert graph.recall[5] == graph.all_gold[5] == 1
    assert graph.questions[0].ranks["Silver Lantern (film)"] == 1


def test_recall_and_all_gold_follow_from_the_ranks(corpus, questions, embedder):
    (keyword,) = evaluate_retrieval(corpus, questions, embedder, modes=[SearchMode.KEYWORD]).modes
    ranks = [list(question.ranks.values()) for question in keyword.questions]
    first_two = [[rank is not None and rank <= 2 for rank in one] for one in ranks]
    assert keyword.recall[2] == pytest.approx(sum(sum(one) / len(one) for one in first_two) / 2, abs=1e-4)
    assert keyword.all_gold[2] == sum(all(one) for one in first_two) / 2


def test_gold_that_is_not_in_the_corpus_is_never_found(corpus, tmp_path, embedder):
    asked = write(tmp_path / "q.jsonl", [{"id": 1, "question": "Port Ember?", "gold_titles": ["Atlantis"]}])
    (hybrid,) = evaluate_retrieval(corpus, asked, embedder, modes=[SearchMode.HYBRID]).modes
    assert hybrid.questions[0].ranks == {"Atlantis": None}
    assert hybrid.recall[10] == 0


def test_a_cache_keeps_the_vectors_for_the_next_run(corpus, questions, embedder, tmp_path, monkeypatch):
    first = evaluate_retrieval(corpus, questions, embedder, cache=tmp_path / "cache.db")
    encoded = []
    encode = embedder.encode
    monkeypatch.setattr(embedder, "encode", lambda texts: encoded.extend(texts) or encode(texts))
    again = evaluate_retrieval(corpus, questions, embedder, cache=tmp_path / "cache.db")
    assert set(encoded) == {question["question"] for question in QUESTIONS}
    assert [one.questions for one in again.modes] == [one.questions for one in first.modes]


def test_progress_tells_what_is_being_done(corpus, questions, embedder):
    told = []
    evaluate_retrieval(corpus, questions, embedder, progress=lambda *step: told.append(step))
    assert ("embedding passages", 0, 25) in told
    assert ("graph search", 1, 2) in told


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{oops", "line 1 is not JSON"),
        ('{"id": 1}', "line 1 needs id, question"),
        ('{"id": 1, "question": "x"}', "needs gold_titles or gold_ids"),
        ("", "holds no question"),
    ],
)
def test_a_malformed_line_is_named(corpus, tmp_path, embedder, line, words):
    bad = tmp_path / "bad.jsonl"
    bad.write_text(line, encoding="utf-8")
    with pytest.raises(InvalidInputError, match=words):
        evaluate_retrieval(corpus, bad, embedder)


def test_a_missing_file_is_named(questions, tmp_path, embedder):
    with pytest.raises(InvalidInputError, match=r"cannot read .*nowhere"):
        evaluate_retrieval(tmp_path / "nowhere.jsonl", questions, embedder)


def test_two_passages_of_one_id_are_refused(questions, tmp_path, embedder):
    twice = write(tmp_path / "twice.jsonl", [CORPUS[0], CORPUS[0]])
    with pytest.raises(InvalidInputError, match="the same id"):
        evaluate_retrieval(twice, questions, embedder)


def test_a_line_ends_at_a_line_feed_alone(corpus, tmp_path, embedder):
    question = json.dumps({**QUESTIONS[1], "question": "Who\u2028directed\x85it?"}, ensure_ascii=False)
    path = tmp_path / "questions.jsonl"
    path.write_text(f"\ufeff{question}\r\n", encoding="utf-8", newline="")
    assert evaluate_retrieval(corpus, path, embedder, modes=[SearchMode.KEYWORD]).questions == 1


def test_an_empty_corpus_is_refused(questions, tmp_path, embedder):
    with pytest.raises(InvalidInputError, match="holds no passage"):
        evaluate_retrieval(write(tmp_path / "empty.jsonl", []), questions, embedder)
