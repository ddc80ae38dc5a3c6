"""One file per program whose networks are read or written; each lists its formats as `FORMATS`.

A file that is put here is found by `gridmodel.interchange.registry`: help, messages and documentation follow it.
"""
