"""Whether two domains are one organisation's, by their DMARC records (RFC 7489 3.1, with the tree walk of RFC 9989).

The walk replaces a list of public suffixes: a registry's domain (`co.jp`) publishes no such record, or says that it is
one. Where nothing is published only the very same domain is aligned. Pure: the records are given.
"""

from collections.abc import Iterator, Mapping

Records = Mapping[str, tuple[bytes, ...]]  # by name in lower case; a name that DNS did not answer for is not in it

MAX_LABELS = 8  # RFC 9989 4.10: of a longer name its last seven are walked


def may_be_aligned(identity: str, author: str) -> bool:
    """Whether the domains, in lower case, have so much in common that it is worth asking."""
    return bool(author) and (identity == author or _last_two(identity) == _last_two(author))


def record_names(identity: str, author: str) -> Iterator[str]:
    """The names whose TXT records `is_aligned` needs; none for equal domains."""
    if identity != author:
        yield from (f"_dmarc.{domain}" for domain in dict.fromkeys((*_walk(author), *_walk(identity))))


def is_aligned(identity: str, author: str, records: Records) -> bool | None:
    """Whether a proof for `identity` counts for the author's domain; None where an answer is missing.

    RFC 7489 3.1.1: relaxed, unless the author's domain asks for strict alignment."""
    if identity == author:
        return True
    if any(name not in records for name in record_names(identity, author)):
        return None
    organisation = _organisation(author, records)
    policy = _policy(author, records) or _policy(organisation, records)
    return policy.get("adkim", "r") != "s" and organisation == _organisation(identity, records)


def _organisation(domain: str, records: Records) -> str:
    """RFC 9989 4.10.2: the highest domain with a record, unless one says that it is a registry's, or no registry's."""
    highest = domain
    for at in _walk(domain):
        policy = _policy(at, records)
        registry = policy.get("psd")
        if registry == "n":
            return at
        if registry == "y" and at != domain:
            labels = at.count(".") + 2
            return ".".join(domain.split(".")[-labels:])
        if policy and "." in at:  # a top-level domain is nobody's own, whatever it forgot to say
            highest = at
    return highest


def _policy(domain: str, records: Records) -> dict[str, str]:
    """The tags of the domain's one record; {} for none and for several (RFC 7489 6.6.3)."""
    texts = records.get(f"_dmarc.{domain}", ())
    found = [text for text in texts if text.split(b";")[0].replace(b" ", b"") == b"v=DMARC1"]
    if len(found) != 1:
        return {}
    pairs = (tag.partition("=") for tag in found[0].decode("ascii", "replace").lower().split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _walk(domain: str) -> Iterator[str]:
    """The domain and those above it, as far as the walk goes."""
    labels = domain.split(".")
    yield domain
    above = labels[-(MAX_LABELS - 1) :] if len(labels) > MAX_LABELS else labels[1:]
    for start in range(len(above)):
        yield ".".join(above[start:])


def _last_two(domain: str) -> list[str]:
    return domain.split(".")[-2:]
