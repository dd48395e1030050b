"""Run Copier once: `python -m scaffolder.copier_process` reads what to do from standard input.

An error is said on standard error, and the exit code is 1. It loads nothing but Copier, before it
reads, so that it is ready when the answers are.
"""

from __future__ import annotations

import gc
import json
import sys
import warnings


def main() -> None:
    """Copy what the request says, with Copier's public API."""
    # The process is too short for collecting garbage to pay.
    gc.disable()
    import copier

    request = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    try:
        # The user's own defaults for Copier are not meant for this.
        copier.run_copy(**request, defaults=True, quiet=True, settings=copier.Settings())
    except Exception as error:
        text = " ".join(str(error).split())
        sys.exit(f"{type(error).__name__}: {text}")


if __name__ == "__main__":
    main()
