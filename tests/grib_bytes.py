"""GRIB messages written byte by byte after WMO manual 306 (FM 92 GRIB edition 1), for tests."""

import math
import struct

import numpy as np


def number(value, size):
    return int(value).to_bytes(size, "big")


def signed(value, size=3):
    return number(abs(round(value * 1000)) | (1 << (8 * size - 1) if value < 0 else 0), size)


def ibm(value):
    """Hexadecimal floating point of one word."""
    if value == 0:
        return bytes(4)
    exponent = math.ceil(math.log(abs(value), 16) + 1e-12)
    mantissa = round(abs(value) / 16.0**exponent * 2**24)
    if mantissa >= 2**24:
        mantissa, exponent = mantissa >> 4, exponent + 1
    return bytes([(128 if value < 0 else 0) | (exponent + 64)]) + number(mantissa, 3)


def message(when, values, lats, lons, *, parameter=167):
    """One field of kelvin with two decimals, latitudes from north to south; `when` a datetime."""
    packed = np.round((np.asarray(values, float) - 200.0) * 100).astype(int).ravel()
    century, year = divmod(when.year - 1, 100)
    product = (
        number(28, 3) + bytes([128, 98, 255, 255, 0x80, parameter, 1, 0, 0])
        + bytes([year + 1, when.month, when.day, when.hour, when.minute, 1, 0, 0, 0, 0, 0, 0, century + 1, 0])
        + struct.pack(">H", 2)
    )  # fmt: skip
    grid = (
        number(32, 3) + bytes([0, 255, 0]) + number(len(lons), 2) + number(len(lats), 2) + signed(lats[0]) + signed(lons[0])
        + bytes([0x80]) + signed(lats[-1]) + signed(lons[-1]) + number(1000 * abs(lons[1] - lons[0]), 2)
        + number(1000 * abs(lats[1] - lats[0]), 2) + bytes([0]) + bytes(4)
    )  # fmt: skip
    bits = b"".join(number(cell, 2) for cell in packed)
    spare = len(bits) % 2
    data = bytes([spare * 8]) + number(0, 2) + ibm(20000.0) + bytes([16]) + bits + bytes(spare)
    data = number(len(data) + 3, 3) + data
    body = product + grid + data + b"7777"
    return b"GRIB" + number(len(body) + 8, 3) + b"\x01" + body
