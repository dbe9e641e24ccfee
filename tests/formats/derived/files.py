"""Files of each kind, made here, honest and hostile."""

from __future__ import annotations

import zipfile
import zlib
from email.message import EmailMessage
from io import BytesIO

import pypdf
import typst
from PIL import Image, ImageDraw, ImageFont
from pypdf.annotations import Text
from pypdf.generic import NameObject, StreamObject

__all__ = [
    "bomb_pdf",
    "docx",
    "encrypted_pdf",
    "mail",
    "odt",
    "pdf",
    "picture",
    "scan",
    "sheet",
    "slides",
    "zipped",
]

W = 'xmlns:w="urn:w" xmlns:a="urn:a" xmlns:r="urn:r"'


def zipped(members: dict[str, str | bytes]) -> bytes:
    """Return a zip file."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def docx(body: str, **more: str | bytes) -> bytes:
    """Return a document whose body is XML of runs; ``more``: parts, by name with __ for a slash."""
    parts = {name.replace("__", "/"): data for name, data in more.items()}
    document = f"<w:document {W}><w:body>{body}</w:body></w:document>"
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": document, **parts})


def sheet(cells: str, shared: list[str]) -> bytes:
    """Return a workbook of one sheet."""
    texts = "".join(f"<si><t>{one}</t></si>" for one in shared)
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": '<workbook><sheets><sheet name="Ledger"/></sheets></workbook>',
            "xl/sharedStrings.xml": f"<sst>{texts}</sst>",
            "xl/worksheets/sheet1.xml": f"<worksheet><row>{cells}</row></worksheet>",
        }
    )


def slides(*texts: str) -> bytes:
    """Return a presentation with a text on each slide."""
    parts: dict[str, str | bytes] = {"[Content_Types].xml": "<Types/>"}
    for number, text in enumerate(texts, 1):
        slide = f"<p:sld {W} xmlns:p='urn:p'><a:p>{text}</a:p></p:sld>"
        parts[f"ppt/slides/slide{number}.xml"] = slide
    return zipped(parts)


def odt(body: str, manifest: str = "<m/>") -> bytes:
    """Return an OpenDocument text."""
    names = 'xmlns:office="urn:o" xmlns:text="urn:t"'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": manifest,
            "content.xml": f"<office:body {names}>{body}</office:body>",
            "meta.xml": f"<office:meta {names} xmlns:dc='urn:d'><dc:title>Plan</dc:title>"
            "<dc:creator>Ann</dc:creator></office:meta>",
        }
    )


def pdf(text: str, note: str = "") -> bytes:
    """Return a PDF as typst makes it; ``note``: what a note on its first page says."""
    made = typst.compile(text.encode())
    if not note:
        return made
    writer = pypdf.PdfWriter(clone_from=BytesIO(made))
    writer.add_annotation(0, Text(text=note, rect=(0, 0, 9, 9)))
    return _saved(writer)


def encrypted_pdf(text: str, password: str) -> bytes:
    """Return a PDF that opens with a password."""
    writer = pypdf.PdfWriter(clone_from=BytesIO(pdf(text)))
    writer.encrypt(password, "owner", algorithm="AES-256")
    return _saved(writer)


def bomb_pdf(size: int) -> bytes:
    """Return a PDF whose page unpacks to so many bytes."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(9, 9)
    stream = StreamObject()
    stream._data = zlib.compress(b"BT (x) Tj ET " * (size // 13), 9)
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    page[NameObject("/Contents")] = writer._add_object(stream)
    return _saved(writer)


def _saved(writer: pypdf.PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def picture(text: str) -> Image.Image:
    """Return a picture of a text."""
    made = Image.new("RGB", (1000, 200), "white")
    ImageDraw.Draw(made).text((40, 60), text, fill="black", font=ImageFont.load_default(60))
    return made


def scan(text: str, form: str) -> bytes:
    """Return a picture of a text as a file: ``PNG``, ``PDF`` and the like."""
    out = BytesIO()
    picture(text).save(out, form)
    return out.getvalue()


def mail(body: str, attachment: bytes, name: str) -> bytes:
    """Return a message with a file attached."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "ann@city.example", "bob@city.example", "Café"
    made.set_content(body)
    made.add_alternative(f"<p>{body} <b>in</b>line</p>", subtype="html")
    made.add_attachment(attachment, maintype="application", subtype="pdf", filename=name)
    return made.as_bytes()
