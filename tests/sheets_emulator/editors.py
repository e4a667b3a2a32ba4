"""Who changes or reads a spreadsheet, and what a protected range lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.sheets_emulator.errors import Json


@dataclass(frozen=True)
class Editor:
    """On whose behalf a workbook is changed."""

    email: str
    is_owner: bool = False

    def may_edit(self, protected_range: Json) -> bool:
        """Whether a protected range lets this editor write; the owner always may."""
        users = protected_range.get("editors", {}).get("users", [])
        return (
            self.is_owner
            or bool(protected_range.get("warningOnly"))
            or self.email.casefold() in {user.casefold() for user in users}
        )
