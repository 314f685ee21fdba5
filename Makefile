# `make demo` and `make test` need python3 (3.11 or newer, with venv) and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed

.PHONY: demo test lint schema golden explore differential mutants engine-mutants bench clean

demo: $(STAMP)
	$(BIN)/match examples/several-trials.json

test: $(STAMP) lint
	$(BIN)/python -m pytest -n 2

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

schema: $(STAMP)
	$(BIN)/match schema output > solver/report/match.schema.json

golden: $(STAMP)
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest tests/test_examples.py tests/test_explain.py tests/test_what_if.py tests/test_sequence.py tests/test_work_up.py tests/test_difference.py tests/test_check.py tests/test_example_sheets.py tests/test_docs.py tests/test_golden_documents.py

explore: $(STAMP)
	$(BIN)/python -m pytest -n 2 -m slow

differential: $(STAMP)
	$(BIN)/python -m tests.differential --pairs 100000 --processes 2

mutants: $(STAMP)
	$(BIN)/python -m tests.mutants --processes 2

engine-mutants: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[mutation]'
	$(BIN)/python -m tests.engine_mutants

bench: $(STAMP)
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/questions.py

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "trialproof needs Python 3.11 or newer, found " + sys.version.split()[0] + ": run make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/python -m compileall -q solver cli.py
	@touch $(STAMP)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
