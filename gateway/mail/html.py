"""HTML to readable text: blocks, lists, tables, links in full, quotes as "> " lines. Nothing is fetched (A20)."""

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborHTMLParser, LexborNode

from gateway.mail.attribution import attribution_above
from gateway.mail.headerblock import header_block_at

MAX_QUOTE_MARKS = 20  # deeper quotes are marked no deeper, or nested ones would grow the text with their square

# lexbor's time grows with the square of the nesting, and of the attributes of one element.
MAX_TAGS = 30_000
MAX_NESTING = 1000
MAX_ATTRIBUTES = 200
_FEW_TAGS = 4000  # may nest as they like: some 30 ms
_LITTLE = 16 * 1024  # characters that may hold as many attributes as they like: some 10 ms

_DROPPED = frozenset((
    "script", "style", "head", "title", "template", "svg", "math", "object", "iframe", "embed", "audio", "video",
    "canvas", "noframes", "select", "datalist",
))  # fmt: skip
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "dir", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "li", "main", "menu", "nav", "ol", "p", "pre",
    "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul", *_HEADINGS,
))  # fmt: skip
_SPACED = frozenset(("p", "ul", "ol", "dl", "pre", "table", "blockquote", *_HEADINGS))
_CELLS = frozenset(("td", "th"))
_HEAD = 4096  # octets in which a document must name its charset; HTML says 1024, mailers put styles before
_CHARSET = re.compile(
    rb"<(?:meta\s[^<>]{0,200}?charset|\?xml\s[^<>]{0,100}?encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE
)
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_START_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)(?:[^>=]+|=\s*(?:\"[^\"]*\"|'[^']*')?)*>?")
_ENDS_OF_ATTRIBUTES = re.compile(r"=\s*(?:\"[^\"]*\"|'[^']*')|[\s/]+")
_NEVER_NEST = frozenset((
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
    "param", "source", "td", "th", "tr", "wbr",
))  # fmt: skip
_SPACE = re.compile(r"[ \t\n\r\f\xa0]+")
_FOLDED = re.compile(r"[\t\r\n\f]+[ \xa0]*")
_INVISIBLE = re.compile("[\u00ad\u034f\u200b\u2060\ufeff]")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_QUOTING = re.compile(r"cite|quot|gmail|yahoo|moz|reply|content|proton|tutanota|zmail|origin", re.IGNORECASE)
_DRAWN_BORDER = re.compile(
    r"border(?:-left)?(?:-width|-style)?\s*:(?!\s*(?:none|0|medium\s+none|initial))", re.IGNORECASE
)
_SIGNATURE = re.compile(r"(?:.*[\s_-])?signature(?:[\s_-]block.*|\s.*)?|applemailsignature", re.IGNORECASE)
_FILE_NAME = re.compile(
    r"\s*|[^\s/]{1,80}\.(?:jpe?g|png|gif|heic|webp|bmp)", re.IGNORECASE
)  # a picture's, which is attached
_ENTITY_PAIR = re.compile(  # halves of one character, as JavaScript and Java escape emoji
    r"&#(x?)(d[89ab][0-9a-f]{2}|5(?:5[3-9]|6[0-2])\d{2}|563[01]\d);&#(x?)(d[c-f][0-9a-f]{2}|5[67]\d{3});", re.IGNORECASE
)
_LINK = re.compile(r"(?:https?://|mailto:|tel:)\S", re.IGNORECASE)


def charset_of(octets: bytes) -> str | None:
    """The charset that a document names itself, in `meta` or an XML declaration (HTML 13.2.3.2)."""
    match = _CHARSET.search(octets[:_HEAD])
    return match[1].decode("ascii") if match else None


def to_text(html: str) -> str:
    """The text of a document, "\\n" line ends, without leading and trailing blank lines."""
    html = _ENTITY_PAIR.sub(_whole, _INVISIBLE.sub("", html).replace("\0", ""))
    if len(html) > _LITTLE:
        html = _START_TAG.sub(_with_few_attributes, html)
    tags = html.count("<")
    if tags > MAX_TAGS or (tags > _FEW_TAGS and _nesting(html) > MAX_NESTING):
        html = _TAG.sub(_flat, html)
    body = LexborHTMLParser(html).body
    if body is None:
        return ""
    writer = _Writer()
    for node, entering in _walk(body):
        if node.is_text_node:
            writer.text(node.text_content or "")
        elif entering:
            writer.enter(node.tag or "", node.attributes)
        else:
            writer.leave(node.tag or "")
    return writer.finish()


def _whole(pair: re.Match[str]) -> str:
    high, low = (int(digits, 16 if mark else 10) for mark, digits in ((pair[1], pair[2]), (pair[3], pair[4])))
    if not (0xD800 <= high < 0xDC00 <= low < 0xE000):
        return pair[0]
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)


def _with_few_attributes(tag: re.Match[str]) -> str:
    if len(tag[0]) <= 2 * MAX_ATTRIBUTES or len(_ENDS_OF_ATTRIBUTES.split(tag[0])) <= MAX_ATTRIBUTES:
        return tag[0]
    return f"<{tag[1]}>"


def _nesting(html: str) -> int:
    """How deep elements may nest, at most: those that only lack their end tags count too."""
    depth = deepest = 0
    for tag in _TAG.finditer(html):
        if tag[0].startswith("</"):
            depth = max(0, depth - (tag[1].lower() not in _NEVER_NEST))
        elif tag[1].lower() not in _NEVER_NEST:
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _flat(tag: re.Match[str]) -> str:
    """A tag of a document without nesting: blocks become paragraphs, the rest goes, what is never shown stays so."""
    name = tag[1].lower()
    return tag[0] if name in _DROPPED else "<p>" if name in _BLOCKS or name == "br" else ""


def _walk(root: LexborNode) -> Iterator[tuple[LexborNode, bool]]:
    """Each node when it opens (True) and closes (False), without recursion: mail nests 20,000 deep."""
    open_nodes = [root]
    node: LexborNode | None = root.first_child
    while open_nodes:
        if node is None:
            closed = open_nodes.pop()
            if closed is not root:
                yield closed, False
                node = closed.next
            continue
        if node.is_text_node:
            yield node, True
            node = node.next
        elif _is_dropped(node):
            node = node.next
        else:
            yield node, True
            open_nodes.append(node)
            node = node.first_child


def _is_dropped(node: LexborNode) -> bool:
    if not node.is_element_node or node.tag in _DROPPED:
        return True
    attributes = node.attributes
    return "hidden" in attributes or _HIDDEN.search(attributes.get("style") or "") is not None


def _ends_header_block(lines: Sequence[str]) -> bool:
    """Whether a mail's fields, as a client lists them above a quotation, are the last of the lines."""
    return any(header_block_at(lines, start) == len(lines) for start in range(len(lines)))


class _Writer:
    """Lines under construction. White space collapses as HTML says, but for `pre`."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._space = False
        self._quotes = 0
        self._indents: list[bool] = []  # for each open blockquote whether its writer only wanted to indent
        self._preformatted = 0
        self._signature = False  # the next text is the signature's first
        self._lists: list[int | None] = []  # the next number of an `ol`, None for others
        self._links: list[tuple[str, int, int]] = []  # target, and where its text began: line, piece

    def text(self, text: str) -> None:
        if self._signature and text.strip():
            self._delimit(text.strip())
        if self._preformatted:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self._line.append(first)
            for line in rest:
                self._break()
                self._line.append(line)
            return
        pieces = _SPACE.sub(" ", text)
        if pieces.startswith(" "):
            self._space = True
        if stripped := pieces.strip(" "):
            if self._space and self._line:
                self._line.append(" ")
            self._line.append(stripped)
            self._space = pieces.endswith(" ")

    def enter(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag in _BLOCKS:
            self._block(tag)
        if any(_SIGNATURE.fullmatch(attributes.get(name) or "") for name in ("class", "id")):
            self._flush()
            self._signature = not self._quotes
        if tag == "br":
            self._break()
        elif tag == "hr":
            self._line.append("-" * 20)
            self._break()
        elif tag in _CELLS and self._line:
            self._line.append("  ")
        elif tag == "img" and not _FILE_NAME.fullmatch(alt := attributes.get("alt") or ""):
            self.text(f" {alt} ")
        elif tag == "a":
            self._links.append((attributes.get("href") or "", len(self._lines), len(self._line)))
        elif tag == "blockquote":
            indent = not self._quotes and self._is_indent(attributes)
            self._indents.append(indent)
            self._quotes += not indent
        elif tag == "pre":
            self._preformatted += 1
        elif tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._item()

    def leave(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._close_link(*self._links.pop())
        if tag in _BLOCKS:
            self._flush()
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "blockquote" and self._indents:
            self._quotes -= not self._indents.pop()
        elif tag == "pre":
            self._preformatted -= 1
        if tag in _BLOCKS:
            self._block(tag)

    def finish(self) -> str:
        self._flush()
        return _INVISIBLE.sub("", "\n".join(self._lines)).strip("\n")  # those that came as entities

    def _is_indent(self, attributes: dict[str, str | None]) -> bool:
        """Whether a blockquote is a writer's own indentation: no client marked it, draws a line beside it or wrote an
        attribution above it."""
        marks = " ".join(f"{name} {value or ''}" for name, value in attributes.items() if name != "style")
        if _QUOTING.search(marks) or _DRAWN_BORDER.search(attributes.get("style") or ""):
            return False
        self._flush()
        above = [line for line in self._lines[-8:] if line.strip()]
        return not above or (attribution_above(above, len(above)) == len(above) and not _ends_header_block(above))

    def _delimit(self, beginning: str) -> None:
        """Before a client's element for the signature, the line that plain mail has there (RFC 3676 4.3)."""
        self._signature = False
        if not beginning.startswith("--") and self._lines and not self._lines[-1].startswith("--"):
            self._lines.append("-- ")

    def _item(self) -> None:
        mark = "・"
        if self._lists and (number := self._lists[-1]) is not None:
            mark, self._lists[-1] = f"{number}. ", number + 1
        self._line.append("  " * max(0, min(len(self._lists), MAX_QUOTE_MARKS) - 1) + mark)

    def _close_link(self, target: str, line: int, piece: int) -> None:
        """`text <target>`, unless the text is the target or the target leads nowhere."""
        text = "".join(self._line[piece:]).strip() if line == len(self._lines) else ""
        target = _FOLDED.sub("", target.strip()).replace(" ", "%20")  # as browsers do
        plain = target.removeprefix("mailto:").removeprefix("tel:")
        if _LINK.match(target) and text.rstrip("/") not in (target.rstrip("/"), plain):
            self._line.append(f"{' ' if text else ''}<{target}>")

    def _block(self, tag: str) -> None:
        self._flush()
        if tag not in _SPACED or self._lists or not self._lines:
            return
        blank = self._marks().rstrip()
        if self._lines[-1].strip("> "):
            self._lines.append(blank)
        elif len(blank) < len(self._lines[-1]):  # the blank line after a quote is no part of it
            self._lines[-1] = blank

    def _break(self) -> None:
        if self._line:
            self._flush()
        else:
            self._lines.append(self._marks().rstrip())
        self._space = False

    def _flush(self) -> None:
        line = "".join(self._line)
        if line.strip():
            self._lines.append(self._marks() + (line if self._preformatted else line.rstrip(" ")))
        self._line = []
        self._space = False

    def _marks(self) -> str:
        return "> " * min(self._quotes, MAX_QUOTE_MARKS)
