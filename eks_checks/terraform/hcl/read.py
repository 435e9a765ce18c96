"""Native syntax: the text of a ``.tf`` file, a template or one expression to its trees."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from eks_checks.location import SourceSpan
from eks_checks.terraform.hcl import template
from eks_checks.terraform.hcl.body import Argument, Body, HclBlock, Problem, SourceFile
from eks_checks.terraform.hcl.convert import convert, convert_template
from eks_checks.terraform.hcl.expression import Expression, Literal, Place
from eks_checks.terraform.hcl.source import Source
from eks_checks.terraform.hcl.step import unreadable
from eks_checks.terraform.hcl.syntax import parse, parse_pieces, parts, refusal, top_level_starts

if TYPE_CHECKING:
    from tree_sitter import Node as SyntaxNode

DEEPEST_BLOCK = 50
MOST_PROBLEMS = 100

_BOM = b"\xef\xbb\xbf"


def read(content: bytes, path: str) -> SourceFile:
    """The blocks and arguments of a file; what cannot be read becomes a Problem, the rest is there.

    A syntax error costs the argument or, where its end cannot be told, the top-level block around it.
    """
    refused = refusal(content)
    if refused:
        return SourceFile(path, Body(), (Problem(path, 1, refused),))
    reader = _FileReader(path)
    body = reader.file(content.removeprefix(_BOM))
    problems = sorted(dict.fromkeys(reader.problems), key=lambda problem: problem.line)
    if len(problems) > MOST_PROBLEMS:
        more = f"{len(problems) - MOST_PROBLEMS} more syntax errors follow"
        problems[MOST_PROBLEMS:] = [Problem(path, problems[MOST_PROBLEMS].line, more)]
    return SourceFile(path, body, tuple(problems))


def read_expression(text: str, at: Place | None = None) -> Expression:
    """One expression, as it stands behind ``=``. With ``at``, everything in it stands there."""
    # In parentheses an expression may span lines; the line end closes a comment.
    opening, closing = b"_ = (\n", b"\n)"
    content = opening + text.encode(errors="replace") + closing
    source = Source(content, first_line=0, at=at)
    if not refusal(content):
        root = parse(content)
        written = _only_value(root)
        if written is not None and not root.has_error:
            inside = parts(written)
            # `1) + (2` would end the parentheses before the text ends.
            if len(inside) == 3 and inside[1].type == "expression":
                return convert(inside[1], source)
    return unreadable(source, len(opening), len(content) - len(closing))


def read_template(text: str, at: Place | None = None) -> Expression:
    """A template as it stands in a file of its own, without quotes: the text of ``templatefile``.

    With ``at``, everything in it stands there.
    """
    if "{" not in text:
        return Literal(text, place=at or Source(text.encode(errors="replace")).place(0, len(text)))
    marker = _marker_not_in(text)
    opening = f"_ = <<{marker}\n".encode()
    content = opening + text.encode(errors="replace") + f"\n{marker}\n".encode()
    source = Source(content, first_line=0, at=at)
    if not refusal(content):
        root = parse(content)
        written = _only_value(root)
        if written is not None and not root.has_error:
            return convert_template(written, source)
    return unreadable(source, len(opening), len(content) - len(marker) - 2)


def _marker_not_in(text: str) -> str:
    marker = "EOT"
    while marker in text:
        marker += "_"
    return marker


def _only_value(root: SyntaxNode) -> SyntaxNode | None:
    """The expression of a file that is one argument and nothing else."""
    inside = parts(root)
    attributes = parts(inside[0]) if len(inside) == 1 and inside[0].type == "body" else []
    if len(attributes) != 1 or attributes[0].type != "attribute":
        return None
    return parts(attributes[0])[-1]


class _FileReader:
    """Makes bodies of one file's tree and collects the problems."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.problems: list[Problem] = []

    def file(self, content: bytes) -> Body:
        """The body that ``content`` is."""
        try:
            content.decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self.problems.append(Problem(self._path, line, "not UTF-8 text"))
            content = content.decode(errors="replace").encode()
        self._source = Source(content, self._path)
        root = parse(content)
        if not root.has_error:
            return self._body(_items(root), 0)
        # Behind an error the grammar may lose the rest of the file, so each block is read alone.
        starts = top_level_starts(content)
        pieces = zip(starts, parse_pieces(content, starts), strict=True)
        return self._body([item for start, piece in pieces for item in self._of_piece(start, piece)], 0)

    def _of_piece(self, start: int, piece: SyntaxNode) -> list[SyntaxNode]:
        items = _items(piece)
        if not piece.has_error or not items:
            return items
        # What stands inside a block that has no end must not be taken for the file's own.
        first, *others = items
        for other in others[-1:]:  # where reading stopped
            self._problem(other, "cannot be read and is left out")
        return [first]

    def _body(self, items: list[SyntaxNode], depth: int) -> Body:
        arguments: dict[str, Argument] = {}
        blocks = []
        spans = [self._source.span(item.start_byte, item.end_byte) for item in items]
        for number, (item, span) in enumerate(zip(items, spans, strict=True)):
            kind = item.type
            if kind == "attribute":
                # HCL wants a line for each argument; the grammar finds some in the ruins of others.
                crowded = _share_a_line(spans[max(0, number - 1) : number + 2])
                argument = self._argument(item, span, crowded)
                if arguments.setdefault(argument.name, argument) is not argument:
                    self._problem(item, f"is left out: `{argument.name}` is set above")
            elif kind == "block" and depth < DEEPEST_BLOCK:
                blocks.append(self._block(item, span, depth))
            else:
                self._problem(item, "cannot be read and is left out")
        return Body(arguments, tuple(blocks))

    def _argument(self, node: SyntaxNode, span: SourceSpan, crowded: bool) -> Argument:
        name, *_, value = parts(node)
        written = self._source.text(name.start_byte, name.end_byte)
        if not node.has_error and not crowded:
            return Argument(written, span, partial(convert, value, self._source))
        self._problem(node, "cannot be read, so that its value is unknown")
        start = min(name.end_byte, value.start_byte)
        return Argument(written, span, partial(unreadable, self._source, start, node.end_byte))

    def _block(self, node: SyntaxNode, span: SourceSpan, depth: int) -> HclBlock:
        body = Body()
        header = []
        for child in parts(node):
            kind = child.type
            if kind == "body":
                body = self._body(_items(child), depth + 1)
            elif child.has_error:
                self._problem(child, "cannot be read: the block may be wrong")
            elif kind == "identifier":
                header.append(self._source.text(child.start_byte, child.end_byte))
            elif kind == "string_lit":
                label = self._source.text(child.start_byte + 1, child.end_byte - 1)
                header.append(template.unescaped(label))
        type_, *labels = header or [""]
        return HclBlock(type_, tuple(labels), body, span)

    def _problem(self, node: SyntaxNode, consequence: str) -> None:
        at = _first_fault(node).start_byte
        if not self._source.text_of_line(at):  # what is missing is missed at the end
            at = node.start_byte
        text = f"`{self._source.text_of_line(at)}` {consequence}"
        self.problems.append(Problem(self._path, self._source.line(at), text))


def _items(node: SyntaxNode) -> list[SyntaxNode]:
    """Arguments, blocks and errors of a body, or of a file."""
    found = []
    for part in parts(node):
        found += parts(part) if part.type == "body" else [part]
    return found


def _share_a_line(spans: list[SourceSpan]) -> bool:
    return any(before.end_line == behind.line for before, behind in pairwise(spans))


def _first_fault(node: SyntaxNode) -> SyntaxNode:
    """The innermost node that could not be read, the first one of several."""
    while not (node.is_error or node.is_missing):
        inner = next((child for child in node.children if child.has_error), None)
        if inner is None:
            break
        node = inner
    return node
