"""`python -m compiler.cli` is `dpc-compile`."""

import sys

from compiler.cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
