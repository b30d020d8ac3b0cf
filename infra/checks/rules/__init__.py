"""Rules of this project that checkov applies beside its own: one file per subject, one broken example per rule."""

from pathlib import Path

__all__ = sorted(each.stem for each in Path(__file__).parent.glob("[!_]*.py"))
