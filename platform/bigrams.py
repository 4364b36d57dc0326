"""Text as it is searched: folded, and cut into pairs of characters, so that 张三 is found in 张三商贸.

Case, width and the like are folded away (NFKC and Unicode's case folding), and every run of spaces is one.
Folded text begins with a space, so that " e" tells where a word begins.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from .dialects import Named, say

MOST_PAIRS = 12  # of what is looked for; what has them all is then compared in full
STRANGE = {code: 0xE000 + code for code in range(128) if not chr(code).isalnum()}  # what FTS5 would split at
UNUSED = dict.fromkeys(STRANGE.values())  # means nothing in anybody's text


@dataclass(frozen=True)
class Needle:
    """What is looked for: `text` stands in the folded text, which then has all these pairs."""

    text: str
    pairs: tuple[str, ...]

    @property
    def certain(self) -> bool:
        """Whether what has the pairs holds the text, without a second look."""
        return self.pairs == (self.text,)


def fold(text: str) -> str:
    """The text as it is searched; nothing stays nothing."""
    if text.isascii():
        folded = " ".join(text.lower().split())
    else:
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        folded = " ".join(folded.translate(UNUSED).split())
    return f" {folded}" if folded else ""


def pairs(folded: str) -> set[str]:
    """The pairs of characters in a folded text, and single ones of scripts that know no case, such as Chinese."""
    found = {folded[index : index + 2] for index in range(len(folded) - 1)}
    return found if folded.isascii() else found | {sign for sign in folded if _caseless(sign)}


def needle(search: str) -> Needle | None:
    """What a person typed. A single letter or digit stands for the beginning of a word; None for nothing."""
    text = fold(search)[1:]
    if not text:
        return None
    if len(text) == 1:
        text = text if _caseless(text) else f" {text}"
        return Needle(text, (text,))
    found = list(dict.fromkeys(text[index : index + 2] for index in range(len(text) - 1)))
    step = max(1, -(-len(found) // MOST_PAIRS))
    return Needle(text, tuple(found[::step]))


def tokens(key: str, found: Iterable[str]) -> list[str]:
    """Pairs of the field `key` as words of an index that many fields share."""
    mark = mark_of(key)
    return [mark + pair.translate(STRANGE) for pair in found]


def mark_of(key: str) -> str:
    """One character for a field; two fields may have the same."""
    return chr(0x100 + zlib.crc32(key.encode()) % 0x600)


def _caseless(sign: str) -> bool:
    return unicodedata.category(sign) == "Lo"


class folded(Named):
    """text; on PostgreSQL the folded text is kept instead"""

    type = sa.Text()


class has_text(Named):
    """Whether a folded text holds another: text, needle"""

    type = sa.Boolean()


say(folded, sqlite="folded({})".format, postgresql="{}".format)
say(has_text, sqlite="instr({}, {}) > 0".format, postgresql="strpos({}, {}) > 0".format)


def set_up_sqlite(connection) -> None:
    """Registers what `folded` calls on a sqlite3 connection."""
    connection.create_function("folded", 1, lambda text: None if text is None else fold(text), deterministic=True)
