"""``kg migrate``: a graph that was ingested, copied; what it prints, and what it refuses."""

from __future__ import annotations

import json

import pytest
from few_notes import write_notes
from sample import HashEmbedder, publish_sample

from api.cli import main
from extract.catalogue import Catalogue
from extract.executor import LocalExecutor
from extract.ingest import ingest
from kg.export import GraphFormat, export_graph
from kg.migrate import migrate
from kg.open import open_store


@pytest.fixture
def sample_url(tmp_path):
    url = f"sqlite:///{tmp_path}/sample.db"
    store = open_store(url)
    publish_sample(store, HashEmbedder())
    store.close()
    return url


@pytest.fixture
def kg_migrate(capsys):
    """Give a function that runs ``kg migrate`` and returns its exit code, stdout and stderr."""

    def run(*options: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["migrate", *options])
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return run


def test_a_copy_of_an_ingested_graph_is_the_same_and_has_nothing_left_to_ingest(
    sqlite_stores, store, tmp_path
):
    folder = tmp_path / "notes"
    notes = write_notes(folder)
    original, back = sqlite_stores(), sqlite_stores()
    with LocalExecutor(workers=1) as executor:
        options = {"catalogue": Catalogue(entries=(), files=(), tracks=(), digest=""), "executor": executor}
        assert ingest(original, HashEmbedder(), [str(folder)], **options).entities
        migrate(original, store, origin="the original")
        migrate(store, back, origin="the copy")
        for copy in (store, back):
            assert ingest(copy, HashEmbedder(), [str(folder)], **options).documents.unchanged == notes
            assert copy.revision() == 1
            assert export_graph(copy, GraphFormat.JSON_LD) == export_graph(original, GraphFormat.JSON_LD)


def test_it_prints_what_the_copy_holds(kg_migrate, sample_url, tmp_path):
    code, out, err = kg_migrate("--from", sample_url, "--to", f"sqlite:///{tmp_path}/copy.db", "--json")
    assert (code, json.loads(out)["documents"], json.loads(out)["revision"]) == (0, 4, 1)
    assert "publishing" in err


def test_another_graph_is_refused_in_one_line_and_replaced_where_told(kg_migrate, sample_url, tmp_path):
    url = f"sqlite:///{tmp_path}/other.db"
    other = open_store(url)
    other.put_setting("embedding_model", "another")
    publish_sample(other, HashEmbedder())
    other.put_setting("only here", "1")
    other.close()
    code, out, err = kg_migrate("--from", sample_url, "--to", url)
    assert (code, out) == (1, "")
    assert "another graph (4 documents, revision 1): choose an empty store, or use --replace" in err
    code, out, err = kg_migrate("--from", sample_url, "--to", url, "--replace")
    assert (code, out) == (0, "")
    assert f"{url} now holds 4 documents" in err


def test_a_store_that_is_not_there_is_not_made_nor_its_copy(kg_migrate, tmp_path):
    code, _, err = kg_migrate("--from", f"sqlite:///{tmp_path}/no.db", "--to", f"sqlite:///{tmp_path}/to.db")
    assert code == 1
    assert "there is no graph at" in err
    assert list(tmp_path.iterdir()) == []


def test_a_store_is_not_copied_onto_itself(kg_migrate, sample_url):
    code, _, err = kg_migrate("--from", sample_url, "--to", sample_url)
    assert (code, err) == (1, "kg: --from and --to are the same store\n")
