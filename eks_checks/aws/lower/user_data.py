"""What user data says of its instance: the cluster it joins, its image family (graph rule 1, F2, F3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from eks_checks.aws.knowledge import NO, NOWHERE, YES, Cause, Pointer, Truth, pointer
from eks_checks.aws.lower.authorized_keys import brings_keys
from eks_checks.aws.lower.context import Lowering, left_out
from eks_checks.aws.lower.scripts import MARK, NAME, Reading, Script, readings
from eks_checks.aws.node_facts import AL2023, AMAZON_LINUX, BOTTLEROCKET, WINDOWS
from eks_checks.terraform.resource import Block
from eks_checks.terraform.value import NULL, Reference, Value, alternatives


@dataclass(frozen=True)
class UserData:
    """What user data tells.

    ``joins``: whether it makes its instance a node, ``cluster`` then of which cluster. ``family`` is the
    image family it is written for, empty where it does not tell. ``admin``: whether it switches on
    Bottlerocket's admin container, which runs sshd (I10). ``hints`` are the clusters that user data which is
    not known for the rest refers to. ``keys``: whether what is known of it brings SSH keys.
    """

    joins: Truth = NO
    cluster: Pointer = NOWHERE
    family: str = ""
    admin: Truth = NO
    hints: frozenset[str] = frozenset()
    keys: Truth = NO


SILENT = UserData()


def user_data(run: Lowering, block: Block) -> UserData:
    """What the ``user_data`` or ``user_data_base64`` of an instance or template tells."""
    return run.cached(f"user data {block.resource.key} {block.path}", lambda: _told(run, block))


def _told(run: Lowering, block: Block) -> UserData:
    for attribute in ("user_data_base64", "user_data"):
        value = block.value(attribute)
        if not left_out(value):
            return read_user_data(run, value, block.resource.key, attribute)
    return SILENT


def read_user_data(run: Lowering, value: Value, at: str, attribute: str) -> UserData:
    """What user data tells; of several values it may be, what holds for each."""
    place = _Place(run, at, attribute)
    found = [place.read(reading) for reading in readings(run, value)]
    hints = frozenset(_hints(run, value))
    if not found:
        return UserData(hints=hints)
    return _one_of(found, Cause(at, attribute, _UNCLEAR), hints)


_UNCLEAR = "user data that is not known may join the instances to a cluster"


def _hints(run: Lowering, value: Value) -> Iterator[str]:
    """Clusters whose endpoint or the like user data is made of."""
    for option in alternatives(value):
        parts = getattr(option, "parts", ()) or (option,)
        for part in (*parts, *alternatives(getattr(option, "encodes", None) or NULL)):
            resource = run.world.target(part) if isinstance(part, Reference) else None
            if resource is not None and resource.type == "aws_eks_cluster":
                yield run.identity.key(resource)


def _one_of(found: list[UserData], why: Cause, hints: frozenset[str]) -> UserData:
    if len(found) == 1:
        return replace(found[0], hints=hints)
    families = {each.family for each in found if each.family}
    joins = _agreed([each.joins for each in found], why)
    clusters = [each.cluster for each in found if not each.cluster.unset]
    cluster = pointer(
        (key for each in clusters for key in each.keys),
        open_=any(each.open for each in clusters),
        causes=(cause for each in clusters for cause in each.causes),
    )
    family = families.pop() if len(families) == 1 else ""
    admin = _agreed([each.admin for each in found], why)
    return UserData(joins, cluster, family, admin, hints, _agreed([each.keys for each in found], why))


def _agreed(truths: list[Truth], why: Cause) -> Truth:
    if len({truth.value for truth in truths}) == 1:
        return truths[0]
    return Truth(None, (why,))


@dataclass(frozen=True)
class _Place:
    """Where user data stands, for links and causes."""

    run: Lowering
    at: str
    attribute: str

    def read(self, parts: Reading) -> UserData:
        """What all its parts together tell."""
        known = [part for part in parts if part is not None]
        # NOTE: nodeadm merges the NodeConfigs of all parts, so the name may stand in another one (F3).
        joined = [found for part in known for found in self._clusters(part)]
        families = [family for part in known for family in _families(part.text)]
        unclear = Truth(None, (Cause(self.at, self.attribute, _UNCLEAR),))
        open_ = len(known) < len(parts) or any(_may_hold_commands(part) for part in known)
        half = any(_half_told(part.text) for part in known)
        joins = YES if joined else unclear if open_ or half else NO
        admin = _any(_admin(part.text) for part in known)
        family = families[0] if families else ""
        if family == BOTTLEROCKET and open_ and not admin.surely:
            admin = unclear
        cluster = joined[0] if joined else NOWHERE
        return UserData(joins, cluster, family, admin, keys=self._keys(known))

    def _keys(self, known: Iterable[Script]) -> Truth:
        brought = {brings_keys(part.text) for part in known}
        if True in brought:
            return YES
        why = Cause(self.at, self.attribute, "it may bring an SSH key: it speaks of authorized keys")
        return Truth(None, (why,)) if None in brought else NO

    def _clusters(self, script: Script) -> Iterator[Pointer]:
        for name in _names(script.text):
            value = script.value(name)
            yield self.run.identity.find(value, "cluster", self.at, self.attribute)
        if not any(True for _ in _names(script.text)) and _bootstraps(script.text):
            why = Cause(self.at, self.attribute, "which cluster the bootstrap script joins is not told")
            yield Pointer(open=True, causes=(why,))


def _any(truths: Iterable[Truth]) -> Truth:
    found = list(truths)
    return YES if any(truth.surely for truth in found) else NO


def _may_hold_commands(script: Script) -> bool:
    """Whether a mark stands where a line of its own may be: not inside another line's words."""
    return any(re.fullmatch(rf"\s*{MARK}\d+{MARK}\s*", line) for line in script.text.splitlines())


def _half_told(text: str) -> bool:
    """Whether the text is an EKS node's, though it names no cluster: another part or EKS adds that."""
    return bool(_NODE_CONFIG.search(text) or "[settings.kubernetes" in text)


def _families(text: str) -> Iterator[str]:
    for family, pattern in _FAMILIES.items():
        if pattern.search(text):
            yield family


def _names(text: str) -> Iterator[str]:
    """The cluster names that a script joins its instance to, best known first."""
    yield from _bootstrapped(text)
    if _NODE_CONFIG.search(text):
        yield from (found["name"] for found in _NODE_CONFIG_NAME.finditer(text))
    for pattern in _SETTINGS:
        yield from (found["name"] for found in pattern.finditer(text))


def _bootstrapped(text: str) -> Iterator[str]:
    """The argument of ``bootstrap.sh`` that is no option: all its options take a value."""
    for found in _BOOTSTRAP.finditer(text) if _bootstraps(text) else ():
        words = [word.strip("'\"") for word in _WORD.findall(found["rest"].replace("\\\n", " "))]
        position = 0
        while position < len(words):
            word = words[position]
            if word.startswith("--"):
                position += 1 if "=" in word else 2
                continue
            name = _assigned(text, word)
            if re.fullmatch(NAME, name):
                yield name
            break


def _bootstraps(text: str) -> bool:
    """Whether it runs the bootstrap script of EKS, not one of another program."""
    return bool(_BOOTSTRAP.search(text) and _OF_EKS.search(text))


def _assigned(text: str, word: str) -> str:
    """A shell variable's value, where the script sets it in plain words; else the word."""
    variable = re.fullmatch(r"\$\{?(\w+)\}?", word)
    if variable is None:
        return word
    pattern = rf"^\s*(?:export\s+)?{variable[1]}=['\"]?(?P<name>{NAME})['\"]?\s*$"
    found = re.search(pattern, text, re.MULTILINE)
    return found["name"] if found else word


def _admin(text: str) -> Truth:
    section = _ADMIN.search(text)
    enabled = section is not None and re.search(r"^\s*enabled\s*=\s*true", section[1], re.MULTILINE)
    return YES if enabled or _ADMIN_KEY.search(text) else NO


_BOOTSTRAP = re.compile(r"/?bootstrap\.sh\b(?P<rest>(?:\\\n|[^\n;&|])*)")
_OF_EKS = re.compile(r"\beks\b|--(?:apiserver-endpoint|b64-cluster-ca|kubelet-extra-args)")
_WORD = re.compile(r"(?:\"[^\"]*\"|'[^']*'|[^\s\"'])+")
_NODE_CONFIG = re.compile(r"^\s*kind:\s*['\"]?NodeConfig\b", re.MULTILINE)
_NODE_CONFIG_NAME = re.compile(
    r"^(?P<indent>[ \t]*)cluster:[ \t]*\n(?:(?P=indent)[ \t]+[^\n]*\n)*?"
    rf"(?P=indent)[ \t]+name:[ \t]*['\"]?(?P<name>{NAME})",
    re.MULTILINE,
)
_SETTINGS = (
    re.compile(rf"cluster-name['\"]?\s*=\s*['\"](?P<name>{NAME})"),
    re.compile(rf"-EKSClusterName\s+['\"]?(?P<name>{NAME})"),
)
_ADMIN = re.compile(r"^\s*\[settings\.host-containers\.admin\]([^\[]*)", re.MULTILINE)
_ADMIN_KEY = re.compile(r"settings\.host-containers\.admin\.enabled['\"]?\s*=\s*true")
_FAMILIES = {
    BOTTLEROCKET: re.compile(r"^\s*\[?settings\.", re.MULTILINE),
    WINDOWS: re.compile(r"<powershell>|-EKSClusterName", re.IGNORECASE),
    AL2023: _NODE_CONFIG,
    # NOTE: AL2 has this script, and so have Ubuntu's images for EKS (F3).
    AMAZON_LINUX: re.compile(r"/etc/eks/bootstrap\.sh"),
}
