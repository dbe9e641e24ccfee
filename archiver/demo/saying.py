"""The page on which anybody says something in the demo city: ``/say`` on its address.

``GET`` shows a form. ``POST`` takes ``on`` (an account), ``name`` and ``text``, in the body
as a form sends them or in the query, each of which may be missing.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl

from archiver.demo.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from archiver.demo.answer import Asked

    class Speak(Protocol):
        """Has something said; what is empty is made up."""

        def __call__(self, text: str, name: str, on: str) -> Said: ...


__all__ = ["PATH", "Said", "answer"]

PATH = "/say"
_FORM = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Say something in Quillwater</title>
<style>body {{ font: 1.1rem sans-serif; max-width: 32rem; margin: 3rem auto }}
label {{ display: block; margin: 1rem 0 }} select, input, textarea {{ font: inherit; width: 100% }}
</style>
<h1>Say something in Quillwater</h1>
<p role="status">{said}</p>
<form method="post" action="{path}">
<label>Where <select name="on">{places}</select></label>
<label>Your name <input name="name" placeholder="some resident" maxlength="60"></label>
<label>What <textarea name="text" rows="4" maxlength="300"></textarea></label>
<button>Say it</button>
</form></html>
"""


class Said(NamedTuple):
    """What was said: on which account, by whom, and the words."""

    on: str
    name: str
    text: str


def answer(asked: Asked, places: Sequence[str], speak: Speak) -> Answer:
    """Show the form, or have something said.

    Args:
        asked: the request.
        places: the accounts on which one can speak.
        speak: does it.
    """
    if asked.method in {"GET", "HEAD"}:
        return _page(200, "", places)
    if asked.method != "POST":
        return _json(405, {"message": "what is to be said is posted"})
    body = asked.body.decode("utf-8", "replace")
    sent = {name: value.strip() for text in (asked.query, body) for name, value in parse_qsl(text)}
    on = sent.get("on", "")
    if on and on not in places:
        return _json(404, {"message": f"no such account; there are {', '.join(places)}"})
    said = speak(sent.get("text", ""), sent.get("name", ""), on)
    if "text/html" in asked.headers.get("accept", ""):
        return _page(201, f"{said.name} said on {said.on}: {said.text}", places)
    return _json(201, said._asdict())


def _page(status: int, said: str, places: Sequence[str]) -> Answer:
    options = "".join(f"<option>{escape(one)}</option>" for one in places)
    text = _FORM.format(said=escape(said), path=PATH, places=options)
    return Answer(status, (("Content-Type", "text/html; charset=utf-8"),), text.encode())


def _json(status: int, document: dict[str, str]) -> Answer:
    body = json.dumps(document, ensure_ascii=False).encode()
    return Answer(status, (("Content-Type", "application/json"),), body)
