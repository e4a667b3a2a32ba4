"""The formats of a workbook's cells, each made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from refsync.worksheet import theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from refsync.worksheet.table import Column

_HEADER_STYLE = {
    "bold": True,
    "valign": "vcenter",
    "bg_color": theme.HEADER,
    "font_color": theme.INK,
    "bottom": 1,
    "bottom_color": theme.LINE,
}


class Formats:
    """The formats of a workbook's cells."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}

    def of(self, column: Column, background: str = "", *, is_cut: bool = False) -> Any:
        """Return the format of a column's cells.

        Args:
            column: The column.
            background: The background that a person gave the cell.
            is_cut: Whether the text ends at the edge of its cell. Excel has no format for that but
                one that fills a cell, with a text that is too wide for it.
        """
        style: dict[str, object] = {
            # In Excel's own format for text, more than 255 characters are shown as ####.
            "num_format": theme.GENERAL if column.format == "text" else theme.pattern(column),
            "align": "fill" if is_cut else theme.ALIGNMENTS[column.format],
        }
        if column.look == "id":
            # A text that is cut ends at the line.
            style |= {"font_color": theme.text_color(column), "right": 1, "right_color": theme.LINE}
        if column.look == "name":
            style["indent"] = 1
        if column.scale == "color":
            # On a colour scale the text needs a fitting colour.
            style["font_color"] = theme.BLACK
        if background:
            style |= {"bg_color": f"#{background}", "font_color": theme.BLACK}
        return self._format(style)

    def band(self, column: Column) -> Any:
        """Return the format of every other row in a column."""
        color = theme.text_color(column) if column.look == "id" else theme.BLACK
        return self._format({"bg_color": theme.BAND, "font_color": color})

    def of_reader(self, number_format: str, background: str = "", *, is_link: bool = False) -> Any:
        """Return the format of a cell that a person filled."""
        style: dict[str, object] = {"num_format": number_format}
        if is_link:
            style |= {"font_color": "#0563C1", "underline": 1}
        return self._format(style | ({"bg_color": f"#{background}"} if background else {}))

    def plain_header(self) -> Any:
        """Return the format of a header that is no column's of a table."""
        return self._format(_HEADER_STYLE)

    def header(self, column: Column, background: str = "") -> Any:
        """Return the format of a column's header, with the background that a person gave it."""
        align = theme.ALIGNMENTS[column.format]
        # The filter's button covers the right end of a header.
        return self._format(
            {
                **_HEADER_STYLE,
                "align": align,
                "indent": 2 if align == "right" else int(column.look == "name"),
                **({"bg_color": f"#{background}"} if background else {}),
            }
        )

    def _format(self, style: Mapping[str, object]) -> Any:
        key = tuple(style.items())
        if key not in self._made:
            self._made[key] = self._workbook.add_format(dict(style))
        return self._made[key]
