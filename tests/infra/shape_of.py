"""Prints the problems of infra_check.house for the project that is named: run in the environment of the checks."""

import sys
import tempfile
from pathlib import Path

from infra_check import house
from infra_check.place import Place

with tempfile.TemporaryDirectory() as folder:
    place = Place(Path(sys.argv[1]), Path(folder))
    for problem in (*house.shape(place), *house.same_roots(place)):
        print(problem)
