# Short names for those who have make; nothing needs it (tools/dev.py needs only Python).
PYTHON ?= python3
DEV := $(PYTHON) tools/dev.py
LINTED := $(wildcard eks_checks tests tools benchmarks examples setup.py)
# Asked for when a target needs it, not at every `make`.
IN = $(shell $(DEV) env test | tail -n 1)/bin/python -m

.PHONY: help demo test check format oracle fuzz bench table coverage build clean

help:
	@echo 'demo      analyse the shipped example plan'
	@echo 'test      gates and the whole suite, as CI runs them'
	@echo 'check     format, lint, types, layers, docstrings'
	@echo 'format    put the sources into form'
	@echo 'oracle    the long differential runs against brute force'
	@echo 'fuzz      the property tests, on thousands of new examples'
	@echo 'bench     the benchmarks'
	@echo 'table     how many unknown links of plans are resolved; CASES=... for others'
	@echo 'coverage  what the tests do not reach'
	@echo 'build     source distribution and wheel, in dist/'
	@echo 'clean     remove environments and everything built'

demo test check:
	@$(DEV) $@

format:
	@IN="$(IN)"; $$IN ruff check --fix --quiet $(LINTED); $$IN ruff format $(LINTED)

oracle:
	@$(IN) pytest tests/oracle tests/reach -m long -n auto -s

fuzz:
	@HYPOTHESIS_PROFILE=fuzz $(IN) pytest -m "not slow" -n auto

bench:
	@$(IN) benchmarks.run

table:
	@$(IN) benchmarks.resolution $(CASES)

coverage:
	@IN="$(IN)"; $$IN coverage run -m pytest && $$IN coverage report

build:
	@$(IN) build

clean:
	rm -rf .venvs build dist *.egg-info .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
