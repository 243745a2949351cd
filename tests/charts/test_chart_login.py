"""The ways to log in to JupyterHub: each pod gets the Secrets of its way and no other, and half a way is refused."""

from typing import Any

import pytest
import yaml

from dataops.platform.charts import charts_of
from dataops.platform.declarations import read_all
from dataops.platform.environment import Environment, load_environment
from tests.charts.harness import ROOT, Variant, template, walk
from tests.charts.pods import spawner

URLS = {f"{name}Url": f"https://login.example.com/{name}" for name in ("authorize", "token", "userdata")}
WAYS: dict[str, dict[str, Any]] = {
    "password": {"kind": "password"},
    "ldap": {"kind": "ldap", "server": "ldap.example.com", "bindDn": ["uid={username},dc=example,dc=com"]},
    "oidc": {"kind": "oidc", **URLS},
    "openshift": {"kind": "openshift", "admins": ["anna"]},
}
SECRETS = {
    "password": {"hub-login"},
    "ldap": {"hub-smoke"},
    "oidc": {"hub-smoke", "hub-oauth"},
    "openshift": {"hub-smoke", "hub-oauth"},
}
ALWAYS = {"hub-keys", "hub-database"}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_has_its_secrets_and_no_others(way: str) -> None:
    facts = load_environment(ROOT, "openshift")
    there = Environment(facts.name, facts.files, {**facts.values, "login": WAYS[way]})
    declared = {name for name in read_all(charts_of(ROOT, there), there) if name.startswith("hub-")}
    rendered = yaml.safe_load_all(template(Variant("jupyterhub", "openshift"), login=WAYS[way]).stdout)
    (hub,) = (one for one in rendered if one["kind"] == "Deployment" and one["metadata"]["name"] == "hub")
    named = {node["secretKeyRef"]["name"] for node in walk(hub) if "secretKeyRef" in node}
    assert named == declared == SECRETS[way] | ALWAYS


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ({"kind": "ldap"}, "server"),
        ({"kind": "oidc", **URLS, "tokenUrl": "http://login.example.com"}, "tokenUrl"),
        ({"kind": "oidc"}, "authorizeUrl"),
        ({"kind": "password", "admins": ["anna"]}, "admins"),
        ({"kind": "magic"}, "kind"),
        ({"kind": "ldap", "server": "x", "bindDn": ["uid=anna"]}, "bindDn"),
    ],
)
def test_half_a_way_is_refused(login: dict[str, Any], said: str) -> None:
    # Helm reads `--set-json` over a map key by key, which leaves nothing of another way here
    done = template(Variant("platform", "openshift"), login=login)
    assert done.returncode and said in done.stderr


def test_the_provider_sends_people_back_to_the_page() -> None:
    text = template(Variant("jupyterhub", "openshift"), login=WAYS["oidc"]).stdout
    assert "callback: https://jupyterhub.apps.openshift.example.com/hub/oauth_callback" in text


@pytest.mark.parametrize(
    ("facts", "domain"), [({}, "apps.example.com"), ({"mailDomain": "example.com"}, "example.com")]
)
def test_git_in_notebooks_names_people_by_the_log_in(facts: dict[str, str], domain: str) -> None:
    login = {"kind": "password", **facts}
    rendered = yaml.safe_load_all(
        template(Variant("jupyterhub", "openshift"), login=login, domain="apps.example.com").stdout
    )
    (hub,) = (one for one in rendered if one["kind"] == "ConfigMap" and one["metadata"]["name"] == "hub")
    one = spawner("openshift", mailDomain=yaml.safe_load(hub["data"]["settings.yaml"])["mailDomain"])
    assert one.get_env()["EMAIL"] == f"{one.user.name}@{domain}"
