"""Files with references to the outside, and a server that notes every request for them."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from PIL import Image

from tests.documents import decks

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ODF = "urn:oasis:names:tc:opendocument:xmlns"


@dataclass
class Listener:
    """A server that answers every request with a picture."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Listener]:
    data = io.BytesIO()
    Image.new("RGB", (40, 40), decks.RED).save(data, "PNG")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            listener.asked.append(f"{self.command} {self.path}")
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(data.getvalue())))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data.getvalue())

        do_HEAD = do_OPTIONS = do_PROPFIND = do_CONNECT = do_GET  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener = Listener(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def linked_deck(file: Path, url: str) -> Path:
    """Write a slide with a linked picture in place of an embedded one, and a link to click on."""
    deck = decks.new_deck()
    slide = decks.titled(deck, "外部图片")
    picture = decks.photo(slide, 2, 3, 2)
    blip = picture._element.blipFill.find(f"{{{decks.A}}}blip")
    blip.attrib.pop(f"{{{RELATIONS}}}embed")
    blip.set(f"{{{RELATIONS}}}link", slide.part.relate_to(f"{url}/deck.png", f"{RELATIONS}/image", is_external=True))
    said = slide.shapes.title.text_frame.paragraphs[0].runs[0]
    said.hyperlink.address = f"{url}/click"
    decks.titled(deck, "第二页")
    deck.save(file)
    return file


def linked_odp(file: Path, url: str) -> Path:
    """Write two pages in ODF. The picture of the second is elsewhere."""
    frame = (
        '<draw:frame svg:x="2cm" svg:y="2cm" svg:width="5cm" svg:height="5cm">'
        f'<draw:image xlink:href="{url}/odp.png" xlink:type="simple" xlink:show="embed" xlink:actuate="onLoad"/>'
        "</draw:frame>"
    )
    return _odf(file, "presentation", f'<draw:page draw:name="1"/><draw:page draw:name="2">{frame}</draw:page>')


def linked_odt(file: Path, url: str) -> Path:
    """Write a text with a section and a picture that are elsewhere."""
    return _odf(
        file,
        "text",
        f'<text:section text:name="s"><text:section-source xlink:href="{url}/section.odt"/>'
        '<text:p>old</text:p></text:section><text:p><draw:frame svg:width="5cm" svg:height="5cm">'
        f'<draw:image xlink:href="{url}/odt.png"/></draw:frame></text:p>',
    )


def linked_docx(file: Path, url: str) -> Path:
    """Write a text with a linked picture, a field that fetches another one, and a template elsewhere."""
    drawing = (
        '<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        '<wp:extent cx="900000" cy="900000"/><wp:docPr id="1" name="p"/>'
        f'<a:graphic xmlns:a="{decks.A}"><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr>'
        '<pic:cNvPr id="1" name="p"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        f'<a:blip r:link="rId1" xmlns:r="{RELATIONS}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
        '<a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="900000"/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
    fetching = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> INCLUDEPICTURE "{url}/field.png" \\d </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>x</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    old = (
        '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" style="width:50pt;height:50pt">'
        f'<v:imagedata src="{url}/vml.png"/></v:shape></w:pict></w:r>'
    )
    settings = "application/vnd.openxmlformats-officedocument.wordprocessingml.settings+xml"
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.document.main+xml"/>'
            f'<Override PartName="/word/settings.xml" ContentType="{settings}"/></Types>',
        )
        archive.writestr("_rels/.rels", _relations(("rId1", "officeDocument", "word/document.xml", "Internal")))
        archive.writestr(
            "word/_rels/document.xml.rels",
            _relations(
                ("rId1", "image", f"{url}/docx.png", "External"), ("rId2", "settings", "settings.xml", "Internal")
            ),
        )
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>外部内容</w:t></w:r>{drawing}{fetching}{old}</w:p>'
            "</w:body></w:document>",
        )
        archive.writestr(
            "word/settings.xml",
            f'<w:settings xmlns:w="{WORD}" xmlns:r="{RELATIONS}"><w:attachedTemplate r:id="rId1"/></w:settings>',
        )
        archive.writestr(
            "word/_rels/settings.xml.rels", _relations(("rId1", "attachedTemplate", f"{url}/template.dotm", "External"))
        )
    return file


def _relations(*entries: tuple[str, str, str, str]) -> str:
    body = "".join(
        f'<Relationship Id="{name}" Type="{RELATIONS}/{kind}" Target="{target}" TargetMode="{mode}"/>'
        for name, kind, target, mode in entries
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{body}</Relationships>'


def _odf(file: Path, kind: str, body: str) -> Path:
    names = " ".join(
        f'xmlns:{short}="{ODF}:{name}:1.0"'
        for short, name in (
            ("office", "office"), ("draw", "drawing"), ("text", "text"), ("style", "style"), ("svg", "svg-compatible"),
            ("presentation", "presentation"),
        )
    )  # fmt: skip
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    with ZipFile(file, "w") as archive:
        archive.writestr("mimetype", mimetype)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{ODF}:manifest:1.0" manifest:version="1.2">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{mimetype}"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            "</manifest:manifest>",
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content {names} xmlns:xlink="http://www.w3.org/1999/xlink" office:version="1.2">'
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        )
    return file
