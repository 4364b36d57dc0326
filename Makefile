# make run         serve the demo on 127.0.0.1:8000 (PORT= and DATABASE_URL= are heeded)
# make test        everything, with what it needs
# make translations  collect what people read, for translators, and compile what they wrote
# make soak        the long form of the tests that try to break things
# make bench       how fast it is, beside bare Flask and beside others (SIZE=100000 READS=50 WRITES=50: in short)

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

ifneq ($(DATABASE_URL),)
DATABASE := .venv/with-postgres
endif

.PHONY: run test soak bench screenshots translations needed

run: .venv/ready $(DATABASE)
	@exec $(BIN)/formloom run --demo

test: .venv/with-tests needed
	$(BIN)/ruff check
	$(BIN)/pytest -q -n auto --dist worksteal

soak: .venv/with-tests needed
	FORMLOOM_SOAK=1 $(BIN)/pytest -q -m long

bench: .venv/with-tests needed
	$(BIN)/python tests/bench_orders.py $(SIZE) $(READS:%=--reads %) $(WRITES:%=--writes %)

screenshots: .venv/with-tests needed
	$(BIN)/python tests/screenshots.py

translations: .venv/with-tests
	$(BIN)/python -m formloom.platform.translations.collect

.venv/made:
	$(PYTHON) -m venv .venv
	@touch $@

.venv/ready: .venv/made pyproject.toml constraints.txt
	$(PIP) --editable .
	@touch $@

.venv/with-postgres: .venv/ready
	$(PIP) --editable '.[postgres]'
	@touch $@

.venv/with-tests: .venv/ready
	$(PIP) --editable '.[postgres,test]'
	@touch $@

# Programs that pip does not bring: taken from the system's packages where we may, else named.
APT := env DEBIAN_FRONTEND=noninteractive apt-get -qq

needed:
	@have() { command -v "$$1" >/dev/null 2>&1; }; \
	lacking() { \
	  have chromium || have chromium-browser || have google-chrome || echo chromium; \
	  have fc-list && fc-list :lang=zh | grep -q . || echo fonts-noto-cjk; \
	  have git || echo git; \
	  have node || echo nodejs; \
	  have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql; \
	}; \
	[ -n "$$(lacking)" ] || exit 0; \
	if have apt-get && [ "$$(id -u)" = 0 ]; then \
	  echo "installing" $$(lacking); \
	  $(APT) update && $(APT) install -y --no-install-recommends fontconfig $$(lacking) >/dev/null; \
	fi; \
	[ -z "$$(lacking)" ] || { echo "please install:" $$(lacking); exit 1; }
