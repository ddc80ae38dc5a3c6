"""Network files of other programs, read as plain tables: nothing that a file names is ever imported or called."""

from gridmodel.interchange.readers.read import read_plain
from gridmodel.network.plain import PlainNet

__all__ = ["PlainNet", "read_plain"]
