"""The command `refsync-push`: options in, exit code and words out."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from refsync import __version__, stopping, streams
from refsync.errors import RefsyncError
from refsync.project_options import project_options
from refsync.secret_values import refuse_secrets, strike
from refsync.settings import EVERY_TYPE, Settings, read_env_file, webhook_url
from refsync.steps import show_progress, showing_steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


# Only what --help needs is imported here, so that it is fast.


class _Names(click.types.StringParamType):
    """Names; a variable separates them by commas, because a name may have spaces."""

    name = "name"

    def split_envvar_value(self, rv: str) -> list[str]:
        """Return the names in a variable; an extra comma does no harm."""
        return [name.strip() for name in rv.split(",") if name.strip()]


class _Command(click.Command):
    """A command whose parser sees no secret, because click quotes wrong arguments."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Return the arguments without the options."""
        with _explaining_errors(verbose=False):
            names = [each for option in self.params for each in _variables(option)]
            refuse_secrets((name, os.environ.get(name)) for name in names)
            refuse_secrets(("An option or argument", value) for value in args)
        return super().parse_args(ctx, args)


def _variables(option: click.Parameter) -> Sequence[str]:
    return [option.envvar] if isinstance(option.envvar, str) else option.envvar or ()


@click.command(
    "refsync-push",
    cls=_Command,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
        "show_default": True,
    },
    epilog="""\b
Exit codes:
  0  done, or nothing to do
  1  failed: the destination is as it was before
  2  usage or configuration: an option, a variable or a name is wrong

A file named .env in the working folder may set any of the variables; the environment wins.""",
)
@click.option(
    "--to",
    envvar=["REFSYNC_TO", "GOOGLE_SHEET_ID"],
    show_envvar=True,
    metavar="DESTINATION",
    help="The destination: the path of a workbook, ending in .xlsx, or the id or URL of a Google "
    "spreadsheet.",
)
@click.option(
    "--type",
    "--group",
    "type",
    default=EVERY_TYPE,
    envvar="REFSYNC_TYPE",
    show_envvar=True,
    metavar="GROUP",
    help="Push the worksheets of this group only: raw, daily, metrics or another one that a meta "
    "names.",
)
@click.option(
    "--select",
    multiple=True,
    type=_Names(),
    envvar="REFSYNC_SELECT",
    show_envvar=True,
    metavar="NAME",
    help="Push this model or worksheet only, or what a selector of dbt's finds, such as "
    "tag:sheets. Repeat it for more; the variable takes a list with commas.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    envvar="REFSYNC_DRY_RUN",
    show_envvar=True,
    help="Say what would be written, and write nothing.",
)
@click.option(
    "--check",
    "check_only",
    is_flag=True,
    envvar="REFSYNC_CHECK",
    show_envvar=True,
    help="Say what a push still needs: the build, the credentials, the spreadsheet and its tabs. "
    "Nothing is written.",
)
@click.option(
    "--init",
    "first_time",
    is_flag=True,
    help="Write a file .env for a Google spreadsheet, and say whom to share it with.",
)
@click.option(
    "--adopt",
    is_flag=True,
    envvar="REFSYNC_ADOPT",
    show_envvar=True,
    help="Take over what refsync did not write, or what people rearranged: a tab's first columns "
    "are overwritten, a workbook is replaced.",
)
@click.option(
    "--force",
    is_flag=True,
    envvar="REFSYNC_FORCE",
    show_envvar=True,
    help="Push what looks like an accident: rows of another source than before, or a worksheet "
    "without most of its rows.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    envvar="REFSYNC_JSON",
    show_envvar=True,
    help="Print the result as JSON on standard output; words go to standard error.",
)
@project_options
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    envvar="REFSYNC_VERBOSE",
    show_envvar=True,
    help="Show each step, and the traceback of an error.",
)
@click.version_option(__version__, prog_name="refsync-push", message="%(prog)s %(version)s")
def push(  # noqa: PLR0913 - one argument an option
    *,
    to: str | None,
    type: str,  # noqa: A002 - the option's name
    select: tuple[str, ...],
    dry_run: bool,
    check_only: bool,
    first_time: bool,
    adopt: bool,
    force: bool,
    as_json: bool,
    project_dir: Path | None,
    target_path: Path | None,
    manifest: Path | None,
    database: Path | None,
    profiles_dir: Path | None,
    profile: str | None,
    target: str | None,
    variables: str | None,
    verbose: bool,
) -> None:
    """Make worksheets equal to the marts of a dbt project.

    A mart is a model whose meta names a worksheet. A push first reads all marts from the last
    complete `dbt build`, and then writes them in one step.
    """
    with _explaining_errors(verbose=verbose), showing_steps(verbose=verbose):
        if first_time:
            from refsync.google_sheets.setup import write_env_file  # noqa: PLC0415

            click.echo(write_env_file(to))
            return
        with _telling_failures(is_silent=dry_run or check_only):
            settings = Settings.from_options(
                os.environ,
                to=to,
                type=type,
                select=select,
                project_dir=project_dir,
                target_path=target_path,
                manifest=manifest,
                database=database,
                profiles_dir=profiles_dir,
                profile=profile,
                target=target,
                variables=variables,
                adopt=adopt,
                force=force,
            )
            if not check_only:
                _push(settings, dry_run=dry_run, as_json=as_json)
                return
        sys.exit(_check(settings, as_json=as_json))


def main() -> None:
    """Run `refsync-push` and exit."""
    streams.secure()
    stopping.heed_signals()
    with _explaining_errors(verbose=False):
        read_env_file()
        push(prog_name="refsync-push")


def _push(settings: Settings, *, dry_run: bool, as_json: bool) -> None:
    """Push, print the result, and send it to the webhook, which cannot fail the push any more."""
    from refsync.destination import push as push_tables  # noqa: PLC0415
    from refsync.marts.reader import read_marts  # noqa: PLC0415
    from refsync.report import as_text, to_json, warnings_of  # noqa: PLC0415

    tables = read_marts(settings)
    build, warnings = tables[0].build, warnings_of(tables)
    for warning in warnings:
        _say_warning(warning)
    results = push_tables(tables, settings, dry_run=dry_run, progress=show_progress)
    click.echo(as_text(results, build, dry_run=dry_run), err=as_json)
    if settings.webhook_url and not dry_run:
        from refsync.notify.tell import tell_push  # noqa: PLC0415

        warnings += _say_warning(tell_push(settings.webhook_url, results, build.as_of_date))
    if as_json:
        click.echo(to_json(results, build, warnings, dry_run=dry_run))


@contextmanager
def _telling_failures(*, is_silent: bool) -> Iterator[None]:
    """Send an error to the webhook too, if one is set."""
    try:
        yield
    except Exception as error:
        if (url := webhook_url(os.environ)) and not is_silent and not stopping.was_asked_for():
            from refsync.notify.tell import tell_failure  # noqa: PLC0415

            _say_warning(tell_failure(url, _sentence(error)))
        raise


def _say_warning(words: str | None) -> tuple[str, ...]:
    """Print a warning, if there is one; return it."""
    if words:
        _say(f"Warning: {words}")
    return (words,) if words else ()


def _check(settings: Settings, *, as_json: bool) -> int:
    """Print the findings of a check; return the exit code."""
    from refsync.destination import check  # noqa: PLC0415
    from refsync.report import findings_to_json, next_step  # noqa: PLC0415

    findings = []
    for finding in check(settings):
        label = "warning" if finding.is_warning else "ok     " if finding.is_good else "missing"
        click.echo(f"{label}  {finding.words}", err=as_json)
        findings.append(finding)
    click.echo(next_step(findings), err=as_json)
    if as_json:
        click.echo(findings_to_json(findings))
    return 0 if all(finding.is_good for finding in findings) else 1


@contextmanager
def _explaining_errors(*, verbose: bool) -> Iterator[None]:
    """Turn an error into a sentence and an exit code."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - no error shows a traceback
        if stopping.was_asked_for() or isinstance(error, KeyboardInterrupt):
            sys.exit(stopping.end())
        if verbose:
            _say(strike(traceback.format_exc()))
        hint = "." if verbose else "; run it again with --verbose for the traceback."
        _say(f"Error: {_sentence(error, hint)}")
        sys.exit(error.exit_code if isinstance(error, RefsyncError) else 1)


def _sentence(error: BaseException, end: str = ".") -> str:
    """Return what an error says, without any secret."""
    if isinstance(error, RefsyncError):
        return strike(str(error))
    return f"Something unforeseen happened ({strike(f'{type(error).__name__}: {error}')}){end}"


def _say(words: str) -> None:
    click.echo(words, err=True)
