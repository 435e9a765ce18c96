"""The front door: every end of the program is an exit code of the contract and at most one line of error."""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Sequence

import click

from eks_checks.cli.output import say
from eks_checks.errors import EksChecksError, UsageError
from eks_checks.render.page import visible

OK, FOUND, UNUSABLE, FAULT, INTERRUPTED = 0, 1, 2, 3, 130


def run(command: click.Command, arguments: Sequence[str] | None, name: str) -> int:
    """Run a click command and return the exit code; nothing is raised."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    # What an analysis makes is used to its end: looking for garbage at every 700 objects finds none,
    # and takes a third of the time of a large plan.
    gc.set_threshold(100_000)
    try:
        code = command.main(args=words, prog_name=name, standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        return _said(name, "interrupted", INTERRUPTED)
    except EksChecksError as error:
        return _said(name, str(error), UNUSABLE)
    except click.ClickException as error:
        return _said(name, _usage(error), UNUSABLE)
    except Exception as error:  # noqa: BLE001 - the one place where a fault of ours becomes an exit code
        return fault(name, error, verbose="--verbose" in words)
    return code if isinstance(code, int) else OK


def fault(name: str, error: Exception, *, verbose: bool) -> int:
    """Say that the program itself is at fault; ``verbose`` shows where."""
    if verbose:
        say("".join(traceback.format_exception(type(error), error, error.__traceback__)).rstrip())
    what = ": ".join(filter(None, (f"internal fault, {type(error).__name__}", str(error))))
    ask = "please report it" if verbose else "please report it; rerun with --verbose for the traceback"
    return _said(name, f"{what}; {ask}", FAULT)


def _said(name: str, text: str, code: int) -> int:
    say(f"{name}: {visible(text)}")
    return code


def _usage(error: click.ClickException) -> str:
    """Click's message as one line; the hint names the command that was meant."""
    text = " ".join(error.format_message().split()).rstrip(".")
    context = getattr(error, "ctx", None)
    if not isinstance(error, click.UsageError) or context is None:
        return text
    return str(UsageError(text, hint=f"`{context.command_path} --help` lists what there is"))
