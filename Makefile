# `make demo` and `make test` need python3 (3.11 or newer, with venv) and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed

.PHONY: demo test test-unit test-questions test-laws test-docs lint schema golden docs pictures explore differential mutants seeded-faults amended-pairs engine-mutants bench clean

demo: $(STAMP)
	$(BIN)/match examples/several-trials.json

test: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-unit: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal tests/test_architecture.py tests/language tests/evaluation tests/smt tests/library tests/patient tests/engine tests/report tests/testing

test-questions: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal tests/questions tests/serve tests/trials

test-laws: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal tests/laws tests/twins

test-docs: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal tests/docs

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

schema: $(STAMP)
	$(BIN)/match schema output > solver/report/match.schema.json

golden: $(STAMP)
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest -n 2 $$(grep -rl UPDATE_GOLDEN tests --include='test_*.py')
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest -m slow tests/questions/test_golden_documents.py

docs: $(STAMP)
	UPDATE_GOLDEN=1 $(BIN)/python -m pytest tests/docs/test_docs.py

pictures: $(STAMP)
	$(BIN)/python -m tests.support.documents.pictures

explore: $(STAMP)
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow
	EXPLORE=20 $(BIN)/python -m pytest -n 2 --dist worksteal

differential: $(STAMP)
	$(BIN)/python -m tests.support.twins.differential --pairs 100000 --processes 2
	$(BIN)/python -m tests.support.twins.compared_histories --situations 20000 --processes 2

mutants: $(STAMP)
	$(BIN)/python -m tests.support.faults.mutants --processes 2

amended-pairs: $(STAMP)
	$(BIN)/python -m tests.support.faults.amended_pairs

seeded-faults: $(STAMP)
	$(BIN)/python -m tests.support.faults.seeded_faults

engine-mutants: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[mutation]'
	$(BIN)/python -m tests.support.faults.engine_mutants

bench: $(STAMP)
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/questions.py
	$(BIN)/python benchmarks/screen.py
	$(BIN)/python benchmarks/growth.py
	$(BIN)/python benchmarks/many_trials.py
	$(BIN)/python benchmarks/trial_folders.py

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "trialproof needs Python 3.11 or newer, found " + sys.version.split()[0] + ": run make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/python -m compileall -q solver cli.py
	@touch $(STAMP)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
