# Two commands: `make run` and `make test`. `make help` lists the others.
# Each sets up what it needs; stamps remember what is installed, so that the second time takes seconds.

.DEFAULT_GOAL := help
.SUFFIXES:

BIN := .venv/bin
# Where the machine has no node, the one in .venv serves.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Containers often forbid Python to keep what it compiles: then each test worker compiles each test anew.
unexport PYTHONDONTWRITEBYTECODE
PLAYER := static/vendor/course-player.js
PLAYER_SOURCES := $(shell find static/js/courseware static/js/lib static/js/elements static/js/classroom static/css -name '*.js' -o -name '*.css')
RUN_READY := .venv/.runtime-installed static/vendor/.installed $(PLAYER)
TEST_READY := app/translations/zh/LC_MESSAGES/messages.mo .venv/.tools-installed node_modules/.tools-installed static/vendor/.installed $(PLAYER)
WORDS := app/translations/zh/LC_MESSAGES/messages.mo
PYTEST := $(BIN)/python -m pytest
CORES := $(shell getconf _NPROCESSORS_ONLN)
# Half as many workers again as there are cores: tests of processes, sockets and PostgreSQL wait for a third of their time.
WORKERS := $(shell echo $$(($(CORES) * 3 / 2)))
ON_ALL_CORES = -n $(WORKERS) --dist worksteal
# The results of these tests do not depend on the database. Of the others, tests/conftest.py leaves out
# each test that asks for no database.
NOT_TWICE := --ignore=tests/house --ignore=tests/deploy \
	--ignore=tests/classroom/test_hostile_sockets.py --ignore=tests/classroom/test_text_safety.py \
	--ignore=tests/identity/test_ways.py --ignore=tests/kernel/test_pictures.py \
	--ignore=tests/kernel/test_scripts.py --ignore=tests/kernel/test_styles.py
# These need packages of the system: LibreOffice, nginx, coturn, Redis, PostgreSQL and Dovecot.
WITH_PACKAGES := tests/documents/test_convert_*.py tests/deploy/test_nginx.py tests/deploy/test_turnserver.py tests/kernel/test_bus.py \
	tests/support/test_inbox.py
NOT_FAST := --ignore=tests/media_worker --ignore=tests/journeys --ignore=tests/bench \
	$(foreach file,$(WITH_PACKAGES),--ignore-glob='$(file)')

.PHONY: help
help:  ## list the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1 \2/p' Makefile | awk '{ name = $$2; $$1 = $$2 = ""; printf "  make %-20s%s\n", name, $$0 }'

.PHONY: run
run: $(RUN_READY) $(if $(RELOAD),.venv/.tools-installed)  ## install what is missing and start everything; PORT, RTMP_PORT, INGEST_PORT, DATA_DIR, DEMO, DATABASE_URL; RELOAD=1 starts again what is changed
	@$(BIN)/python deploy/run.py

.PHONY: setup
setup: $(RUN_READY) $(WORDS)  ## install what `make run` needs, and stop there
	@mkdir -p var
	@$(BIN)/python -m app.kernel.scripts

.PHONY: test
test: system-packages $(TEST_READY)  ## set up and run every check and every test; says how long each step took
	@MAKE="$(MAKE)" setup/in_steps.sh lint-and-types test-both-databases test-journeys test-journeys-alone

.PHONY: lint
lint: $(TEST_READY)  ## style of Python, scripts and style sheets, order of imports between rooms, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo
	$(BIN)/djlint --lint --quiet templates
	node_modules/.bin/eslint static/js
	node_modules/.bin/stylelint 'static/css/**/*.css'

.PHONY: types
types: $(TEST_READY)  ## types of Python and of scripts
	$(BIN)/mypy
	node_modules/.bin/tsc

.PHONY: lint-and-types
lint-and-types:  ## both at once, as each uses one core
	@$(MAKE) -j 2 --output-sync=target lint types

.PHONY: test-fast
test-fast: $(TEST_READY)  ## tests of scripts, and of the app on SQLite; needs nothing of the system, no browser, no root
	node --test tests/js/*.test.mjs
	$(PYTEST) $(ON_ALL_CORES) tests $(NOT_FAST)

.PHONY: test-with-packages
test-with-packages: system-packages $(TEST_READY)  ## tests of the app that need LibreOffice, nginx, coturn, Redis, PostgreSQL or Dovecot
	$(PYTEST) $(ON_ALL_CORES) $(WITH_PACKAGES)

.PHONY: test-without-browsers
test-without-browsers: system-packages $(TEST_READY)  ## test-fast, test-with-packages and test-media in one run
	node --test tests/js/*.test.mjs
	$(PYTEST) $(ON_ALL_CORES) tests --ignore=tests/journeys --ignore=tests/bench

.PHONY: test-postgresql
test-postgresql: system-packages $(TEST_READY)  ## the same on a private PostgreSQL
	TEST_DATABASE=postgresql $(PYTEST) $(ON_ALL_CORES) tests $(NOT_FAST) $(NOT_TWICE)

.PHONY: test-both-databases
test-both-databases:  ## test-without-browsers and test-postgresql at once, as each leaves a core idle now and then
	@$(MAKE) -j 2 --output-sync=target WORKERS=$(CORES) test-without-browsers test-postgresql

.PHONY: test-media
test-media: system-packages $(TEST_READY)  ## tests of media_worker
	$(PYTEST) $(ON_ALL_CORES) tests/media_worker

# A journey plays in real time: a machine that stands still for seconds can break it. What failed is given once more,
# alone. Both results are printed, as a journey that passes only then has most often found a race (see CONTRIBUTING.md).
ONCE_MORE = echo "=== FAILED. What failed is given once more, alone:"; $(PYTEST) --last-failed --last-failed-no-failures none

.PHONY: test-journeys
test-journeys: system-packages $(TEST_READY)  ## real browsers, real encoders, the whole service, two at a time
	$(PYTEST) -n 2 --dist loadfile -m "not alone" tests/journeys || { $(ONCE_MORE) -m "not alone" tests/journeys; }

.PHONY: test-journeys-alone
test-journeys-alone: system-packages $(TEST_READY)  ## the journeys that need the machine for themselves, one by one
	$(PYTEST) -m alone tests/journeys || { $(ONCE_MORE) -m alone tests/journeys; }

.PHONY: search
search: $(TEST_READY)  ## tests that generate their examples, with new ones each time: finds what `make test` has not tried
	$(PYTEST) $(ON_ALL_CORES) --hypothesis-profile=default $(shell grep -lr '^from hypothesis' tests --include='test_*.py')

.PHONY: bench
bench: system-packages $(TEST_READY)  ## measure, beside nginx-rtmp; prints a table
	$(BIN)/python -m tests.bench.run

.PHONY: format
format: $(TEST_READY)  ## bring Python into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: requirements
requirements:  ## choose the newest versions that fit requirements.in and requirements-dev.in
	setup/pin.sh

.PHONY: translations
translations: $(TEST_READY)  ## collect new words from code and templates into app/translations
	$(BIN)/pybabel -q extract -F babel.cfg --ignore-dirs '.*' -k _l -k _n:1,2 --project=jiangtang --no-location --sort-output -o app/translations/messages.pot .
	$(BIN)/pybabel -q update -w 120 -i app/translations/messages.pot -d app/translations --no-fuzzy-matching --ignore-pot-creation-date

.PHONY: help-pictures
help-pictures: system-packages $(TEST_READY)  ## take the pictures of the help pages from the running example academy, into static/pictures/help
	$(BIN)/python -m tests.journeys.help_pictures

.PHONY: clean
clean:  ## remove what was installed and made; the data in DATA_DIR stays
	rm -rf .venv node_modules static/vendor static/built static/pictures/help .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find app -name '*.mo' -delete

.PHONY: system-packages
system-packages:
	@setup/system_packages.sh

$(WORDS): %.mo: %.po .venv/.runtime-installed
	@$(BIN)/pybabel -q compile -i $< -o $@ -l zh

.venv/.runtime-installed: requirements.txt setup/venv.sh
	@setup/venv.sh requirements.txt
	@touch $@

.venv/.tools-installed: requirements-dev.txt .venv/.runtime-installed
	@setup/venv.sh requirements-dev.txt
	@touch $@

static/vendor/.installed: package.json package-lock.json setup/vendor.sh | .venv/.runtime-installed
	@setup/vendor.sh
	@touch $@

$(PLAYER): setup/bundle.sh static/vendor/.installed $(PLAYER_SOURCES)
	@setup/bundle.sh

node_modules/.tools-installed: static/vendor/.installed
	@setup/vendor.sh --dev
	@touch $@
