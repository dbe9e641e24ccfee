# Civic Archiver. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
# Written last: says that the environment is whole and as the lock and pyproject.toml want it.
READY := .venv/.ready

# Groups of tests go to the processes in their order: what takes longest stands first.
JOBS ?= 2
PARALLEL := -n $(JOBS) --dist loadscope --no-loadscope-reorder
PYTEST := $(BIN)/pytest $(PARALLEL)

.PHONY: setup run up down test coverage test-real test-real-all check check-infra bench sim sim-purge sim-long custody soak audit-exhaustive fuzz clean help

setup: $(READY) ## set up everything in .venv (once; again when the lock or pyproject.toml changes)

# pip installs the locked uv, checked against its hash; uv installs the rest in parallel.
$(READY): requirements.lock pyproject.toml plugins/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	@rm -f $@
	test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	awk '/^uv==/ { on = 1 } on { print } on && !/\\$$/ { exit }' requirements.lock > .venv/uv.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .venv/uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . -e plugins
	@touch $@

run: $(READY) ## show it all: capture, seal, verify and search a demo city in demo/ (no network)
	$(BIN)/archiver demo --dir demo

# PROFILE=server: PostgreSQL, Redis and two workers of Celery, which stand beside the environment.
PROFILE ?= local
SERVER := .server/.ready

$(SERVER): $(READY) plugins/server.lock
	rm -rf .server
	$(BIN)/uv pip install --quiet --python $(BIN)/python --target .server/packages --no-deps --require-hashes -r plugins/server.lock
	@touch $@

up: $(READY) $(if $(filter server,$(PROFILE)),$(SERVER)) ## start Airflow with a demo city in .airflow/ (PROFILE=server: in parts)
	$(if $(filter server,$(PROFILE)),PYTHONPATH=$(CURDIR)/.server/packages) $(BIN)/python -m civic_archiver_airflow.demo up .airflow $(PROFILE)

down: $(READY) ## stop what `make up` started
	$(BIN)/python -m civic_archiver_airflow.demo down .airflow

test: $(READY) ## run all tests that need no root and no network
	$(PYTEST) -m 'not real and not soak'

coverage: $(READY) ## run the same with branch coverage, which takes half as long again
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PARALLEL) -m 'not real and not soak'
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-real: $(READY) ## run the tests against real servers (as root; installs them)
	$(PYTEST) -m 'real and not more'

test-real-all: $(READY) ## the same against every server we know how to start
	$(PYTEST) -m real

check: $(READY) ## lint, format, types, floor plan, generated documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict archiver dags plugins tests verifier infra docs/generate.py
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

check-infra: $(READY) ## check what Terraform describes, against schemas and mocks (nothing is applied)
	infra/check $(BIN)

bench: $(READY) ## measure CPU against plain tools doing less
	$(BIN)/python -m tests.bench

sim: $(READY) ## simulate the seal protocol: 10^7 steps, 10^5 crashes (10 minutes on two cores)
	$(BIN)/python -m tests.sim --steps 10000000 --crashes 100000

sim-purge: $(READY) ## the same of orders that are carried on: 10^6 steps (3 minutes on two cores)
	$(BIN)/python -m tests.sim --steps 1000000 --crashes 5000 --cast purging

# In parts, so that each says what it saw, and one that was stopped can be run alone.
SIM_PARTS ?= 1 2 3 4 5 6 7 8 9 10

sim-long: $(READY) ## the same ten times as long, over other seeds: 10^8 steps, 10^6 crashes
	for part in $(SIM_PARTS); do $(BIN)/python -m tests.sim --steps 10000000 --crashes 100000 --first $${part}000000; done

custody: $(READY) ## play holds, orders and purges over the real folds: 10^7 states (an hour on two cores)
	for part in $(SIM_PARTS); do $(BIN)/python -m tests.retention --jobs $(JOBS) --first $${part}0000; done

soak: $(READY) ## run the long tests
	$(BIN)/pytest -m soak

audit-exhaustive: $(READY) ## flip every single bit of a stored archive: each must be found and named
	$(BIN)/python -m tests.audit.exhaustive --jobs $(JOBS)
	$(BIN)/python -m tests.audit.others --flips 300

# atheris stands beside the environment: it is large, and nothing but this needs it.
FUZZ_SECONDS ?= 60
fuzz: $(READY) ## fuzz every parser for FUZZ_SECONDS each (inputs stay in .fuzz/)
	test -d .fuzz/atheris || $(BIN)/uv pip install --quiet --python $(BIN)/python --target .fuzz/atheris --no-deps --require-hashes -r tests/fuzz/requirements.lock
	PYTHONPATH=.fuzz/atheris $(BIN)/python -m tests.fuzz --folder .fuzz/inputs --seconds $(FUZZ_SECONDS) --jobs $(JOBS)

clean: ## remove the demo, build output and caches (.venv stays)
	rm -rf demo .airflow .server .fuzz build dist .coverage .coverage.* .hypothesis .import_linter_cache
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile
