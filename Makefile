# Needs Python 3.11 or newer with venv, and make. "make help" lists what there is to make.

SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
# The first of these that is new enough and really there (a shim may stand in for one that isn't).
FIND_PYTHON = for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	python=; done; \
	test -n "$$python" || { echo "Python 3.11 or newer with venv is needed (Debian: apt install python3-venv)." >&2; exit 1; }
# For the commands that look at the code: no database, no secrets.
NO_SECRETS := SECRET_KEY=none FIELD_ENCRYPTION_KEY=bm9uZS1ub25lLW5vbmUtbm9uZS1ub25lLW5vbmUtbm8= DATABASE_URL=sqlite://:memory:
COMPILE := $(BIN)/uv pip compile --generate-hashes --no-emit-index-url --no-annotate --python-version 3.11
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --requirement
CLIENTS := tests/clients
CHROMIUM := chromium chromium-browser google-chrome

.PHONY: help
help: ## Show this list.
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 22

.PHONY: venv
venv: $(VENV)/.installed ## Make .venv with all that runs the product.

.PHONY: venv-dev
venv-dev: $(VENV)/.installed-dev ## The same, with the tools that test and check it.

$(BIN)/python:
	@$(FIND_PYTHON); echo "Making $(VENV) with $$python"; $$python -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing requirements.txt"
	@$(PIP) requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed | $(BIN)/python
	@echo "Installing requirements-dev.txt"
	@$(PIP) requirements-dev.txt
	@touch $@

.PHONY: demo
demo: venv ## Run everything in this terminal, against an emulated Salesforce.
	@exec $(BIN)/python -m syncadmin.demo

.PHONY: test
test: venv-dev chromium clients ## Run all tests, the ones with a real browser too. ARGS go to pytest.
	$(BIN)/python -m pytest $(ARGS)

.PHONY: chromium
chromium: ## Install Chromium for the tests, where it is missing and that is allowed.
	@for name in $(CHROMIUM); do command -v $$name >/dev/null && exit 0; done; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		export DEBIAN_FRONTEND=noninteractive; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else \
		echo "The browser tests need Chromium: install the package chromium (or run: sudo make chromium)." >&2; exit 1; \
	fi

.PHONY: clients
clients: $(CLIENTS)/.venv/.installed ## Install the tests' clients: in Python, and in JavaScript where there is Node.js.
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(CLIENTS)/node_modules/.installed; \
	else echo "Without Node.js and npm the tests with JavaScript clients are skipped."; fi

$(CLIENTS)/.venv/.installed: $(CLIENTS)/requirements.txt | $(BIN)/python
	@echo "Installing $<"
	@$(BIN)/python -m venv $(CLIENTS)/.venv
	@$(CLIENTS)/.venv/bin/python -m pip install -qq --disable-pip-version-check --requirement $<
	@touch $@

$(CLIENTS)/node_modules/.installed: $(CLIENTS)/package-lock.json
	@echo "Installing $<"
	@cd $(CLIENTS) && npm ci --ignore-scripts --silent
	@touch $@

.PHONY: lint
lint: venv-dev ## Check style, types, imports between packages, templates, settings and migrations.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(NO_SECRETS) $(BIN)/python manage.py check --fail-level WARNING
	$(NO_SECRETS) $(BIN)/python manage.py makemigrations --check --dry-run

.PHONY: format
format: venv-dev ## Put the code into the common form.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: bench
bench: venv-dev ## Measure how fast the sync is. ARGS go to benchmarks/run.py.
	$(BIN)/python benchmarks/run.py $(ARGS)

.PHONY: soak
soak: venv-dev ## Run for ten minutes while workers are killed; fail if a change is lost. ARGS go to benchmarks/soak.py.
	$(BIN)/python benchmarks/soak.py $(ARGS)

.PHONY: machines
machines: venv-dev ## The tests that try to break the sync, for hours: kills at every moment, 1,000 random walks. ARGS go to pytest.
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest tests/cycle/test_killed.py tests/cycle/test_lives.py tests/cycle/test_machine.py tests/cycle/test_bouncing.py $(ARGS)

.PHONY: screenshots
screenshots: venv-dev chromium ## Take the pictures in docs/screenshots anew.
	$(BIN)/python -m tests.e2e.screenshots

.PHONY: requirements
requirements: venv-dev ## Bring requirements*.txt up to date with pyproject.toml.
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) --group dev pyproject.toml -o requirements-dev.txt
	$(COMPILE) $(CLIENTS)/requirements.in -o $(CLIENTS)/requirements.txt
	@# no addresses in lock files: npm notes where each author takes donations
	cd $(CLIENTS) && npm install --package-lock-only --ignore-scripts --silent && node strip_addresses.mjs
