"""Version of the package: the one place that gives it, from which the wheel, manifests and stores take it."""

__version__ = "0.2.0"
