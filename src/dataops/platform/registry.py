"""What a registry holds and how images get there: skopeo with verified TLS, its refusals said in one sentence.

Log-ins come from the file that `skopeo login` or `docker login` writes (REGISTRY_AUTH_FILE names another one) and are
never an argument; a private CA comes from the machine's trust, or from the folder that REGISTRY_CERT_DIR names.
"""

import os
import re
import shutil
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import packages
from dataops.platform.process import run

PATIENCE = "60s"  # for an answer; a copy takes as long as it takes
TRANSPORTS = ("docker:", "oci:", "containers-storage:", "docker-daemon:", "docker-archive:")
LOGIN = "sign in with `skopeo login {host}` as somebody who may do this"
TRUST = "trust its CA on this machine, or name a folder with its *.crt in REGISTRY_CERT_DIR"
# what skopeo says -> what it means and how to mend it
ABSENT = re.compile(r"manifest unknown|name unknown|(artifact|repository) \S+ not found")
REFUSALS = (
    (r"server gave HTTP response to HTTPS client", "answers without TLS", "serve it over https"),
    (r"signed by unknown authority|not trusted", "has a certificate of an unknown CA", TRUST),
    (r"certificate has expired", "has a certificate that has expired or is not valid yet", "renew it"),
    (r"certificate is valid for|doesn't contain any IP SANs|x509:", "has a certificate of another name", "renew it"),
    (
        r"unauthorized|authentication required|(?<!permission )denied|invalid username|[Ff]orbidden",
        "refuses you",
        LOGIN,
    ),
    (
        r"connection refused|no such host|i/o timeout|deadline exceeded|unreachable|no route|server misbehaving",
        "is unreachable",
        "check the name, the network and the proxy",
    ),
    (r"HTTP status: 5|toomanyrequests", "cannot answer now", "try again later, or ask the people who run it"),
)
# what skopeo writes around its words
LOG_LINE = re.compile(r'.*level=\w+ msg="(.*)"')


def digest(reference: str, login: Path | None = None) -> str | None:
    """Ask a registry for the digest of an image.

    Args:
        reference: For example registry.example.com/dataops/spark:v1.2.0.
        login: A file of log-ins to use instead of your own.

    Returns:
        sha256:... of its manifest; None when the registry answers that it has no such image.

    Raises:
        UserError: The registry is unreachable, not trusted, or refuses.
    """
    return _inspect(reference, "--format", "{{.Digest}}", *(["--authfile", str(login)] if login else []))


def holds(reference: str) -> bool:
    """Ask a registry whether it has something under a name, be it an image or a chart.

    Args:
        reference: For example registry.example.com/dataops/charts/spark:1.2.0.

    Returns:
        False when the registry answers that it has no such thing.

    Raises:
        UserError: The registry is unreachable, not trusted, or refuses.
    """
    return _inspect(reference, "--raw") is not None


def _inspect(reference: str, *words: str) -> str | None:
    command = [_skopeo(), "--command-timeout", PATIENCE, "inspect", "--no-tags", *words]
    done = run([*command, *_certificates("--cert-dir"), f"docker://{reference}"], check=False)
    if done.returncode == 0:
        return done.stdout.strip()
    if ABSENT.search(done.stderr):
        return None
    raise refusal(reference, done.stderr)


def copy(source: str, target: str) -> None:
    """Copy an image as it is, so that its digest stays; layers that the target has already do not travel.

    Args:
        source: A reference in a registry, or with a transport of skopeo's before it (`oci:folder:name`).
        target: The same.

    Raises:
        UserError: A registry is unreachable, not trusted, or refuses, or the source is not there.
    """
    ends = [name if name.startswith(TRANSPORTS) else f"docker://{name}" for name in (source, target)]
    certificates = [*_certificates("--src-cert-dir"), *_certificates("--dest-cert-dir")]
    # an engine's storage keeps layers unpacked: only what is packed already has a digest to keep
    keep = [] if ends[0].startswith(("containers-storage:", "docker-daemon:")) else ["--preserve-digests"]
    done = run([_skopeo(), "copy", "--quiet", "--retry-times", "2", *keep, *certificates, *ends], check=False)
    if done.returncode == 0:
        return
    if ABSENT.search(done.stderr):
        raise UserError(f"{source} is not there: push it first")
    raise refusal(target if ends[1].startswith("docker:") else source, done.stderr)


def host(reference: str) -> str:
    """The registry's part of a reference."""
    return reference.removeprefix("docker://").partition("/")[0]


def refusal(reference: str, said: str) -> UserError:
    """What a program said about a registry that did not do what it was asked, as one sentence."""
    place = host(reference)
    for pattern, meaning, fix in REFUSALS:
        if re.search(pattern, said):
            return UserError(f"registry {place}, asked for {reference}, {meaning}: {fix.format(host=place)}")
    last = said.strip().splitlines()[-1] if said.strip() else "nothing"
    words = LOG_LINE.sub(r"\1", last).replace(r"\"", '"')
    return UserError(f"{reference} cannot be read or written, skopeo says: {words}")


def _certificates(option: str) -> list[str]:
    folder = os.environ.get("REGISTRY_CERT_DIR")
    return [option, folder] if folder else []


def _skopeo() -> str:
    if not shutil.which("skopeo"):
        if not packages.can_install():
            raise UserError("skopeo is missing, which speaks to registries: install it")
        packages.install("skopeo")
    return "skopeo"
