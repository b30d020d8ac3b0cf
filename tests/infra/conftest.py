"""Makes the package of infra-check importable: it stands beside what it checks, not among the pipeline's packages."""

import sys

from checks_environment import PACKAGE

sys.path.insert(0, str(PACKAGE))
