"""Code versions of the assets that a step makes: a digest of the step's source."""

import hashlib
import inspect
from types import ModuleType


def of_modules(*modules: ModuleType) -> str:
    """12 hex digits over the source text of the modules, in the order given."""
    digest = hashlib.sha256()
    for module in modules:
        digest.update(inspect.getsource(module).encode())
    return digest.hexdigest()[:12]
