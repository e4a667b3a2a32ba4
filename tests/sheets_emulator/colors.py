"""Colours, which Google keeps twice: as `backgroundColor` and as `backgroundColorStyle`."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.sheets_emulator.contract import Mask

COMPONENTS = frozenset(("red", "green", "blue", "alpha"))
PAIRED = frozenset(
    (
        "backgroundColor",
        "foregroundColor",
        "tabColor",
        "color",
        "headerColor",
        "firstBandColor",
        "secondBandColor",
        "footerColor",
    )
)


def with_color_styles(value: Any) -> Any:
    """A message with each colour in both of its forms, the style winning; zeros are left out."""
    if isinstance(value, list):
        return [with_color_styles(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value and COMPONENTS.issuperset(value):
        return {name: kept for name, part in value.items() if (kept := _of_eight_bits(part))}
    result = {name: with_color_styles(item) for name, item in value.items()}
    for name in PAIRED & {key.removesuffix("Style") for key in result}:
        style = result.get(name + "Style")
        if style is None:
            result[name + "Style"] = {"rgbColor": result[name]}
        elif "rgbColor" in style:
            result[name] = style["rgbColor"]
    return result


def _of_eight_bits(part: float) -> float:
    """A part of a colour as Google keeps it: one of 256, as a 32-bit float in its shortest form."""
    packed = struct.pack("f", round(part * 255) / 255)
    (kept,) = struct.unpack("f", packed)
    forms = (float(f"{kept:.{digits}g}") for digits in range(1, 10))
    return next(form for form in forms if struct.pack("f", form) == packed)


def with_paired_colors(mask: Mask) -> Mask:
    """A mask in which each colour brings its other form along."""
    result = {name: with_paired_colors(branch) for name, branch in mask.items()}
    for name in list(result):
        base = name.removesuffix("Style")
        if base in PAIRED:
            # A part of a colour, such as `backgroundColor.red`, stands for the whole of it.
            result[base] = {}
            result[base + "Style"] = {}
    return result
