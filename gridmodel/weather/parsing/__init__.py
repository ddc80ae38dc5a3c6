"""Shared by the readers: the description of a format, safe opening of files, cells, tables, NetCDF."""
