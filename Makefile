# Everything a newcomer or CI needs; each target makes what it depends on.
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/.installed-run
TEST := .venv/.installed-test

# Modules compiled once, not by each of the many processes that tests start
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test check clean

demo: $(RUN)  ## a verified release of this machine's Python packages
	$(BIN)/gristmill demo --out out

test: $(TEST)  ## the whole test suite
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: $(TEST)  ## style, types, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

$(BIN)/python:
	$(PYTHON) -m venv .venv

$(RUN): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(TEST): pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@ $(RUN)

clean:
	rm -rf .venv out .pytest_cache .mypy_cache .ruff_cache .hypothesis
