"""What skopeo says becomes one sentence with its fix; it is told neither a password nor to trust anybody."""

from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform import packages, registry

SPARK = "registry.example.com:5000/dataops/spark:v1"
PING = 'level=fatal msg="Error parsing image name: pinging container registry r:5000: Get \\"https://r/v2/\\": '


@pytest.fixture
def skopeo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A skopeo that says what the file `says` holds, fails if that is not empty, and keeps what it was told."""
    program = tmp_path / "skopeo"
    program.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/told\ncat {tmp_path}/says >&2\n[ ! -s {tmp_path}/says ]\n')
    program.chmod(0o755)
    (tmp_path / "says").touch()
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("REGISTRY_CERT_DIR", raising=False)
    return tmp_path


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        (PING + "dial tcp 127.0.0.1:5000: connect: connection refused", "is unreachable: check the name, the network"),
        (PING + "dial tcp: lookup registry.example.com: no such host", "is unreachable: check the name, the network"),
        (PING + "context deadline exceeded", "is unreachable: check the name, the network"),
        (PING + "http: server gave HTTP response to HTTPS client", "answers without TLS: serve it over https"),
        (PING + "x509: certificate signed by unknown authority", "has a certificate of an unknown CA: trust its CA"),
        (PING + "x509: certificate has expired or is not yet valid", "has a certificate that has expired or is not"),
        (PING + "x509: certificate is valid for a, not b", "has a certificate of another name: renew it"),
        ("reading manifest v1 in r: unauthorized: authentication required", "refuses you: sign in with `skopeo login"),
        (
            "requested access to the resource is denied",
            "refuses you: sign in with `skopeo login registry.example.com:5000`",
        ),
        ("received unexpected HTTP status: 500 Internal Server Error", "cannot answer now: try again later, or ask"),
        ("toomanyrequests: You have reached your pull rate limit", "cannot answer now: try again later, or ask"),
    ],
)
def test_a_refusal_is_one_sentence(says: str, sentence: str, skopeo: Path) -> None:
    (skopeo / "says").write_text(says + "\n", encoding="utf-8")
    with pytest.raises(UserError) as asked:
        registry.digest(SPARK)
    with pytest.raises(UserError) as copied:
        registry.copy("oci:bundle:spark:v1", SPARK)
    for said in (str(asked.value), str(copied.value)):
        assert said.startswith(f"registry registry.example.com:5000, asked for {SPARK}, ") and sentence in said
        assert "\n" not in said


@pytest.mark.parametrize(
    "says", ["manifest unknown", "name unknown: repository name not known", "unknown: artifact a:1 not found"]
)
def test_an_image_that_is_not_there_is_an_answer(says: str, skopeo: Path) -> None:
    (skopeo / "says").write_text(f"reading manifest v1 in {SPARK}: {says}\n", encoding="utf-8")
    assert registry.digest(SPARK) is None


def test_an_unknown_word_is_passed_on(skopeo: Path) -> None:
    for last in ("the moon is in the way", 'time="2026-01-01" level=fatal msg="the \\"moon\\" is in the way"'):
        (skopeo / "says").write_text(f"first\n{last}\n", encoding="utf-8")
        said = f'^{SPARK} cannot be read or written, skopeo says: the "?moon"? is in the way$'
        with pytest.raises(UserError, match=said):
            registry.digest(SPARK)


def test_neither_passwords_nor_blind_trust_are_handed_over(skopeo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry.digest(SPARK)
    monkeypatch.setenv("REGISTRY_CERT_DIR", "/etc/site")
    registry.digest(SPARK)
    registry.copy("registry.example.com/a:1", SPARK)
    registry.copy("containers-storage:localhost/dataops/spark:1", SPARK)
    plain, asked, copied, packed = told = (skopeo / "told").read_text(encoding="utf-8").splitlines()
    assert "cert-dir" not in plain
    assert asked.endswith(f" --cert-dir /etc/site docker://{SPARK}")
    assert copied.endswith(
        f" --src-cert-dir /etc/site --dest-cert-dir /etc/site docker://registry.example.com/a:1 docker://{SPARK}"
    )
    assert "--preserve-digests" in copied and "--preserve-digests" not in packed
    assert not any(word in line for line in told for word in ("tls-verify", "creds", "password", "token"))


def test_a_machine_without_skopeo_gets_it_or_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(packages, "can_install", lambda: False)
    with pytest.raises(UserError, match="^skopeo is missing, which speaks to registries: install it$"):
        registry.digest(SPARK)
