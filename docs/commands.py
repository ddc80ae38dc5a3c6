"""Make the page of every command from the help that the commands print."""

from __future__ import annotations

from collections.abc import Iterator

import click

from gridmodel.commands import main

WIDTH = 90


def page() -> str:
    """Return the page: each command with what `--help` prints, groups before what they contain."""
    lines = ["# Commands", "", "What `--help` prints, command by command. Exit status: 0 done, 1 the input is wrong (all problems are listed, "
             "nothing is written), 2 wrong usage, 130 stopped with Ctrl-C, 141 the pipe was closed.", ""]  # fmt: skip
    for name, command, context in _commands(main, None, "gridmodel"):
        said = command.get_help(context).rstrip()
        lines += [f"{'##' if name.count(' ') < 2 else '###'} {name}", "", "```help", said, "```", ""]
    return "\n".join(lines)


def _commands(
    command: click.Command, parent: click.Context | None, name: str
) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Walk through a command and all that it contains, in the order of its help."""
    vars(command)["_help_option"] = None  # click keeps the first that was asked for, perhaps of a command called alone
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, parent=parent, info_name=name.rpartition(" ")[2], **settings)
    yield name, command, context
    if isinstance(command, click.Group):
        for one in command.list_commands(context):
            inner = command.get_command(context, one)
            if inner is not None and not inner.hidden:
                yield from _commands(inner, context, f"{name} {one}")
