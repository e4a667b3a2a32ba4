"""The backgrounds of a workbook's cells, read with openpyxl (the extra `remarks`)."""

from __future__ import annotations

import colorsys
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def color_of(fill: Any, theme: Sequence[str]) -> str:
    """Return the colour of a cell's fill such as FFFF00; empty without one.

    Args:
        fill: The fill, as openpyxl has it.
        theme: The colours of the workbook's theme.
    """
    if fill is None or fill.patternType != "solid":
        return ""
    color = fill.fgColor
    if color.type == "rgb":
        return str(color.rgb)[-6:]
    if color.type == "theme" and color.theme < len(theme):
        return _tinted(theme[color.theme], color.tint)
    from openpyxl.styles.colors import COLOR_INDEX  # noqa: PLC0415 - an extra

    is_known = color.type == "indexed" and color.indexed < len(COLOR_INDEX)
    return COLOR_INDEX[color.indexed][-6:] if is_known else ""


def theme_colors(theme: bytes | None) -> list[str]:
    """Return a theme's colours in the order in which cells name them."""
    if not theme:
        return []
    scheme = next(
        (each for each in ET.fromstring(theme).iter() if each.tag.endswith("}clrScheme")),  # noqa: S314 - openpyxl has read it
        None,
    )
    colors = [_color_in(each) for each in scheme] if scheme is not None else []
    # The first two pairs are named the other way round.
    return [*(colors[at] for at in (1, 0, 3, 2)), *colors[4:]] if len(colors) > 3 else []


def _color_in(element: ET.Element) -> str:
    def values() -> Iterator[str]:
        for each in element:
            yield each.get("lastClr") or each.get("val") or "000000"

    return next(values(), "000000")


def _tinted(color: str, tint: float) -> str:
    """Return a theme's colour made lighter or darker (ECMA-376, 18.8.3, `tint`)."""
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (0, 2, 4))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    parts = colorsys.hls_to_rgb(hue, min(max(light, 0), 1), saturation)
    return "".join(f"{round(part * 255):02X}" for part in parts)
