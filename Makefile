# Every target is one line that calls a tool. `make help` lists them.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# What `make run` reads; any local or gs:// pattern.
INPUT ?= gs://sluicegate/inbox/**
# A pinned set is installed once; touching requirements-dev.txt installs it again.
READY := $(VENV)/.ready
# Airflow's packages, beside the product's: they pin other versions of the same.
AIRFLOW := .venv-airflow

# Compiled modules are kept, whatever the environment says: else every process compiles Beam anew,
# some 4 s of CPU each, and the tests start a hundred.
unexport PYTHONDONTWRITEBYTECODE

KNOWN_PYTHON = $(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 13) or sys.exit("Python 3.11, 3.12 or 3.13 is needed, this is %d.%d; try: make PYTHON=python3.11 ..." % v)'

.DEFAULT_GOAL := help
.PHONY: help run review pictures compare test test-fast test-equipment lint docs type format bench bench-cpu bench-scale bench-dry-run bench-rerun bench-nightly bench-batches bench-evidence bench-processing torture fuzz clean samples pin setup template launch template-metadata test-cluster test-airflow

help:  ## List what can be done
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-17s %s\n", $$1, $$2}'

setup: $(READY)  ## Create .venv with everything pinned

$(READY): requirements-dev.txt
	@$(KNOWN_PYTHON)
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --require-hashes -r requirements-dev.txt
	@$(PY) -m pip check --disable-pip-version-check
	@touch $@

run: $(READY)  ## Extract the samples (or INPUT='some/*.pdf') on the local cloud
	@$(PY) -m samples.demo --input '$(INPUT)' $(RUN_ARGS)

review: $(READY)  ## Look at the rows of the last `make run` beside their pages, in the browser
	@$(PY) -m pipeline.review --rows=out/demo --documents=samples/documents --output=out/review --serve --open

compare: $(READY)  ## Read the samples twice, compare the runs, evaluate one: pages in out/reports
	@$(PY) -m samples.compared

# A third of the time of the tests is waiting: four workers keep two cores busy.
test: $(READY)  ## Run the tests (not those of test-equipment, test-cluster, test-airflow)
	$(PY) -m pytest -n 4 --dist loadgroup

test-equipment: $(READY)  ## Run short forms of torture, fuzzing and benchmarks (minutes)
	$(PY) -m pytest -n 3 --dist loadgroup -m equipment

test-fast: $(READY)  ## Run the tests that start no process and no server, in a minute or two
	$(PY) -m pytest -n 2 --dist loadgroup -m 'not cluster and not equipment and not slow'

test-cluster: $(READY)  ## Run the tests on a real Flink cluster and on Prism (minutes; Java, Maven, Go)
	$(PY) -m pytest -m cluster tests/cluster $(TEST_ARGS)

test-airflow: $(AIRFLOW)/.ready  ## Run the tests of the DAGs, with Airflow and its providers (a minute; an environment of its own)
	AIRFLOW_HOME=$(CURDIR)/$(AIRFLOW)/home $(AIRFLOW)/bin/python -m pytest -q -c /dev/null --rootdir=tests/airflow --noconftest -p no:cacheprovider tests/airflow/dags.py

$(AIRFLOW)/.ready: templates/airflow/requirements.txt
	$(PYTHON) -m venv $(AIRFLOW)
	$(AIRFLOW)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps -r $<
	@touch $@

lint: $(READY)  ## Check style, the arrows between rooms, and the generated parts of the pages
	$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(VENV)/bin/lint-imports --no-logo
	PYTHONPATH=. $(PY) -m cogapp --check --verbosity=1 --check-fail-msg='run: make docs' README.md docs/*.md

docs: $(READY)  ## Make the generated parts of the pages anew
	PYTHONPATH=. $(PY) -m cogapp -r --verbosity=1 README.md docs/*.md

type: $(READY)  ## Check types, those of the local cloud, samples and benchmarks too
	$(PY) -m mypy

format: $(READY)  ## Format the code
	$(PY) -m ruff check --fix . && $(PY) -m ruff format .

bench: $(READY)  ## Measure the whole pipeline beside what people use today
	$(PY) -m benchmarks $(BENCH_ARGS)

bench-cpu: $(READY)  ## Measure the pipeline's CPU beside the bare client's
	$(PY) -m benchmarks.client_cpu $(BENCH_ARGS)

bench-scale: $(READY)  ## Measure 100,000 documents on one worker
	$(PY) -m benchmarks.scale $(BENCH_ARGS)

bench-dry-run: $(READY)  ## Run the graph on ten million simulated documents (an hour; no bytes, no calls)
	$(PY) -m benchmarks.dry_run $(BENCH_ARGS)

bench-rerun: $(READY)  ## Measure a second run of a finished job
	$(PY) -m benchmarks.rerun $(BENCH_ARGS)

bench-nightly: $(READY)  ## Measure a night's new files beside two million earlier rows
	$(PY) -m benchmarks.nightly $(BENCH_ARGS)

bench-evidence: $(READY)  ## Measure where values are found, and what doubt is worth (some minutes; OCR)
	$(PY) -m benchmarks.evidence $(BENCH_ARGS)

bench-processing: $(READY)  ## Measure documents an hour and dollars a thousand: standard, flex, batch (half an hour)
	$(PY) -m benchmarks.processing $(BENCH_ARGS)

bench-batches: $(READY)  ## Put 10,000 documents through batch jobs of both services' stand-ins (minutes)
	$(PY) -m benchmarks.batches $(BENCH_ARGS)

torture: $(READY)  ## Kill, starve and lie to the real pipeline, from seeds (half an hour and more)
	@PYTHONPATH=tests:. $(PY) -m torture $(TORTURE_ARGS)

fuzz: $(READY)  ## Fuzz whatever parses bytes and answers
	@PYTHONPATH=tests:. $(PY) -m fuzz $(FUZZ_ARGS)

samples: $(READY)  ## Make the committed sample documents anew
	$(PY) -m samples --committed

pictures: $(READY)  ## Make the pictures of docs/review.md anew (Chromium)
	@PYTHONPATH=tests:. $(PY) -m review_pictures

pin: $(READY)  ## Pin requirements anew from pyproject.toml
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml -o requirements.txt
	$(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --extra local --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

template:  ## Build and stage the Dataflow template (PROJECT=, REGION=, BUCKET=; DRY_RUN=1 prints)
	@$(KNOWN_PYTHON)
	@$(PYTHON) -m templates template

launch:  ## Launch a job from it (PROJECT=, REGION=, BUCKET=, INPUT=, OUTPUT=, FAILURES=; DRY_RUN=1 prints)
	@$(KNOWN_PYTHON)
	@$(PYTHON) -m templates launch

template-metadata: $(READY)  ## Make the template's metadata.json anew from the flags
	$(PY) -m templates metadata

clean:  ## Remove what was made: the environment, caches, outputs
	rm -rf $(VENV) $(AIRFLOW) out build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
