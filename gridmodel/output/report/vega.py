"""Vega in one script, which pages contain so that they open without a network."""

from __future__ import annotations

import functools
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from importlib.util import cache_from_source
from pathlib import Path

from gridmodel.inputs.writing import write_text


@functools.cache
def vega() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script.

    Bundling takes longer than a small run, so the script is kept where Python keeps its compiled files, with its hash,
    and under the same rule: not at all where Python may not write those.
    """
    place = Path(cache_from_source(__file__)).with_name(f"vega-{version('vl-convert-python')}.js")
    kept = _kept(place)
    if kept is not None:
        return kept
    import vl_convert

    bundle = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub wants what its code does not need
    script = str(bundle).replace("</script", "<\\/script")
    if not sys.dont_write_bytecode:
        with suppress(OSError):  # a package that cannot be written to: it is bundled anew each time
            place.parent.mkdir(exist_ok=True)
            write_text(place, f"{_digest(script)}\n{script}")
    return script


def _kept(place: Path) -> str | None:
    """Return the script that was kept, if it is whole."""
    try:
        digest, _, script = place.read_text(encoding="utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return script if digest == _digest(script) else None


def _digest(script: str) -> str:
    return sha256(script.encode()).hexdigest()
