"""Who gets in, and by what: a common password, LDAP, OIDC or OpenShift's own log-in, as the facts of the place say."""

import os
import ssl
from typing import Any

from traitlets.config import Config

GROUPS = "(|(member={userdn})(uniqueMember={userdn})(memberUid={uid}))"


def password(c: Config, _: dict[str, Any]) -> None:
    """One generated password lets in any name: it keeps strangers out, it does not tell colleagues apart."""
    c.JupyterHub.authenticator_class = "dummy"
    c.DummyAuthenticator.password = os.environ["HUB_LOGIN_PASSWORD"]


def ldap(c: Config, login: dict[str, Any]) -> None:
    """Ask a directory, by TLS from the first byte and with its certificate checked."""
    c.JupyterHub.authenticator_class = "ldapauthenticator.LDAPAuthenticator"
    directory = c.LDAPAuthenticator
    directory.server_address, directory.server_port = login["server"], login.get("port", 636)
    directory.tls_strategy = "on_connect"
    # the library itself would take any certificate
    directory.tls_kwargs = {"validate": ssl.CERT_REQUIRED, "ca_certs_file": os.environ["SSL_CERT_FILE"]}
    directory.bind_dn_template = login["bindDn"]
    directory.allowed_groups = login.get("groups", [])
    directory.group_search_filter = GROUPS


def oidc(c: Config, login: dict[str, Any]) -> None:
    """Send people to a provider of OpenID Connect; client id and secret come from the environment."""
    c.JupyterHub.authenticator_class = "oauthenticator.generic.GenericOAuthenticator"
    provider = c.GenericOAuthenticator
    provider.authorize_url, provider.token_url = login["authorizeUrl"], login["tokenUrl"]
    provider.userdata_url = login["userdataUrl"]
    provider.username_claim = login.get("usernameClaim", "preferred_username")
    provider.scope = ["openid", "profile"]
    provider.login_service = "your company account"
    oauth(provider, login, "oauth_user.groups")


def openshift(c: Config, login: dict[str, Any]) -> None:
    """Send people to the log-in of the cluster; client id and secret come from the environment."""
    c.JupyterHub.authenticator_class = "oauthenticator.openshift.OpenShiftOAuthenticator"
    c.OpenShiftOAuthenticator.openshift_url = "https://kubernetes.default.svc"
    oauth(c.OpenShiftOAuthenticator, login, "openshift_user.groups")


def oauth(provider: Any, login: dict[str, Any], groups: str) -> None:
    """What both ways by OAuth share; `groups` is where the provider's answer names a person's groups."""
    provider.oauth_callback_url = login["callback"]
    if login.get("groups"):
        provider.manage_groups = True
        provider.auth_state_groups_key = groups
        provider.allowed_groups = set(login["groups"])


WAYS = {one.__name__: one for one in (password, ldap, oidc, openshift)}


def configure(c: Config, settings: dict[str, Any]) -> None:
    """Choose the way in, who may take it and who administers."""
    login = settings["login"]
    WAYS[login["kind"]](c, login)
    c.Authenticator.allow_all = not login.get("groups")
    c.Authenticator.admin_users = set(login.get("admins", []))
    # A name becomes part of the names of a pod and a volume.
    c.Authenticator.username_pattern = r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$"
    # Accounts of MLflow itself; the server refuses them too.
    c.Authenticator.blocked_users = {"admin", "mlflow-jobs"}
    if login["kind"] != "password":
        let_smoke_in(c)


def let_smoke_in(c: Config) -> None:
    """Let a token be the user `smoke`, and no other: a directory does not know who `make smoke` is."""
    c.Authenticator.blocked_users.add("smoke")
    c.JupyterHub.services.append({"name": "smoke", "api_token": os.environ["HUB_SMOKE_TOKEN"]})
    scopes = ("admin:users", "admin:servers", "access:servers")
    c.JupyterHub.load_roles.append(
        {"name": "smoke", "services": ["smoke"], "scopes": [f"{scope}!user=smoke" for scope in scopes]}
    )
