# Everything a contributor does. Each target sets up what it needs: `make test` in a fresh clone works.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint mutate coverage ablate trace-all bench screenshots lock schemathesis walk sbom pip-audit system-deps clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(READY)  ## make the virtual environment .venv

# Stamped last, so that a set-up cut short is done again. The lock is whole, so nothing is resolved:
# pip would look for newer releases of whatever somebody wants with an extra.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "daocha needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1 || echo missing)." \
	         "Name another with: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## fill a ledger with a county's invented year and show it
	$(BIN)/daocha demo

test: lint  ## every check there is, as CI runs it
	$(BIN)/python -m pytest --numprocesses=logical --dist=worksteal --cov --cov-report=term-missing

lint: setup  ## style, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

mutate: setup  ## change the policy's rules one at a time: make mutate MODULE=s3_2_systemic
	$(BIN)/python -m tests.mutate $(MODULE)

coverage: setup  ## run every scenario and write what it came to, for the page 条款落实
	$(BIN)/python -m tests.scenarios

ablate: setup  ## disable the policy's rules one at a time: a scenario of the clause must fail
	$(BIN)/python -m tests.ablate

trace-all: setup  ## all 2,354 answers of the real record, not the sample that the tests take
	$(BIN)/python -m bench.answers

bench: setup  ## measure speed and memory, and print the figures
	$(BIN)/python -m bench

screenshots: setup  ## take the README's picture of the demo anew
	DAOCHA_SCREENSHOTS=docs/images $(BIN)/python -m pytest tests/e2e/test_picture.py

schemathesis: setup  ## the whole OpenAPI, as every kind of person (hours; CI takes a slice)
	DAOCHA_SCHEMA_EVERY=1 DAOCHA_SCHEMA_EXAMPLES=10 $(BIN)/python -m pytest tests/api/test_schemathesis.py

walk: setup  ## 10,000 random requests by random people, compared with the table of permissions
	DAOCHA_WALK=10000 $(BIN)/python -m pytest tests/api/test_walk.py

sbom: setup  ## what the product is made of, as CycloneDX
	$(BIN)/python -m tests.sbom

pip-audit: setup  ## known vulnerabilities of what is pinned; the lock's age where there is no data
	$(BIN)/python -m tests.vulnerabilities

lock: setup  ## pin what pyproject.toml asks for, with hashes
	$(BIN)/uv pip compile --quiet pyproject.toml --extra gm --group dev --group build \
	    --universal --generate-hashes --no-header --output-file requirements.lock

system-deps:  ## browsers and fonts for the browser tests and documents (Debian, as root)
	apt-get update
	apt-get install --yes --no-install-recommends chromium firefox-esr fonts-noto-cjk

clean:  ## remove what the other targets made
	rm -rf .venv build dist mutants .coverage .coverage.* .hypothesis .import_linter_cache \
	    .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +
