"""Network formats in help texts and options, from the registry and only when they are shown or used."""

from __future__ import annotations

import click


class ReadingCommand(click.Command):
    """A command whose help ends with the formats that are read."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list."""
        from gridmodel.interchange.registry import READ

        with formatter.section("Formats that are read"):
            formatter.write_dl([(name, form.described) for name, form in READ.items()])
        super().format_epilog(ctx, formatter)


class WritingCommand(ReadingCommand):
    """A command whose help ends with the formats that are read, and those that are written."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write both lists."""
        from gridmodel.interchange.registry import WRITTEN

        super().format_epilog(ctx, formatter)
        with formatter.section("Formats that are written"):
            formatter.write_dl([(name, form.described) for name, form in WRITTEN.items()])


def written_format(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Return the name of a format that is written, or fail with the known ones."""
    from gridmodel.interchange.registry import WRITTEN

    return None if value is None else click.Choice(tuple(WRITTEN)).convert(value, param, ctx)


def complete_written(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:  # noqa: ARG001 - click's
    """Complete the name of a format that is written."""
    from gridmodel.interchange.registry import WRITTEN

    return [name for name in WRITTEN if name.startswith(incomplete)]
