"""Fuzz one parser, guided by its branches: ``python -m tests.fuzz.one TARGET OPTION…``.

Options are those of libFuzzer; the first that is none is the folder of inputs. atheris is
not among the project's packages: `make fuzz` puts it beside them.
"""

from __future__ import annotations

import sys
from importlib import import_module

__all__ = ["main"]


def main(name: str, options: list[str]) -> None:
    """Fuzz until libFuzzer ends this process; what a parser may not raise ends it at once."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["archiver", "verifier"]):
        targets = import_module("tests.fuzz.targets")
    atheris.Setup([name, *options], lambda data: targets.refuse_nothing_else(name, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
