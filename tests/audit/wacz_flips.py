"""Run by the Python that has `wacz`: flips bits of a WACZ and has `wacz validate` judge each.

``python wacz_flips.py FILE`` with numbers of bits, one a line, on standard input. Prints one
JSON object: how many were refused, and of the others how many the zip yields as before or
otherwise. Stands alone: it imports nothing of ours.
"""

import io
import json
import sys
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from wacz.main import main  # type: ignore[import-not-found]  # in its own environment


def valid(path: Path) -> bool:
    """Tell whether the command says that a file is valid; whatever it raises is a refusal."""
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            return bool(main(["validate", "-f", str(path)]) == 0)
    except (Exception, SystemExit):  # noqa: BLE001 - of a program by others: any error refuses
        return False


def content(data: bytes) -> dict[str, bytes] | None:
    """Return the files in a zip, None where one can't be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            return {name: file.read(name) for name in file.namelist()}
    except Exception:  # noqa: BLE001 - zipfile raises many things
        return None


def judge(path: Path) -> dict[str, int]:
    """Flip, validate, and put the file back."""
    data, counts = path.read_bytes(), {"refused": 0, "same content": 0, "other content": 0}
    true = content(data)
    if true is None or not valid(path):
        message = "the file is not valid as it is"
        raise SystemExit(message)
    for bit in map(int, sys.stdin):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        said = "same content" if content(bytes(changed)) == true else "other content"
        counts[said if valid(path) else "refused"] += 1
    path.write_bytes(data)
    return counts


if __name__ == "__main__":
    sys.stdout.write(json.dumps(judge(Path(sys.argv[1]))))
