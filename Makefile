# `make demo` runs the product, `make test` proves it. Nothing is installed outside .venv,
# but for the browser that the tests drive, where the machine allows it (tools/browser.sh).

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test test-long test-services lint format pins sbom translations screenshots bench clean

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
DATA_DIR ?= $(CURDIR)/var
# One more than two processors: a test often waits for a browser or a process.
WORKERS ?= 3
ARGS ?=
export PORT DATA_DIR
# Images of Python often forbid to keep compiled modules; each process would compile all of them again.
unexport PYTHONDONTWRITEBYTECODE

help: ## This list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# One stamp a requirements file: what is unchanged is not installed again.
$(VENV)/.base: requirements/base.txt requirements/uv.txt tools/install.sh
	@tools/install.sh base

$(VENV)/.dev: requirements/dev.txt requirements/base.txt requirements/uv.txt tools/install.sh
	@tools/install.sh dev

demo: $(VENV)/.base ## Run the demo estate on localhost:8000 (PORT= changes it); Ctrl-C stops it
	@exec $(BIN)/python -m community.demo

demo-reset: $(VENV)/.base ## Throw the demo's data away and start afresh
	@exec $(BIN)/python -m community.demo --reset

test: $(VENV)/.dev ## The whole suite on SQLite, browser journeys too
	@tools/browser.sh
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

test-long: $(VENV)/.dev ## What takes longer: full sweeps, soaks, kills by the hundred
	@tools/browser.sh
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "long and not bench" --timeout 3600 $(ARGS)

test-services: $(VENV)/.dev ## The suite again on PostgreSQL and Redis (DATABASE_URL, REDIS_URL, or from wheels)
	@tools/browser.sh
	@$(BIN)/python -W ignore tools/on_services.py -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(VENV)/.dev ## Lint, format, types, layers, templates, translations, migrations, deployment, known weaknesses
	@tools/lint.sh

format: $(VENV)/.dev ## Put the code into its one form
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

pins: $(VENV)/.base ## Compile requirements/*.in into pinned versions with hashes (ARGS=--upgrade for newer ones)
	@tools/pins.sh $(ARGS)

sbom: $(VENV)/.dev ## Write the bill of materials (CycloneDX) of all that the product needs: sbom.cdx.json
	@$(BIN)/python tools/sbom.py sbom.cdx.json
	@echo "sbom.cdx.json"

translations: $(VENV)/.base ## Merge and compile the translations, and say what is missing
	@DEMO=1 $(BIN)/python manage.py translations
	@DEMO=1 $(BIN)/python manage.py translations --check

screenshots: $(VENV)/.dev ## Take the pictures of the README
	@tools/browser.sh
	@$(BIN)/python tools/screenshots.py $(ARGS)

bench: $(VENV)/.dev ## Measure; docs/performance.md has the last figures
	@$(BIN)/python -m pytest tests/bench -m 'long or not long' -n 0 -s --timeout 3600 $(ARGS)

clean: ## Remove the environment and every cache, keep the data
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis staticfiles
