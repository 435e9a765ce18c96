"""Options that commands share, what their texts mean, and the refusal of what is not built yet."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from eks_checks import __version__
from eks_checks.cli.output import Look, Outputs
from eks_checks.errors import UsageError

if TYPE_CHECKING:
    from eks_checks.analysis import Inputs
    from eks_checks.settings import Settings

FORMATS = ("text", "json")
LATER_FORMATS = ("sarif", "junit", "markdown", "github", "gitlab", "html")
SEVERITIES = ("critical", "high", "medium", "low", "info")
PROFILES = ("guide", "hardened", "minimal")

Command = TypeVar("Command", bound=Callable[..., Any])


def later(what: str) -> UsageError:
    """The refusal of something that the contract has and this release has not."""
    return UsageError(f"{what} is not in this release ({__version__})", hint="see `eks-checks --help`")


def _refuse(context: click.Context, option: click.Parameter, value: Any) -> None:
    if value not in (None, (), False):
        raise later(f"the option {option.opts[0]}")


def _look(command: Command) -> Command:
    for option in (
        click.option("--no-color", is_flag=True, help="No colour, also not on a terminal (as NO_COLOR=1)."),
        click.option("--verbose", is_flag=True, help="List all coverage; show the traceback of a fault."),
        click.option("--quiet", is_flag=True, help="Only the answers: no coverage, notes or progress."),
    ):
        command = option(command)
    return command


def look_options(command: Command) -> Command:
    """Options of how a report looks; the command gets ``look``."""
    return _look(_folded(command, ("quiet", "verbose", "no_color"), "look", _make_look))


@dataclass(frozen=True)
class Chosen:
    """What a person chose to look at: PATHs, configuration, a plan's sources, a folder's variables."""

    paths: tuple[str, ...]
    config: str | None = None
    source: str | None = None
    var_files: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The PATHs, for a person."""
        return ", ".join(self.paths)

    def load(self) -> Inputs:
        """Read the inputs. InputError or UsageError where something cannot be used."""
        from eks_checks import analysis
        from eks_checks.cli.output import stdin
        from eks_checks.terraform.evaluation.given import Given

        given = Given(_environment(), self.var_files, self.variables)
        return analysis.load(self.paths, stdin(), self.source, given)

    def settings(self, profile: str | None = None) -> Settings:
        """The settings of ``--config``, else of the file found upwards from the first PATH or from here."""
        return settings_for(self.paths[0], self.config, profile)


def _environment() -> dict[str, str]:
    prefix = "TF_VAR_"
    return {name[len(prefix) :]: text for name, text in os.environ.items() if name.startswith(prefix)}


def output_options(*, several: bool) -> Callable[[Command], Command]:
    """``--format`` and ``-o``, with ``several`` also ``-o FMT=FILE``; the command gets ``outputs``."""

    def add(command: Command) -> Command:
        command = _folded(
            command, ("format_", "output"), "outputs", _make_outputs if several else _make_output
        )
        saved = (
            "Write the report to FILE instead; or, as FMT=FILE, one more report in that format (repeatable)."
            if several
            else "Write the report to FILE instead of standard output."
        )
        metavar = "[FMT=]FILE" if several else "FILE"
        command = click.option("-o", "output", multiple=True, metavar=metavar, help=saved)(command)
        return click.option(
            "--format",
            "format_",
            default="text",
            show_default=True,
            metavar="|".join(FORMATS),
            help="Report format.",
        )(command)

    return add


def input_options(command: Command) -> Command:
    """PATH, ``--config``, ``--source``, ``--var-file`` and ``--var``; the command gets ``chosen``."""
    command = _folded(command, ("paths", "config", "source", "var_file", "var"), "chosen", Chosen)
    for option in (
        click.option("--var", multiple=True, metavar="K=V", help="Set a variable of a folder (repeatable)."),
        click.option("--var-file", multiple=True, metavar="FILE", help="Variables of a folder (repeatable)."),
        click.option(
            "--source",
            metavar="DIR",
            help="The planned root module's .tf [default: the plan's folder, then the current one].",
        ),
        click.option(
            "--config",
            metavar="FILE",
            help="Configuration [default: .eks-checks.yaml, found upwards from the first PATH].",
        ),
        click.argument("paths", nargs=-1, metavar="[PATH]...", callback=_paths),
    ):
        command = option(command)
    return command


def later_options(*names: str, flag: bool = False) -> Callable[[Command], Command]:
    """Hidden options that the contract has and this release refuses."""

    def add(command: Command) -> Command:
        for name in names:
            option = click.option(name, is_flag=flag, hidden=True, expose_value=False, callback=_refuse)
            command = option(command)
        return command

    return add


def ports(text: str) -> tuple[int, int]:
    """``22`` or ``20-25`` as an inclusive range. UsageError for anything else."""
    match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", text.strip(), re.ASCII)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if not 0 <= first <= last <= 65535:
        hint = "write N or N-M, from 0 to 65535, such as 22 or 20-25"
        raise UsageError(f"{text!r} is no port range", where="--port", hint=hint)
    return first, last


def ids(texts: Sequence[str]) -> tuple[str, ...]:
    """Check ids or prefixes, given several times or with commas."""
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _paths(context: click.Context, option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    if not all(path.strip() for path in value):
        raise UsageError("PATH is empty", hint="name a plan written by `terraform show -json tfplan`")
    return value or (".",)


def _make_look(quiet: bool, verbose: bool, no_color: bool) -> Look:
    return Look(quiet, verbose, not no_color)


def _make_output(format_: str, output: tuple[str, ...]) -> Outputs:
    if len(output) > 1:
        raise UsageError("one file is enough", where="-o")
    return Outputs(known_format(format_, "--format"), output[0] if output else None, ())


def _make_outputs(format_: str, output: tuple[str, ...]) -> Outputs:
    files: list[str] = []
    more: list[tuple[str, str]] = []
    for text in output:
        name, equals, path = text.partition("=")
        if equals and name.isalpha():
            more.append((known_format(name, "-o"), path))
        else:
            files.append(text)
    if len(files) > 1:
        raise UsageError("only one FILE without a format", where="-o", hint="write -o FMT=FILE for more")
    if not all([*files, *(path for _, path in more)]):
        raise UsageError("the name of a file is missing", where="-o")
    return Outputs(known_format(format_, "--format"), files[0] if files else None, tuple(more))


def known_format(name: str, option: str) -> str:
    """``name`` if it is a format of this release. UsageError otherwise."""
    if name in FORMATS:
        return name
    if name in LATER_FORMATS:
        raise later(f"the format {name}")
    raise UsageError(f"there is no format {name!r}", where=option, hint=f"use {' or '.join(FORMATS)}")


def _folded(command: Command, names: tuple[str, ...], into: str, make: Callable[..., object]) -> Command:
    """The command with the named parameters made into one."""
    from functools import wraps

    @wraps(command)
    def folded(**given: Any) -> Any:
        given[into] = make(*(given.pop(name) for name in names))
        return command(**given)

    return folded  # type: ignore[return-value]


def settings_for(path: str, config: str | None, profile: str | None) -> Settings:
    """The settings of ``--config``, else of the file found upwards from the input or the current folder."""
    from eks_checks import analysis

    here = Path.cwd()
    place = here if path == "-" else Path(path)
    near = (place if place.is_dir() else place.parent, here)
    return analysis.configured(config, near, profile)


def profile_option(command: Command) -> Command:
    """``--profile``; the command gets ``profile``, None where it is not given."""
    choice = click.Choice(PROFILES, case_sensitive=False)
    text = "Which checks, how severe: as the guide says, hardened, or minimal [default: guide]."
    return click.option("--profile", type=choice, help=text)(command)
