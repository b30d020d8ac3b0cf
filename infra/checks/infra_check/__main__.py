"""python -m infra_check"""

import sys

from infra_check.command import main

sys.exit(main(sys.argv[1:]))
