"""Small JSON files that notice when they are damaged: what they say contains a hash of itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SEAL = "seal"
"""Key of the hash."""
MENDED = "continue the sweep with --resume, which makes it again"
"""Advice about damage."""
MOST_BYTES = 50_000_000
"""Largest sealed file that is read. [byte] Ours: ten times that of the largest sweep."""


def hash_bytes(data: bytes) -> str:
    """Return the SHA-256 of bytes, as in a manifest."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def sealed(data: Mapping[str, Any]) -> str:
    """Return data as JSON with its hash; the same for the same data, and ASCII whatever it contains."""
    return json.dumps({**data, SEAL: _seal(data)}, sort_keys=True)


def unsealed(text: str | bytes) -> dict[str, Any] | None:
    """Return the data of a JSON text from `sealed`; None if it is damaged.

    Examples
    --------
    >>> unsealed(sealed({"unit": 3})), unsealed(sealed({"unit": 3}).replace("3", "2", 1))
    ({'unit': 3}, None)
    """
    try:
        data = json.loads(text)
        seal = data.pop(SEAL)
        return data if seal == _seal(data) else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def read_sealed(path: Path) -> dict[str, Any] | None:
    """Return the data of a sealed file; None if it is missing or damaged."""
    try:
        return unsealed(path.read_bytes()) if path.stat().st_size <= MOST_BYTES else None
    except (OSError, ValueError):
        return None


def _seal(data: Mapping[str, Any]) -> str:
    return hash_bytes(json.dumps(data, sort_keys=True).encode())
