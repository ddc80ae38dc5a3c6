import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gridmodel.services.people import without_all

SHARE = st.floats(0, 1)


@given(SHARE, SHARE, SHARE, SHARE)
def test_the_estimate_lies_within_what_the_three_shares_allow(power, heat, dry, high):
    water = dry + (1 - dry) * high * power
    got = without_all(
        no_power=np.array([[power]]), no_heat=np.array([[heat]]), no_water=np.array([[water]]),
        dry_street=np.array([[dry]]), high_floor_share=np.array([high]),
    )  # fmt: skip
    assert 0 <= got.low[0, 0] <= got.estimate[0, 0] <= got.high[0, 0] <= min(power, heat, water)


def test_by_hand_rotation_is_independent_of_heat_and_high_floors_lose_water_with_power():
    got = without_all(
        no_power=np.array([[0.5]]), no_heat=np.array([[0.4]]), no_water=np.array([[0.1]]),
        dry_street=np.array([[0.0]]), high_floor_share=np.array([0.2]),
    )  # fmt: skip
    assert np.isclose(got.estimate, 0.4 * 0.5 * 0.2)


def by_shares(power, heat, water):
    """Return what shares without each allow, where high floors alone lose water with their power."""
    return without_all(
        no_power=np.array([[power]]), no_heat=np.array([[heat]]), no_water=np.array([[water]]),
        dry_street=np.array([[0.0]]), high_floor_share=np.array([0.2]),
    )  # fmt: skip


def test_by_hand_the_least_who_lack_all_three_are_the_sum_of_the_shares_less_two():
    half, most = by_shares(0.5, 0.5, 0.5), by_shares(0.9, 0.8, 0.8)
    # whoever lacks power need not be among those who lack heat: of three halves none or half may lack all
    assert (half.low.item(), half.high.item()) == (0.0, 0.5)
    assert half.estimate.item() == np.float64(0.5 * 0.5 * 0.2)
    assert np.isclose(most.low, 0.5)  # 0.9 + 0.8 + 0.8 - 2
