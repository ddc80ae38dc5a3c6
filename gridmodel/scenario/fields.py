"""Types of settings: which values they allow, and what is said about other values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NoReturn, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Strict,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import str_schema, with_info_after_validator_function

from gridmodel.errors import InputError, Problem, nearest, worded
from gridmodel.inputs.content import InMemory
from gridmodel.inputs.technologies import may_be_own
from gridmodel.regions import is_timezone
from gridmodel.scenario.described import DescribedFields, DescribedSchema, fields_of
from gridmodel.scenario.frozen import frozen
from gridmodel.vocabulary import DAMAGE_STATES

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""First and last year of a run. Ours: tables of time zones cover little beyond them."""
OWN = "own_technologies"
"""Name in the context of a validation of the technologies that the network lists, None if they are not known."""
MAX_MEMBERS = 1_000_000
"""Most members of a run. Ours: far more than any run needs, so that a typing error is noticed."""


WITH_OFFSET = "must be local time without an offset; `timezone` names the zone"


def _local_time(value: object) -> object:
    """Return a local time from a text such as `2026-01-08 00:00`, or from a date that the YAML reader made of it.

    Raises
    ------
    PydanticCustomError
        If it is not a local time.
    """
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, str):
        for form in (
            "%Y-%m-%d %H:%M",
            "%Y-%m-%dT%H:%M",
            "%Y-%m-%d %H:%M:%S",
            "%Y-%m-%dT%H:%M:%S",
            "%Y-%m-%d",
        ):
            try:
                return datetime.strptime(value, form)
            except ValueError:
                continue
        if _is_moment(value):
            raise PydanticCustomError("local_time", WITH_OFFSET)
    raise PydanticCustomError("local_time", "is not a local time such as 2026-01-08 00:00")


def _is_moment(value: str) -> bool:
    """Return whether a text is a time with an offset from UTC."""
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _naive(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise PydanticCustomError("local_time", WITH_OFFSET)
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise PydanticCustomError("local_time", "must be in the years 1900 to 2200")
    if value.second or value.microsecond:
        raise PydanticCustomError("local_time", "must be given to the minute")
    return value


def ordered(value: tuple[float, float]) -> tuple[float, float]:
    """Return a range if its first value is not above its second.

    Raises
    ------
    PydanticCustomError
        If it is.
    """
    if not value[0] <= value[1]:
        raise PydanticCustomError("range", "must be [low, high] with low <= high")
    return value


def some_weight(value: tuple[float, ...]) -> tuple[float, ...]:
    """Return weights if they are not all 0.

    Raises
    ------
    PydanticCustomError
        If they are.
    """
    if not sum(value) > 0:
        raise PydanticCustomError("weights", "must contain a weight above 0")
    return value


def some_weight_by_name(value: dict[str, float]) -> dict[str, float]:
    """Return weights by name if there are none, or one of them is above 0.

    Raises
    ------
    PydanticCustomError
        If all are 0.
    """
    if value:
        some_weight(tuple(value.values()))
    return value


class Group(BaseModel):
    """Settings that belong together; a scenario is made of several groups."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    made_of: ClassVar[tuple[type[BaseModel], ...]] = ()
    """Classes that fields were copied from."""

    if not TYPE_CHECKING:  # a checker knows the fields
        model_fields: ClassVar[DescribedFields] = DescribedFields()

        def __init__(self, /, **given: object) -> None:
            """Check what is given, as a file is checked."""
            with checked(type(self).__name__):
                super().__init__(**given)

        __init__.__pydantic_base_init__ = True  # it validates as pydantic's own does

        @classmethod
        def model_validate(cls, *args: object, **options: object) -> Self:
            """Return checked settings of a mapping."""
            with checked(cls.__name__):
                return super().model_validate(*args, **options)

        @classmethod
        def model_validate_json(cls, *args: object, **options: object) -> Self:
            """Return checked settings of a text in JSON."""
            with checked(cls.__name__):
                return super().model_validate_json(*args, **options)

        @classmethod
        def model_json_schema(cls, **options: object) -> dict[str, Any]:
            """Return the JSON Schema of the class."""
            return super().model_json_schema(**{"schema_generator": DescribedSchema, **options})

        def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
            """Return a copy with some values changed, which are not checked."""
            given = {name: frozen(value, name) for name, value in (update or {}).items()}
            return super().model_copy(update=given, deep=deep)

        def __setattr__(self, name: str, value: object) -> None:
            """Refuse changes: settings are frozen.

            Raises
            ------
            InputError
                If a setting would be changed.
            """
            if not name.startswith("_"):
                self._refuse("set", name)
            super().__setattr__(name, value)

        def __delattr__(self, name: str) -> None:
            """Refuse changes: settings are frozen.

            Raises
            ------
            InputError
                If a setting would be deleted.
            """
            if not name.startswith("_"):
                self._refuse("deleted", name)
            super().__delattr__(name)

    def _refuse(self, what: str, name: str) -> NoReturn:
        """Refuse a change, with how a variant is made.

        Raises
        ------
        InputError
            Always.
        """
        fields, kind = fields_of(type(self)), type(self).__name__
        said, hint = "a scenario never changes", f"a variant is scenario.replace({name}=…)"
        if "weather" not in fields:
            said, hint = "it belongs to a scenario, which never changes", f"give another {kind} to scenario.replace(…)"
        message = f"cannot be {what}: {said}"
        if name not in fields:
            message, hint = f"is not a setting of a {kind}, and cannot be {what}", nearest(name, fields)
        raise InputError([Problem(message=message, field=name, hint=hint)])

    @model_validator(mode="after")
    def _freeze(self) -> Self:
        self.__dict__.update((name, frozen(value, name)) for name, value in self.__dict__.items())
        return self

    @classmethod
    def __pydantic_init_subclass__(cls, **_options: object) -> None:
        """Freeze defaults, which all scenarios share."""
        for name, field in fields_of(cls).items():
            field.default = frozen(field.default, name)


@contextmanager
def checked(what: str) -> Iterator[None]:
    """Turn errors of the validator into the one error of this package.

    Raises
    ------
    InputError
        With every problem.
    """
    try:
        yield
    except ValidationError as error:
        found = []
        for detail in error.errors(include_url=False):
            field = ".".join(map(str, detail["loc"]))
            messages = {"missing": "is required", "extra_forbidden": f"is not part of {what}"}
            said = messages.get(detail["type"], worded(detail["type"], detail["msg"], detail.get("ctx", {})))
            shows = detail["type"] not in messages and isinstance(detail["input"], str | int | float)
            found.append(Problem(message=said, field=field, value=str(detail["input"])[:80] if shows else ""))
        raise InputError(found) from None


@dataclass(frozen=True, slots=True)
class Known:
    """Restriction of the keys of a mapping to some names."""

    names: tuple[str, ...]
    """The names."""
    what: str
    """Words of messages for the kind of thing that a name stands for: technology, class."""
    open: bool = False
    """True if a technology that the network lists is allowed too."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return a schema that checks each key beside its value, so that all that is wrong is reported at once."""
        made = handler(source)
        assert made["type"] == "dict"  # noqa: S101 - only mappings have names
        names = with_info_after_validator_function(self._check, made.get("keys_schema", str_schema()))
        return {**made, "keys_schema": names}

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return a JSON Schema that lists the names, so that editors can complete them."""
        return handler(core) | {"propertyNames": {"enum": [*self.names]}}

    def _check(self, name: str, info: ValidationInfo) -> str:
        own = (info.context or {}).get(OWN, ()) if self.open else ()
        if name not in self.names and not may_be_own(name, own, self.names):
            hint = nearest(name, [*self.names, *(own or ())])
            raise PydanticCustomError(
                "known", "is not a {what}{hint}", {"what": self.what, "hint": f" ({hint})" * bool(hint)}
            )
        return name


def known_timezone(value: str) -> str:
    """Return a time zone if it is known.

    Raises
    ------
    PydanticCustomError
        If it is not.
    """
    if not is_timezone(value):
        raise PydanticCustomError("zone", "is not a time zone; give its IANA name, such as Europe/Warsaw")
    return value


def all_states(value: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping if it gives every damage state.

    Raises
    ------
    PydanticCustomError
        If one is missing.
    """
    if set(value) != set(DAMAGE_STATES):
        states = ", ".join(DAMAGE_STATES)
        raise PydanticCustomError("states", "must give each of {states}", {"states": states})
    return value


def sums_to_one(value: dict[str, float]) -> dict[str, float]:
    """Return shares if they sum to one.

    Raises
    ------
    PydanticCustomError
        If they do not.
    """
    if abs(sum(value.values()) - 1) > 1e-9:
        raise PydanticCustomError("sum", "must sum to 1")
    return value


def distinct(value: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a list if no value occurs in it twice.

    Raises
    ------
    PydanticCustomError
        If one does.
    """
    twice = [item for item in dict.fromkeys(value) if value.count(item) > 1]
    if twice:
        raise PydanticCustomError("twice", "lists {item} twice", {"item": str(twice[0])})
    return value


def count_or_auto(value: object) -> object:
    """Return the number of members, or `auto`.

    Raises
    ------
    PydanticCustomError
        If it is neither.
    """
    if value == "auto" or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_MEMBERS):
        return value
    raise PydanticCustomError("members", "must be an integer from 1 to 1,000,000, or auto")


def none_is_empty(value: object) -> object:
    """Return an empty list in place of an empty setting."""
    return () if value is None else value


def _kept(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    """Return the name of content in memory as it is, with the content; any other value as it is checked."""
    return value if isinstance(value, InMemory) else handler(value)


Name = Annotated[str, WrapValidator(_kept)]
"""Name or path of an input, or the name of content in memory."""
LocalTime = Annotated[
    datetime,
    BeforeValidator(_local_time),
    AfterValidator(_naive),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{1,2}(:0{1,2})?)?$"}),
]
"""Local time. Its schema is not `date-time`, which would require seconds and an offset."""
Number = Annotated[float, Strict()]
Share = Annotated[Number, Field(ge=0, le=1)]
Factor = Annotated[Number, Field(ge=0.01, le=100)]
Hours = Annotated[Number, Field(ge=0.1, le=10_000)]
Days = Annotated[Number, Field(ge=0, le=10_000)]
StateShares = dict[str, Share]
RepairDays = dict[str, tuple[Days, Days]]
