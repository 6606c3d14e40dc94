"""Takes one file out of a downloaded package: extract.py DIRECTORY NAME-VERSION PATTERN TARGET.

PATTERN is a glob over paths inside the archive; `a::b` looks for b inside the zip that a names.
"""
import fnmatch
import io
import os
import pathlib
import sys
import tarfile
import zipfile


def members(data, name):
    """Yields (path, reader) of a zip or tar archive's files."""
    if zipfile.is_zipfile(data):
        archive = zipfile.ZipFile(data)
        for entry in archive.infolist():
            yield entry.filename, lambda entry=entry: archive.read(entry)
    else:
        data.seek(0)
        archive = tarfile.open(fileobj=data)
        for entry in archive:
            if entry.isfile():
                yield entry.name, lambda entry=entry: archive.extractfile(entry).read()


def find(data, pattern):
    head, _, rest = pattern.partition("::")
    for path, read in members(data, head):
        if fnmatch.fnmatch(path, head):
            return find(io.BytesIO(read()), rest) if rest else read()
    return None


directory, name, pattern, target = sys.argv[1:]
wanted = name.replace("-", "_").lower()
for file in sorted(pathlib.Path(directory).iterdir()):
    if file.name.replace("-", "_").lower().startswith(wanted):
        with open(file, "rb") as data:
            found = find(data, pattern)
        if found:
            temporary = f"{target}.{os.getpid()}"
            pathlib.Path(temporary).write_bytes(found)
            os.replace(temporary, target)
            sys.exit(0)
sys.exit(1)
