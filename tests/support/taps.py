"""Counter of a finger's taps on a phone."""

from playwright.sync_api import Page


class Taps:
    """Counts taps."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def tap(self, name: str) -> None:
        self.page.locator("main").locator("a, button").filter(has_text=name).first.tap()
        self.page.wait_for_load_state()
        self.count += 1
