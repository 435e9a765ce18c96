"""Plan files as ``terraform plan -out`` writes them: how to tell one, and what Terraform says of one."""

from __future__ import annotations

import io
import itertools
import operator
import re
import textwrap
import zipfile

MAGIC = b"PK\x03\x04"
"""How every zip archive begins, and with that every plan file."""

_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = "╷│╵ \t"
_LONGEST = 300


def is_plan_file(content: bytes) -> bool:
    """Whether the archive is a plan file; its inside is Terraform's own affair."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "tfplan" in archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False


def reason(said: bytes) -> str:
    """Why Terraform failed, in one line out of what it wrote to standard error; empty where it is silent."""
    text = _COLOR.sub("", said.decode("utf-8", "replace"))
    lines = [line.strip(_FRAME) for line in text.splitlines()]
    faults = [position for position, line in enumerate(lines) if line.startswith("Error:")]
    if not faults:
        return next((line for line in lines if line), "")
    title = lines[faults[0]].removeprefix("Error:").strip()
    below = itertools.dropwhile(operator.not_, lines[faults[0] + 1 :])
    paragraph = " ".join(itertools.takewhile(bool, below))
    return textwrap.shorten(f"{title}: {paragraph}" if paragraph else title, _LONGEST, placeholder=" ...")
