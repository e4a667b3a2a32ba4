"""Bodies are compressed on the line, unless the other side does not take that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from refsync.errors import DestinationError
from tests.google_sheets.pushing import Book, table, values_of
from tests.sheets_emulator import Beliefs, SheetsEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGE = table([(n, f"a text that is much the same {n}", n / 8) for n in range(200)])


@pytest.fixture
def book() -> Iterator[Book]:
    with SheetsEmulator() as emulator:
        yield Book(emulator)


def test_large_bodies_are_compressed_and_small_ones_are_not(book: Book) -> None:
    result = book.push(LARGE)
    (write,) = book.emulator.log("write")
    assert write.is_compressed
    assert write.sent_bytes < write.body_bytes / 5
    assert result.bytes_sent == write.sent_bytes
    book.push(LARGE)
    assert [call.is_compressed for call in book.emulator.log()] == [False, False]


@pytest.mark.parametrize("code", [400, 415])
def test_where_they_are_not_taken_the_rest_of_the_run_is_plain(book: Book, code: int) -> None:
    book.emulator.beliefs = Beliefs(refuses_gzip=code)
    book.push(LARGE, most_bytes=9_000)
    writes = book.emulator.log("write")
    assert [write.is_compressed for write in writes] == [True] + [False] * (len(writes) - 1)
    assert len(writes) > 2
    assert book.values() == values_of(LARGE)
    assert book.time.naps == []


def test_another_refusal_is_not_taken_for_one_of_the_compression(book: Book) -> None:
    book.emulator.beliefs = Beliefs(refused_requests=frozenset({"updateCells"}))
    with pytest.raises(DestinationError, match="told to refuse every updateCells"):
        book.push(LARGE)
    assert all(write.is_compressed for write in book.emulator.log("write"))
