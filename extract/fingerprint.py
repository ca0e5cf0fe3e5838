"""What made a result: hashes of the code and data that read documents, and of those that fold claims."""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# A version that someone must remember to raise is forgotten one day, and an upgraded installation then
# goes on with what the old one read. So it is taken from what does the work: the files of our own that a
# module imports, directly or not, the data that lie beside them, and the versions of the libraries that
# those files import. A change there that changes nothing, such as a comment's, costs one more reading;
# none is missed. The files lie beside this one in a checkout and in an installed wheel, and hash alike.

_CODE = Path(__file__).parent.parent
_OWN = frozenset({"kg", "extract"})
_IMPORT = re.compile(rb"^ *(?:from|import) ([\w.]+)", re.MULTILINE)
_DISTRIBUTIONS = {"markdown_it": "markdown-it-py", "yaml": "PyYAML"}  # those not named as what they hold


@lru_cache(maxsize=1)
def extractor_version() -> str:
    """Return a hash of all that decides which claims a document makes."""
    # The components are named to spaCy, not imported by what uses them.
    return _hash_of("extract.load", "extract.claims", "extract.components")


@lru_cache(maxsize=1)
def fold_version() -> str:
    """Return a hash of all that decides which graph the same claims make, and which texts are embedded."""
    return _hash_of("extract.fold", "extract.texts")


@lru_cache(maxsize=1)
def checks_version() -> str:
    """Return a hash of all that decides what a language model is asked, and which of its claims are kept."""
    return _hash_of("extract.llm.prompt", "extract.llm.check")


def _hash_of(*modules: str) -> str:
    files, libraries = _closure(modules)
    digest = hashlib.sha256(unicodedata.unidata_version.encode())
    for library in sorted(libraries):
        digest.update(f"\0{library}\0{_installed(library)}".encode())
    for path in sorted([*files, *_data()]):
        content = path.read_bytes()
        digest.update(f"\0{path.relative_to(_CODE).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]


def _closure(modules: tuple[str, ...]) -> tuple[set[Path], set[str]]:
    """Return the files of our own that the modules are made of, and the libraries that these import."""
    files: set[Path] = set()
    libraries: set[str] = set()
    waiting = list(modules)
    while waiting:
        for path in _files(waiting.pop()):
            if path in files:
                continue
            files.add(path)
            for found in _IMPORT.finditer(path.read_bytes()):
                module = found[1].decode()
                root = module.partition(".")[0]
                if root in _OWN:
                    waiting.append(module)
                elif root not in sys.stdlib_module_names:
                    libraries.add(root)
    return files, libraries


def _files(module: str) -> Iterator[Path]:
    """Yield the file of a module; of a package all, as its modules may be imported by their short names."""
    path = _CODE.joinpath(*module.split("."))
    if path.is_dir():
        yield from path.glob("*.py")
    else:
        yield path.with_suffix(".py")


def _data() -> Iterator[Path]:
    for path in Path(__file__).parent.iterdir():
        if path.is_file() and path.suffix != ".py" and not path.name.startswith("."):
            yield path


def _installed(library: str) -> str:
    try:
        return version(_DISTRIBUTIONS.get(library, library))
    except PackageNotFoundError:
        return ""  # an extra that is not installed
