# The interface of the project: people and CI call these targets.

TOPOLOGY ?= three-site
SUITES ?= standard placement
ARGS ?=
# The first that is new enough and really there.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null && echo $$python && break; done)

venv := .venv
bin := $(venv)/bin
ready := $(venv)/.ready
all_tests := tests/unit tests/plugin tests/interop tests/chaos tests/integration

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- the lab

.PHONY: lab-up
lab-up: $(ready) ## Bring up the article's lab (TOPOLOGY=name or file, ARGS="--set apacheticket.expire=20")
	@$(bin)/boothlab up $(TOPOLOGY) $(ARGS)

.PHONY: lab-down
lab-down: $(ready) ## Remove every lab
	@$(bin)/boothlab down --all

.PHONY: lab-reset
lab-reset: $(ready) ## Bring the used lab back to its known state
	@$(bin)/boothlab reset $(ARGS)

# --- the project

.PHONY: install
install: $(ready) ## Install boothlab and its tools into .venv

$(ready): pyproject.toml requirements-dev.lock
	@test -n "$(PYTHON)" || \
	    { echo "boothlab needs Python 3.11 or newer: install it, then make PYTHON=python3.11"; exit 1; }
	@test -x $(bin)/python || $(PYTHON) -m venv $(venv) || \
	    { rm -rf $(venv); echo "python cannot make virtual environments: install python3-venv"; exit 1; }
	@echo "installing boothlab and its tools into $(venv)"
	@$(bin)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.PHONY: test
test: $(ready) ## Run all tests: unit, plugin, both implementations, broken daemons, the article on a real lab
	@$(bin)/pytest $(all_tests) -m "not matrix" $(ARGS)

.PHONY: unit
unit: $(ready) ## Run the tests that need no Docker
	@$(bin)/pytest tests/unit $(ARGS)

.PHONY: interop
interop: $(ready) ## Run every placement of the two Booth implementations against each other
	@$(bin)/pytest tests/interop $(ARGS)

.PHONY: chaos
chaos: $(ready) ## Break labs on purpose and judge what happens (SUITES="standard placement", the default)
	@$(bin)/boothlab chaos run $(SUITES) $(ARGS)

.PHONY: chaos-proof
chaos-proof: $(ready) ## Show that the chaos suite can fail: every daemon that is broken on purpose is found
	@$(bin)/pytest tests/chaos $(ARGS)

.PHONY: zipapp
zipapp: $(ready) ## Pack boothlab's own Booth into one file, dist/boothd.pyz
	@$(bin)/python -m boothlab.engine.pyz dist/boothd.pyz
	@echo "dist/boothd.pyz: run it as boothd, booth or geostore"

.PHONY: check
check: $(ready) ## Style, types, import rules, spelling
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/mypy
	@$(bin)/mypy benchmarks
	@$(bin)/lint-imports --no-cache
	@$(bin)/codespell

.PHONY: fmt
fmt: $(ready) ## Format the code
	@$(bin)/ruff format .
	@$(bin)/ruff check --fix .

.PHONY: bench
bench: $(ready) ## Time the bring-up, beside a plain shell script doing the same
	@$(bin)/python benchmarks/lab_up.py $(ARGS)

.PHONY: bench-daemon
bench-daemon: $(ready) ## Compare both Booth daemons: speed, failover, CPU, memory; about 20 minutes
	@$(bin)/python benchmarks/daemon.py $(ARGS)

.PHONY: schema
schema: $(ready) ## Write the topologies' JSON Schema anew
	@$(bin)/boothlab topologies --schema > lab/topology.schema.json

.PHONY: tutorial
tutorial: $(ready) ## Write docs/tutorial from a bring-up that really ran
	@$(bin)/python docs/tutorial/write.py

.PHONY: lock
lock: $(ready) ## Resolve the development versions anew
	@$(bin)/python -m pip install --quiet --disable-pip-version-check uv
	@$(bin)/uv pip compile --quiet --universal --group dev --no-header --no-emit-index-url \
	    --no-emit-find-links --upgrade -o requirements-dev.lock pyproject.toml

.PHONY: clean
clean: ## Remove the virtual environment, caches and boothlab's images
	@docker image ls --quiet --filter label=boothlab.image 2>/dev/null | sort -u | xargs --no-run-if-empty docker image rm --force
	@rm -rf $(venv) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
