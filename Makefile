# sf2530: everything one does with the repository. `make` alone prints this list.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet --require-virtualenv

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench crash docs texts picture lock clean

help:  ## print this list
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.run  ## put the program into .venv (costs nothing the second time)

demo: setup  ## run one whole national exchange on this machine: all parties, real SFTP (options in DEMO="…")
	@$(BIN)/sf2530 demo $(DEMO)

test: lint  ## run every check and every test
	@$(BIN)/python -m pytest -n 2 --dist loadgroup $(TESTS)

lint: $(VENV)/.test  ## format, rules, types, layers
	@$(BIN)/ruff format --check --quiet . && echo "format: clean"
	@$(BIN)/ruff check --quiet . && echo "rules:  clean"
	@$(BIN)/mypy --no-error-summary && echo "types:  clean"
	@$(BIN)/lint-imports --no-logo >build/layers.txt 2>&1 || { cat build/layers.txt; exit 1; }
	@echo "layers: clean"

format: $(VENV)/.test  ## put every file into the house's form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: $(VENV)/.bench  ## measure against the same work done by others (ONLY=records for one entry)
	@$(BIN)/python -m bench $(ONLY)

crash: $(VENV)/.test  ## the long crash and fuzz runs (beyond those in `make test`)
	@HYPOTHESIS_PROFILE=thorough SF2530_CRASH_ROUNDS=$${ROUNDS:-20} $(BIN)/python -m pytest -m crash --timeout 1800 $(TESTS)

docs: setup  ## write the generated pages of docs/reference anew
	@$(BIN)/python tools/write_reference.py

texts: setup  ## bring the Danish texts into step with the code, and print those still wanted
	@$(BIN)/python tools/collect_texts.py

picture: setup  ## draw the README's picture from a real demo
	@$(BIN)/python tools/draw_demo.py

lock: $(VENV)/.test  ## lock the dependencies anew, with hashes and without any registry's name
	@tools/lock.sh

clean:  ## remove what the other targets made
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.run: requirements/run.txt pyproject.toml
	@PYTHON="$(PYTHON)" tools/check_python.sh
	@echo "Setting up $(VENV) (the first time only) …"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@mkdir -p build && touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt
	@echo "Setting up the tests (the first time only) …"
	@$(PIP) --require-hashes -r requirements/test.txt
	@tools/system_packages.sh
	@mkdir -p build && touch $@

$(VENV)/.bench: $(VENV)/.test requirements/bench.txt
	@echo "Setting up the benchmarks (the first time only) …"
	@$(PIP) --require-hashes -r requirements/bench.txt
	@touch $@
