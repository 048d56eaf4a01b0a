# Everything this project does, one word each. Needs Python 3.11 or newer, git and make, nothing else.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade \
	--no-config --no-header --no-annotate --no-emit-index-url --no-emit-find-links
BUILD := hatchling>=1.27
SIZE ?= --full

.PHONY: help demo run test check lint format style types layers score ledger torture servers man migration lock clean
.DEFAULT_GOAL := help

help: ## lists these
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1@\2/p' Makefile | tr @ '\t' | expand -t 20

demo: .venv/.installed ## plays one day of real mail through the gateway, and leaves the Maildirs in var/demo
	$(BIN)/python -m gateway.demo var/demo

run: .venv/.installed var/run/toiawase.toml ## the gateway in the foreground on 127.0.0.1:8025; what it sends goes to Maildirs in var/run/out
	$(BIN)/toiawase --config var/run/toiawase.toml serve

test: .venv/.tested ## the suite, on SQLite and on a PostgreSQL of its own; TOIAWASE_KINDS=all for the whole desk on both
	$(BIN)/pytest -n auto --dist worksteal

check: lint test ## format, lint, types, layers and tests

lint: format style types layers ## all of `check` but the tests

format: .venv/.tested
	$(BIN)/ruff format --check

style: .venv/.tested
	$(BIN)/ruff check

types: .venv/.tested
	$(BIN)/mypy

layers: .venv/.tested
	$(BIN)/pytest -q tests/test_layers.py

score: .venv/.tested ## how well mail is understood, over ../shared/corpora: rates, misses, goals
	$(BIN)/python -m tests.score --libraries

ledger: .venv/.tested ## 20,000 mails while the worker, then the whole daemon, is killed every second
	$(BIN)/python -m tests.ledger --mails 20000 --sessions 20 --kill worker
	$(BIN)/python -m tests.ledger --mails 20000 --sessions 20 --kill daemon

torture: .venv/.tested ## the fault plan T01-T24 in full, hours of it; T="t01 t09" for some of it, SIZE= for seconds of each
	$(BIN)/python -m tests.torture $(T) $(SIZE)

man: .venv/.installed ## docs/man/, from the help of the commands and the list of keys
	$(BIN)/python -m gateway.cli.man docs/man

servers: ## Debian's Exim and OpenSMTPD for tests/interop, unpacked into var/servers and not installed
	mkdir -p var/servers
	cd var/servers && apt-get download exim4-daemon-light opensmtpd && for deb in *.deb; do dpkg -x $$deb .; rm $$deb; done

migration: .venv/.tested ## M="what changed": writes the revision from the schema's history to tables.py
	$(BIN)/python -m gateway.store.migrations.new "$(M)"
	$(BIN)/ruff format --quiet gateway/store/migrations

lock: .venv/.tested ## chooses the newest versions that pyproject.toml allows, for every Python and platform
	$(PIP) install uv
	echo '$(BUILD)' | $(COMPILE) --extra postgres --extra speed pyproject.toml - -o requirements.lock
	echo '$(BUILD)' | $(COMPILE) --all-extras -c requirements.lock pyproject.toml - -o requirements-test.lock

clean: ## removes what the above made, mails in var/ too
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis

var/run/toiawase.toml: | .venv/.installed
	mkdir -p -m 755 var/run
	printf '%s\n' 'domain = "q.example.jp"' 'operator = "ops@example.jp"' '[smarthost]' 'url = "maildir:out"' \
		'[trust]' 'relays = ["127.0.0.1/32"]' 'authserv_id = "mx.example.jp"' > $@
	$(BIN)/toiawase init var/run
	$(BIN)/toiawase init var/run

.venv/.made: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Toiawase needs Python 3.11 or newer: make PYTHON=/path/to/python3" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		echo "This Python cannot make a virtual environment: apt install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r requirements.lock
	@touch $@

.venv/.installed: .venv/.made pyproject.toml
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.tested: .venv/.installed requirements-test.lock
	$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@
