"""One module a format that is written, with what it cannot hold."""

from gridmodel.interchange.writers.kept import FORMATS, KINDS, kept_table, losses

__all__ = ["FORMATS", "KINDS", "kept_table", "losses"]
