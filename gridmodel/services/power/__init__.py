"""One step of electricity: what is needed, what is there, who is served, and what that means for plant and homes."""

from gridmodel.services.power.cascade import CascadeStep
from gridmodel.services.power.feedback import Added, Feedback, added, after, no_feedback, with_tripped
from gridmodel.services.power.need import need_of
from gridmodel.services.power.serve import PowerShares, PowerState, PowerStep, first_state, power_shares, serve

__all__ = [
    "Added",
    "CascadeStep",
    "Feedback",
    "PowerShares",
    "PowerState",
    "PowerStep",
    "added",
    "after",
    "first_state",
    "need_of",
    "no_feedback",
    "power_shares",
    "serve",
    "with_tripped",
]
