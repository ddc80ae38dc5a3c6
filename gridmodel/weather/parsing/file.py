"""Open a weather file once, as bytes, text or NetCDF, for all that look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import xarray as xr

from gridmodel.errors import InputError, Problem, Problems
from gridmodel.weather.parsing.encoding import CYRILLIC, NAMES, SURE, open_text
from gridmodel.weather.parsing.netcdf import open_netcdf
from gridmodel.weather.parsing.text import Text

MAGIC_BYTES = 8


@dataclass
class File:
    """One file, opened only as far as a reader asks; a context that closes what was opened."""

    path: Path
    years: Sequence[int] = ()
    """Years that are wanted of a text that is longer than is read whole; empty for all."""

    @property
    def shown(self) -> str:
        """Name in messages."""
        return self.path.name

    @property
    def suffix(self) -> str:
        """Ending of the name, such as ``.csv``."""
        return self.path.suffix

    @cached_property
    def magic(self) -> bytes:
        """First eight bytes.

        Raises
        ------
        InputError
            If the file cannot be read.
        """
        try:
            with self.path.open("rb") as stream:
                return stream.read(MAGIC_BYTES)
        except OSError as error:
            raise InputError([Problem(message=f"cannot be read: {error.strerror}", table=self.shown)]) from None

    @cached_property
    def text(self) -> Text:
        """The file as text, unpacked if it is a gzip file.

        Raises
        ------
        InputError
            If it is too large, or not text.
        """
        problems = Problems()
        content = open_text(self.path, problems, shown=self.shown, years=self.years)
        problems.raise_if_any()
        text, self._encoding = content or ("", "")
        return Text(text, self.shown)

    _encoding: str = ""

    @property
    def guessed(self) -> str:
        """Name of the encoding in which the text was read without the file saying so; empty for UTF-8 and UTF-16."""
        return NAMES.get(self._encoding, "")

    @property
    def not_utf8(self) -> str:
        """Name of the encoding in which the text was read, guessed or not; empty for UTF-8 and UTF-16."""
        return NAMES[CYRILLIC] if self._encoding == SURE else self.guessed

    @property
    def is_netcdf(self) -> bool:
        """True where its first bytes or its ending say NetCDF."""
        return self.magic[:4] == b"\x89HDF" or self.magic[:3] == b"CDF" or self.suffix == ".nc"

    @cached_property
    def dataset(self) -> xr.Dataset:
        """The file as NetCDF, values not read.

        Raises
        ------
        InputError
            If it cannot be opened as NetCDF.
        """
        return open_netcdf(self.path, self.shown)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "dataset" in self.__dict__:
            self.dataset.close()
