.DEFAULT_GOAL := help
.PHONY: help new test lint sweep evidence bench site compile

BIN := .venv/bin
DIR ?= ../my-service

help: ## Show these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/core: pyproject.toml
	python3 -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable .
	@touch $@

# The pins of generated projects, so that their tests run here as they do there.
.venv/dev: .venv/core tests/requirements.txt
	$(BIN)/pip install --quiet --editable . --group dev --requirement tests/requirements.txt
	@touch $@

new: .venv/core ## Generate a project: make new DIR=../my-service
	$(BIN)/anshin new $(DIR) --defaults $(ARGS)

test: lint ## Set up and pass all tests
	$(BIN)/pytest --numprocesses auto --dist worksteal

lint: .venv/dev ## Ruff, mypy, and what is generated is up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/anshin compile --check

compile: .venv/core ## Write what is generated from the catalog
	$(BIN)/anshin compile

sweep: .venv/dev ## All pairs and 200 random selections through the whole bar, and all upgrades
	SWEEP=full $(BIN)/pytest tests/combinations tests/update/test_rehearsal.py --numprocesses auto --dist worksteal

evidence: .venv/dev ## Run all proofs and the full sweep, and record what came out
	$(BIN)/python -m tests.evidence

bench: .venv/dev ## Speed against copier and cfn-lint, as ratios of one run
	$(BIN)/python -m tests.benchmarks.run

site: .venv/dev ## Build the site into site/
	$(BIN)/mkdocs build --strict
