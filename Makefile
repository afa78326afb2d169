# Two commands: `make run` and `make test`. Both ask nothing and install what is missing.
.NOTPARALLEL:
.PHONY: run build test check lint types contracts pytest format bench
MAKEFLAGS += --no-print-directory
B := .venv/bin
# Two cores: three workers, since some wait for a browser or a process; PYTEST="-k name" narrows, PYTEST="-n 0" takes one process.
PYTEST ?=

run:
	@python=$$(sh scripts/find-python) && exec "$$python" scripts/bootstrap.py run

build:
	@python=$$(sh scripts/find-python) && exec "$$python" scripts/bootstrap.py build

test:
	@python=$$(sh scripts/find-python) && "$$python" scripts/bootstrap.py test
	@$(MAKE) --keep-going check pytest; status=$$?; cat build/missing 2>/dev/null; exit $$status

check: lint types contracts

lint:
	$(B)/ruff check
	$(B)/ruff format --check

types:
	$(B)/mypy

contracts:
	PYTHONPATH=src $(B)/lint-imports

pytest:
	$(B)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST)

# SIZES="10000 100000 1000000" measures larger installations (docs/performance.md); BENCH="--docs" and others go on to it.
SIZES ?= 10000
BENCH ?=

bench:
	@python=$$(sh scripts/find-python) && "$$python" scripts/bootstrap.py build
	@PYTHONPATH=src $(B)/python -m benchmarks --sizes "$(SIZES)" $(BENCH)

format:
	$(B)/ruff format
	$(B)/ruff check --fix
