"""Asks a registry for an image as a node would: over TLS, with the pull secret, by its manifest alone."""

import base64
import json
import re
from dataclasses import dataclass

import httpx

ACCEPT = ", ".join(
    f"application/vnd.{kind}"
    for kind in (
        "oci.image.index.v1+json",
        "oci.image.manifest.v1+json",
        "docker.distribution.manifest.list.v2+json",
        "docker.distribution.manifest.v2+json",
    )
)


class Refused(Exception):
    """Why an image cannot be had, in a few words."""


@dataclass(frozen=True)
class Login:
    """Who pulls."""

    user: str
    password: str


def split(reference: str) -> tuple[str, str, str]:
    """The registry's host, the repository, and the tag or digest of a reference."""
    host, _, rest = reference.partition("/")
    if "@" in rest:
        repository, _, version = rest.partition("@")
    else:
        repository, _, version = rest.rpartition(":")
    return host, repository, version


def login(config: bytes, reference: str) -> Login | None:
    """Find a registry in a pull secret, the most exact entry first.

    Args:
        config: The Secret's `.dockerconfigjson`.
        reference: The image.

    Returns:
        Its user and password; None when the Secret is not about this registry.
    """
    found = json.loads(config).get("auths") or {}
    # the entry may name the registry alone or a part of it, with or without a scheme
    entries = {re.sub(r"^https?://|/v[12]/?$|/$", "", name): entry for name, entry in found.items()}
    for name in sorted(entries, key=len, reverse=True):
        if reference == name or reference.startswith(f"{name}/"):
            entry = entries[name]
            if entry.get("auth"):
                user, _, password = base64.b64decode(entry["auth"]).decode().partition(":")
                return Login(user, password)
            return Login(entry.get("username", ""), entry.get("password", ""))
    return None


def digest(http: httpx.Client, reference: str, who: Login | None) -> str:
    """Ask for an image's manifest.

    Args:
        http: The client, which knows whom to trust.
        reference: The image.
        who: Who pulls; None for anybody.

    Returns:
        The digest of what the reference stands for.

    Raises:
        Refused: The registry does not give it.
    """
    host, repository, version = split(reference)
    url, headers = f"https://{host}/v2/{repository}/manifests/{version}", {"Accept": ACCEPT}
    answer = http.head(url, headers=headers)
    if answer.status_code == 401:
        headers["Authorization"] = _authorization(http, answer.headers.get("WWW-Authenticate", ""), repository, who)
        answer = http.head(url, headers=headers)
    if answer.status_code in (401, 403):
        raise Refused(f"refuses {who.user if who else 'anybody without a log-in'} ({answer.status_code})")
    if answer.status_code == 404:
        raise Refused("does not have it")
    if not answer.is_success:
        raise Refused(f"answers {answer.status_code}")
    return str(answer.headers.get("Docker-Content-Digest", ""))


def _authorization(http: httpx.Client, challenge: str, repository: str, who: Login | None) -> str:
    """What the registry wants to see, by its own words."""
    basic = base64.b64encode(f"{who.user}:{who.password}".encode()).decode() if who else ""
    if not challenge.lower().startswith("bearer"):
        return f"Basic {basic}"
    wanted = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
    asked = {"service": wanted.get("service", ""), "scope": wanted.get("scope", f"repository:{repository}:pull")}
    headers = {"Authorization": f"Basic {basic}"} if who else {}
    answer = http.get(wanted.get("realm", ""), params=asked, headers=headers)
    if not answer.is_success:
        raise Refused(f"refuses {who.user if who else 'anybody without a log-in'} ({answer.status_code})")
    given = answer.json()
    return f"Bearer {given.get('token') or given.get('access_token')}"
