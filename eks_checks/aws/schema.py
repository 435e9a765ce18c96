"""What the AWS provider adds to what is written: computed attributes, defaults, block nesting (draft)."""

from __future__ import annotations

from eks_checks.terraform.value import Mapping, Unknown, Value


class Provider:
    def knows(self, type_: str) -> bool:
        return False

    def computed(self, type_: str, name: str) -> bool:
        return True

    def default(self, type_: str, name: str) -> Value | None:
        return None

    def complete(self, type_: str, written: Mapping, inherited: Mapping) -> Mapping:
        found = dict(written.entries)
        for name in ("id", "arn"):
            found.setdefault(name, Unknown("known after apply", computed=True))
        return Mapping(tuple(sorted(found.items(), key=lambda e: e[0])), written.open)


PROVIDER = Provider()
