"""Settings: what the configuration says, each value with its origin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any

from eks_checks.reach.answer import LOGIN_PORTS
from eks_checks.sets import AddressSet

FILE_NAME = ".eks-checks.yaml"
DEFAULT = "default"
PROFILES = ("guide", "hardened", "minimal")
"""The profiles by name, the first the default; ``checks/profiles.py`` says what each means."""


@dataclass(frozen=True)
class RequiredTag:
    """A tag that resources of the cluster must carry: value ``pattern`` and resource ``types`` are optional.

    ``pattern`` is a regular expression for the whole value; ``types`` are Terraform types, ``*``
    and ``?`` allowed (empty: every type).
    """

    key: str
    pattern: str = ""
    types: tuple[str, ...] = ()

    def accepts(self, value: str) -> bool:
        """Whether ``value`` is a good value of this tag."""
        return not self.pattern or re.fullmatch(self.pattern, value) is not None

    def applies_to(self, type_: str) -> bool:
        """Whether resources of this Terraform type must carry the tag."""
        return not self.types or any(_matches(pattern, type_) for pattern in self.types)

    def __str__(self) -> str:
        """The requirement in words."""
        pattern = f", value matches {self.pattern}" if self.pattern else ""
        return self.key + pattern + (f", on {', '.join(self.types)}" if self.types else "")


@dataclass(frozen=True)
class CheckSetting:
    """What the configuration says of one check: off, another severity (empty: the check's own).

    ``parameters`` are (name, value) of those fields of Settings that are different for this check alone.
    """

    enabled: bool = True
    severity: str = ""
    parameters: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Settings:
    """The configuration in force.

    ``bastions`` are Terraform address patterns or CIDRs from which SSH is meant to come;
    ``login_ports`` are the TCP ports over which one logs in, on the way of an attack path.
    ``admin_principals`` are those who are meant to administer a cluster: patterns of ARNs or of Terraform
    addresses. ``allowed_cidrs`` are ranges from which clients are meant to come, to the API server or through
    a rule that is meant. ``ports`` are the TCP ports that a check about ports asks of.
    ``cluster_tag`` is the key of the tag that tells clusters apart; empty: any key may.
    ``allowed_policies`` are policies that are meant: patterns of names, ARNs or Terraform addresses.
    ``profile`` is one of ``PROFILES``.
    ``origin`` is the configuration file, empty where there is none; ``origins`` has, for every value
    that is not the default, its key and where it was set (``FILE:LINE`` or an option).
    """

    bastions: tuple[str, ...] = ()
    required_tags: tuple[RequiredTag, ...] = ()
    checks: tuple[tuple[str, CheckSetting], ...] = ()
    strict: bool = False
    login_ports: tuple[int, ...] = LOGIN_PORTS
    admin_principals: tuple[str, ...] = ()
    allowed_cidrs: tuple[str, ...] = ()
    ports: tuple[int, ...] = (22,)
    cluster_tag: str = ""
    allowed_policies: tuple[str, ...] = ()
    profile: str = PROFILES[0]
    origin: str = ""
    origins: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @cached_property
    def bastion_cidrs(self) -> tuple[str, ...]:
        """Those bastions that are CIDRs, as written."""
        return tuple(entry for entry in self.bastions if is_cidr(entry))

    @cached_property
    def bastion_addresses(self) -> AddressSet:
        """Every address that the bastions' CIDRs cover."""
        return AddressSet.from_cidrs(self.bastion_cidrs)

    @cached_property
    def bastion_patterns(self) -> tuple[str, ...]:
        """Those bastions that are address patterns."""
        return tuple(entry for entry in self.bastions if not is_cidr(entry))

    def is_bastion(self, resource: str, cidrs: Iterable[str] = ()) -> bool:
        """Whether a source is a declared bastion: by its address, or because all its CIDRs lie in theirs.

        A pattern without instance keys means every instance: ``aws_instance.bastion`` is also
        ``aws_instance.bastion[0]``.
        """
        names = _spellings(resource)
        if any(_matches(pattern, name) for pattern in self.bastion_patterns for name in names):
            return True
        addresses = AddressSet.from_cidrs(cidrs)
        return bool(addresses) and addresses <= self.bastion_addresses

    @cached_property
    def allowed_addresses(self) -> AddressSet:
        """Every address that ``allowed_cidrs`` cover."""
        return AddressSet.from_cidrs(self.allowed_cidrs)

    def is_admin_principal(self, *names: str) -> bool:
        """Whether a principal is meant to administer: by any of its names, ARN or Terraform address.

        As with bastions, an address pattern without instance keys means every instance.
        """
        spelled = {each for name in names if name for each in _spellings(name)}
        return any(_matches(pattern, name) for pattern in self.admin_principals for name in spelled)

    def is_allowed_policy(self, *names: str) -> bool:
        """Whether a policy is meant: by any of its names, whole or with wildcards."""
        return any(_matches(pattern, name) for pattern in self.allowed_policies for name in names if name)

    def check(self, check_id: str) -> CheckSetting:
        """What is configured for one check."""
        return dict(self.checks).get(check_id, CheckSetting())

    def for_check(self, check_id: str) -> Settings:
        """The settings as one check sees them: its own parameters in place of the common ones."""
        own = dict(self.check(check_id).parameters)
        return replace(self, **own) if own else self

    def made_strict(self, origin: str) -> Settings:
        """The same settings with ``strict`` on, because ``origin`` said so."""
        return replace(self, strict=True, origins=self._with_origin("strict", origin))

    def in_profile(self, profile: str, origin: str) -> Settings:
        """The same settings in another profile, because ``origin`` said so."""
        return replace(self, profile=profile, origins=self._with_origin("profile", origin))

    def _with_origin(self, key: str, origin: str) -> tuple[tuple[str, str], ...]:
        return (*(pair for pair in self.origins if pair[0] != key), (key, origin))

    def entries(self) -> Iterator[tuple[str, str, str]]:
        """Every setting as (key, value in words, origin), those left at their default included."""
        origins = dict(self.origins)
        yield "profile", self.profile, origins.get("profile", DEFAULT)
        lists: dict[str, list[str]] = {
            "bastions": list(self.bastions),
            "allowed_cidrs": list(self.allowed_cidrs),
            "admin_principals": list(self.admin_principals),
            "required_tags": [str(tag) for tag in self.required_tags],
            "login_ports": [str(port) for port in self.login_ports],
        }
        for key, items in lists.items():
            for index, item in enumerate(items):
                yield f"{key}[{index}]", item, origins.get(f"{key}[{index}]", DEFAULT)
            if not items:
                yield key, "none", origins.get(key, DEFAULT)
        for check_id, setting in self.checks:
            fallback = f"profile {self.profile}"
            yield f"checks.{check_id}", _words(setting), origins.get(f"checks.{check_id}", fallback)
        if not self.checks:
            yield "checks", "all on, at their own severity", origins.get("checks", DEFAULT)
        yield "strict", "true" if self.strict else "false", origins.get("strict", DEFAULT)


_KEY = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_LAST_KEY = re.compile(_KEY.pattern + "$")


def _spellings(address: str) -> tuple[str, ...]:
    return (address, _LAST_KEY.sub("", address), _KEY.sub("", address))


def is_cidr(entry: str) -> bool:
    """Whether a bastion is written as a CIDR; an instance key may hold a slash: ``this["10.0.0.0/24"]``."""
    return "/" in entry and "[" not in entry


def _matches(pattern: str, text: str) -> bool:
    # `[0]` is an instance key here, not one of fnmatch's character classes.
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def _words(setting: CheckSetting) -> str:
    if not setting.enabled:
        return "off"
    parameters = [
        f"{name} {value if isinstance(value, str) else ', '.join(map(str, value))}"
        for name, value in setting.parameters
    ]
    return "; ".join([f"severity {setting.severity}"] * bool(setting.severity) + parameters) or "on"
