# Everything a newcomer or CI needs; each target makes what it depends on.
PYTHON ?= python3
BIN := .venv/bin
RUN := .venv/.installed-run
TEST := .venv/.installed-test
MODELS := .venv/.installed-models

# Modules compiled once, not by each of the many processes that tests start
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test test-models check clean

demo: $(RUN)  ## a verified release of this machine's Python packages
	$(BIN)/gristmill demo --out out

test: $(TEST)  ## the whole test suite
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

test-models: $(MODELS)  ## what `test` skips without the extra [model]: the tests of readers and of language models
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $$(grep -lE '(importorskip|find_spec)\("(tokenizers|torch|transformers)' -r tests --include 'test_*.py')

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

$(MODELS): $(TEST)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,model]'
	@touch $@

clean:
	rm -rf .venv out .pytest_cache .mypy_cache .ruff_cache .hypothesis
