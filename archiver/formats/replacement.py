"""Replace credentials in a recorded exchange, and declare each replacement.

Header values become ``[replaced: NAME]`` (in URLs percent-encoded); in bodies a secret
becomes as many ``*``, so that lengths, chunk sizes and JSON stay true. A body whose
secret shows only after its content coding is removed is stored decoded, and says so.

A declaration is ``where name count [flag]`` and never holds the secret. ``where`` is
``url``, ``request-target``, ``request-header NAME``, ``request-body``, ``purpose KEY`` or
the same of the response; flags are ``decoded``, ``cut`` (a coded body that did not
decode to its end lost its rest) and ``unsearched`` (a body that did not decode, stored
as it came). Byte-level rules: ``docs/formats/intake.md``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from archiver.formats import websocket
from archiver.formats.choosing import choose_events, choose_messages
from archiver.formats.http1 import codings_of
from archiver.formats.http1_codings import decode
from archiver.formats.http1_framing import Framed, frame_request, frame_response
from archiver.formats.markers import marker, starred, url_marker, word
from archiver.formats.secret_values import Found, Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from archiver.formats.choosing import Choose

__all__ = [
    "CREDENTIAL_HEADERS",
    "Scrubbed",
    "Secrets",
    "scrub",
    "scrub_purpose",
    "scrub_url",
]

CREDENTIAL_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-wp-nonce"})
"""Headers whose whole value is a credential, whether we know it or not."""

_URL_HEADERS = frozenset({"location", "content-location", "referer", "link", "refresh"})
_PARAMETER = re.compile(
    rb"((?:[?&;#]|%3[fF]|%26)"
    rb"(access_token|refresh_token|id_token|client_secret|api_key|apikey|oauth_token"
    rb"|oauth_signature|_wpnonce|password|appsecret_proof|input_token)(?:=|%3[dD]))"
    rb"(?!%5Breplaced)(?:[^&;#\s<>\"'%]|%(?!26|23|3[bB]))+",
    re.IGNORECASE,
)
_USERINFO = re.compile(rb"://[^/?#\s@<>\"]+@")
_COOKIE = re.compile(rb"([^=;]*=)[^;]+(.*)", re.DOTALL)
_LINE = re.compile(rb"[^\n]*\n?(?:[ \t][^\n]*\n?)*")
_UNKNOWN = "credential"


class Scrubbed(NamedTuple):
    """An exchange fit to be stored, and what was replaced in it."""

    request: bytes
    response: bytes
    replacements: tuple[str, ...]


def scrub(
    request: bytes,
    response: bytes,
    secrets: Secrets,
    *,
    cut: bool = False,
    choose: Choose | None = None,
) -> Scrubbed:
    """Replace every credential in a request and its response. Never raises on any bytes.

    ``cut``: the response did not come to its end, whatever its framing says. ``choose``
    says what may be stored of the messages of a stream (`archiver.formats.choosing`).
    """
    work = _Scrubber(secrets)
    method = request.partition(b" ")[0].decode("latin-1")
    sent = work.message(request, frame_request(request), "request")
    framed = frame_response(response, method)
    received = work.message(
        response, replace(framed, complete=framed.complete and not cut), "response"
    )
    clean = Scrubbed(sent, received, work.declarations())
    return _chosen(clean, method, choose) if choose else clean


def _chosen(clean: Scrubbed, method: str, choose: Choose) -> Scrubbed:
    """Leave out of a stream what may not be stored, and declare that."""
    raw, framed = clean.response, frame_response(clean.response, method)
    if framed.status == 101:  # noqa: PLR2004 - RFC 9110 §15.2.2
        chosen = choose_messages(raw[framed.body_start :], choose)
    else:
        decoded = any(line.endswith(" decoded") for line in clean.replacements)
        body = raw[framed.body_start :] if decoded else framed.payload(raw)
        found = choose_events(framed, body, choose) if framed.body_start >= 0 else None
        if found is None:
            return clean
        chosen = found
    said = tuple(sorted({*clean.replacements, *chosen.declarations}))
    return Scrubbed(clean.request, raw[: framed.body_start] + chosen.body, said)


def scrub_url(url: str, secrets: Secrets) -> tuple[str, tuple[str, ...]]:
    """Return a URL fit to be stored, and the declarations."""
    work = _Scrubber(secrets)
    clean = work.url(url.encode("utf-8", "surrogatepass"), "url")
    return clean.decode("utf-8", "surrogatepass"), work.declarations()


def scrub_purpose(
    purpose: Mapping[str, str], secrets: Secrets
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what a session wants with an exchange fit to be stored, and the declarations."""
    work = _Scrubber(secrets)
    clean = {}
    for key, value in purpose.items():
        data = work.url(value.encode("utf-8", "surrogatepass"), f"purpose {word(key)}")
        clean[key] = data.decode("utf-8", "surrogatepass")
    return clean, work.declarations()


class _Scrubber:
    """The secrets to look for, and what was replaced so far: (where, name, flag) -> count."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._declared: Counter[tuple[str, str, str]] = Counter()

    def declarations(self) -> tuple[str, ...]:
        return tuple(
            " ".join(filter(None, (where, name, str(count), flag)))
            for (where, name, flag), count in sorted(self._declared.items())
        )

    def _declare(self, where: str, found: Sequence[Found], flag: str = "") -> None:
        for span in found:
            self._declared[where, span.name, flag] += 1

    def message(self, raw: bytes, framed: Framed, side: str) -> bytes:
        """Return one message fit to be stored; the very same object where nothing changed."""
        if framed.body_start >= 0:
            head = self._head(raw[: framed.body_start], side)
            body = self._body(raw, framed, f"{side}-body")
            return (
                raw
                if body is None and raw.startswith(head)
                else head + (raw[framed.body_start :] if body is None else body)
            )
        if side == "response" and not framed.status:  # not HTTP at all
            body = self._plain_body(raw, framed, 0, "response-body")
            return raw if body is None else body
        tail = self._secrets.find_tail(raw)
        return self._head(self._marked(raw, tail, f"{side}-head"), side)

    # ── Heads ────────────────────────────────────────────────────────────────────────────

    def _head(self, head: bytes, side: str) -> bytes:
        """Replace credentials in start lines and header lines; other bytes stay as they are."""
        done: list[bytes] = []
        for line in _LINE.findall(head):
            text = line.rstrip(b"\r\n")
            if not done and side == "request":
                done.append(self.url(text, "request-target"))
            else:
                done.append(self._header(text, side))
            done.append(line[len(text) :])
        return b"".join(done)

    def _header(self, line: bytes, side: str) -> bytes:
        name, colon, value = line.partition(b":")
        found = self._secrets.find(line)
        if not colon or (found and found[0].start <= len(name)):
            return self._marked(line, found, f"{side}-head")
        label = word(name.strip().decode("latin-1"))
        where = f"{side}-header {label}"
        if label in _URL_HEADERS:
            return name + colon + self.url(value, where)
        if label == "set-cookie":
            return name + colon + self._cookie(value, where)
        if found or (label in CREDENTIAL_HEADERS and value.strip()):
            return name + colon + self._value(value, found, where)
        return line

    def _value(self, value: bytes, found: Sequence[Found], where: str) -> bytes:
        """Replace a header's whole value."""
        found = found or (Found(0, 0, _UNKNOWN),)
        self._declare(where, found)
        space = value[: len(value) - len(value.lstrip(b" \t"))]
        return space + marker(found[0].name)

    def _cookie(self, value: bytes, where: str) -> bytes:
        """Replace what a cookie is set to; its name and attributes stay (RFC 6265 §4.1.1)."""
        found = self._secrets.find(value)
        cookie = _COOKIE.fullmatch(value)
        if cookie and not self._secrets.find(cookie[1] + b"\n" + cookie[2]):
            return cookie[1] + self._value(b"", found, where) + cookie[2]
        return self._value(value, found, where) if found else value

    def _marked(self, data: bytes, found: Sequence[Found], where: str) -> bytes:
        self._declare(where, found)
        for start, end, name in reversed(found):
            data = data[:start] + marker(name) + data[end:]
        return data

    def url(self, text: bytes, where: str) -> bytes:
        """Replace known secrets, parameters that hold credentials, and user information."""
        found = self._secrets.find(text)
        self._declare(where, found)
        for start, end, name in reversed(found):
            text = text[:start] + url_marker(name) + text[end:]

        def parameter(match: re.Match[bytes]) -> bytes:
            name = word(match[2].decode())
            self._declared[where, name, ""] += 1
            return match[1] + url_marker(name)

        def userinfo(_: re.Match[bytes]) -> bytes:
            self._declared[where, "userinfo", ""] += 1
            return b"://" + url_marker("userinfo") + b"@"

        return _USERINFO.sub(userinfo, _PARAMETER.sub(parameter, text))

    # ── Bodies: None means that nothing had to be replaced ───────────────────────────────

    def _body(self, raw: bytes, framed: Framed, where: str) -> bytes | None:
        codings = codings_of(framed)
        if self._secrets and any(coding.lower() != "identity" for coding in codings):
            plain = decode(framed.payload(raw), codings)
            found = [] if plain.left else self._secrets.find(plain.data)
            if plain.problem:
                flag = "cut" if found else "unsearched"
                self._declared[where, word((plain.left or codings)[-1]), flag] = 0
            if found:
                self._declare(where, found, "decoded")
                self._declare_trailers(framed, where)
                return starred(plain.data, found)
        return self._plain_body(raw, framed, framed.body_start, where)

    def _declare_trailers(self, framed: Framed, where: str) -> None:
        """Say that header lines after a chunked body were given up with its chunks."""
        if framed.trailers:
            self._declared[where, "trailers", "cut"] = len(framed.trailers)

    def _plain_body(self, raw: bytes, framed: Framed, start: int, where: str) -> bytes | None:
        """Replace in place; also what one chunk, or frame, begins and the next one ends."""
        data = raw
        pieces = _pieces(raw, framed)
        if pieces:
            found = self._secrets.find(b"".join(raw[start:end] for start, end in pieces))
            self._declare(where, found)
            data = starred(raw, tuple(_spread(found, pieces))) if found else raw
        found = self._secrets.find(data, start)
        if not framed.complete and len(raw) > start:
            found += [span for span in self._secrets.find_tail(data) if span.start >= start]
        self._declare(where, found)
        data = starred(data, found) if found else data
        return None if data is raw else data[start:]


def _pieces(raw: bytes, framed: Framed) -> tuple[tuple[int, int], ...]:
    """Return where the pieces of a chunked body, or the frames of a WebSocket, lie."""
    if framed.status == 101:  # noqa: PLR2004 - RFC 9110 §15.2.2
        frames = websocket.frames(raw[framed.body_start :])
        return tuple((framed.body_start + a.start, framed.body_start + a.end) for a in frames)
    return framed.ranges if framed.chunked else ()


def _spread(found: Sequence[Found], ranges: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """Yield where in the message the finds of its payload lie, chunk by chunk."""
    ends = list(accumulate(end - start for start, end in ranges))
    for span in found:
        at = span.start
        number = bisect_right(ends, at)
        while at < span.end:
            stop = min(ends[number], span.end)
            shift = ranges[number][1] - ends[number]
            yield Found(at + shift, stop + shift, span.name)
            at, number = stop, number + 1
