"""Collects what people read into the .po files and compiles what was translated: `make translations`.

Sentences that nobody says any more are dropped; new ones wait, empty, for their translation.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
KEYWORDS = {"_": None, "__": None, "gettext": None, "ngettext": (1, 2)}
SOURCES = {"platform", "builder", "runtime", "templates"}
HEADER = """msgid ""
msgstr ""
"Project-Id-Version: Formloom\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


def said() -> Catalog:
    """Every sentence in code and templates."""
    with (HERE / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    catalog = Catalog()
    found = extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=_ours)
    for _file, _line, sentence, _comments, _context in found:
        catalog.add(sentence)
    return catalog


def written(language: str) -> Catalog:
    with (HERE / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def collect(language: str) -> None:
    folder = HERE / language / "LC_MESSAGES"
    catalog = written(language)
    catalog.update(said(), no_fuzzy_matching=True)
    with (folder / "messages.po").open("wb") as file:
        file.write(HEADER.format(language=language, plurals=catalog.plural_forms).encode())
        write_po(file, catalog, width=120, omit_header=True, sort_output=True, ignore_obsolete=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, written(language))


def _ours(path: str) -> bool:
    return Path(path).relative_to(ROOT).parts[0] in SOURCES


if __name__ == "__main__":
    for folder in HERE.glob("*/LC_MESSAGES"):
        collect(folder.parent.name)
