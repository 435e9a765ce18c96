"""Reading inputs: every dress a plan comes in, and one clear line for everything that is none."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from eks_checks.errors import InputError
from eks_checks.terraform.document import Document
from eks_checks.terraform.plan import read
from eks_checks.terraform.world import World

VPC = {"address": "aws_vpc.é", "mode": "managed", "type": "aws_vpc", "name": "é", "values": {"id": "vpc-1"}}
CHANGE = {**VPC, "change": {"actions": ["no-op"], "before": {"id": "vpc-1"}, "after": {"id": "vpc-1"}}}
PLAN: dict[str, Any] = {
    "format_version": "1.2",
    "terraform_version": "1.11.4",
    "planned_values": {"root_module": {"resources": [VPC]}},
    "resource_changes": [CHANGE],
    "configuration": {"root_module": {}},
}
STATE = {"format_version": "1.0", "terraform_version": "1.11.4", "values": PLAN["planned_values"]}
TEXT = json.dumps(PLAN, ensure_ascii=False)
PRETTY = json.dumps(PLAN, indent=2)


def read_bytes(content: bytes) -> Document:
    return read("-", io.BytesIO(content))


def refusal(content: bytes | Any) -> str:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(InputError) as caught:
        read_bytes(body)
    line = str(caught.value)
    assert line.startswith("standard input: ")
    assert "\n" not in line
    return line


DRESSES = {
    "plain": TEXT.encode(),
    "pretty": PRETTY.encode(),
    "utf-8 with mark": codecs.BOM_UTF8 + TEXT.encode(),
    "utf-16 le with mark": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "utf-16 be with mark": codecs.BOM_UTF16_BE + PRETTY.encode("utf-16-be"),
    "utf-16 le": TEXT.encode("utf-16-le"),
    "utf-16 be": TEXT.encode("utf-16-be"),
    "utf-32 with mark": TEXT.encode("utf-32"),
    "gzip": gzip.compress(TEXT.encode(), mtime=0),
    "gzip in two parts": gzip.compress(TEXT[:50].encode(), mtime=0)
    + gzip.compress(TEXT[50:].encode(), mtime=0),
    "gzip of utf-16": gzip.compress(codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), mtime=0),
    "a banner before": b"Welcome to the runner\n[info] {not json}\n" + TEXT.encode(),
    "a log line after": PRETTY.encode() + b"\n[2026-01-01] done {}\n",
    "both, with colours": b"\x1b[0m\x1b[1mhello\n\x1b[0m" + TEXT.encode() + b"\n\x1b[0m",
    "windows line ends": PRETTY.replace("\n", "\r\n").encode(),
    "blanks around": b"\n\n   " + TEXT.encode() + b"\n\n",
}


@pytest.mark.parametrize("content", DRESSES.values(), ids=DRESSES.keys())
def test_a_plan_in_any_dress(content: bytes) -> None:
    document = read_bytes(content)
    assert document.kind == "plan"
    assert document.path == "standard input"
    assert [str(item.address) for item in document.after] == ["aws_vpc.é"]


def test_a_file_is_named_as_given(tmp_path: Path) -> None:
    place = tmp_path / "anything.txt"
    place.write_bytes(TEXT.encode())
    document = read(str(place))
    assert document.path == str(place)
    assert World.after([document]).inputs[0].path == str(place)


def test_a_state_is_one_moment() -> None:
    document = read_bytes(json.dumps(STATE).encode())
    assert document.kind == "state"
    for world in (World.after([document]), World.before([document])):
        (vpc,) = world.resources()
        assert vpc.actions == ("no-op",)
        assert vpc.prior is not None
        assert vpc.is_configured("id") is None


def test_an_empty_state() -> None:
    document = read_bytes(b'{"format_version": "1.0"}')
    assert (document.kind, document.after) == ("state", ())


def test_a_raw_state() -> None:
    instance = {
        "index_key": "a.b",
        "attributes": {"id": "s"},
        "sensitive_attributes": [[{"type": "get_attr", "value": "id"}]],
    }
    resource = {
        "module": 'module.m["x"]',
        "mode": "managed",
        "type": "aws_subnet",
        "name": "k",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"].west',
        "instances": [instance, {"deposed": "0a", "attributes": {"id": "old"}}],
    }
    raw = {"version": 4, "terraform_version": "1.9.0", "serial": 3, "lineage": "x", "resources": [resource]}
    (subnet,) = World.after([read_bytes(json.dumps(raw).encode())]).resources()
    assert str(subnet.address) == 'module.m["x"].aws_subnet.k["a.b"]'
    assert subnet.provider == "registry.terraform.io/hashicorp/aws"
    assert subnet.is_sensitive("id")
    document = read_bytes(json.dumps(raw).encode())
    assert (document.lineage, document.serial) == ("x", 3)
    for version in (1, 2, 3, 5):
        assert f"a raw state file of version {version}, not 4" in refusal({**raw, "version": version})
    flat = {"index_key": 0, "attributes_flat": {"id": "s"}}
    assert "resources[0].instances[0] still is in the form of version 3" in refusal(
        {**raw, "resources": [{**resource, "instances": [flat]}]}
    )


@pytest.mark.parametrize(
    ("index_key", "address"),
    [(None, "x.y.z"), (0, "x.y.z[0]"), (12.0, "x.y.z[12]"), ("a.b", 'x.y.z["a.b"]'), ("0", 'x.y.z["0"]')],
)
@pytest.mark.parametrize("mode", ["managed", "data"])
def test_instance_keys_of_a_raw_state(index_key: Any, address: str, mode: str) -> None:
    item = {"module": "module.x", "mode": mode, "type": "y", "name": "z", "each": "list"}
    instances = [{"index_key": index_key, "attributes": {}, "status": "tainted", "private": "bnVsbA=="}]
    raw = {"version": 4, "serial": 1, "resources": [{**item, "instances": instances}]}
    (found,) = read_bytes(json.dumps(raw).encode()).after
    prefix = "module.x." if mode == "managed" else "module.x.data."
    assert str(found.address) == prefix + address.removeprefix("x.")


@pytest.mark.parametrize(
    ("written", "provider"),
    [
        ('provider["registry.terraform.io/hashicorp/aws"]', "registry.terraform.io/hashicorp/aws"),
        (
            'module.a["b"].provider["registry.opentofu.org/hashicorp/aws"].west',
            "registry.opentofu.org/hashicorp/aws",
        ),
        ("provider.aws", "aws"),
        ("module.provider.provider.aws.west", "provider"),
        ("module.m.provider.aws.west", "aws"),
        ("", ""),
    ],
)
def test_providers_of_a_raw_state(written: str, provider: str) -> None:
    item = {
        "mode": "managed",
        "type": "y",
        "name": "z",
        "provider": written,
        "instances": [{"attributes": {}}],
    }
    (found,) = read_bytes(json.dumps({"version": 4, "serial": 1, "resources": [item]}).encode()).after
    assert found.provider == provider


def test_sensitive_paths_of_a_raw_state() -> None:
    def attribute(name: str) -> Any:
        return {"type": "get_attr", "value": name}

    def index(value: Any) -> Any:
        return {"type": "index", "value": {"value": value, "type": "string"}}

    paths = [
        [attribute("password")],
        [attribute("block"), index(1), attribute("secret")],
        [attribute("map"), index("key")],
        [attribute("password"), index(0)],
        [attribute("odd"), {"type": "index", "value": {"value": None}}],
        "no path",
        [],
    ]
    item = {"mode": "managed", "type": "y", "name": "z"}
    item["instances"] = [{"attributes": {}, "sensitive_attributes": paths}]  # type: ignore[assignment]
    (found,) = read_bytes(json.dumps({"version": 4, "serial": 1, "resources": [item]}).encode()).after
    assert found.sensitive == {"password": True, "block": {1: {"secret": True}}, "map": {"key": True}}


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "the file is empty"),
        (b" \n\t ", "the file is empty"),
        (codecs.BOM_UTF16_LE, "the file is empty"),
        (b"Error: no plan", "there is no JSON object in it"),
        (TEXT.encode()[:300], "cut off at line 1"),
        (PRETTY.encode()[:-2], "cut off at line"),
        (PRETTY.encode()[: len(PRETTY) // 2], "cut off at line"),
        (b'{"a": tru}', "not JSON: Expecting value at line 1, column 7"),
        (b"{'a': 1}", "line 1, column 2"),
        (b"\xff\xfe\xff", "neither UTF-8 nor UTF-16"),
        (b'{"a": "\xe9"}', "neither UTF-8 nor UTF-16"),
        (gzip.compress(TEXT.encode(), mtime=0)[:40], "gzip data is damaged"),
        (b"\x1f\x8bnothing", "gzip data is damaged"),
        (b"PK\x03\x04rest", "a zip archive, but no plan file"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"a":' * 200_000, "nested too deeply"),
        (b"[1, 2]", "the JSON is a list, not a plan"),
        (b'"text"', "the JSON is a single value"),
        (b"{}", "an empty object"),
        ({"check_type": "terraform", "results": {}}, "it looks like a Checkov report"),
        ({"runs": [], "$schema": "s"}, "it looks like a SARIF report"),
        ({"region": "eu-west-1"}, 'it holds "region"; perhaps a .tfvars.json file'),
        ({"resource": {}, "variable": {}}, "it looks like a .tf.json file"),
        ({**PLAN, "format_version": "2.0"}, "format_version 2.0 of a plan is not supported"),
        ({**STATE, "format_version": "9"}, "format_version 9 of a state is not supported"),
        ({**PLAN, "format_version": ["1"]}, "is not supported"),
    ],
)
def test_what_is_no_plan_is_told_in_one_line(content: bytes | dict[str, Any], part: str) -> None:
    assert part in refusal(content)


def resource(**parts: Any) -> dict[str, Any]:
    return {**PLAN, "planned_values": {"root_module": {"resources": [{**VPC, **parts}]}}}


def change(**parts: Any) -> dict[str, Any]:
    return {**PLAN, "resource_changes": [{**CHANGE, **parts}]}


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ({**PLAN, "planned_values": []}, "planned_values is a list, not an object"),
        ({**PLAN, "planned_values": {"root_module": 3}}, "planned_values.root_module is a number"),
        (
            {**PLAN, "planned_values": {"root_module": {"resources": {}}}},
            "resources is an object, not a list",
        ),
        ({**PLAN, "planned_values": {"root_module": {"resources": [1]}}}, "resources[0] is a number"),
        (
            {**PLAN, "planned_values": {"root_module": {"child_modules": [{}]}}},
            'child_modules[0] has no "address"',
        ),
        (
            {**PLAN, "planned_values": {"root_module": {"child_modules": [{"address": "x"}]}}},
            "not a module address",
        ),
        ({**PLAN, "planned_values": {"root_module": {"child_modules": [{"address": 1}]}}}, "is a number"),
        (resource(type=None), 'has no "type"'),
        (resource(name=5), "name is a number"),
        (resource(index=[1]), "index is a list"),
        (resource(index=True), "index is true or false"),
        (resource(mode="strange"), "mode is 'strange'"),
        (resource(values="x"), "values is text"),
        ({**PLAN, "resource_changes": {}}, "resource_changes is an object"),
        (change(change=None), 'has no list of "actions"'),
        (change(change={"actions": [1]}), 'has no list of "actions"'),
        (change(change={"actions": ["create"], "after": []}), "after is a list"),
        (change(module_address="module"), "module_address"),
        ({**PLAN, "prior_state": {"values": []}}, "prior_state.values is a list"),
        ({**PLAN, "configuration": "x"}, "configuration is text"),
        ({**PLAN, "variables": []}, "variables is a list"),
        ({**STATE, "values": []}, "values is a list"),
    ],
)
def test_wrong_inner_types_are_no_plan_of_terraform(body: dict[str, Any], part: str) -> None:
    line = refusal(body)
    assert "that Terraform wrote: " in line
    assert part in line


def test_nothing_inside_a_configuration_can_fail() -> None:
    """What is only read when asked for may have any type: it then says nothing."""
    oddities: list[Any] = [
        None,
        [],
        {},
        3,
        "x",
        [1],
        {"resources": 1},
        {"resources": [1, {}]},
        {"module_calls": {"m": 1}},
    ]
    for oddity in oddities:
        for body in (
            {"root_module": oddity},
            {"root_module": {"resources": [{"address": "aws_vpc.é", "expressions": oddity}]}},
        ):
            unknown = {"actions": ["create"], "after": {}, "after_unknown": {"id": True, "tags": oddity}}
            document = read_bytes(json.dumps({**change(change=unknown), "configuration": body}).encode())
            (vpc,) = World.after([document]).resources()
            vpc.value("id")
            vpc.value("tags")
            vpc.is_configured("id")


def test_what_is_missing_is_said() -> None:
    def notices(**parts: Any) -> str:
        body = {**PLAN, "prior_state": {}, **parts}
        body = {key: value for key, value in body.items() if value != "absent"}
        return "\n".join(read_bytes(json.dumps(body).encode()).notices)

    creates = [{**CHANGE, "change": {"actions": ["create"], "after": {}}}]
    assert notices() == ""
    assert "no format_version" in notices(format_version="absent")
    assert "no configuration" in notices(configuration="absent", resource_changes=creates)
    assert notices(configuration="absent") == ""
    assert "no planned_values" in notices(planned_values="absent")
    assert "no prior_state" in notices(prior_state="absent")
    assert "ended with an error" in notices(errored=True)
    assert "partial" in notices(complete=False)
    assert "1 deposed object left out" in notices(resource_changes=[CHANGE, {**CHANGE, "deposed": "0a1b"}])


def test_without_planned_values_the_changes_are_used() -> None:
    body = {key: value for key, value in PLAN.items() if key != "planned_values"}
    (vpc,) = World.after([read_bytes(json.dumps(body).encode())]).resources()
    assert str(vpc.address) == "aws_vpc.é"


def test_unreadable_paths(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("")
    cases = [
        (tmp_path / "none.json", "there is no such file"),
        (tmp_path, "a folder, not a plan"),
        (tmp_path / "main.tf", "Terraform source, not a plan"),
        (tmp_path / "main.tf" / "below", "cannot be read"),
        ("nul\0byte", "cannot be read"),
    ]
    for path, part in cases:
        with pytest.raises(InputError, match=part):
            read(str(path))


def test_standard_input_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(TEXT.encode())

    monkeypatch.setattr(sys, "stdin", Stdin())
    assert read("-").kind == "plan"
