"""A language model that misunderstands, answers nothing of use, is busy, slow, gone, or refuses."""

from __future__ import annotations

import json
import socket
from contextlib import closing

import pytest
from language_model import GOOD, HOLD, KEY, NOTHING, TEXT, Reply, complete, fails, numbered, says, source

from extract.llm.patience import ANSWERS, ATTEMPTS, FAILURES_IN_A_ROW, FIRST_ATTEMPTS

NOTE = source("note", TEXT)


# --- a server that does not understand


def test_a_server_without_schemas_is_asked_for_an_object_and_that_is_remembered(model, read):
    model.script.extend([fails(400, "response_format is not supported"), says(GOOD)])
    (found, _), report = read(model.endpoint(), *numbered(2))
    assert [asked.form for asked in model.asked] == ["json_schema", "json_object", "json_object"]
    assert (len(found.entity_claims), report.unread) == (1, 0)


def test_a_server_without_any_form_is_asked_in_words_alone(model, read):
    refused = fails(422, "unknown field response_format")
    model.script.extend([refused, refused, says(f"Here it is:\n```json\n{json.dumps(GOOD)}\n```")])
    (found, _), _ = read(model.endpoint(), *numbered(2))
    assert [asked.form for asked in model.asked] == ["json_schema", "json_object", "none", "none"]
    assert len(found.entity_claims) == 1


def test_a_model_that_takes_no_temperature_is_asked_without_one(model, read):
    model.script.extend([fails(400, "unsupported value: 'temperature'"), says(GOOD)])
    read(model.endpoint(), *numbered(2))
    assert ["temperature" in asked.body for asked in model.asked] == [True, False, False]
    assert {asked.form for asked in model.asked} == {"json_schema"}


def test_a_question_that_is_too_long_for_the_model_does_not_cost_the_form_of_others(model, read):
    model.script.extend([fails(400, "the context is too long")] * 3)
    found, report = read(model.endpoint(), *numbered(2))
    assert [asked.form for asked in model.asked][-1] == "json_schema"
    assert complete(found) == [False, True]
    assert [reason.partition("answer: ")[2] for reason in report.failures] == ["the context is too long"]


# --- answers that are none


@pytest.mark.parametrize(
    "answer",
    [
        says("I would rather not."),
        says('{"entities": [{"name": "Rer'),
        says({"entities": "none", "relations": []}),
    ],
)
def test_an_answer_of_another_form_is_asked_for_once_more(model, read, answer):
    model.script.extend([answer, says(GOOD)])
    (found,), report = read(model.endpoint(), NOTE)
    assert (report.requests, report.unread, len(found.entity_claims)) == (2, 0, 1)


@pytest.mark.parametrize(
    "answer",
    [
        says(""),
        says(GOOD, finish_reason="length"),
        Reply(body=b'{"choices": []}'),
        Reply(body=b"<html>Welcome</html>"),
        Reply(body=b"\xff" * 10),
        Reply(body=b'{"choices": [{"message": {"content": "\\ud800"}}]}'),
        fails(413, "too large"),
    ],
)
def test_a_reply_without_an_answer_costs_its_passage_alone(model, read, answer):
    model.script.append(answer)
    model.otherwise = lambda _: says(GOOD)
    found, report = read(model.endpoint(), *numbered(2))
    assert [len(one.entity_claims) for one in found] == [0, 1]
    assert (report.read, report.unread, sum(report.failures.values()), report.stopped) == (1, 1, 1, "")


def test_a_model_that_never_answers_in_form_is_asked_no_more(model, read):
    model.otherwise = lambda _: says("Sure!")
    found, report = read(model.endpoint(), *numbered(20))
    assert report.requests == FAILURES_IN_A_ROW * ANSWERS
    assert (len(found), report.unread) == (20, 20)
    assert report.stopped.startswith(f"{FAILURES_IN_A_ROW} failures in a row, the last: the answer is not")


# --- a server that is busy, failing, slow or gone


def test_a_busy_server_is_asked_again_when_it_wishes(model, read, pauses):
    model.script.extend([fails(429, Retry_After="0"), fails(429, Retry_After="7")])
    _, report = read(model.endpoint(), NOTE)
    assert (pauses, report.requests, report.unread) == ([0, 7], 3, 0)


def test_a_wish_to_wait_may_be_a_moment_and_is_bounded(model, read, pauses):
    late = {"Date": "Sat, 01 Jan 2022 10:00:00 GMT", "Retry_After": "Sat, 01 Jan 2022 10:00:09 GMT"}
    model.script.extend([fails(503, **late), fails(503, Retry_After="86400"), fails(503, Retry_After="soon")])
    read(model.endpoint(), NOTE)
    assert pauses[:2] == [9, 60]
    assert 2 <= pauses[2] <= 4


def test_a_failing_server_is_asked_again_after_pauses_that_double(model, read, pauses):
    model.script.extend([fails(500)] * (ATTEMPTS - 1))
    _, report = read(model.endpoint(), NOTE)
    assert report.unread == 0
    assert all(2**n / 2 <= pause <= 2**n for n, pause in enumerate(pauses))
    assert len(pauses) == ATTEMPTS - 1


def test_a_server_that_goes_on_failing_costs_its_claims_alone(model, read):
    model.otherwise = lambda _: fails(502, "bad gateway")
    found, report = read(model.endpoint(), *numbered(20))
    assert complete(found) == [False] * 20
    assert report.requests == FAILURES_IN_A_ROW * ATTEMPTS
    assert "bad gateway" in report.stopped


def test_a_success_between_them_keeps_failures_from_ending_the_asking(model, read):
    for _ in range(FAILURES_IN_A_ROW):
        model.script.extend([fails(413), says(NOTHING)])
    _, report = read(model.endpoint(), *numbered(2 * FAILURES_IN_A_ROW))
    assert (report.unread, report.stopped) == (FAILURES_IN_A_ROW, "")


def test_a_server_that_is_too_slow_is_asked_again(model, read, pauses):
    model.script.append(HOLD)
    _, report = read(model.endpoint(timeout_s=0.2), NOTE)
    assert (report.requests, report.unread, len(pauses)) == (2, 0, 1)


def test_a_server_that_never_answers_ends_the_asking_and_says_so(model, read):
    model.otherwise = lambda _: HOLD
    _, report = read(model.endpoint(timeout_s=0.01), *numbered(FAILURES_IN_A_ROW + 3))
    assert report.unread == FAILURES_IN_A_ROW + 3
    assert "gave no answer within 0.01 s" in report.stopped


def test_a_server_that_is_not_there_ends_the_asking_and_says_so(model, read):
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        port = listening.getsockname()[1]
    found, report = read(model.endpoint(url=f"http://127.0.0.1:{port}"), *numbered(FAILURES_IN_A_ROW + 3))
    assert complete(found) == [False] * (FAILURES_IN_A_ROW + 3)
    assert f"127.0.0.1:{port} cannot be reached" in report.stopped
    assert report.requests == FAILURES_IN_A_ROW * FIRST_ATTEMPTS


# --- a server that refuses


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (fails(401, f"wrong key {KEY}"), "check KG_LLM_API_KEY"),
        (fails(403), "check KG_LLM_API_KEY"),
        (fails(404, "no such model"), "no such model; check KG_LLM_URL and KG_LLM_MODEL"),
        (fails(402, "no credit"), "wants to be paid first (402): no credit"),
    ],
)
def test_a_refusal_ends_the_asking_at_once_and_says_what_to_do(model, read, reply, words):
    model.otherwise = lambda _: reply
    found, report = read(model.endpoint(api_key=KEY), *numbered(5))
    assert (report.requests, len(found)) == (1, 5)
    assert words in report.stopped


def test_a_redirect_is_not_followed(model, read):
    model.otherwise = lambda _: fails(307, Location=f"{model.url}/elsewhere")
    _, report = read(model.endpoint(api_key=KEY), NOTE)
    assert [asked.path for asked in model.asked] == ["/v1/chat/completions"]
    assert "redirects (307), which is not followed" in report.stopped


def test_the_key_goes_to_the_server_and_nowhere_else(model, read, cache, capfd):
    model.otherwise = lambda _: fails(500, f"no place for {KEY}")
    endpoint = model.endpoint(api_key=KEY)
    found, report = read(endpoint, *numbered(10))
    assert {asked.headers["Authorization"] for asked in model.asked} == {f"Bearer {KEY}"}
    assert "no place for ***" in report.stopped
    out, err = capfd.readouterr()
    assert all(KEY not in text for text in (repr(found), repr(report), repr(endpoint), out, err))
    assert KEY.encode() not in cache.read_bytes()


def test_no_key_is_sent_where_there_is_none(model, read):
    read(model.endpoint(), NOTE)
    assert "Authorization" not in model.asked[0].headers


def test_the_requests_of_one_run_can_be_limited_and_the_next_goes_on(model, read):
    endpoint = model.endpoint(max_requests=3, parallel=2)
    _, first = read(endpoint, *numbered(5))
    found, second = read(endpoint, *numbered(5))
    assert (first.requests, first.read, first.unread) == (3, 3, 2)
    assert "KG_LLM_MAX_REQUESTS" in first.stopped
    assert (second.requests, second.cached, complete(found)) == (2, 3, [True] * 5)
