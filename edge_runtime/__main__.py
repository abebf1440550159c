"""``python -m edge_runtime`` is the same as ``edge-digits``."""

from .cli import main

if __name__ == "__main__":
    main(prog_name="python -m edge_runtime")
