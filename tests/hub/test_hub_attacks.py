"""Attacks on a running hub, each as an attacker would make it; an advisory's own way in is named."""

from urllib.parse import quote

import httpx
import pytest

from tests.hub.hub import PASSWORD, Browser, Hub, text

WRONG = "Invalid username or password"
ELSEWHERE = [
    "{url}///evil.example.com/",  # the advisory's way: what is left of an address of the hub's own names another host
    "{url}//evil.example.com/",
    "//evil.example.com/",
    "///evil.example.com/",
    "////evil.example.com/",
    "/\\evil.example.com/",
    "\\\\evil.example.com/",
    "https://evil.example.com/",
    "https:///evil.example.com/",
    "https:evil.example.com",
    "/\t/evil.example.com/",
    "javascript:alert(1)",
]
# What a page of another site can make a browser send, with the cookies of whoever looks at it.
MODES = [
    {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Site": "cross-site"},  # CVE-2026-40864
    {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Site": "same-site"},  # a user's own server beside the hub
    {},
]
FORMS = {"/hub/spawn": {"profile": "small"}, "/hub/login": {"username": "mallory", "password": PASSWORD}}


@pytest.fixture(scope="module")
def anna(hub: Hub) -> Browser:
    hub.kubernetes.refusals = {"pods": (403, "forbidden")}
    return hub.logged_in("anna")


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: "-".join(mode.values()) or "old-browser")
@pytest.mark.parametrize("path", FORMS)
def test_a_form_without_its_token_is_refused(hub: Hub, anna: Browser, path: str, mode: dict[str, str]) -> None:
    hub.kubernetes.made.clear()
    answer = anna.post(path, data=FORMS[path], headers=mode)
    assert answer.status_code == 403 and not hub.kubernetes.made, text(answer)
    assert anna.get("/hub/api/user", headers={"X-XSRFToken": anna.xsrf()}).json()["name"] == "anna"


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: "-".join(mode.values()) or "old-browser")
def test_the_api_with_cookies_alone_is_refused(anna: Browser, mode: dict[str, str]) -> None:
    assert anna.post("/hub/api/users/anna/tokens", json={}, headers=mode).status_code == 403


@pytest.mark.parametrize("there", ELSEWHERE)
def test_nobody_is_sent_to_another_site(hub: Hub, anna: Browser, there: str) -> None:
    """CVE-2026-33709, for who is logged in already and for who logs in just now."""
    fresh = hub.browser()
    fresh.get("/hub/login")
    form = {"username": "ben", "password": PASSWORD, "_xsrf": fresh.xsrf()}
    address = f"/hub/login?next={quote(there.format(url=hub.url), safe='')}"
    for answer in (
        anna.get(address, follow_redirects=False),
        fresh.post(address, data=form, follow_redirects=False),
    ):
        assert answer.status_code == 302
        # as browsers read it: a backslash is a slash, tabs and newlines are nothing
        location = answer.headers["Location"].translate({ord("\\"): "/", ord("\t"): None, ord("\n"): None})
        assert location.startswith("/") and not location.startswith("//"), location


def test_a_token_in_an_address_opens_nothing(anna: Browser, hub: Hub) -> None:
    headers = {"X-XSRFToken": anna.xsrf(), "Referer": f"{hub.url}/hub/home"}
    token = anna.post("/hub/api/users/anna/tokens", json={}, headers=headers).json()["token"]
    assert httpx.get(f"{hub.url}/hub/api/user", headers={"Authorization": f"token {token}"}).is_success
    assert httpx.get(f"{hub.url}/hub/api/user?token={token}").status_code == 403


@pytest.mark.parametrize("path", ["/hub/login", "/hub/home", "/hub/spawn", "/hub/token"])
def test_no_page_can_be_framed(anna: Browser, path: str) -> None:
    assert "frame-ancestors 'none'" in anna.get(path).headers["Content-Security-Policy"]


def test_cookies_are_out_of_reach_of_scripts(hub: Hub) -> None:
    browser = hub.browser()
    browser.get("/hub/login")
    form = {"username": "anna", "password": PASSWORD, "_xsrf": browser.xsrf()}
    answer = browser.post("/hub/login", data=form, follow_redirects=False)
    (login,) = (one for one in answer.headers.get_list("Set-Cookie") if one.startswith("jupyterhub-hub-login="))
    assert "httponly" in login.lower()


def test_a_wrong_password_is_said_and_not_logged(hub: Hub) -> None:
    answer = hub.browser().log_in("carl", "wrong-by-far")
    assert WRONG in text(answer)
    assert "wrong-by-far" not in hub.log()


def test_many_wrong_passwords_make_the_name_wait_and_no_other(hub: Hub) -> None:
    guesser = hub.browser()
    said = [text(guesser.log_in("dora", f"guess-{number}")) for number in range(12)]
    assert [WRONG in page for page in said] == [True] * 10 + [False] * 2
    refused = hub.browser().log_in("dora", PASSWORD)
    assert refused.status_code == 429 and "Too many wrong passwords for this name: wait 5 minutes." in text(refused)
    assert hub.browser().log_in("emil", PASSWORD).is_success


def test_a_log_in_of_megabytes_is_not_logged(hub: Hub) -> None:
    """CVE-2026-54338."""
    before = len(hub.log())
    answer = hub.browser().log_in("x" * 2_000_000, "y")
    assert answer.status_code == 413 and len(hub.log()) - before < 20_000


@pytest.mark.parametrize("name", ["../anna", "Anna Smith", "a/b", "anna%2f", "admin", "mlflow-jobs", "1anna", "a" * 41])
def test_a_name_that_could_be_anothers_does_not_get_in(hub: Hub, name: str) -> None:
    browser = hub.browser()
    assert WRONG in text(browser.log_in(name, PASSWORD))
    assert browser.get("/hub/home").url.path == "/hub/login"


def test_nobody_sees_or_starts_anothers_server(hub: Hub, anna: Browser) -> None:
    hub.logged_in("ben")
    headers = {"X-XSRFToken": anna.xsrf(), "Referer": f"{hub.url}/hub/home"}
    assert anna.get("/hub/api/users/ben", headers=headers).status_code == 404
    assert anna.post("/hub/api/users/ben/server", json={}, headers=headers).status_code == 404
    assert anna.get("/hub/api/users", headers=headers).status_code == 403
    assert anna.get("/hub/admin").status_code == 403
    assert anna.get("/hub/spawn/ben").status_code in (403, 404)
