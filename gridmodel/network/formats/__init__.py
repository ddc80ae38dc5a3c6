"""Network files of other programs, read as plain tables: nothing that a file names is ever imported or called."""

from gridmodel.network.formats.plain import PlainNet
from gridmodel.network.formats.read import read_plain

__all__ = ["PlainNet", "read_plain"]
