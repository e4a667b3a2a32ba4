"""Formulas: how their references move, and a small part of what they compute.

This is no spreadsheet engine. Literals, references, the usual operators and a few functions are
computed; any other function shows `#NAME?`, as a misspelt one does at Google.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from tests.sheets_emulator.a1 import (
    Bounds,
    column_index,
    column_letters,
    quoted,
)
from tests.sheets_emulator.cells import CellError, Formula, Result
from tests.sheets_emulator.formats import formatted, serial_of_date

if TYPE_CHECKING:
    from tests.sheets_emulator.grid import Sheet, Spreadsheet

REF_ERROR = "#REF!"

_TOKEN = re.compile(
    r"""
      (?P<string>"(?:[^"]|"")*")
    | (?P<error>\#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!|ERROR!))
    | (?P<ref>
        (?:(?P<quoted>'(?:[^']|'')+')!|(?P<plain>[A-Za-z_][A-Za-z0-9_.]*)!)?
        (?:
            \$?[A-Za-z]{1,3}\$?[1-9][0-9]*(?::\$?[A-Za-z]{1,3}(?:\$?[1-9][0-9]*)?)?
          | \$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}
          | \$?[1-9][0-9]*:\$?[1-9][0-9]*
        )(?![A-Za-z0-9_(.!])
      )
    | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
    | (?P<name>[A-Za-z_][A-Za-z0-9_.]*)
    | (?P<space>\s+)
    | (?P<operator><>|<=|>=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PLACE = re.compile(r"(\$?)([A-Za-z]{1,3})?(\$?)([1-9][0-9]*)?")


class Reference(NamedTuple):
    """A reference in a formula: the sheet as written, and its corners with their `$` marks."""

    title: str | None
    bounds: Bounds
    marks: tuple[str, str, str, str]
    is_range: bool

    def text(self) -> str:
        """The reference as it stands in a formula."""
        prefix = "" if self.title is None else quoted(self.title) + "!"
        top, left, bottom, right = self.bounds
        column_mark, row_mark, end_column_mark, end_row_mark = self.marks
        start = "" if left is None else column_mark + column_letters(left)
        start += "" if top is None else f"{row_mark}{top + 1}"
        if not self.is_range:
            return prefix + start
        end = "" if right is None else end_column_mark + column_letters(right - 1)
        end += "" if bottom is None else f"{end_row_mark}{bottom}"
        return f"{prefix}{start}:{end}"


Rewrite = Callable[[Reference], "Reference | None"]
"""What becomes of a reference; None: what it pointed to is gone."""


def _reference(match: re.Match[str]) -> Reference:
    title = match["plain"]
    if match["quoted"]:
        title = match["quoted"][1:-1].replace("''", "'")
    text = match["ref"].rpartition("!")[2]
    start_text, colon, end_text = text.partition(":")
    start = _PLACE.fullmatch(start_text)
    end = _PLACE.fullmatch(end_text) if colon else start
    if start is None or end is None:
        raise ValueError(text)
    bounds = Bounds(
        int(start[4]) - 1 if start[4] else None,
        column_index(start[2]) if start[2] else None,
        int(end[4]) if end[4] else None,
        column_index(end[2]) + 1 if end[2] else None,
    )
    # `$1:$2` is read as a column mark without a column.
    marks = (
        start[1] if start[2] else "",
        start[3] if start[2] else start[1],
        end[1] if end[2] else "",
        end[3] if end[2] else end[1],
    )
    return Reference(title, bounds, marks, bool(colon))


def rewritten(formula: Formula, rewrite: Rewrite) -> Formula:
    """A formula with every reference replaced by what `rewrite` makes of it."""

    def replace(match: re.Match[str]) -> str:
        if match["ref"] is None:
            return match[0]
        moved = rewrite(_reference(match))
        return REF_ERROR if moved is None else moved.text()

    text = _TOKEN.sub(replace, formula.text)
    return formula if text == formula.text else Formula(text)


def translated(formula: Formula, rows: int, columns: int) -> Formula:
    """A formula as copied that many rows down and columns to the right."""

    def move(value: int | None, mark: str, distance: int) -> int | None:
        return value if value is None or mark else value + distance

    def rewrite(reference: Reference) -> Reference | None:
        top, left, bottom, right = reference.bounds
        column_mark, row_mark, end_column_mark, end_row_mark = reference.marks
        bounds = Bounds(
            move(top, row_mark, rows),
            move(left, column_mark, columns),
            move(bottom, end_row_mark, rows),
            move(right, end_column_mark, columns),
        )
        inside = all(
            edge is None or edge >= least for edge, least in zip(bounds, (0, 0, 1, 1), strict=True)
        )
        return reference._replace(bounds=bounds) if inside else None

    return rewritten(formula, rewrite)


class FormulaError(Exception):
    """A computation that ends in an error value."""

    def __init__(self, kind: str, message: str = "") -> None:
        super().__init__(message)
        self.error = CellError(kind, message)


class Range(NamedTuple):
    """A rectangle of cells as a function's argument."""

    sheet: Sheet
    bounds: Bounds


Operand = Result | Range


class Evaluator:
    """Computes the cells of one workbook, each at most once."""

    def __init__(self, book: Spreadsheet) -> None:
        self.book = book
        self._results: dict[tuple[int, int, int], Result] = {}
        self._open: set[tuple[int, int, int]] = set()

    def result(self, sheet: Sheet, row: int, column: int) -> Result:
        """What a cell shows."""
        value = sheet.cell(row, column).value
        if not isinstance(value, Formula):
            return value
        key = (sheet.id, row, column)
        if key not in self._results:
            if key in self._open:
                return CellError("REF", "Circular dependency detected.")
            self._open.add(key)
            try:
                self._results[key] = _Parser(self, sheet, row, column, value.text).result()
            except FormulaError as problem:
                self._results[key] = problem.error
            except RecursionError:
                self._results[key] = CellError("ERROR", "Formula parse error.")
            finally:
                self._open.discard(key)
        return self._results[key]

    def results(self, area: Range) -> Iterator[Result]:
        """The results of the filled cells of a range, row by row."""
        sheet, (top, left, bottom, right) = area
        first, last = top or 0, sheet.row_count if bottom is None else bottom
        start, end = left or 0, sheet.column_count if right is None else right
        for row in sorted(row for row in sheet.rows if first <= row < last):
            for column in sorted(c for c in sheet.rows[row] if start <= c < end):
                if sheet.rows[row][column].value is not None:
                    yield self.result(sheet, row, column)


class _Parser:
    """A recursive descent over one formula, computing as it goes."""

    def __init__(
        self, evaluator: Evaluator, sheet: Sheet, row: int, column: int, text: str
    ) -> None:
        self.evaluator = evaluator
        self.sheet = sheet
        self.row = row
        self.column = column
        self.tokens = [match for match in _TOKEN.finditer(text[1:]) if match.lastgroup != "space"]
        self.position = 0

    def result(self) -> Result:
        value = self.value(self.comparison())
        if self.position < len(self.tokens):
            raise FormulaError("ERROR", "Formula parse error.")
        return 0.0 if value is None else value

    def peek(self) -> str:
        return self.tokens[self.position][0] if self.position < len(self.tokens) else ""

    def take(self, *operators: str) -> str | None:
        if self.peek() in operators and self.peek():
            self.position += 1
            return self.tokens[self.position - 1][0]
        return None

    def value(self, operand: Operand) -> Result:
        """A single value; a range stands for its first cell."""
        if isinstance(operand, Range):
            bounds = operand.bounds
            row = self.row if bounds.top is None else bounds.top
            column = self.column if bounds.left is None else bounds.left
            operand = self.evaluator.result(operand.sheet, row, column)
        if isinstance(operand, CellError):
            raise FormulaError(operand.type, operand.message)
        return operand

    def number(self, operand: Operand) -> float:
        value = self.value(operand)
        if value is None:
            return 0.0
        if isinstance(value, str):
            try:
                return float(value)
            except ValueError:
                raise FormulaError("VALUE", f"Could not convert '{value}' to a number.") from None
        return float(value)  # type: ignore[arg-type]  # an error value has been raised above

    def string(self, operand: Operand) -> str:
        value = self.value(operand)
        return "" if value is None else formatted(value, None)

    def comparison(self) -> Operand:
        left = self.concatenation()
        while operator := self.take("=", "<>", "<", "<=", ">", ">="):
            left = _compare(operator, self.value(left), self.value(self.concatenation()))
        return left

    def concatenation(self) -> Operand:
        left = self.sum()
        while self.take("&"):
            left = self.string(left) + self.string(self.sum())
        return left

    def sum(self) -> Operand:
        left = self.product()
        while operator := self.take("+", "-"):
            right = self.number(self.product())
            left = self.number(left) + (right if operator == "+" else -right)
        return left

    def product(self) -> Operand:
        left = self.power()
        while operator := self.take("*", "/"):
            right = self.number(self.power())
            if operator == "/" and right == 0:
                raise FormulaError("DIVIDE_BY_ZERO", "Function DIVIDE parameter 2 cannot be zero.")
            left = self.number(left) * right if operator == "*" else self.number(left) / right
        return left

    def power(self) -> Operand:
        left = self.unary()
        while self.take("^"):
            left = _power(self.number(left), self.number(self.unary()))
        return left

    def unary(self) -> Operand:
        if operator := self.take("-", "+"):
            number = self.number(self.unary())
            return -number if operator == "-" else number
        operand = self.atom()
        while self.take("%"):
            operand = self.number(operand) / 100
        return operand

    def atom(self) -> Operand:
        if self.position >= len(self.tokens):
            raise FormulaError("ERROR", "Formula parse error.")
        token = self.tokens[self.position]
        self.position += 1
        if token["string"] is not None:
            return token[0][1:-1].replace('""', '"')
        if token["number"] is not None:
            return float(token[0])
        if token["error"] is not None:
            raise FormulaError(
                "REF" if token[0] == REF_ERROR else "N_A", "Reference does not exist"
            )
        if token["ref"] is not None:
            return self.range(_reference(token))
        if token["name"] is not None:
            return self.named(token[0])
        if token[0] == "(":
            operand = self.comparison()
            if self.take(")"):
                return operand
        raise FormulaError("ERROR", "Formula parse error.")

    def range(self, reference: Reference) -> Range:
        sheet: Sheet | None = self.sheet
        if reference.title is not None:
            sheet = self.evaluator.book.titled(reference.title)
        if sheet is None:
            raise FormulaError("REF", f"Unresolved sheet name '{reference.title}'.")
        top, left = reference.bounds.top or 0, reference.bounds.left or 0
        if top >= sheet.row_count or left >= sheet.column_count:
            raise FormulaError("REF", "Reference does not exist")
        return Range(sheet, reference.bounds)

    def named(self, name: str) -> Operand:
        if self.take("("):
            arguments: list[Operand] = []
            while not self.take(")"):
                arguments.append(self.argument())
                if not self.take(",", ";") and self.peek() != ")":
                    raise FormulaError("ERROR", "Formula parse error.")
            function = FUNCTIONS.get(name.upper())
            if function is None:
                raise FormulaError("NAME", f"Unknown function: '{name}'.")
            try:
                return function(self, arguments)
            except IndexError:
                raise FormulaError("N_A", f"Wrong number of arguments to {name}.") from None
        if name.upper() in ("TRUE", "FALSE"):
            return name.upper() == "TRUE"
        for item in self.evaluator.book.named_ranges:
            if item["name"].casefold() == name.casefold():
                return Range(*self.evaluator.book.bounds_of(item["range"]))
        raise FormulaError("NAME", f"Unknown range name: '{name}'.")

    def argument(self) -> Operand:
        """An argument; an error in it is its value, so that IFERROR can see it."""
        start = self.position
        try:
            return self.comparison()
        except FormulaError as problem:
            self.position = start
            self.skip_argument()
            return problem.error

    def skip_argument(self) -> None:
        depth = 0
        while self.position < len(self.tokens):
            text = self.peek()
            if depth == 0 and text in (",", ";", ")"):
                return
            depth += (text == "(") - (text == ")")
            self.position += 1

    def spread(self, arguments: list[Operand]) -> Iterator[Result]:
        """Every filled cell and every single value of the arguments."""
        for argument in arguments:
            if isinstance(argument, Range):
                yield from self.evaluator.results(argument)
            else:
                yield argument

    def numbers(self, arguments: list[Operand]) -> list[float]:
        """The numbers among the arguments; texts in ranges are passed over, errors are not."""
        numbers = []
        for argument in arguments:
            if not isinstance(argument, Range):
                numbers.append(self.number(argument))
                continue
            for value in self.evaluator.results(argument):
                if isinstance(value, CellError):
                    raise FormulaError(value.type, value.message)
                if isinstance(value, float):
                    numbers.append(value)
        return numbers


def _power(base: float, exponent: float) -> float:
    try:
        return float(base**exponent)
    except (OverflowError, ZeroDivisionError, TypeError):
        raise FormulaError("NUM", "Invalid power.") from None


def _compare(operator: str, left: Result, right: Result) -> bool:
    def rank(value: Result, other: Result) -> tuple[int, object]:
        if value is None:
            value = "" if isinstance(other, str) else 0.0
        if isinstance(value, bool):
            return 2, value
        if isinstance(value, str):
            return 1, value.casefold()
        return 0, value

    first, second = rank(left, right), rank(right, left)
    less = first < second
    return {
        "=": first == second,
        "<>": first != second,
        "<": less,
        "<=": less or first == second,
        ">": not less and first != second,
        ">=": not less,
    }[operator]


Function = Callable[[_Parser, list[Operand]], Operand]


def _average(parser: _Parser, arguments: list[Operand]) -> Operand:
    numbers = parser.numbers(arguments)
    if not numbers:
        raise FormulaError(
            "DIVIDE_BY_ZERO", "Evaluation of function AVERAGE caused a divide by zero error."
        )
    return math.fsum(numbers) / len(numbers)


def _if(parser: _Parser, arguments: list[Operand]) -> Operand:
    if parser.value(arguments[0]):
        return arguments[1]
    return arguments[2] if len(arguments) > 2 else False


def _if_error(parser: _Parser, arguments: list[Operand]) -> Operand:
    try:
        return parser.value(arguments[0])
    except FormulaError:
        return arguments[1] if len(arguments) > 1 else ""


def _round(parser: _Parser, arguments: list[Operand]) -> Operand:
    number = parser.number(arguments[0])
    digits = int(parser.number(arguments[1])) if len(arguments) > 1 else 0
    scaled = abs(number) * 10.0**digits
    return math.copysign(math.floor(scaled + 0.5) / 10.0**digits, number)


FUNCTIONS: dict[str, Function] = {
    "SUM": lambda parser, arguments: float(math.fsum(parser.numbers(arguments))),
    "AVERAGE": _average,
    "MIN": lambda parser, arguments: min(parser.numbers(arguments), default=0.0),
    "MAX": lambda parser, arguments: max(parser.numbers(arguments), default=0.0),
    "COUNT": lambda parser, arguments: float(
        sum(isinstance(value, float) for value in parser.spread(arguments))
    ),
    "COUNTA": lambda parser, arguments: float(sum(1 for _ in parser.spread(arguments))),
    "IF": _if,
    "IFERROR": _if_error,
    "AND": lambda parser, arguments: all(parser.value(item) for item in arguments),
    "OR": lambda parser, arguments: any(parser.value(item) for item in arguments),
    "NOT": lambda parser, arguments: not parser.value(arguments[0]),
    "ABS": lambda parser, arguments: abs(parser.number(arguments[0])),
    "ROUND": _round,
    "LEN": lambda parser, arguments: float(len(parser.string(arguments[0]))),
    "UPPER": lambda parser, arguments: parser.string(arguments[0]).upper(),
    "LOWER": lambda parser, arguments: parser.string(arguments[0]).lower(),
    "CONCATENATE": lambda parser, arguments: "".join(map(parser.string, arguments)),
    "HYPERLINK": lambda parser, arguments: parser.value(arguments[-1]),
    "DATE": lambda parser, arguments: serial_of_date(
        *(int(parser.number(argument)) for argument in arguments[:3])
    ),
    "ROW": lambda parser, _: float(parser.row + 1),
    "COLUMN": lambda parser, _: float(parser.column + 1),
}
