# Thin: each target calls one Python script that also works without make.
PYTHON ?= python3

.PHONY: demo test check fix bench

demo:
	$(PYTHON) scripts/demo.py $(if $(KEEP),--keep)

test:
	$(PYTHON) scripts/test.py

check:
	$(PYTHON) scripts/check.py

fix:
	$(PYTHON) scripts/check.py --fix

bench:
	$(PYTHON) scripts/bench.py
