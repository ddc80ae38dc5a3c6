"""Mappings and lists of a scenario: they read as dicts and lists, and refuse to be changed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from gridmodel.errors import InputError, Problem

_HINTS: Mapping[str, str] = {
    "distributions": "a variant is scenario.replace(set_point_c={'uniform': [18, 21]})",
    "origin": "a variant is scenario.replace(…)",
}
"""How a variant is made of what is not a setting."""


class _Frozen:
    """Refusal of every change, with how a variant is made."""

    __slots__ = ()
    of: str

    def _refuse(self, *_args: object, **_named: object) -> NoReturn:
        """Refuse a change.

        Raises
        ------
        InputError
            Always.
        """
        kind = "dict" if isinstance(self, dict) else "list"
        usual = f"make a {kind}(…) of it, change that, and give it to scenario.replace({self.of}=…)"
        hint = _HINTS.get(self.of, usual)
        raise InputError([Problem(message="cannot be changed: a scenario never changes", field=self.of, hint=hint)])

    __setitem__ = __delitem__ = clear = pop = _refuse

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of what it reads as, so that a default of it stands in JSON Schemas."""
        return handler(dict if issubclass(cls, dict) else list)

    def __reduce__(self) -> tuple[Any, ...]:
        return frozen, (thawed(self), self.of)

    def __copy__(self) -> _Frozen:
        return self

    def __deepcopy__(self, _memo: object) -> _Frozen:
        return self


class FrozenDict(_Frozen, dict[str, Any]):
    """Mapping that never changes; `dict(…)` makes one that can."""

    __slots__ = ("of",)

    def __init__(self, items: Iterable[tuple[str, Any]] = (), of: str = "") -> None:
        super().__init__(items)
        self.of = of

    def __hash__(self) -> int:  # type: ignore[override]
        """Return a hash that does not depend on the order, as equality does not."""
        return hash(frozenset(self.items()))

    __ior__ = popitem = setdefault = update = _Frozen._refuse  # noqa: SLF001


class FrozenList(_Frozen, list[Any]):
    """List that never changes; `list(…)` makes one that can."""

    __slots__ = ("of",)

    def __init__(self, items: Iterable[Any] = (), of: str = "") -> None:
        super().__init__(items)
        self.of = of

    def __hash__(self) -> int:  # type: ignore[override]
        """Return the hash of its values."""
        return hash(tuple(self))

    __iadd__ = __imul__ = append = extend = insert = remove = sort = reverse = _Frozen._refuse  # noqa: SLF001


def frozen(value: Any, of: str) -> Any:  # noqa: ANN401 - any value of a setting
    """Return a value whose mappings, lists and sets never change.

    Parameters
    ----------
    value
        Any value.
    of
        Setting that it belongs to, for messages.

    Examples
    --------
    >>> made = frozen({"hydro": [0.8, 1.0]}, "availability")
    >>> made == {"hydro": [0.8, 1.0]}, isinstance(made, dict)
    (True, True)
    >>> made["hydro"].append(2.0)
    Traceback (most recent call last):
    gridmodel.errors.InputError: availability: cannot be changed: a scenario never changes; make a list(…) of it, \
change that, and give it to scenario.replace(availability=…)
    """
    if isinstance(value, Mapping):
        _tell_yaml()
        return FrozenDict(((key, frozen(item, of)) for key, item in value.items()), of)
    if isinstance(value, list):
        _tell_yaml()
        return FrozenList((frozen(item, of) for item in value), of)
    if type(value) is tuple:
        return tuple(frozen(item, of) for item in value)
    return frozenset(value) if isinstance(value, set) else value


def thawed(value: Any) -> Any:  # noqa: ANN401 - any value of a setting
    """Return a copy of a value with plain dicts and lists.

    Examples
    --------
    >>> thawed(frozen({"hydro": [0.8, 1.0]}, "availability"))
    {'hydro': [0.8, 1.0]}
    """
    if isinstance(value, Mapping):
        return {key: thawed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [thawed(item) for item in value]
    return tuple(thawed(item) for item in value) if type(value) is tuple else value


_TOLD: set[str] = set()


def _tell_yaml() -> None:
    """Let the YAML writers that are loaded write them as plain mappings and lists: they know types one by one."""
    for name in ("yaml.representer", "ruamel.yaml.representer"):
        writers = sys.modules.get(name)
        if writers is None or name in _TOLD:
            continue
        _TOLD.add(name)
        for writer in ("SafeRepresenter", "Representer", "RoundTripRepresenter"):
            kind = getattr(writers, writer, None)
            if kind is not None:
                kind.add_representer(FrozenDict, lambda to, data: to.represent_dict(dict(data)))
                kind.add_representer(FrozenList, lambda to, data: to.represent_list(list(data)))
