# Only Python >= 3.12 and make are needed: the first target run installs the rest.
.DEFAULT_GOAL := help
BIN := .venv/bin
READY := .venv/.ready
SERVE ?= 1

.PHONY: help demo run test test-postgres check bench messages

demo: $(READY) ## Build a made-up company in ./data-demo, then open it (SERVE=0: only build)
	@$(BIN)/relance demo $(if $(filter 0,$(SERVE)),--no-serve,)

run: $(READY) ## Open Relance on your own data (./data), pages and background work
	@$(BIN)/relance serve

test: $(READY) ## Run every test on SQLite; browser tests too where a Chromium is found
	@env -u DATABASE_URL $(BIN)/python -m pytest $(ARGS)

test-postgres: $(READY) ## Run the tests that ask the database on PostgreSQL: DATABASE_URL=postgresql://…
	@if [ -z "$$DATABASE_URL" ]; then \
	  echo "Say which server: make test-postgres DATABASE_URL=postgresql://user:password@localhost/relance" >&2; exit 2; fi
	@$(BIN)/python -m pytest $(ARGS)

check: $(READY) ## Style, types, layers, templates, migrations, French catalogue
	@$(BIN)/python tools/check.py

bench: $(READY) ## Measure against the floor: ONLY=NAME N=… JSON=FILE
	@$(BIN)/python -m bench $(if $(ONLY),--only "$(ONLY)",) $(if $(N),--n "$(N)",) $(if $(JSON),--json "$(JSON)",)

messages: $(READY) ## Bring the French catalogue up to date with the code
	@$(BIN)/python tools/messages.py --write

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): uv.lock pyproject.toml .python-version tools/setup.sh
	@tools/setup.sh
