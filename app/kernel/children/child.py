"""Runs one module without the app around it: `child.py app.ROOM.MODULE ARGUMENT…`.

Importing the app takes two seconds and all of its packages, which a program that draws hostile pages needs least.
So empty packages stand in for the packages above the module, with nothing but their folders.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[3]


def main() -> None:
    """Import the module and run its `main` with the arguments."""
    sys.path.append(str(ROOT))
    module = sys.argv[1]
    parts = module.split(".")
    for depth in range(1, len(parts)):
        package = ModuleType(".".join(parts[:depth]))
        package.__path__ = [str(ROOT.joinpath(*parts[:depth]))]
        sys.modules[package.__name__] = package
    importlib.import_module(module).main(sys.argv[2:])


if __name__ == "__main__":
    main()
