"""`local_aws` is importable below tests/local."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
