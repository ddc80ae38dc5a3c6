"""Version of the package: the one place that gives it, from which the wheel, manifests and stores take it."""

from functools import cache

__version__ = "0.2.0"


@cache
def version_of(library: str) -> str:
    """Return the version of an installed library, looked up once, since reading its metadata takes a millisecond."""
    from importlib.metadata import version

    return version(library)
