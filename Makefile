# `make` lists the targets. Everything runs in .venv, which make creates.

PYTHON ?= python3
BIN := .venv/bin
UV ?= uv

.DEFAULT_GOAL := help
.PHONY: help demo test test-thorough google-test spark-test mutants check format pictures lock clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# An old Python is refused before it creates half an environment.
.venv/demo: requirements.txt pyproject.toml
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON): install Python 3.10 or newer, or name \
one, such as with make $(or $(MAKECMDGOALS),demo) PYTHON=python3.12." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "refsync needs Python 3.10 or newer, and \
$(PYTHON) is $$($(PYTHON) -V 2>&1): name a newer one, such as with make $(or $(MAKECMDGOALS),demo) PYTHON=python3.12." >&2; exit 1; }
	@if [ -e .venv ] && ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2> /dev/null; \
		then echo "The Python in .venv is missing or older than 3.10: remove it with rm -rf .venv, and run make \
$(or $(MAKECMDGOALS),demo) again." >&2; exit 1; fi
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev: requirements-dev.txt .venv/demo
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

demo: .venv/demo ## Build the sample and write its worksheets and dashboard to refsync.xlsx
	$(BIN)/dbt build
	$(BIN)/refsync-push --to refsync.xlsx

# Tests start refsync hundreds of times: Python keeps what it compiled, also where it is told not to.
test test-thorough: export PYTHONDONTWRITEBYTECODE =

test: .venv/dev ## Run the tests
	$(BIN)/python -m pytest --numprocesses 2 --dist worksteal

test-thorough: .venv/dev ## Run the tests with many more cases (slow)
	REFSYNC_TEST_THOROUGH=1 $(BIN)/python -m pytest --numprocesses 2 --dist worksteal --hypothesis-profile thorough

google-test: .venv/dev ## Ask Google itself what refsync believes of it (REFSYNC_LIVE_SHEET=<URL>; else the emulator; JSON=1)
	$(BIN)/python -m tests.google $(if $(JSON),--json)

.venv-spark/done: requirements-spark.txt
	$(PYTHON) -m venv .venv-spark
	.venv-spark/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.txt
	@touch $@

spark-test: .venv/dev .venv-spark/done ## Run the models on a Spark cluster on this machine (needs Java 17)
	REFSYNC_SPARK_HOME="$$(.venv-spark/bin/python -c 'import pyspark; print(pyspark.__path__[0])')" \
		$(BIN)/python -m pytest tests/spark

.venv/mutants: requirements-mutants.txt .venv/dev
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutants.txt
	@touch $@

# mutmut needs the package in src, and works on a copy of its folder.
MUTANTS := target/mutants

mutants: .venv/mutants ## Change the code and see that a test fails (ONLY='refsync.google_sheets.planning.extents.*' for some; slow)
	rm -rf $(MUTANTS)
	mkdir -p $(MUTANTS)
	ln -s ../../export $(MUTANTS)/src
	ln -s ../../tests ../../pyproject.toml $(MUTANTS)
	cd $(MUTANTS) && ../../$(BIN)/python tests/mutants/run.py $(ONLY)

.PHONY: check-python check-models check-workflows
check: check-python check-models check-workflows ## Run the linters and type checkers, as CI does

check-python: .venv/dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

check-models: .venv/dev
	$(BIN)/sqlfluff lint --processes 2 models dbt_project/tests
	$(BIN)/dbt --quiet --warn-error parse
	@if $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; \
		then echo $(BIN)/dbt-bouncer run; $(BIN)/dbt-bouncer run; \
		else echo 'dbt-bouncer is left out: it needs Python 3.11 or newer.'; fi

check-workflows: .venv/dev
	$(BIN)/zizmor --offline --persona auditor --strict-collection --quiet .
	$(BIN)/actionlint -shellcheck= -pyflakes=

format: .venv/dev ## Format the Python and SQL files
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/sqlfluff fix --processes 2 models dbt_project/tests

# The worksheets whose first pages are in docs/pictures. Names in many scripts need their fonts.
PICTURED := Dashboard_Data Officer_Summary
PICTURES := target/pictures

pictures: .venv/demo ## Make the pictures in docs/pictures (needs LibreOffice, pdftoppm and ImageMagick)
	@for tool in soffice pdftoppm convert; do command -v $$tool > /dev/null || { echo "There is no $$tool: install \
LibreOffice Calc, poppler-utils and ImageMagick, such as with apt-get install libreoffice-calc poppler-utils \
imagemagick fonts-dejavu fonts-crosextra-carlito."; exit 1; }; done
	$(BIN)/dbt --quiet build
	mkdir -p $(PICTURES)
	for tab in $(PICTURED); do $(BIN)/refsync-push --to $(PICTURES)/$$tab.xlsx --select $$tab || exit; done
	soffice -env:UserInstallation=file://$(CURDIR)/$(PICTURES)/profile --headless --convert-to pdf \
		--outdir $(PICTURES) $(PICTURED:%=$(PICTURES)/%.xlsx) > /dev/null
	for tab in $(PICTURED); do pdftoppm -r 110 -f 1 -l 1 -singlefile -png $(PICTURES)/$$tab.pdf $(PICTURES)/$$tab \
		&& convert $(PICTURES)/$$tab.png -trim -bordercolor white -border 12 -dither None -colors 64 -strip \
		docs/pictures/$$(echo $${tab%_Data} | tr A-Z a-z).png || exit; done

lock: ## Resolve the dependencies again (needs uv; UPGRADE=1 takes newer ones)
	$(UV) pip compile $(COMPILE) --extra dbt --extra remarks --extra s3 --extra spark --extra tracker --group build --group dev pyproject.toml \
		-o requirements-dev.txt
	$(UV) pip compile $(COMPILE) --extra dbt --extra remarks --extra s3 --extra spark --extra tracker --group build -c requirements-dev.txt pyproject.toml \
		-o requirements.txt
	$(UV) pip compile $(COMPILE) --group cluster -o requirements-spark.txt
	$(UV) pip compile $(COMPILE) --group mutants -c requirements-dev.txt -o requirements-mutants.txt
	$(UV) pip compile $(COMPILE) --group release -o requirements-release.txt

COMPILE := --quiet --universal --python-version 3.10 --generate-hashes --no-emit-index-url \
	--no-annotate --no-strip-extras --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

.venv-release/done: requirements-release.txt
	$(PYTHON) -m venv .venv-release
	.venv-release/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-release.txt
	@touch $@

.PHONY: release-check
# The command runs from the wheel. `py.typed` tells type checkers that the package has types.
release-check: .venv/dev .venv-release/done ## Build the packages in dist/, and check their metadata, README and command
	rm -rf dist
	.venv-release/bin/python -m build --no-isolation
	.venv-release/bin/twine check --strict dist/*
	.venv-release/bin/python -m zipfile --list dist/*.whl | grep --quiet 'refsync/py\.typed '
	PYTHONPATH="$$(echo dist/*.whl)" $(BIN)/refsync-push --version
	$(BIN)/python -m pytest tests/test_release.py

clean: ## Remove the files that dbt, the tests and refsync-push made
	rm -rf dist target logs refsync.duckdb refsync.duckdb.wal refsync.xlsx .pytest_cache .mypy_cache .ruff_cache
