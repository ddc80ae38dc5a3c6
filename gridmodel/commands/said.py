"""Sentences of commands, in the language of `--lang`: messages stand in the code in English, translations in a file.

`output/lang/terminal/<code>.json` gives the translation of each message, by its English text with blanks in braces;
what a file lacks is printed in English.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from gridmodel.output.languages import DEFAULT, FOLDER
from gridmodel.output.languages import words as words_of

SIGNS = "~>"
"""Signs before the label of a column, which say how it is set."""


class Said:
    """Messages in one language."""

    def __init__(self, lang: str = DEFAULT) -> None:
        path = FOLDER / "terminal" / f"{lang}.json"
        self.lang = lang
        self.book: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    def __call__(self, message: str, **blanks: object) -> str:
        """Return a message with its blanks filled."""
        return self.book.get(message, message).format(**blanks)

    def number(self, text: str) -> str:
        """Return a number, written with a comma for thousands and a decimal point, as the language writes it.

        Examples
        --------
        >>> Said("uk").number("1,234.5"), Said().number("1,234.5")
        ('1\u202f234,5', '1,234.5')
        """
        return text.replace(",", "\u202f").replace(".", ",") if self.lang != DEFAULT else text

    def heads(self, labels: Sequence[str]) -> tuple[str, ...]:
        """Return labels of columns; the signs before them stay."""
        return tuple(label[: len(label) - len(label.lstrip(SIGNS))] + self(label.lstrip(SIGNS)) for label in labels)

    def word(self, key: str, english: str) -> str:
        """Return a word that pages have too, by its key, unless the terminal has a shorter one."""
        if self.lang == DEFAULT or english in self.book:
            return self.book.get(english, english)
        return words_of(self.lang).get(key, english)
