"""Files to write: told apart by what they are, locked while they are written, put in their place when complete."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec

from ..errors import UsageError

STANDARD_OUTPUT = "standard output"
RESULT_ENDINGS = (".part", ".whole", ".journal")  # of files beside one that is written
LIST_ENDINGS = (".part",)  # beside a list of bad rows


class BusyError(UsageError):
    """Another run is writing the file."""


def target(path: str) -> str:
    """Return the file that a link leads to; renaming a file to the link would replace the link."""
    return os.path.realpath(path) if os.path.islink(path) else path


def check_apart(written: Iterable[tuple[str, str]], read: Iterable[str]) -> None:
    """Raise UsageError if two of the files to write are one, or one of them is read; each comes with what it holds.

    Devices and pipes are not told apart.
    """
    inputs = {_identity(path) for path in read}
    found: dict[object, tuple[str, str]] = {}
    for path, use in written:
        key = _identity(path)
        if key is None:
            continue
        if key in inputs:
            raise UsageError(f"{path} is read, so it cannot be written", hint="choose another name")
        if key in found:
            other = f": it is {found[key][0]}" * (found[key][0] != path)
            what = f"{path} cannot hold both {found[key][1]} and {use}{other}"
            raise UsageError(what, hint="choose another name for one")
        found[key] = path, use


def _identity(path: str) -> object:
    """Return what is equal for two paths of one file, which need not exist; None for a device, a pipe or a folder."""
    try:
        state = os.stat(path)
    except OSError:
        folder, name = os.path.split(os.path.realpath(path))
        return _identity_of_folder(folder), name.casefold() if _ignores_case(folder) else name
    return (state.st_dev, state.st_ino) if stat.S_ISREG(state.st_mode) else None


def _identity_of_folder(folder: str) -> object:
    try:
        state = os.stat(folder)
    except OSError:
        return folder
    return state.st_dev, state.st_ino


def _ignores_case(folder: str) -> bool:
    """Return whether upper and lower case are the same in names of this folder."""
    try:
        return folder != folder.swapcase() and os.path.samefile(folder, folder.swapcase())
    except OSError:
        return False


def check_replaceable(path: str) -> None:
    """Raise UsageError for a file that is there and read-only, also for one who may write it all the same."""
    with suppress(FileNotFoundError):
        if not (os.stat(path).st_mode & 0o222 and os.access(path, os.W_OK)):
            raise UsageError(f"cannot write {path}: it is read-only", hint="choose another name, or make it writable")


def put(complete: str, path: str) -> None:
    """Give a complete file its name; it takes the permissions of the file that it replaces."""
    with suppress(FileNotFoundError):
        os.chmod(complete, os.stat(path).st_mode & 0o777)
    os.replace(complete, path)


def open_locked(path: str, ending: str) -> int:
    """Open a file beside one that is written, such as FILE.part; it is locked while it is open.

    Where the platform has no locks it is not. Raises BusyError if another run has it.
    """
    with writing(path):
        file = os.open(path + ending, os.O_RDWR | os.O_CREAT, 0o666)
    if not (find_spec("fcntl") is None or _locked(file, path + ending)):
        os.close(file)
        raise BusyError(f"another run is writing {path}", hint="wait for it, or stop it")
    return file


def _locked(file: int, path: str) -> bool:
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file), os.stat(path))
    except (BlockingIOError, FileNotFoundError):  # it is gone if the other run has just ended
        return False


def close_written(file: int, path: str) -> None:
    """Close a file that is locked; remove it if there is nothing in it."""
    if file >= 0:
        if not os.fstat(file).st_size:
            with suppress(OSError):
                os.remove(path)
        os.close(file)


def write_all(file: int, data: bytes, path: str) -> None:
    """Write all of the bytes; an OSError has the path."""
    view = memoryview(data)
    with writing(path):
        while view:
            view = view[os.write(file, view) :]


@contextmanager
def writing(path: str) -> Iterator[None]:
    """Put the path into each OSError, which has none from an open file."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), path) from None
