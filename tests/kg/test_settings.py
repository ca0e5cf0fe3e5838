"""Settings: from the environment, checked, with defaults."""

from __future__ import annotations

import pytest

from kg.errors import InvalidInputError
from kg.settings import Settings, read_settings


def test_an_empty_environment_gives_the_defaults():
    assert read_settings({}) == Settings()


def test_variables_are_read_by_the_names_of_the_settings():
    settings = read_settings({"KG_STORE": "sqlite:///x.db", "KG_PORT": "9000", "KG_QUERY_TIMEOUT_S": "1.5"})
    assert (settings.store, settings.port, settings.query_timeout_s) == ("sqlite:///x.db", 9000, 1.5)


def test_a_list_is_separated_by_commas():
    assert read_settings({"KG_ALLOWED_HOSTS": "a.example, b.example,"}).allowed_hosts == (
        "a.example",
        "b.example",
    )


@pytest.mark.parametrize(("text", "value"), [("0", False), ("off", False), ("TRUE", True), ("1", True)])
def test_a_switch_takes_the_usual_words(text, value):
    assert read_settings({"KG_INTROSPECTION": text}).introspection is value


def test_an_empty_variable_counts_as_unset():
    assert read_settings({"KG_PORT": " "}).port == Settings().port


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("KG_PORT", "eighty"),
        ("KG_PORT", "70000"),
        ("KG_INTROSPECTION", "perhaps"),
        ("KG_QUERY_TIMEOUT_S", "0"),
        ("KG_QUERY_TIMEOUT_S", "nan"),
        ("KG_MAX_COST", "-1"),
    ],
)
def test_a_value_that_is_not_of_its_form_names_the_variable(variable, text):
    with pytest.raises(InvalidInputError, match=variable):
        read_settings({variable: text})
