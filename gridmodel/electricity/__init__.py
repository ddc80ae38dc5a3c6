"""One step of electricity: what is needed, what is there, who is served, and what that means for plant and homes."""

from gridmodel.electricity.demand import need_of
from gridmodel.electricity.serve import PowerShares, PowerState, PowerStep, first_state, power_shares, serve
from gridmodel.electricity.transient import CascadeStep

__all__ = ["CascadeStep", "PowerShares", "PowerState", "PowerStep", "first_state", "need_of", "power_shares", "serve"]
