"""Adapter to pandapower, the only part that imports it: nets from tables, arrays from nets, power flows."""
