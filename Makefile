# What a person types. Everything runs inside .venv; a fresh machine needs Python 3.11 and make, nothing else.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN := .venv/bin
STAMP := .venv/.set-up
UV_VERSION := 0.13.9
PYTHON ?= $(shell for p in python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
SQL := dbt_project/models dbt_project/tests
# a file's tests share what they build; the files that take longest begin (tests/conftest.py)
SPREAD := --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
TYPED := pipelines expectations dashboards benchmarks scripts/house_rules.py

.PHONY: help setup demo test slow lint serve dagster bench fuzz lock docs format clean

help: ## list these targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(STAMP) ## create .venv from requirements.lock (costs nothing when it is up to date)

$(STAMP): requirements.lock pyproject.toml Makefile
	@test -n "$(PYTHON)" || { echo "Python 3.11 is needed and was not found; install it, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock
	$(BIN)/uv pip install --quiet --offline --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: setup ## sample county, three years, from department files to sealed releases
	@$(BIN)/fangpin demo

test: setup ## lint, then the quick tests
	@lint=0; $(MAKE) --no-print-directory lint || lint=$$?; \
	tests=0; $(BIN)/python -m pytest $(SPREAD) -m "not slow and not browser" || tests=$$?; \
	test $$lint -eq 0 || echo "make lint failed; its messages stand above the tests" >&2; \
	exit $$((lint || tests))

slow: setup ## the other tests: whole months, and a browser (installs Chromium where it is missing)
	@bash scripts/browser.sh
	@$(BIN)/python -m pytest $(SPREAD) -m "slow or browser"

lint: setup ## ruff, mypy, sqlfluff, house rules; says everything it finds, not only the first
	@failed=0; \
	run() { echo "— $$1"; shift; "$$@" || failed=1; }; \
	run "ruff check" $(BIN)/ruff check --quiet --output-format concise .; \
	run "ruff format" $(BIN)/ruff format --check --quiet --output-format concise .; \
	run "mypy" $(BIN)/mypy --no-error-summary $(wildcard $(TYPED)); \
	run "sqlfluff" $(BIN)/sqlfluff lint --disable-progress-bar --processes 1 $(wildcard $(SQL)); \
	run "house rules" $(BIN)/python scripts/house_rules.py; \
	exit $$failed

format: setup ## write the layout that lint asks for
	@$(BIN)/ruff check --quiet --fix .; $(BIN)/ruff format --quiet .

serve: setup ## the dashboards over the sealed releases
	@$(BIN)/fangpin serve

dagster: setup ## Dagster's own pages and daemon over the data folder, while no refresh is running
	@home=$$($(BIN)/python -m pipelines.defs); \
	DAGSTER_HOME=$$home exec $(BIN)/dagster dev -w workspace.yaml

docs: setup ## write docs/dictionary.md from the contracts and docs/grain.md from the models
	@$(BIN)/python -m pipelines.dictionary

bench: setup .venv-bench/.set-up ## measure refreshes and intake and write benchmarks/results/
	@$(BIN)/python -m benchmarks.refresh --date $$(date +%F)
	@$(BIN)/python -m benchmarks.intake --date $$(date +%F)

.venv-bench/.set-up: benchmarks/requirements.lock  # what intake is compared with; the product needs none of it
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-bench
	@$(BIN)/uv pip sync --quiet --python .venv-bench/bin/python --require-hashes benchmarks/requirements.lock
	@touch $@

fuzz: setup ## send 10,000 bad files through intake and write what became of them to benchmarks/results/
	@$(BIN)/python -m benchmarks.fuzz --date $$(date +%F)

lock: setup ## resolve pyproject.toml again into requirements.lock (versions and hashes, no addresses)
	@$(BIN)/uv pip compile --quiet pyproject.toml --extra dev --generate-hashes --python-version 3.11 \
		--no-header --no-annotate --no-emit-index-url --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet benchmarks/requirements.in --generate-hashes --python-version 3.11 \
		--no-header --no-annotate --no-emit-index-url --output-file benchmarks/requirements.lock

clean: ## remove what can be made again (not data/, not .venv)
	@rm -rf build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs logs
	@find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
