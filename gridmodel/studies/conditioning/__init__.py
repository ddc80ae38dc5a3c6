"""Conditioning: an ensemble brought up to date by what is reported, and what comes next."""

from gridmodel.studies.conditioning.api import condition, posterior_scenario

__all__ = ["condition", "posterior_scenario"]
