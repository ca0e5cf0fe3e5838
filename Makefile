# Everything lands in .venv; nothing outside the checkout is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STORE ?= sqlite:///kg.db

.DEFAULT_GOAL := help
.PHONY: help install run test lint format bench bench-neo4j docs clean

help:  ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

# One stamp, so that a second call does nothing until what is to be installed changes.
$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "guidegraph needs Python 3.11 or later; set PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

install: $(VENV)/.installed  ## set up .venv with everything the project needs

run: install  ## build the graph from seeds/, serve the API and the explorer
	$(BIN)/kg up --store $(STORE)

test: install  ## run the whole test suite
	$(BIN)/python -m pytest

lint: install  ## style and types
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: install  ## put the code in the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install  ## measure speed and memory (CORPUS=folder of notes); prints a table and writes bench.json
	$(BIN)/python -m tests.bench $(CORPUS)

bench-neo4j: install  ## measure the Neo4j store at NEO4J_URI, which is emptied (SIZE="--entities N --relations M [--loaded]", CORPUS=labelled folder)
	$(BIN)/python -m tests.bench_neo4j size $(SIZE)
	$(if $(CORPUS),$(BIN)/python -m pip install --quiet neo4j-graphrag)
	$(if $(CORPUS),$(BIN)/python -m tests.bench_neo4j retrieval $(CORPUS))

docs: install  ## write the GraphQL schema to docs/schema.graphql
	@mkdir -p docs
	$(BIN)/python -c "from api.schema import Schema; print(Schema().as_str())" > docs/schema.graphql

clean:  ## remove what make and the tools made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis bench.json
