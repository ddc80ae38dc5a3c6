"""The door to pandapower: nets made of tables, and arrays made of nets."""
