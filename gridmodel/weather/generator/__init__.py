"""Possible winters and cold spells, drawn from the norms and variability of a climate."""
