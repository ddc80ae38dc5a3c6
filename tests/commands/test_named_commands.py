"""Commands that texts of help name are there."""

import re

import click

from gridmodel.commands import main


def commands(group, path=()):
    """Return every command by the words that call it, groups included."""
    found = {path: group}
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            found |= commands(group.get_command(context, name), (*path, name))
    return found


def test_every_command_that_a_help_text_names_exists():
    known = commands(main)
    heads = {words[0] for words in known if words}
    named = 0
    for path, command in known.items():
        for quoted in re.findall(r"`gridmodel ([a-z][^`]*)`", command.help or ""):
            words = quoted.split()
            named += 1
            assert words[0] in heads, (path, quoted)
            if isinstance(known[words[0],], click.Group):
                assert tuple(words[:2]) in known, (path, quoted)
    assert named
