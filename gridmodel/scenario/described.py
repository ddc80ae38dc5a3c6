"""Descriptions of settings: texts that stand below them in the source, read when somebody asks for one.

Validators do not need them, and to read them takes longer than to make all classes of settings.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import cast

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema


def fields_of(kind: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """Return the fields of a class; those whose description stands below them may come without it."""
    return kind.__pydantic_fields__


@cache
def described_fields(kind: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a class with their descriptions."""
    fields = kind.__pydantic_fields__
    for name, field in fields.items():
        if field.description is None:
            field.description = _text(kind, name)
    return fields


def _text(kind: type[BaseModel], name: str) -> str | None:
    """Return the text below a field in the class that declares it; None if there is none."""
    copied_from = getattr(kind, "made_of", ())
    for parent in (*kind.__mro__, *(above for one in copied_from for above in one.__mro__)):
        text = _texts(parent.__module__).get(parent.__name__, {}).get(name)
        if text is not None:
            return text
    return None


@cache
def _texts(module: str) -> Mapping[str, Mapping[str, str]]:
    """Return the texts below the fields of each class of a module; none where its source is not at hand."""
    try:
        source = inspect.getsource(sys.modules[module])
    except (OSError, TypeError):
        return {}
    return {one.name: _texts_in(one) for one in ast.parse(source).body if isinstance(one, ast.ClassDef)}


def _texts_in(declared: ast.ClassDef) -> Mapping[str, str]:
    """Return the texts below the fields of a class."""
    found = {}
    for field, after in pairwise(declared.body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
            found[field.target.id] = inspect.cleandoc(after.value.value)
    return found


class DescribedSchema(GenerateJsonSchema):
    """Maker of JSON Schemas in which each setting has its description."""

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        """Return the JSON Schema of a class."""
        made, kind = super().model_schema(schema), cast("type[BaseModel]", schema["cls"])
        fields = described_fields(kind)
        for name, entry in made.get("properties", {}).items():
            text = fields[name].description
            entry.update({} if text is None else {"description": text})
        return made


class DescribedFields:
    """Fields of a class with their descriptions, under the name that they have in pydantic."""

    def __get__(self, _settings: object, kind: type[BaseModel]) -> dict[str, FieldInfo]:
        """Return them."""
        return described_fields(kind)
