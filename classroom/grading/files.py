"""What lies in SUBMISSIONS, a folder or a zip, in which a zip counts as a folder.

Of a zip nothing is ever written to the disk, so that no path in it can lead out of anywhere.
"""

from __future__ import annotations

import io
import lzma
import re
import stat
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

LARGEST = 50_000_000  # bytes of a file
MOST = 20_000  # files in a zip
LARGEST_ZIP = 200_000_000  # bytes of a zip in a zip, which is read into memory
WHOLE = 4_000_000_000  # bytes of what a zip holds
UNWANTED = {"__MACOSX", "__pycache__", "node_modules", "site-packages"}
LINK = "a link, which is not followed"
NOTHING = "no notebook in this folder"
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)


class UnreadableError(ValueError):
    """A file that cannot be read, with the reason."""


def _nothing() -> bytes:
    raise UnreadableError("it has no content")


@dataclass(frozen=True)
class File:
    """A file as it was handed in, or a folder with nothing in it.

    Attributes:
        path: below SUBMISSIONS.
        changed: when, in seconds since 1970.
        problem: why it cannot be read, or nothing.
        content: reads it, and raises OSError or UnreadableError.
    """

    path: PurePosixPath
    changed: float = 0.0
    problem: str = ""
    content: Callable[[], bytes] = field(default=_nothing, compare=False, repr=False)

    @property
    def place(self) -> str:
        """The path as text."""
        return self.path.as_posix()


def listing(submissions: Path) -> list[File]:
    """Return all files of a folder or a zip, in the order of their names, where 10 follows 9.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with zipfile.ZipFile(Path(folder, "ada.zip"), "w") as archive:
        ...         archive.writestr("hw/03.ipynb", "{}")
        ...     [(file.place, file.content()) for file in listing(Path(folder))]
        [('ada.zip/hw/03.ipynb', b'{}')]
    """
    top = PurePosixPath()
    found = _folder(submissions, top) if submissions.is_dir() else _opened(submissions, top)
    return sorted(found, key=lambda file: [_in_order(part) for part in file.path.parts])


def _in_order(name: str) -> list[tuple[int, str]]:
    parts = re.findall(r"\d+|\D+", name)
    return [(int(p), "") if p.isdecimal() and len(p) < 20 else (0, p) for p in parts]


def _wanted(name: str) -> bool:
    return not name.startswith((".", "~$")) and name not in UNWANTED


def _folder(folder: Path, at: PurePosixPath) -> Iterator[File]:
    for entry in folder.iterdir():
        if not _wanted(entry.name):
            continue
        place = at / entry.name
        try:
            status = entry.lstat()
        except OSError as error:
            yield File(place, problem=f"cannot be read: {error.strerror}")
            continue
        if stat.S_ISDIR(status.st_mode):
            inside = list(_folder(entry, place))
            yield from inside or [File(place, status.st_mtime, NOTHING)]
        elif entry.suffix.casefold() == ".zip" and stat.S_ISREG(status.st_mode):
            yield from _opened(entry, place)
        else:
            yield File(place, status.st_mtime, _problem(status.st_mode, status.st_size), _of(entry))


def _problem(mode: int, size: int) -> str:
    if stat.S_ISLNK(mode):
        return LINK
    if not stat.S_ISREG(mode):
        return "no ordinary file"
    limit = f"larger than {LARGEST // 1_000_000} MB: a notebook without its outputs is smaller"
    return limit if size > LARGEST else ""


def _of(path: Path) -> Callable[[], bytes]:
    def content() -> bytes:
        with path.open("rb") as file:
            return file.read(LARGEST)

    return content


def _opened(path: Path, at: PurePosixPath) -> Iterator[File]:
    """Yield the files of a zip on the disk, which stays open as long as one of them is known."""
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, ValueError, *BROKEN) as error:
        yield File(at, problem=f"no zip that can be opened ({error})")
        return
    yield from _members(lambda: archive, at, deeper=True)


def _members(
    opened: Callable[[], zipfile.ZipFile], at: PurePosixPath, *, deeper: bool
) -> Iterator[File]:
    """Yield the files of a zip, and of the zips in it, but not of those in these."""
    members = [one for one in opened().infolist() if not one.is_dir()]
    if len(members) > MOST:
        yield File(at, problem=f"a zip of more than {MOST:,} files")
        return
    if sum(one.file_size for one in members) > WHOLE:
        yield File(at, problem=f"a zip that holds more than {WHOLE // 10**9} GB")
        return
    none = True
    for one in members:
        parts = PurePosixPath(_name(one).replace("\\", "/")).parts
        if not all(map(_wanted, set(parts) - {".."})):
            continue
        none = False
        place = at.joinpath(*(part for part in parts if part not in ("/", "..")))
        mode = one.external_attr >> 16
        is_zip = place.suffix.casefold() == ".zip"
        problem = _problem(mode if stat.S_IFMT(mode) else stat.S_IFREG, one.file_size)
        if ".." in parts or parts[:1] == ("/",):
            problem = "its path leads out of the zip"
        elif one.flag_bits & 1:
            problem = "protected by a password"
        elif is_zip and not deeper:
            problem = "a zip in a zip in a zip"
        elif is_zip and one.file_size <= LARGEST_ZIP:
            yield from _zip_in_zip(opened, one, place)
            continue
        yield File(place, _changed(one), problem, _member(opened, one, LARGEST))
    if none:
        yield File(at, problem=NOTHING)


def _zip_in_zip(
    opened: Callable[[], zipfile.ZipFile], one: zipfile.ZipInfo, place: PurePosixPath
) -> Iterator[File]:
    content = _member(opened, one, LARGEST_ZIP)

    def again() -> zipfile.ZipFile:  # so that not all of them are in memory
        return zipfile.ZipFile(io.BytesIO(content()))

    try:
        yield from _members(again, place, deeper=False)
    except (OSError, ValueError, *BROKEN) as error:
        yield File(place, problem=f"no zip that can be opened ({error})")


def _member(
    opened: Callable[[], zipfile.ZipFile], one: zipfile.ZipInfo, most: int
) -> Callable[[], bytes]:
    def content() -> bytes:
        try:
            with opened().open(one) as stream:
                return stream.read(most)
        except (RuntimeError, *BROKEN) as error:
            raise UnreadableError(f"cannot be unpacked ({error})") from None

    return content


def _name(one: zipfile.ZipInfo) -> str:
    """Return a name in a zip; macOS writes UTF-8 and does not say so."""
    try:
        return one.filename if one.flag_bits & 0x800 else one.filename.encode("cp437").decode()
    except UnicodeError:
        return one.filename


def _changed(one: zipfile.ZipInfo) -> float:
    try:
        return time.mktime((*one.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0
