"""Parts shared by commands: lists of problems, exit statuses, JSON, tables, rounded numbers."""

from __future__ import annotations

import errno
import functools
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TextIO, TypeVar

import click

from gridmodel.errors import DAMAGED, OF_NETCDF, is_seen, visible
from gridmodel.output.languages import DEFAULT, languages

if TYPE_CHECKING:
    from rich.console import Console

    from gridmodel.errors import Problem

P = ParamSpec("P")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class FilePath(click.Path):
    """Path of an option or argument, with `~` as the folder of its user: shells leave it in `--output=~/run`."""

    def __init__(self, *, dir_okay: bool = True, text: bool = False) -> None:
        super().__init__(path_type=str if text else Path, dir_okay=dir_okay)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - as of click
        """Return the path; `-` is refused, since no command reads or writes a stream in place of a file."""
        if value == "-":
            self.fail(
                "'-' is not the name of a file: standard input and output are not used here; say ./- if you mean it.",
                param,
                ctx,
            )
        return super().convert(os.path.expanduser(value), param, ctx)  # noqa: PTH111 - an unknown user stays as it is


run_argument = click.argument("run", type=FilePath(text=True))
"""RUN: the folder of a run, or its result.nc."""
PIPE_CLOSED = 141
"""Exit status if the reader of a pipe has closed it: 128 plus the number of the signal SIGPIPE."""
TERMINAL_CLOSED = 129
"""Exit status if the terminal is gone: 128 plus the number of the signal SIGHUP."""


def _silent(_ctx: click.Context, _param: click.Parameter, value: bool) -> bool:
    """Have nothing said of compiling where JSON is asked for, which programs read."""
    if value:
        import logging

        logging.getLogger("gridmodel.compiling").setLevel(logging.ERROR)
    return value


json_option = click.option("--json", "as_json", is_flag=True, callback=_silent, help="Print JSON instead of a table.")


def language_option(help_: str) -> Callable[[F], F]:
    """Return the option `--lang`, which takes every language that there is."""
    return click.option("--lang", type=click.Choice(languages()), default=DEFAULT, show_default=True, help=help_)


def report_problems(command: Callable[P, T]) -> Callable[P, T]:
    """Turn an input error into a list of problems on stderr and exit status 1, and Ctrl-C into exit status 130."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        from gridmodel.errors import InputError, gathered

        try:
            return command(*args, **kwargs)
        except InputError as error:
            echo_problems(error.problems)
            count = sum(problem.severity == "error" for problem in gathered(error.problems))
            echo(f"{count} problem{'s' if count > 1 else ''}; nothing was written.", err=True)
            raise SystemExit(1) from None
        except KeyboardInterrupt as error:
            echo(f"stopped: {str(error) or 'interrupted'}", err=True)
            raise SystemExit(getattr(error, "status", 130)) from None
        except BrokenPipeError:
            raise
        except (
            RuntimeError
        ) as error:  # results are opened lazily, and damage in their values shows when they are needed
            if not str(error).startswith(OF_NETCDF):
                raise
            echo(f"error: values of a file cannot be read: {error} ({DAMAGED})", err=True)
            raise SystemExit(1) from None
        except OSError as error:  # a full disk behind stdout
            echo(f"error: {error.strerror or error}", err=True)
            raise SystemExit(1) from None

    return wrapped


class EndedBySignal(KeyboardInterrupt):
    """A command that a signal ends as Ctrl-C does: what it has begun is tidied up."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
        """Exit status, as shells give it: 128 plus the number of the signal."""


_ENDING = {"SIGTERM": "ended by a signal", "SIGHUP": "its terminal was closed"}
"""Signals that end a command in good order, and what they mean."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn the signals of a batch queue and of a closed terminal into an exception.

    Signals that are ignored stay so: `nohup` ignores that of a terminal.

    Raises
    ------
    EndedBySignal
        If one arrives.
    """
    before: dict[int, Any] = {}

    def end(number: int, _frame: object) -> None:
        for one in before:  # a second one does not disturb the tidying up
            signal.signal(one, signal.SIG_IGN)
        raise EndedBySignal(_ENDING[signal.Signals(number).name], 128 + number)

    if threading.current_thread() is threading.main_thread():
        known = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
        before = {one: signal.getsignal(one) for one in known if signal.getsignal(one) == signal.SIG_DFL}
    try:
        for one in before:
            signal.signal(one, end)
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def lost_output() -> Iterator[None]:
    """Stop silently if the reader of a pipe has closed it, as `head` does, and with a message if a disk is full.

    Raises
    ------
    SystemExit
        With 141, as shells report for a program stopped by a closed pipe, with 129 if the terminal is gone, or with 1.
    """
    try:
        yield
    except BrokenPipeError:
        _hush(sys.stdout, sys.stderr)
        raise SystemExit(PIPE_CLOSED) from None
    except OSError as error:
        if error.errno == errno.EIO:  # a terminal that was closed
            _hush(sys.stdout, sys.stderr)
            raise SystemExit(TERMINAL_CLOSED) from None
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        _hush(sys.stdout)
        echo(f"error: {error.strerror}", err=True)
        raise SystemExit(1) from None


def _hush(*streams: TextIO) -> None:
    """Discard what is buffered in streams, which would be flushed at exit."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nothing, stream.fileno())


def counted(count: int, one: str, several: str = "") -> str:
    """Return a count with its noun, which takes an s unless the plural is given."""
    return f"{count} {one if count == 1 else several or one + 's'}"


def echo(line: str, *, err: bool = False) -> None:
    """Print one line to stdout or stderr; whatever names it contains, it stays one line and steers no terminal."""
    click.echo(visible(line), err=err)


def echo_paragraph(line: str) -> None:
    """Print one line to stdout; in a terminal as a paragraph that breaks between words."""
    import shutil

    if sys.stdout is not None and sys.stdout.isatty():
        click.echo(wrapped(visible(line), shutil.get_terminal_size().columns) + "\n")
    else:
        echo(line)


def all_of(first: Callable[[], T], *others: Callable[[], object]) -> T:
    """Return what the first of several checks returns, once none of them has a problem.

    Raises
    ------
    InputError
        With the problems of all of them, whatever is wrong with the others.
    """
    from gridmodel.errors import InputError, Problems

    problems = Problems()
    made = problems.of(first)
    for check in others:
        problems.of(check)
    if problems.found:
        raise InputError(problems.found)
    return made  # type: ignore[return-value]  # it had no problem


def echo_lines(text: str, *, nl: bool = True) -> None:
    """Print a text of several lines to stdout."""
    click.echo(visible(text, keep="\n"), nl=nl)


def echo_problems(problems: Iterable[Problem]) -> None:
    """Print problems to stderr, one per line, each once; many of one kind as one."""
    from gridmodel.errors import gathered

    for problem in gathered(problems):
        echo(f"{problem.severity}: {problem}", err=True)


def free_folder(folder: Path) -> Path:
    """Return a folder that nothing is in the place of: the given one, or that with the next free number, from 2."""
    numbered = (folder.with_name(f"{folder.name}-{number}") for number in count(2))
    return next(place for place in chain([folder], numbered) if not os.path.lexists(place))


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an error of the file system into a problem of the file that is being written.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    from gridmodel.errors import InputError, cannot_write

    try:
        yield
    except (OSError, RuntimeError) as error:
        raise InputError([cannot_write(error, path)]) from None


def print_json(data: object) -> None:
    """Print JSON to stdout; signs that nobody sees are escaped as JSON does."""
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
    echo_lines(re.sub(r"[^\n -~]", lambda found: found[0] if is_seen(found[0]) else json.dumps(found[0])[1:-1], text))


def console() -> Console:
    """Return the terminal at its width; without one, a console of 100 columns."""
    from rich.console import Console

    class Piped(Console):
        """A console whose reader may stop early, as `head` does, which is not a failure."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

        def print(self, *objects: Any, **options: Any) -> None:  # noqa: ANN401 - as of rich
            shown = [visible(one, keep="\n") if isinstance(one, str) else one for one in objects]
            if not options.get("soft_wrap") and shown and all(isinstance(one, str) for one in shown):
                shown, options = [wrapped(one, self.width) for one in shown], options | {"soft_wrap": True}
            super().print(*shown, **options)

    terminal = sys.stdout is not None and sys.stdout.isatty()
    return Piped(highlight=False, markup=False, soft_wrap=False, width=None if terminal else _columns())


def wrapped(text: str, width: int) -> str:
    r"""Break a text into lines at its plain spaces alone: 310 thousand stays in one piece where its space is narrow.

    Examples
    --------
    >>> wrapped("people: 310\u202f000 in all", 12)
    'people:\n310\u202f000 in\nall'
    """
    from rich.cells import cell_len

    lines = []
    for part in text.split("\n"):
        indent = part[: len(part) - len(part.lstrip(" "))]
        first, *words = re.sub(r"(?<=\d) (?=[%°])", GLUE, part[len(indent) :]).split(" ")
        line = indent + first
        for word in words:
            if cell_len(line) + 1 + cell_len(word) > width:
                lines.append(line.rstrip(" "))
                line = word
            else:
                line += f" {word}"
        lines.append(line)
    return "\n".join(lines).replace(GLUE, " ")


GLUE = "\ue000"
"""Sign in place of the space between a number and % or °C while lines are broken; `visible` has left none."""


def _columns() -> int:
    try:
        return max(40, int(os.environ.get("COLUMNS", "100")))
    except ValueError:
        return 100


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, screen: Console | None = None
) -> None:
    """Print a plain table; columns named with a leading `>` are right-aligned, those with `~` may wrap."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Text(visible(title), style="italic") if title else None
    table = Table(
        title=shown,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    for name in columns:
        wraps = name.startswith("~")
        table.add_column(
            name.strip(">~"), justify="right" if name.startswith(">") else "left", no_wrap=not wraps,
            overflow="fold" if wraps else "ellipsis",
        )  # fmt: skip
    for row in rows:
        table.add_row(*(Text(visible(str(cell))) for cell in row))  # names may contain what rich would read as markup
    (screen or console()).print(table)


def rounded(value: float) -> str:
    """Return a number with three significant digits and separators of thousands.

    Examples
    --------
    >>> rounded(1234567.0), rounded(0.01234), rounded(12.34)
    ('1,230,000', '0.0123', '12.3')
    """
    from math import floor, isfinite, log10

    if value == 0 or not isfinite(value):
        return "0" if value == 0 else "–"

    digits = 2 - floor(log10(abs(value)))
    return f"{round(value, digits):,.{max(digits, 0)}f}"


def tenths(value: float) -> str:
    """Return a number that is not below 0 with one decimal, halves up as on the page, also those that rounding hides.

    Examples
    --------
    >>> tenths(10.65), tenths(10.45), tenths(10.6499999999999), tenths(10.64)
    ('10.7', '10.5', '10.7', '10.6')
    """
    from math import floor

    return f"{floor(10.0 * value + 0.5 + 1e-9) / 10.0:,.1f}"
