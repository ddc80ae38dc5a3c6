"""One step of electricity: what is needed, what is there, who is served, and what that means for plant and homes."""

from gridmodel.electricity.demand import need_of
from gridmodel.electricity.feedback import Added, Feedback, added, after, no_feedback, with_tripped
from gridmodel.electricity.serve import PowerShares, PowerState, PowerStep, first_state, power_shares, serve
from gridmodel.electricity.transient import CascadeStep

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
