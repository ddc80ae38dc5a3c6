"""Networks in the formats of others and in our own, with what each cannot hold."""

from gridmodel.network.write.convert import FORMS, Conversion, convert_network
from gridmodel.network.write.kept import FORMATS, KINDS, kept_table, losses

__all__ = ["FORMATS", "FORMS", "KINDS", "Conversion", "convert_network", "kept_table", "losses"]
