"""Takes the pictures of the help pages from a running example academy: `make help-pictures`.

They are made and not committed, so that they never show an older service than the words beside them.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import ROOT
from tests.journeys.browsers import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.journeys.stack import Stack

FOLDER = ROOT / "static" / "pictures" / "help"
LANGUAGES = {"zh_CN": "zh-CN", "en": "en-GB"}
SIZE = {"width": 1366, "height": 768}
PASSWORD = "jiangtang-demo"

BEFORE = {
    "column": ("learner", "/live"),
    "lesson": ("learner", "/live/{id}"),
    "watch": ("learner", "/live/{id}/watch"),
    "archive": ("learner", "/archive"),
    "plan": ("teacher", "/live/new"),
    "studio": ("teacher", "/live/{id}/studio"),
    "roles": ("manager", "/system/roles"),
    "managed": ("manager", "/manage/live"),
    "recommend": ("manager", "/manage/recommendations"),
    "mail": ("learner", "/account/mail"),
}
"""Pictures while the lesson is on air: the person who looks, and the page."""
AFTER = {"replay": ("learner", "/live/{id}/replay"), "courseware": ("teacher", "/live/{id}/courseware")}
"""Pictures of the replay."""

MOVES_MS = 4000
"""Time for a page to show picture and slides."""

DATES = "--enable-blink-features=LangAttributeAwareFormControlUI"
"""Date fields are written in the language of the page. Else it is that of the machine's Chromium, English mostly."""

END = """
from app.accounts.queries import user_by_name
from app.demo.academy import lecture
from app.live.services import end
end(lecture(), by=user_by_name("teacher"))
"""


def main() -> int:
    """Take all pictures."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stack = Stack(Path(folder) / "data", DEMO="1")
        try:
            stack.start()
            live_id = stack.run("from app.demo.academy import lecture; print(lecture().id)").split()[-1]
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*CHROMIUM_ARGUMENTS, DATES])
            _take(browser, stack, BEFORE, live_id)
            stack.run(END)
            _take(browser, stack, AFTER, live_id)
            browser.close()
        finally:
            stack.tear_down()
    return 0


def _take(browser: Browser, stack: Stack, pictures: dict[str, tuple[str, str]], live_id: str) -> None:
    for language, locale in LANGUAGES.items():
        for who in sorted({person for person, _path in pictures.values()}):
            page = browser.new_context(locale=locale, viewport=SIZE).new_page()
            page.goto(f"{stack.url}/sign-in")
            page.fill("[name=username]", who)
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_selector(".account__name")
            for name, (person, path) in pictures.items():
                if person == who:
                    page.goto(stack.url + path.format(id=live_id))
                    _keep(page, FOLDER / language / f"{name}.webp")
            page.context.close()


def _keep(page: Page, file: Path) -> None:
    page.wait_for_load_state()
    page.wait_for_timeout(MOVES_MS if page.locator("video").count() else 300)
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(page.screenshot())).save(file, "WEBP", quality=80)


if __name__ == "__main__":
    sys.exit(main())
