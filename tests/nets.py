"""Nets of pandapower that many tests begin with, each made once: making one takes most of a second, a copy a hundredth."""

from __future__ import annotations

import copy
import warnings
from functools import cache

import pandapower as pp
import pandapower.networks as nw

import gridmodel as gm
from gridmodel.interchange.adapter.empty import empty_net


@cache
def _published(name: str) -> pp.pandapowerNet:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return getattr(nw, name)()


@cache
def _bundled(name: str) -> pp.pandapowerNet:
    return gm.load_network(name)


def published(name: str) -> pp.pandapowerNet:
    """A copy of one of pandapower's own networks."""
    return copy.deepcopy(_published(name))


def bundled(name: str) -> pp.pandapowerNet:
    """A copy of a bundled network as `gm.load_network` gives it."""
    return copy.deepcopy(_bundled(name))


def empty() -> pp.pandapowerNet:
    """A copy of a net without elements."""
    return empty_net(name="", f_hz=50.0)
