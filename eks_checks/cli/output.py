"""Where reports go: standard output, plain or in colour, and files."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

from eks_checks.errors import UsageError
from eks_checks.render.page import Page, visible

PAPER_COLUMNS = 100
"""How wide a text report is where no terminal says otherwise."""
_NARROWEST, _WIDEST = 60, 120
_SPINNER_AFTER_SECONDS = 1.0


@dataclass(frozen=True)
class Look:
    """How to show things: ``color`` is what the options and NO_COLOR leave of colour."""

    quiet: bool = False
    verbose: bool = False
    color: bool = True


@dataclass(frozen=True)
class Outputs:
    """Where a report goes: in ``format`` to standard output unless ``file`` takes it; and ``more`` besides.

    ``more`` holds (format, file) pairs. A file called ``-`` is standard output.
    """

    format: str
    file: str | None = None
    more: tuple[tuple[str, str], ...] = ()


def deliver(
    paths: Sequence[str],
    outputs: Outputs,
    look: Look,
    rendered: Callable[[str], Page | str],
    notices: Iterable[str] = (),
) -> None:
    """Write the report, as ``rendered`` by format, wherever ``outputs`` says; ``paths`` are the inputs.

    A text report tells the notices itself; beside another one they go to standard error.
    """
    main = [(outputs.format, outputs.file or "-")]
    for name, file in (*outputs.more, *main):
        if file == "-":
            show(rendered(name), look)
        elif any(_same_file(file, path) for path in paths):
            raise UsageError("this would overwrite the input", where=f"-o {file}", hint="name another file")
        else:
            save(rendered(name), file)
    if outputs.format != "text" and not look.quiet:
        for notice in notices:
            say(f"note: {visible(notice)}")


def stdin() -> BinaryIO:
    """Standard input as bytes; nothing where there is none."""
    return io.BytesIO() if sys.stdin is None else sys.stdin.buffer


def show(report: Page | str, look: Look) -> None:
    """Write a report to standard output: in colour on a terminal, plain elsewhere."""
    stream = sys.stdout
    if stream is None:
        return
    with _listening(stream):
        if isinstance(report, str):
            _write(stream, report)
        elif colored(stream, look):
            report.show(stream, columns(stream))
        else:
            _write(stream, report.text(columns(stream)))
        stream.flush()


def show_markdown(text: str, look: Look) -> None:
    """Write a page: laid out and in colour on a terminal, as it is elsewhere."""
    stream = sys.stdout
    if stream is None or not colored(stream, look):
        show(text, look)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    with _listening(stream):
        Console(file=stream, width=columns(stream)).print(Markdown(text))
        stream.flush()


def save(report: Page | str, path: str) -> None:
    """Write a report to a file, text in UTF-8 and plain. UsageError where that cannot be done."""
    text = report if isinstance(report, str) else report.text(PAPER_COLUMNS)
    try:
        Path(path).write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot write the report: {reason}", where=f"-o {path}") from error


def colored(stream: IO[str], look: Look) -> bool:
    """Whether to write colour: only to a terminal that knows it, and nobody said no."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return look.color and not plain and stream.isatty()


def columns(stream: IO[str]) -> int:
    """How wide to write: the terminal within reason, else as on paper."""
    if not stream.isatty():
        return PAPER_COLUMNS
    return min(max(shutil.get_terminal_size((PAPER_COLUMNS, 24)).columns, _NARROWEST), _WIDEST)


@contextlib.contextmanager
def progress(what: str, look: Look) -> Iterator[None]:
    """Show a spinner on standard error while the body runs, if that takes long and someone is watching."""
    if look.quiet or sys.stderr is None or not colored(sys.stderr, look):
        yield
        return
    spinner = _Spinner(what)
    try:
        yield
    finally:
        spinner.stop()


class _Spinner:
    """Starts a spinner after a while, unless stopped before."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._lock = threading.Lock()
        self._status: Any = None
        self._timer = threading.Timer(_SPINNER_AFTER_SECONDS, self._start)
        self._timer.daemon = True
        self._timer.start()

    def _start(self) -> None:
        with self._lock:
            if self._timer.finished.is_set():
                return
            from rich.console import Console
            from rich.text import Text

            self._status = Console(stderr=True).status(Text(self._what))
            self._status.start()

    def stop(self) -> None:
        self._timer.cancel()
        with self._lock:
            if self._status is not None:
                self._status.stop()


def say(text: str) -> None:
    """Write a line to standard error, if there is one that still listens."""
    if sys.stderr is None:
        return
    with contextlib.suppress(OSError):
        _write(sys.stderr, f"{text}\n")
        sys.stderr.flush()


def _same_file(first: str, second: str) -> bool:
    try:
        return os.path.samefile(first, second)
    except (OSError, ValueError):
        return False


def _write(stream: IO[str], text: str) -> None:
    # A console or redirection that lacks a character shows its code instead: a report never fails on that.
    encoding = getattr(stream, "encoding", None) or "ascii"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


@contextlib.contextmanager
def _listening(stream: IO[str]) -> Iterator[None]:
    """A reader that has gone (``| head``) is no error; a full disk is one."""
    try:
        yield
    except OSError as error:
        # Whatever is still buffered must not raise again when the interpreter closes the stream.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if isinstance(error, BrokenPipeError) or error.errno in (errno.EPIPE, errno.EINVAL):
            return
        reason = error.strerror or str(error)
        raise UsageError(f"cannot write to standard output: {reason}") from error
