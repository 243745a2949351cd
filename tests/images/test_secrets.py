"""Nothing of the machine that built an image, and no password file others can read, is in a container."""

import re
from pathlib import Path

import pytest

from dataops.platform.images.engine import MACHINE_CA
from tests.images.containers import IMAGES, Runner

CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
PUBLIC = Path("/usr/share/ca-certificates")


@pytest.mark.parametrize("name", IMAGES)
def test_build_secrets_are_in_no_layer(name: str, runner: Runner) -> None:
    assert runner.run(name, "ls", "/run/secrets").stdout == ""
    public = {pem for path in PUBLIC.rglob("*.crt") for pem in CERTIFICATE.findall(path.read_text(encoding="utf-8"))}
    own = set(CERTIFICATE.findall(MACHINE_CA.read_text(encoding="utf-8"))) - public
    inside = runner.run(name, "cat", "/etc/ssl/certs/ca-certificates.crt").stdout
    assert CERTIFICATE.search(inside) and not any(pem in inside for pem in own)
