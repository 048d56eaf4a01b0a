"""Which of a store's templates a seller means by a name. Pure."""

from difflib import get_close_matches

from gateway.mail.normal_forms import nfkc
from gateway.store.template_tables import Template

_LEAST_LIKE = 0.4  # difflib's ratio: 送料案内 is like 送料のご案内, 返品 like nothing of it


def name_key(name: str) -> str:
    """What names are compared by: width, case and kinds of space do not matter."""
    return " ".join(nfkc(name).casefold().split())


def template_named(templates: tuple[Template, ...], name: str) -> Template | None:
    key = name_key(name)
    return next((template for template in templates if template.name_key == key), None)


def nearest_template(templates: tuple[Template, ...], name: str) -> Template | None:
    """The one whose name was perhaps meant: one that contains it or is contained, else the most alike."""
    key = name_key(name)
    for template in templates:
        if key and (key in template.name_key or template.name_key in key):
            return template
    close = get_close_matches(key, [template.name_key for template in templates], n=1, cutoff=_LEAST_LIKE)
    return next((template for template in templates if template.name_key in close), None)
