"""The settings of a language model, checked at the door."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from language_model import KEY

from extract.llm.client import endpoint_of
from kg.errors import InvalidInputError
from kg.settings import Settings, read_settings

URL, MODEL = "https://models.example/v1", "reader-1"


def test_without_an_address_there_is_no_model():
    assert endpoint_of(read_settings({})) is None


def test_an_address_and_a_model_are_enough():
    endpoint = endpoint_of(read_settings({"KG_LLM_URL": URL, "KG_LLM_MODEL": MODEL}))
    assert (endpoint.url, endpoint.model, endpoint.api_key) == (URL, MODEL, "")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"KG_LLM_URL": URL}, "KG_LLM_MODEL"),
        ({"KG_LLM_MODEL": MODEL}, "KG_LLM_URL"),
        ({"KG_LLM_URL": "models.example/v1", "KG_LLM_MODEL": MODEL}, "KG_LLM_URL"),
        ({"KG_LLM_URL": "file:///etc/passwd", "KG_LLM_MODEL": MODEL}, "KG_LLM_URL"),
        ({"KG_LLM_URL": "http://a:99999", "KG_LLM_MODEL": MODEL}, "KG_LLM_URL"),
        ({"KG_LLM_URL": f"https://me:{KEY}@models.example", "KG_LLM_MODEL": MODEL}, "without a name"),
        ({"KG_LLM_API_KEY": f"{KEY}\u2019"}, "KG_LLM_API_KEY"),
        ({"KG_LLM_API_KEY": f"{KEY}\n{KEY}"}, "KG_LLM_API_KEY"),
        ({"KG_LLM_PARALLEL": "0"}, "KG_LLM_PARALLEL"),
        ({"KG_LLM_TIMEOUT_S": "-1"}, "KG_LLM_TIMEOUT_S"),
        ({"KG_LLM_MAX_REQUESTS": "-1"}, "KG_LLM_MAX_REQUESTS"),
    ],
)
def test_what_cannot_be_is_refused_by_name_and_without_the_key(variables, words):
    with pytest.raises(InvalidInputError, match=words) as refused:
        read_settings(variables)
    assert KEY not in str(refused.value)


def test_the_key_is_not_shown_with_the_settings():
    settings = read_settings({"KG_LLM_URL": URL, "KG_LLM_MODEL": MODEL, "KG_LLM_API_KEY": KEY})
    assert settings.llm_api_key == KEY
    assert KEY not in f"{settings!r} {settings} {endpoint_of(settings)!r}"


def test_the_readme_lists_every_setting_of_a_model():
    told = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    named = [f"KG_{one.name.upper()}" for one in fields(Settings) if one.name.startswith("llm_")]
    assert len(named) == 7
    assert [name for name in named if f"`{name}`" not in told] == []
