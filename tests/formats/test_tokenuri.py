"""Names of keys in tokens (RFC 7512): read as they are meant, refused without quoting a PIN."""

from __future__ import annotations

import pytest

from archiver.errors import UsageError
from archiver.formats.tokenuri import TokenUri, parse

MODULE = "?module-path=/usr/lib/softhsm/libsofthsm2.so"


def test_what_a_name_says() -> None:
    """Escapes are undone, also of bytes that are no text; the order does not matter."""
    found = parse(
        "pkcs11:object=the%20clerk;token=Stadt%20K%c3%b6ln;id=%01%fF;serial=b5;type=private"
        "?pin-source=file:/etc/token_pin&module-path=/usr/lib/p11.so"
    )
    assert found == TokenUri(
        token="Stadt Köln",
        serial="b5",
        object="the clerk",
        id=b"\x01\xff",
        module="/usr/lib/p11.so",
        pin_source="file:/etc/token_pin",
    )
    assert str(found) == "pkcs11:token=Stadt%20K%C3%B6ln;serial=b5;object=the%20clerk;id=%01%ff"
    assert parse(f"{found}?module-path=/m")[:6] == found[:6]


@pytest.mark.parametrize(
    "text",
    [
        "clerk.key",
        "pkcs11:object=a",
        "pkcs11:object=a?module-path=p11.so",
        f"pkcs11:object=a;object=b{MODULE}",
        f"pkcs11:object={MODULE}",
        f"pkcs11:object=%zz{MODULE}",
        f"pkcs11:object=%ff{MODULE}",
        f"pkcs11:colour=red{MODULE}",
        f"pkcs11:type=cert{MODULE}",
        f"pkcs11:object=a{MODULE}&module-name=softhsm",
        f"pkcs11:object=a{MODULE}&pin-source",
    ],
)
def test_other_names_are_refused(text: str) -> None:
    """Each with a way to mend it."""
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert (caught.value.code, bool(caught.value.mend)) == ("token-uri", True)


@pytest.mark.parametrize("place", [";pin-value=8642" + MODULE, MODULE + "&pin-value=8642"])
def test_a_pin_in_a_name_is_refused_and_not_quoted(place: str) -> None:
    """Whoever writes the PIN on the command line is told, without it."""
    with pytest.raises(UsageError) as caught:
        parse(f"pkcs11:object=a{place}")
    assert caught.value.code == "pin-shown"
    assert "8642" not in f"{caught.value} {caught.value.__cause__} {caught.value.__context__}"
