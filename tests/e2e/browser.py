"""A person at a browser: Debian's Chromium, driven by Playwright; what is on the screen is kept as pictures."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    HttpCredentials,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from dataops.platform import packages
from dataops.platform.smoke.context import Context
from tests.e2e.verbs import ROOT

PICTURES = ROOT / ".reports" / "screenshots"
SPAWN_SECONDS, CELLS_SECONDS, PAGE_SECONDS = 120, 240, 30
WINDOW: ViewportSize = {"width": 1400, "height": 900}
NOTEBOOK = "examples/first_steps.ipynb"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser while the block runs; Debian's, installed where it is missing."""
    if not shutil.which("chromium"):
        packages.install("chromium")
    with sync_playwright() as playwright:
        # its own sandbox needs rights that root in a container lacks; it opens the platform's pages only
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass(frozen=True)
class Person:
    """Somebody who works with the platform.

    Attributes:
        name: What they log in as.
        page: Their browser's page.
        platform: Where the platform is.
    """

    name: str
    page: Page
    platform: Context

    def see(self, name: str) -> Path:
        """Keep what is on the screen."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{name}.png"
        self.page.screenshot(path=path, animations="disabled")
        return path

    def log_in(self, password: str | None = None) -> None:
        """Log in to JupyterHub, with the right password unless another is given."""
        self.page.goto(f"{self.platform.url('jupyterhub')}/hub/login")
        self.page.get_by_label("Username").fill(self.name)
        self.page.get_by_label("Password").fill(password or self.platform.secret("hub-login", "password"))
        self.page.get_by_role("button", name="Sign in").click()

    def start_server(self, profile: str) -> None:
        """Choose a profile and wait for JupyterLab, past the page that shows how the server starts."""
        self.page.get_by_text(profile).click()
        self.page.get_by_role("button", name="Start").click()
        expect(self.page.locator("#progress-message")).to_be_visible(timeout=PAGE_SECONDS * 1000)
        self.see(f"{self.name}-start")
        self.page.wait_for_url("**/lab**", timeout=SPAWN_SECONDS * 1000)
        self.lab_is_there()

    def lab_is_there(self) -> None:
        """Wait until JupyterLab can be worked with."""
        expect(self.page.locator("#jp-top-panel")).to_be_visible(timeout=SPAWN_SECONDS * 1000)
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0, timeout=PAGE_SECONDS * 1000)

    def open(self, notebook: str = NOTEBOOK) -> None:
        """Open a notebook; its kernel is ready then."""
        self.page.goto(f"{self.platform.url('jupyterhub')}/user/{self.name}/lab/tree/{notebook}")
        self.lab_is_there()
        expect(self.page.locator(".jp-Notebook")).to_be_visible(timeout=PAGE_SECONDS * 1000)
        expect(self.page.get_by_text("Python with Spark | Idle")).to_be_visible(timeout=PAGE_SECONDS * 1000)

    def run_all(self) -> None:
        """Run all cells of the open notebook and wait for the last."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_text("Run All Cells", exact=True).click()
        cells = self.page.locator(".jp-CodeCell .jp-InputPrompt")
        expect(cells.last).to_have_text("[*]:", timeout=PAGE_SECONDS * 1000)
        for number in range(cells.count()):
            expect(cells.nth(number)).not_to_have_text("[*]:", timeout=CELLS_SECONDS * 1000)

    def run(self, code: str, answer: str) -> None:
        """Run one more cell at the end of the open notebook and wait for what it shows."""
        self.page.locator(".jp-Notebook .jp-Cell").last.locator(".jp-InputPrompt").click()
        self.page.keyboard.press("b")
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Control+Enter")
        expect(self.outputs().last).to_contain_text(answer, timeout=CELLS_SECONDS * 1000)

    def outputs(self) -> Locator:
        """The outputs of the open notebook's cells."""
        return self.page.locator(".jp-Notebook .jp-OutputArea-output")

    def token(self) -> str:
        """Ask the hub's page for a token, which signs in to MLflow."""
        self.page.goto(f"{self.platform.url('jupyterhub')}/hub/token")
        self.scripts_listen()
        self.page.get_by_role("button", name="Request new API token").click()
        result = self.page.locator("#token-result")
        expect(result).not_to_be_empty(timeout=PAGE_SECONDS * 1000)
        return result.inner_text().strip()

    def scripts_listen(self) -> None:
        """Wait for the scripts of a hub's page: a click before that goes past them."""
        self.page.wait_for_function("window._jupyterhub_page_loaded", timeout=PAGE_SECONDS * 1000)

    def log_out(self) -> None:
        """Stop the server and log out."""
        self.page.goto(f"{self.platform.url('jupyterhub')}/hub/home")
        self.scripts_listen()
        self.page.get_by_role("button", name="Stop My Server").click()
        expect(self.page.get_by_role("button", name="Stop My Server")).to_be_hidden(timeout=SPAWN_SECONDS * 1000)
        self.page.locator("#logout").click()
        expect(self.page.get_by_role("button", name="Sign in")).to_be_visible(timeout=PAGE_SECONDS * 1000)


@contextmanager
def person(browser: Browser, platform: Context, name: str, sign_in: HttpCredentials | None = None) -> Iterator[Person]:
    """Somebody with a browser profile of their own; when something goes wrong, what they saw is kept."""
    context: BrowserContext = browser.new_context(viewport=WINDOW, http_credentials=sign_in)
    one = Person(name, context.new_page(), platform)
    try:
        yield one
    except BaseException:
        one.see(f"{name}-failed")
        raise
    finally:
        context.close()
