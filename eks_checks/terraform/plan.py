"""Reading inputs: what a PATH is, told by its content, and plans (``terraform show -json tfplan``)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from eks_checks.errors import InputError
from eks_checks.terraform import binary_plan, state
from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.document import Document, Json, RawChange, RawResource, Shape, resources_below
from eks_checks.terraform.files import SOURCE_ENDINGS
from eks_checks.terraform.json_text import SHOW, decode

STDIN = "-"
TOOLS = ("terraform", "tofu")
"""What can read a binary plan file, in the order they are asked."""
SHOW_SECONDS = 120
MAJORS = ("0", "1")
"""The major format versions that mean the same in every part read here (0.1 is Terraform 0.12 to 1.0)."""


ReadFolder: TypeAlias = Callable[[str], Document]
"""Reads a folder of sources, or the folder that one source file is in."""


def read_all(
    paths: Iterable[str], stdin: BinaryIO | None = None, folder: ReadFolder | None = None
) -> tuple[Document, ...]:
    """Read every PATH, a file that is named twice once. InputError for one that cannot be used."""
    places = {_place(path): path for path in reversed(tuple(paths))}
    return tuple(read(path, stdin, folder) for path in reversed(places.values()))


def read(path: str, stdin: BinaryIO | None = None, folder: ReadFolder | None = None) -> Document:
    """Read one PATH, ``-`` being standard input; InputError in one line where it cannot be used."""
    if folder is not None and _is_source(path):
        return folder(path)
    content = _content(path, stdin)
    name = "standard input" if path == STDIN else path
    if content.startswith(binary_plan.MAGIC):
        content = _shown(path, content, name)
    return document(decode(content, name), name)


def _shown(path: str, content: bytes, name: str) -> bytes:
    """What Terraform, or OpenTofu, shows of a binary plan file, as JSON."""
    if not binary_plan.is_plan_file(content):
        raise InputError("a zip archive, but no plan file", where=name, hint=SHOW)
    if path == STDIN:
        raise InputError("a binary plan file, which Terraform must read itself", where=name, hint=SHOW)
    tools = [tool for tool in (shutil.which(command) for command in TOOLS) if tool is not None]
    if not tools:
        what = "a binary plan file, and neither terraform nor tofu is installed to read it"
        raise InputError(what, where=name, hint=f"where one is, {SHOW}")
    failures = []
    for tool in tools:
        shown, why = _run(tool, os.path.abspath(path))
        if shown is not None:
            return shown
        failures.append(f"{Path(tool).stem}: {why}")
    hint = f"run `terraform init` in its folder first, or there {SHOW}"
    raise InputError(
        f"a binary plan file that cannot be shown ({'; '.join(failures)})", where=name, hint=hint
    )


def _run(tool: str, plan_file: str) -> tuple[bytes | None, str]:
    """What the tool shows of the plan file; None and why where it cannot."""
    command = [tool, "show", "-json", "-no-color", plan_file]
    environment = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    folder = os.path.dirname(plan_file)
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, timeout=SHOW_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return None, f"no answer within {SHOW_SECONDS} seconds"
    except OSError as error:
        return None, error.strerror or str(error)
    if done.returncode == 0:
        return done.stdout, ""
    return None, binary_plan.reason(done.stderr) or f"exit code {done.returncode}"


def document(body: Any, path: str) -> Document:
    """Tell what kind of document a JSON value is, and take its parts."""
    if not isinstance(body, dict):
        what = "a list" if isinstance(body, list) else "a single value"
        raise InputError(f"the JSON is {what}, not a plan or a state", where=path, hint=SHOW)
    if "planned_values" in body or "resource_changes" in body:
        version, notices = _format_version(body, path, "plan")
        return _plan(body, path, version, notices)
    if "values" in body and ("format_version" in body or "terraform_version" in body):
        version, notices = _format_version(body, path, "state")
        return state.shown(body, path, version, notices)
    if "version" in body and not {"lineage", "serial", "terraform_version"}.isdisjoint(body):
        return state.raw(body, path)
    if set(body) <= {"format_version", "terraform_version"} and "format_version" in body:
        return state.shown(body, path, *_format_version(body, path, "state"))
    raise InputError(f"JSON, but no plan or state ({_looks_like(body)})", where=path, hint=SHOW)


def _place(path: str) -> str:
    """What two spellings of one file have in common; a source file means its folder."""
    try:
        place = os.path.dirname(path) or "." if _is_source(path) and os.path.isfile(path) else path
        return path if path == STDIN else os.path.realpath(place)
    except ValueError:  # no path at all, as reading it will say
        return path


def _content(path: str, stdin: BinaryIO | None) -> bytes:
    if path == STDIN:
        return (stdin or sys.stdin.buffer).read()
    try:
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise InputError("there is no such file", where=path, hint="check the path") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read ({reason})", where=path) from error


def _is_source(path: str) -> bool:
    return os.path.isdir(path) or (path.endswith(SOURCE_ENDINGS) and os.path.isfile(path))


def _format_version(body: Json, path: str, kind: str) -> tuple[str, tuple[str, ...]]:
    version = body.get("format_version")
    if version is None:
        return "", (f"{path}: the {kind} has no format_version; read as version 1",)
    text = str(version)
    if text.split(".")[0] not in MAJORS or isinstance(version, (bool, dict, list)):
        what = f"format_version {text} of a {kind} is not supported (0 and 1 are)"
        hint = "write it with a Terraform that writes version 1, or use a newer eks-checks"
        raise InputError(what, where=path, hint=hint)
    return text, ()


def _plan(body: Json, path: str, version: str, notices: tuple[str, ...]) -> Document:
    shape = Shape(path, "a plan")
    changes = tuple(_changes(body, shape))
    planned = shape.object(shape.object(body, "planned_values", ""), "root_module", "planned_values.")
    prior = shape.object(shape.object(body, "prior_state", ""), "values", "prior_state.")
    before = shape.object(prior, "root_module", "prior_state.values.")
    after = tuple(resources_below(planned, shape, "planned_values.root_module"))
    missing: list[str] = []
    if body.get("planned_values") is None:
        after = tuple(_from_changes(changes))
        missing.append("the plan has no planned_values; what its resource_changes say is used")
    if body.get("prior_state") is None and any(change.before is not None for change in changes):
        missing.append("the plan has no prior_state; what its resource_changes say of before is used")
    configuration = shape.object(body, "configuration", "") or None
    if configuration is None and not all(change.actions == ("no-op",) for change in changes):
        missing.append("the plan has no configuration: links between new resources are unknown")
    return Document(
        path=path,
        kind="plan",
        format_version=version,
        terraform_version=str(body.get("terraform_version") or ""),
        after=after,
        before=_before(body, before, shape),
        changes=changes,
        configuration=configuration,
        variables=shape.object(body, "variables", ""),
        notices=(*notices, *(f"{path}: {text}" for text in (*missing, *_warnings(body, changes)))),
    )


def _before(body: Json, root: Json, shape: Shape) -> tuple[RawResource, ...] | None:
    if body.get("prior_state") is None:
        return None
    return tuple(resources_below(root, shape, "prior_state.values.root_module"))


def _warnings(body: Json, changes: tuple[RawChange, ...]) -> Iterator[str]:
    if body.get("errored") is True:
        yield "the plan ended with an error: resources may be missing"
    elif body.get("complete") is False:
        yield "the plan is partial (targets or deferred changes): resources may be missing"
    deposed = sum(change.deposed is not None for change in changes)
    if deposed:
        yield f"{deposed} deposed object{'s' if deposed > 1 else ''} left out: they are only being removed"


def _changes(body: Json, shape: Shape) -> Iterator[RawChange]:
    for position, item in enumerate(shape.list(body, "resource_changes", "")):
        place = f"resource_changes[{position}]"
        module = shape.module(item, "module_address", place)
        change = shape.object(item, "change", f"{place}.")
        actions = change.get("actions")
        if not isinstance(actions, list) or not all(isinstance(action, str) for action in actions):
            shape.wrong(f'{place}.change has no list of "actions"')
        deposed = item.get("deposed")
        yield RawChange(
            address=shape.address(item, module, place),
            provider=str(item.get("provider_name", "")),
            actions=tuple(actions),
            before=_side(change, "before", shape, place),
            after=_side(change, "after", shape, place),
            unknown=change.get("after_unknown"),
            sensitive=change.get("after_sensitive"),
            before_sensitive=change.get("before_sensitive"),
            previous_address=_previous(item, shape, place),
            deposed=None if deposed is None else str(deposed),
        )


def _previous(item: Json, shape: Shape, place: str) -> ResourceAddress | None:
    if item.get("previous_address") is None:
        return None
    try:
        return ResourceAddress.parse(shape.text(item, "previous_address", place))
    except ValueError as error:
        shape.wrong(f"{place}.previous_address: {error}")


def _side(change: Json, key: str, shape: Shape, place: str) -> Json | None:
    return None if change.get(key) is None else shape.object(change, key, f"{place}.change.")


def _from_changes(changes: tuple[RawChange, ...]) -> Iterator[RawResource]:
    for change in changes:
        if change.deposed is None and change.actions not in (("delete",), ("forget",)):
            yield RawResource(change.address, change.provider, change.after or {}, change.sensitive)


_FAMILIAR = (
    ({"check_type", "results"}, "it looks like a Checkov report"),
    ({"runs", "$schema"}, "it looks like a SARIF report"),
    ({"schema_version", "findings"}, "it looks like a report of eks-checks"),
    ({"@level", "@message"}, "it looks like the log of `terraform plan -json`"),
    ({"encrypted_data"}, "it looks like an encrypted state or plan"),
    ({"terraform_version", "serial"}, "it looks like a state file"),
    ({"Resources"}, "it looks like a CloudFormation template"),
    ({"provider_schemas"}, "it looks like provider schemas"),
    ({"format_version", "valid"}, "it looks like the output of `terraform validate -json`"),
)


def _looks_like(body: Json) -> str:
    for keys, text in _FAMILIAR:
        if keys <= set(body):
            return text
    blocks = {"resource", "module", "variable", "provider", "output", "locals", "terraform", "data"}
    if body and set(body) <= blocks:
        return "it looks like a .tf.json file"
    if not body:
        return "an empty object"
    names = ", ".join(f'"{key[:30]}"' for key in sorted(body)[:3])
    return f"it holds {names}; perhaps a .tfvars.json file"
