# Every target makes the virtual environment that it needs; only the package index is asked, and only when
# pyproject.toml has changed. PYTHON names the interpreter, 3.11 or newer.
PYTHON ?= python3
RUN ?= runs/edge

# The oldest OpenCV that pyproject.toml allows, whose wheel needs NumPy 1, the last of 4, and 5; without windows.
OPENCV := 4.8.0.76 4.14.0.94 5.0.0.93

LIGHT := .venv
TEST := .venv-test
TRAIN := .venv-train
INSTALL = -m pip --disable-pip-version-check install --quiet

.PHONY: help read test test-slow test-opencv test-robustness lint train second-look study export wheel clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

read: $(LIGHT)/ready ## install the light runtime alone and read the pictures in samples/
	@echo "make read: reading samples/" >&2
	@$(LIGHT)/bin/python .ci/read_samples.py

test: $(TEST)/ready ## install what tests need (no TensorFlow) and run the quick tests
	$(TEST)/bin/python -m pytest -m "not slow"

test-slow: $(TRAIN)/ready ## the tests of training, export and the wheel: TensorFlow, a few minutes
	$(TRAIN)/bin/python -c "import tensorflow, tf2onnx, matplotlib"
	$(TRAIN)/bin/python -m pytest -m slow

test-opencv: $(OPENCV:%=.venv-opencv-%/ready) ## read the golden pictures with the oldest and the newest OpenCV
	for version in $(OPENCV); do .venv-opencv-$$version/bin/python -m pytest --noconftest tests/golden || exit 1; done

test-robustness: $(TEST)/ready ## faults in the counts that are promised, a quarter of an hour; prints what was counted
	EDGE_DIGITS_LONG=1 OPENCV_LOG_LEVEL=OFF OPENCV_FFMPEG_LOGLEVEL=-8 $(TEST)/bin/python -m pytest -rP tests/robustness

lint: $(TEST)/ready ## ruff and mypy
	$(TEST)/bin/python -m ruff check .
	$(TEST)/bin/python -m ruff format --check .
	$(TEST)/bin/python -m mypy

train: $(TRAIN)/ready ## train the edge network on the wild recipe, into RUN (default runs/edge)
	$(TRAIN)/bin/python -m train fit --network edge --recipe wild --out $(RUN)
	$(TRAIN)/bin/python -m train evaluate $(RUN)

second-look: $(TRAIN)/ready ## train the larger network, from RUN's weights, and export and install it: an hour
	$(TRAIN)/bin/python -m train fit --network second-look --recipe wild --learning-rate 0.0014 --strips 3100000 \
		--start-from $(RUN) --out runs/second-look
	$(TRAIN)/bin/python -m train evaluate runs/second-look
	$(TRAIN)/bin/python -m export runs/second-look --install

study: $(TRAIN)/ready ## train the notebook's other systems again, and write study/STUDY.md: about an hour
	$(TRAIN)/bin/python -m study run --out runs/study --record study

export: $(TRAIN)/ready ## export RUN and install its models into edge_runtime/models
	$(TRAIN)/bin/python -m export $(RUN) --install

wheel: $(LIGHT)/ready ## build the wheel into dist/
	rm -rf build
	$(LIGHT)/bin/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	@ls -l dist/*.whl

clean: ## remove environments and build products
	rm -rf $(LIGHT) $(TEST) $(TRAIN) .venv-opencv-* build dist *.egg-info

# A system without libGL (a server, a container) cannot load opencv-python: it gets the build without windows.
$(LIGHT)/ready: pyproject.toml
	@echo "make: installing the light runtime into $(LIGHT)" >&2
	$(PYTHON) -m venv --clear $(LIGHT)
	$(LIGHT)/bin/python $(INSTALL) --editable .
	@$(LIGHT)/bin/python -c "import cv2" 2>/dev/null || { \
		echo "make: opencv-python does not load here, taking opencv-python-headless" >&2; \
		$(LIGHT)/bin/python -m pip uninstall --quiet --yes opencv-python; \
		$(LIGHT)/bin/python $(INSTALL) $$($(PYTHON) .ci/requirements.py | grep opencv); }
	@touch $@

$(TEST)/ready: pyproject.toml .ci/requirements.py
	@echo "make: installing what tests need into $(TEST)" >&2
	$(PYTHON) -m venv --clear $(TEST)
	$(PYTHON) .ci/requirements.py test benchmarks glyphs parquet pdf > $(TEST)/requirements.txt
	$(TEST)/bin/python $(INSTALL) --requirement $(TEST)/requirements.txt
	$(TEST)/bin/python $(INSTALL) --no-deps --editable .
	@touch $@

$(TRAIN)/ready: pyproject.toml .ci/requirements.py
	@echo "make: installing TensorFlow and the exporter into $(TRAIN)" >&2
	$(PYTHON) -m venv --clear $(TRAIN)
	$(PYTHON) .ci/requirements.py test benchmarks train study export glyphs parquet pdf > $(TRAIN)/requirements.txt
	$(TRAIN)/bin/python $(INSTALL) --requirement $(TRAIN)/requirements.txt
	$(TRAIN)/bin/python $(INSTALL) --no-deps --editable .
	@touch $@

.venv-opencv-%/ready: pyproject.toml
	@echo "make: installing OpenCV $* and the runtime into .venv-opencv-$*" >&2
	$(PYTHON) -m venv --clear .venv-opencv-$*
	.venv-opencv-$*/bin/python $(INSTALL) opencv-python-headless==$* "numpy$(if $(filter 4.8.%,$*),<2,>=2)" \
		onnxruntime click pytest
	@touch $@
