"""RFC 3676: paragraphs that a mailer cut into lines, put together again."""


def unflow(text: str, delsp: bool = False) -> str:
    """`text` ("\\n" line ends) of a `format=flowed` part as its writer saw it; quote marks stay, as "> " each."""
    lines: list[str] = []
    paragraph: list[str] = []
    depth = 0
    for line in text.split("\n"):
        content = line.lstrip(">")
        line_depth = len(line) - len(content)
        content = content.removeprefix(" ")  # 4.4 space-stuffing
        if paragraph and line_depth != depth:  # 4.5: a flowed line before another quote depth is a fixed one
            lines.append(_marked("".join(paragraph), depth))
            paragraph = []
        depth = line_depth
        if content.endswith(" ") and content != "-- ":  # 4.3: the signature separator is never flowed
            paragraph.append(content[:-1] if delsp else content)
            continue
        lines.append(_marked("".join([*paragraph, content]), depth))
        paragraph = []
    if paragraph:
        lines.append(_marked("".join(paragraph), depth))
    return "\n".join(lines)


def _marked(line: str, depth: int) -> str:
    return f"{'>' * depth} {line}" if depth else line
