# Everything runs in .venv, which these targets make by themselves. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
ONLY ?=
# Tests wait as much as they work (for Terraform's provider, for jobs): one process more than processors.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))')

.DEFAULT_GOAL := help
# Hundreds of short processes would compile the package again, each for itself.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: terraform-coverage help demo test test-sdk2 test-sdk3 check lint types arch docs docs-check bench scan fmt clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/.base: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Ropeway needs Python 3.10 or newer; run: make PYTHON=python3.12 ...") if sys.version_info < (3, 10) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "setting up .venv (about a minute the first time)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[sandbox,demo]'
	@command -v terraform >/dev/null || command -v tofu >/dev/null || \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[terraform]'
	@touch $@

.venv/.dev: .venv/.base
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[sandbox,demo,dev]'
	@touch $@

demo: .venv/.base ## the whole lifecycle on the sandbox, ending in a summary
	@$(BIN)/ropeway demo

test: .venv/.dev ## all tests, several files at a time
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

.venv-sdk2/.ready: tests/sdk2/requirements.txt
	@echo "setting up .venv-sdk2 (under a minute the first time)" >&2
	@test -x .venv-sdk2/bin/python || $(PYTHON) -m venv .venv-sdk2
	@.venv-sdk2/bin/python -m pip install --quiet --disable-pip-version-check -r tests/sdk2/requirements.txt
	@touch $@

test-sdk2: .venv/.base .venv-sdk2/.ready ## version 2 of the SageMaker SDK, as its users use it
	@tests/sdk2/run $(BIN) .venv-sdk2/bin/python

.venv-sdk3/.ready: tests/sdk3/requirements.txt
	@echo "setting up .venv-sdk3 (a gigabyte, some three minutes the first time)" >&2
	@test -x .venv-sdk3/bin/python || $(PYTHON) -m venv .venv-sdk3
	@.venv-sdk3/bin/python -m pip install --quiet --disable-pip-version-check -r tests/sdk3/requirements.txt
	@touch $@

test-sdk3: .venv/.base .venv-sdk3/.ready ## version 3 of the SageMaker SDK; not part of CI
	@tests/sdk3/run $(BIN) .venv-sdk3/bin/python

check: .venv/.dev lint types arch docs-check test ## what CI runs

lint: .venv/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: .venv/.dev
	@$(BIN)/mypy

arch: .venv/.dev
	@$(BIN)/lint-imports

docs: .venv/.dev ## the documentation as a site, in site/
	@$(BIN)/mkdocs build --strict --quiet

docs-check: docs

.venv-scan/.ready: terraform/scan.txt
	@echo "setting up .venv-scan (about a minute the first time)" >&2
	@test -x .venv-scan/bin/python || $(PYTHON) -m venv .venv-scan
	@.venv-scan/bin/python -m pip install --quiet --disable-pip-version-check -r terraform/scan.txt
	@touch $@

scan: .venv/.dev .venv-scan/.ready ## checkov over the Terraform files, against terraform/exceptions.yaml
	@$(BIN)/python terraform/scan.py .venv-scan/bin/checkov

fmt: .venv/.dev ## format the code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

terraform-coverage: .venv/.dev ## apply, update and destroy every resource type of the modules; some minutes
	@$(BIN)/python -m tests.infra.coverage
	@$(BIN)/python -m ropeway.sandbox.edge.conformance

bench: .venv/.dev ## the measurements of docs/benchmarks.md; ONLY=name runs one
	@$(BIN)/python -m bench $(ONLY)

clean: ## remove .venv, caches and the sandbox's state
	rm -rf .venv .ropeway site dist build .pytest_cache .mypy_cache .ruff_cache
