"""Prints app/demo/deck.html, the slides of the example lecture, to deck.pdf, with a sheet for each step of a page.

It needs Chromium, Playwright and Noto Sans CJK. The PDF carries its fonts. Run it after a change and commit both.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

DECK = Path(__file__).parents[1] / "app" / "demo" / "deck.html"

UNFOLD = """
() => {
  const pages = [...document.querySelectorAll("section")];
  pages.forEach((page, at) => {
    const steps = Number(page.dataset.steps);
    for (let step = 1; step <= steps; step += 1) {
      const sheet = page.cloneNode(true);
      for (let later = step + 1; later <= steps; later += 1)
        for (const part of sheet.querySelectorAll(`.s${later}`)) part.classList.add("hidden");
      const foot = sheet.querySelector("footer") ?? sheet.appendChild(document.createElement("footer"));
      if (at > 0) foot.innerHTML = `<span>低温物理前沿</span><span>${at + 1} / ${pages.length}</span>`;
      page.before(sheet);
    }
    page.remove();
  });
}
"""


def main() -> None:
    """Print the deck."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(DECK.as_uri())
        page.evaluate(UNFOLD)
        page.pdf(path=DECK.with_suffix(".pdf"), prefer_css_page_size=True, print_background=True)
        browser.close()


if __name__ == "__main__":
    main()
