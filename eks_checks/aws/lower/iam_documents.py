"""Policy documents out of Terraform values: JSON texts, ``jsonencode``, ``data.aws_iam_policy_document``.

What apply fills in stays a gap in the one pattern it is part of: a document is never taken for empty, nor a
statement for absent, because a part of it is not known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from eks_checks.aws.iam_documents import NOTHING, Document, Statement, unknown_document
from eks_checks.aws.knowledge import Cause
from eks_checks.aws.lower.context import Lowering, left_out, where
from eks_checks.aws.lower.iam_statements import Spot, entry, statement_of, statement_of_block
from eks_checks.kubernetes.documents import UnreadableError, documents
from eks_checks.terraform.resource import Block, Resource
from eks_checks.terraform.value import (
    Choice,
    Collection,
    Known,
    Mapping,
    Reference,
    Unknown,
    Value,
    alternatives,
    is_null,
    of_json,
    scalar,
)

POLICY_DOCUMENT = "aws_iam_policy_document"
_SOURCES = ("source_json", "source_policy_documents")
_OVERRIDES = ("override_policy_documents", "override_json")
_DEEPEST = 8


def document_at(run: Lowering, block: Block, *path: str | int) -> Document:
    """The document that an attribute holds; one that is not set grants nothing."""
    value = block.value(*path)
    if left_out(value):
        return NOTHING
    at, attribute = where(block, path)
    return Documents(run).of(value, Spot(at, attribute, block.located(*path)))


class Documents:
    """Reads documents in one world."""

    def __init__(self, run: Lowering, depth: int = 0) -> None:
        """``depth``: how many documents lead to this one."""
        self.run = run
        self.depth = depth

    def of(self, value: Value, spot: Spot) -> Document:
        """The document that ``value`` is the JSON of."""
        options = [self._option(option, spot) for option in alternatives(value)]
        return options[0] if len(options) == 1 else _one_of(options, spot.cause(value))

    def _option(self, value: Value, spot: Spot) -> Document:
        if is_null(value) or value == Known(""):
            return NOTHING
        if self.depth > _DEEPEST:
            return unknown_document(Cause(spot.resource, spot.attribute, "documents are nested too deeply"))
        if isinstance(value, Reference):
            return self._followed(value, spot)
        if isinstance(value, Known):
            return self._text(str(value.value), spot)
        if isinstance(value, Unknown) and value.says is not None:
            return self.tree(value.says, spot)
        if isinstance(value, Unknown) and value.parts:
            return self._parts(value, spot)
        return unknown_document(spot.cause(value))

    def _followed(self, reference: Reference, spot: Spot) -> Document:
        target = self.run.world.target(reference)
        if target is None:
            return unknown_document(spot.cause(reference))
        if target.type == POLICY_DOCUMENT and reference.path[-1:] in (("json",), ("minified_json",)):
            return Documents(self.run, self.depth + 1).of_blocks(target)
        value = target.value(*reference.path)
        if value == reference or not reference.path:
            return unknown_document(Cause(spot.resource, spot.attribute, f"is {reference}"))
        return Documents(self.run, self.depth + 1).of(value, spot)

    def _text(self, text: str, spot: Spot) -> Document:
        try:
            tree = of_json(json.loads(text))
        except (ValueError, RecursionError):
            return unknown_document(Cause(spot.resource, spot.attribute, "is no JSON"))
        made = self.tree(tree, spot)
        twin = self._written_as().get(text)
        blocks = () if twin is None else tuple(twin.blocks("statement"))
        if twin is None or len(blocks) != len(made.statements):
            return made
        placed = zip(made.statements, blocks, strict=True)
        return replace(made, statements=tuple(_placed(s, twin, block) for s, block in placed))

    def _written_as(self) -> dict[str, Resource]:
        """JSON text to the data source of the inputs whose blocks write it, for the places of statements."""

        def index() -> dict[str, Resource]:
            found: dict[str, Resource] = {}
            for resource in self.run.world.data(POLICY_DOCUMENT):
                for name in ("json", "minified_json"):
                    text = scalar(resource.value(name))
                    if isinstance(text, str) and text:
                        found.setdefault(text, resource)
            return found

        return self.run.cached("policy documents by text", index)

    def _parts(self, value: Unknown, spot: Spot) -> Document:
        try:
            trees = documents(value)
        except UnreadableError:
            return unknown_document(spot.cause(value))
        return self.tree(trees[0], spot) if len(trees) == 1 else unknown_document(spot.cause(value))

    def of_blocks(self, source: Resource) -> Document:
        """The document that a policy document data source writes: what it merges and its own statements."""
        merged = _Merged()
        for name in _SOURCES:
            merged.add(self._listed(source, name))
        merged.add(self._own(source))
        for name in _OVERRIDES:
            merged.add(self._listed(source, name))
        return merged.document

    def _own(self, source: Resource) -> Document:
        blocks = source.blocks("statement")
        statements = tuple(statement_of_block(self.run, block) for block in blocks)
        if blocks.open is None:
            return Document(statements)
        return Document(statements, True, (Cause(source.key, "statement", blocks.open.reason),))

    def _listed(self, source: Resource, name: str) -> Document:
        value = source.value(name)
        if left_out(value):
            return NOTHING
        spot = Spot(source.key, name, source.located(name))
        if name.endswith("_json"):
            return self.of(value, spot)
        listed, merged = source.members(name), _Merged()
        for item in listed.items:
            merged.add(Documents(self.run, self.depth + 1).of(item, spot))
        if listed.maybe or listed.open is not None:
            merged.add(unknown_document(spot.cause(listed.open or value)))
        return merged.document

    def tree(self, tree: Value, spot: Spot) -> Document:
        """The document of a JSON object."""
        if isinstance(tree, Choice):
            return _one_of([self.tree(option, spot) for option in tree.options], spot.cause(tree))
        if not isinstance(tree, Mapping):
            return unknown_document(spot.cause(tree))
        listed = entry(tree, "Statement")
        if isinstance(listed, Mapping):
            listed = Collection((listed,))
        if not isinstance(listed, Collection):
            return NOTHING if is_null(listed) else unknown_document(spot.cause(listed))
        made: list[Statement] = []
        unread: list[Value] = []
        sure = ((item, True) for item in listed.items)
        for item, certain in (*sure, *((item, False) for item in listed.maybe)):
            for option in alternatives(item):
                if isinstance(option, Mapping):
                    statement = statement_of(self.run, option, spot)
                    alone = certain and not isinstance(item, Choice)
                    made.append(statement if alone else _perhaps(statement, spot.cause(item)))
                else:
                    unread.append(option)
        if listed.open is not None:
            unread.append(listed.open)
        return Document(tuple(made), bool(unread), tuple(spot.cause(item) for item in unread))


class _Merged:
    """Documents merged as the data source does: a statement takes the place of one with its Sid."""

    def __init__(self) -> None:
        self.document = NOTHING

    def add(self, other: Document) -> None:
        """Merge ``other`` into what is there."""
        kept = list(self.document.statements)
        for statement in other.statements:
            same = [i for i, one in enumerate(kept) if statement.sid and one.sid == statement.sid]
            if same and statement.certain:
                kept[same[0]] = statement
            else:
                kept.append(statement)
        causes = tuple(dict.fromkeys((*self.document.causes, *other.causes)))
        if other.open and not all(one.sid == "" for one in kept):
            # A statement that cannot be told may have the Sid of one that can, and take its place.
            kept = [_perhaps(one, *other.causes) if one.sid else one for one in kept]
        self.document = Document(tuple(kept), self.document.open or other.open, causes)


def _one_of(options: Iterable[Document], why: Cause) -> Document:
    """One of several documents: each statement may be there."""
    given = tuple(options)
    shared = [s for s in given[0].statements if all(s in each.statements for each in given)]
    rest = [s for each in given for s in each.statements if s not in shared]
    statements = (*shared, *(_perhaps(s, why) for s in dict.fromkeys(rest)))
    causes = tuple(dict.fromkeys(cause for each in given for cause in each.causes))
    return Document(statements, any(each.open for each in given), causes)


def _perhaps(statement: Statement, *causes: Cause) -> Statement:
    return replace(statement, certain=False, causes=tuple(dict.fromkeys((*statement.causes, *causes))))


def _placed(statement: Statement, twin: Resource, block: Block) -> Statement:
    attribute = where(block, ())[1]
    return replace(statement, resource=twin.key, attribute=attribute, location=block.location)
