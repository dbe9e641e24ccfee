"""The template of numbered pages, in the language of typst: `archiver.formats.pages` fills it.

What is told comes as data (``told``, ``pictures``, ``fonts``), so that nothing of it is markup.
"""

from __future__ import annotations

__all__ = ["TEMPLATE"]

TEMPLATE = r"""
#let told = json(bytes(sys.inputs.told))
#let grey = rgb("#4a5560")
#let rule = rgb("#b9c2ca")
#let numbered(n) = {
  let digits = str(told.first + n - 1)
  told.prefix + "0" * calc.max(0, told.width - digits.len()) + digits
}
#set document(title: told.title)
#set text(font: json(bytes(sys.inputs.fonts)), size: 10.5pt, lang: "en", hyphenate: false)
#set page(
  paper: "us-letter",
  margin: (x: 0.9in, top: 0.9in, bottom: 1in),
  footer: context {
    set text(size: 9pt)
    grid(
      columns: (1fr, auto),
      column-gutter: 12pt,
      text(fill: grey, told.legend),
      text(weight: "bold", numbered(counter(page).get().first())),
    )
  },
)
#set par(leading: 0.6em, spacing: 0.8em, justify: false)
#show heading: set block(above: 1.5em, below: 0.7em, sticky: true)
#show heading.where(level: 1): set text(size: 15pt, weight: "semibold")
#show heading.where(level: 2): set text(size: 12pt, weight: "semibold")
#let facts(pairs) = if pairs.len() > 0 {
  set text(size: 9pt)
  table(
    columns: (1fr, 3.4fr),
    align: left,
    stroke: (x, y) => (bottom: 0.4pt + rule),
    inset: (x: 0pt, y: 3pt),
    ..pairs.map(((name, value)) => (text(fill: grey, name), value)).flatten(),
  )
}
#heading(level: 1, told.title)
#facts(told.facts)
#for (title, pairs, lines) in told.passages {
  heading(level: 2, title)
  facts(pairs)
  for line in lines { par(line) }
}
#if told.files.len() > 0 {
  heading(level: 2, "Files and notes")
  for line in told.files { par(line) }
}
#for one in json(bytes(sys.inputs.pictures)) {
  block(image(
    bytes(one.bytes),
    format: "jpg",
    width: one.width * 1in,
    alt: "Picture of the record: its file says more",
  ))
}
#context [#metadata(counter(page).final().first()) <pages>]
"""
