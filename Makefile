# Works with GNU make 3.81 (macOS) and later. `make help` lists the targets.
PY ?= python3
V := .venv/bin
PIP := $(V)/python -m pip install --quiet --disable-pip-version-check
LIGHTHOUSE := 13.5.0
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help run dev test check test-stripe drill drills-check soak bench audit-deps setup reset screenshots lighthouse \
  messages lock

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: setup  ## Set up what is missing and start the shop on http://127.0.0.1:8000
	@exec $(V)/shop run

dev: .venv/dev.ok  ## The same, restarting on every change
	@exec $(V)/watchfiles '$(V)/shop run' shop templates static migrations

test: .venv/dev.ok .venv/browser.ok  ## Set up what is missing, a browser included, and run every test
	$(V)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

check: .venv/dev.ok  ## Lint, type-check, hold the documents to the code and the pages to their budgets
	$(V)/ruff check .
	$(V)/ruff format --check .
	$(V)/mypy
	$(V)/python -m pytest -q tests/test_docs.py tests/test_budgets.py

test-stripe: .venv/dev.ok  ## Compare the sandbox with your own Stripe account (needs a test key)
	$(V)/python -m tests.stripe_account

drill: .venv/dev.ok .venv/browser.ok  ## Practise: `make drill N=3` copies the project and starts the clock
	@$(V)/python -m tools.drills $(N)

drills-check: .venv/dev.ok .venv/browser.ok  ## Prove that each drill fails without its solution and passes with it (N=3: that one)
	@$(V)/python -m tools.drills check $(N)

soak: .venv/dev.ok  ## A crowd at three processes, 10,000 stories on each database, a death at every kill point (hours; STORIES=500 for fewer)
	$(V)/python -m tools.soak

bench: .venv/dev.ok build/bench/venv/bin/gunicorn  ## Measure, as ratios in one run (6 minutes, 4 GB of disk; BOOKS=FILE for real rows)
	@BOOKS='$(BOOKS)' $(V)/python -m tools.bench

audit-deps: build/audit/pip-audit.ok  ## Ask PyPI for known vulnerabilities in what the shop needs (needs the network)
	@build/audit/bin/python tools/audit_deps.py

setup: .venv/app.ok  ## Install what the shop needs into .venv, without starting it

reset:  ## Delete the state of the shop and of the sandbox (instance/)
	rm -rf instance

screenshots: .venv/dev.ok .venv/browser.ok  ## Take pictures of the pages, the README's among them
	$(V)/python -m tools.screenshots

lighthouse: .venv/dev.ok .venv/browser.ok build/lighthouse/$(LIGHTHOUSE).ok  ## Hold shelf, book and cart to Lighthouse's 100 (needs Node 22)
	$(V)/python -m tools.lighthouse

messages: .venv/dev.ok  ## Collect every sentence for translators (build/messages.pot)
	$(V)/python -m tools.messages

lock: .venv/dev.ok  ## Compile the lock files from pyproject.toml
	echo 'flit_core>=3.11' | $(V)/$(LOCK) - -o requirements/build.txt
	$(V)/$(LOCK) pyproject.toml -o requirements/app.txt
	$(V)/$(LOCK) pyproject.toml --group dev -c requirements/app.txt -o requirements/dev.txt

.venv/bin/python:
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; name one: make PY=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PY) -m venv .venv || { rm -rf .venv; echo "On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

# Apart from .venv: it brings thirty packages of its own.
build/audit/pip-audit.ok: | .venv/bin/python
	@.venv/bin/python -m venv --clear build/audit
	@build/audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.10,<3' || \
	  { echo "pip-audit could not be installed, so nothing is known: try again with a network."; exit 2; }
	@touch $@

# Shops of other makes, to compare with. Without them the bench says so.
build/bench/venv/bin/gunicorn: | .venv/bin/python
	@.venv/bin/python -m venv --clear build/bench/venv
	@build/bench/venv/bin/python -m pip install --quiet --disable-pip-version-check 'flask>=3,<4' 'django>=5.2,<5.3' 'gunicorn>=23' || \
	  echo "Flask, Django and gunicorn could not be installed: they are left out."

# Its version is exact, because another one scores otherwise.
build/lighthouse/$(LIGHTHOUSE).ok:
	@mkdir -p build/lighthouse
	@npm install --prefix build/lighthouse --no-save --ignore-scripts --no-audit --no-fund --loglevel=error lighthouse@$(LIGHTHOUSE) || \
	  { echo "Lighthouse could not be installed: it needs npm, Node 22 and the network."; exit 2; }
	@touch $@

.venv/app.ok: requirements/app.txt requirements/build.txt pyproject.toml | .venv/bin/python
	$(PIP) --require-hashes -r requirements/app.txt -r requirements/build.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev.ok: requirements/dev.txt .venv/app.ok
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

.venv/browser.ok: tools/browser.py .venv/dev.ok
	$(V)/python tools/browser.py > $@.tmp && mv $@.tmp $@
