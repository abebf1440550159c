"""``python -m edge_runtime`` is the same as ``edge-digits``."""

from edge_runtime.cli.main import main

if __name__ == "__main__":
    main(prog_name="python -m edge_runtime")
