import hashlib
import json
import zlib

import pytest

from extract.blocks import BlockKind, SpanStyle
from extract.load import LoadError, load

PAGE = """<!doctype html>
<html><head><title>Caches | A Site</title><script>var x = "no";</script></head>
<body><nav><ul><li>Menu</li></ul></nav>
<main><h1>Caches &amp; stores <a class="headerlink" href="#c">¶</a></h1>
<p>A <strong>cache</strong> is
   near. See <a href="https://x.org/redis">Redis</a>.</p>
<h2>Kinds</h2>
<p>Two kinds:</p>
<ul><li>Local
<ol><li>memory</li><li><p>disk</p><p>slower</p></li></ol></li><li>Shared</li></ul>
<table><tr><th>Tool</th><th>Cost</th></tr><tr><td>Redis</td><td>low<br>enough</td></tr><tr><td></td><td>none</td></tr></table>
<pre><code class="language-python">import redis
  x = 1</code></pre>
<dl><dt>TTL</dt><dd>Time to live.</dd></dl>
</main><aside>Ads</aside><footer>Imprint</footer></body></html>
"""


def of_kind(loaded, kind):
    return [block for block in loaded.blocks if block.kind is kind]


def test_a_web_page_gives_its_main_text_with_headings_and_lines():
    loaded = load("page.html", PAGE.encode())
    assert loaded.title == "Caches & stores"
    assert [(b.text, b.headings, b.line) for b in of_kind(loaded, BlockKind.PARAGRAPH)] == [
        ("A cache is near. See Redis.", ("Caches & stores",), 5),
        ("Two kinds:", ("Caches & stores", "Kinds"), 8),
        ("slower", ("Caches & stores", "Kinds"), 10),
    ]
    spans = of_kind(loaded, BlockKind.PARAGRAPH)[0].spans
    assert [(span.style, span.target) for span in spans] == [
        (SpanStyle.BOLD, ""),
        (SpanStyle.LINK, "https://x.org/redis"),
    ]


def test_a_web_pages_lists_tables_and_code_keep_their_shape():
    loaded = load("page.html", PAGE.encode())
    assert [(b.text, b.level, b.ordered, b.lead) for b in of_kind(loaded, BlockKind.ITEM)] == [
        ("Local", 0, False, "Two kinds:"),
        ("memory", 1, True, "Local"),
        ("disk", 1, True, "Local"),
        ("Shared", 0, False, "Two kinds:"),
        ("TTL: Time to live.", 0, False, ""),
    ]
    rows = [(row.columns, row.cells) for row in of_kind(loaded, BlockKind.ROW)]
    assert rows == [(("Tool", "Cost"), ("Redis", "low enough")), (("Tool", "Cost"), ("", "none"))]
    code = of_kind(loaded, BlockKind.CODE)[0]
    assert (code.text, code.language) == ("import redis\n  x = 1", "python")


def test_a_web_pages_blocks_are_stretches_of_the_text_extracted():
    loaded = load("page.html", PAGE.encode())
    stretches = [loaded.source[block.start : block.start + len(block.raw)] for block in loaded.blocks]
    assert stretches == [block.raw for block in loaded.blocks]
    assert all(block.quote(0, len(block.text)) == block.text for block in loaded.blocks)


def test_a_web_page_without_main_part_is_read_from_its_body():
    loaded = load(
        "page.htm",
        b"<html><head><title>Notes - Me</title></head><body><div>Just <i>words</i>.</div></body></html>",
    )
    assert (loaded.title, loaded.blocks[0].text) == ("Notes", "Just words.")


def test_ten_thousand_open_elements_are_too_many_and_five_thousand_are_not():
    assert load("a.html", b"<html><body>" + b"<div>" * 5_000 + b"deep").blocks[0].text == "deep"
    with pytest.raises(LoadError, match="nested more than 10,000 deep"):
        load("a.html", b"<html><body>" + b"<div>" * 11_000 + b"deep")


def test_the_content_decides_where_the_suffix_is_wrong():
    assert load("page.txt", PAGE.encode()).title == "Caches & stores"
    fenced = "## One\n\nSome words here.\n\n```python\nx = 1\n```\n"
    assert load("note.txt", fenced.encode()).blocks[-1].kind is BlockKind.CODE
    assert load("README", b"Plain words.").blocks[0].text == "Plain words."


def notebook(*cells):
    found = [{"cell_type": kind, "source": source.splitlines(keepends=True)} for kind, source in cells]
    return json.dumps(
        {"cells": found, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4}, indent=1
    )


def test_a_notebook_gives_text_and_code_at_the_files_own_lines():
    text = notebook(("markdown", "# Caches\n\nNear “data”."), ("code", "x = 1\nprint(x)"), ("raw", "no"))
    loaded = load("a.ipynb", text.encode())
    assert [(b.kind, b.text) for b in loaded.blocks] == [
        (BlockKind.HEADING, "Caches"),
        (BlockKind.PARAGRAPH, "Near “data”."),
        (BlockKind.CODE, "x = 1\nprint(x)"),
    ]
    lines = text.splitlines()
    assert [lines[block.line - 1].strip() for block in loaded.blocks] == [
        '"# Caches\\n",',
        '"Near \\u201cdata\\u201d."',
        '"x = 1\\n",',
    ]
    assert loaded.blocks[-1].language == "python"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"cells": 1}', "[" * 100_000])
def test_what_is_no_notebook_is_refused(text):
    with pytest.raises(LoadError, match="not a notebook"):
        load("a.ipynb", text.encode())


def pdf(*pages):
    """Return the smallest PDF whose pages show these lines."""
    count = len(pages)
    kids = " ".join(f"{3 + 2 * n} 0 R" for n in range(count))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {count} >>"]
    for number, lines in enumerate(pages):
        shown = " ".join(f"({line}) Tj T*" for line in lines)
        stream = f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET"
        font = "<< /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /Resources << /Font {font} >> /Contents {4 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    body = "%PDF-1.4\n"
    offsets = []
    for number, written in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{written}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    return f"{body}{head}{tail}".encode()


def test_a_pdf_gives_its_text_with_broken_words_mended_and_footers_left_out():
    words = [
        "Caches in Practice",
        "",
        "A cache keeps what was asked before, so that the same ques-",
        "tion costs nothing later.",
    ]
    loaded = load(
        "a.pdf",
        pdf(
            [*words, "The Journal 1", "1"],
            ["More words are here.", "The Journal 2", "2"],
            ["End.", "The Journal 3", "3"],
        ),
    )
    assert loaded.title == "Caches in Practice"
    text = " ".join(block.text for block in loaded.blocks)
    assert "the same question costs nothing later." in text
    assert "Journal" not in text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.4 broken", "damaged PDF"),
        (b"no PDF at all", "no PDF"),
        (pdf([]), "OCR"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_why(data, reason):
    with pytest.raises(LoadError, match=reason):
        load("a.pdf", data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_marked_encodings_are_read_without_a_word(encoding):
    loaded = load("a.txt", "Größe zählt, naïve cafés auch.".encode(encoding))
    assert (loaded.blocks[0].text, loaded.warnings) == ("Größe zählt, naïve cafés auch.", ())


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Die Größe zählt für die Öffentlichkeit, und naïve Cafés schließen früh.", "cp1252"),
        ("Привет, мир! Это проверка кодировки обычного русского текста.", "cp1251"),
    ],
)
def test_other_encodings_are_told_and_named(text, encoding):
    loaded = load("a.txt", text.encode(encoding))
    assert loaded.blocks[0].text == text
    assert encoding in loaded.warnings[0]


def test_a_few_broken_bytes_cost_themselves_alone():
    loaded = load("a.md", ("Größe zählt. " * 20).encode() + b"\xff end.")
    assert loaded.blocks[0].text.startswith("Größe zählt.")
    assert "not quite UTF-8" in loaded.warnings[0]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"<!-- only a comment -->", "nothing to read"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        (zlib.compress(b"words " * 1000), "binary|encoding"),
        (b"\xef\xbb\xbf\xff\xff", "marked as UTF-8"),
    ],
)
def test_bytes_that_are_no_text_are_refused(data, reason):
    with pytest.raises(LoadError, match=reason):
        load("a.md", data)


def test_the_content_hash_is_that_of_the_bytes():
    assert load("a.md", b"words").content_hash == hashlib.sha256(b"words").hexdigest()
