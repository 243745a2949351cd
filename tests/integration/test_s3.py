"""S3Client against MinIO over TLS with a private CA, with the accounts and policies of the platform."""

from collections.abc import Callable

import pandas as pd
import pytest
from pydantic import SecretStr

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client
from tests.integration.services import Services

SignIn = Callable[[str], Settings]


def test_parquet_round_trip_over_tls(sign_in: SignIn) -> None:
    s3 = S3Client(sign_in("job"))
    s3.check_connectivity()
    frame = pd.DataFrame({"id": [1, 2, 3], "name": ["a", None, "c"]})
    s3.write_parquet(frame, "bronze/round-trip/part-0.parquet")
    pd.testing.assert_frame_equal(s3.read_parquet("bronze/round-trip"), frame)
    s3.delete("bronze/round-trip/part-0.parquet")
    assert not s3.exists("bronze/round-trip/part-0.parquet")


def test_a_wrong_ca_is_named(sign_in: SignIn, platform: Services) -> None:
    wrong = platform.folder / "other-ca/ca-bundle.crt"
    settings = sign_in("job").model_copy(update={"dataops_ca_bundle": wrong})
    with pytest.raises(UserError, match=f"certificate that is not trusted.*DATAOPS_CA_BUNDLE.*{wrong}"):
        S3Client(settings).check_connectivity()


@pytest.mark.parametrize(
    ("field", "name"), [("s3_access_key_id", "S3_ACCESS_KEY_ID"), ("s3_secret_access_key", "S3_SECRET_ACCESS_KEY")]
)
def test_wrong_keys_are_named(sign_in: SignIn, field: str, name: str) -> None:
    settings = sign_in("job").model_copy(update={field: SecretStr("wrong")})
    with pytest.raises(UserError, match=f"correct {name}"):
        S3Client(settings).check_connectivity()


def test_a_missing_bucket_is_refused_in_one_sentence(sign_in: SignIn) -> None:
    with pytest.raises(UserError, match="s3a://nowhere/"):
        S3Client(sign_in("job").model_copy(update={"s3_bucket": "nowhere"})).check_connectivity()


def test_a_notebook_reads_the_lake_and_writes_only_its_sandbox(sign_in: SignIn) -> None:
    S3Client(sign_in("job")).write_bytes("silver/secret", b"1")
    s3 = S3Client(sign_in("notebook"))
    assert s3.read_bytes("silver/secret") == b"1"
    s3.write_bytes("sandbox/mine", b"2")
    with pytest.raises(UserError, match="this account may not do that with silver/secret"):
        s3.write_bytes("silver/secret", b"3")
    with pytest.raises(UserError, match="this account may not do that with silver/secret"):
        s3.delete("silver/secret")


def test_the_older_signature_is_accepted(sign_in: SignIn) -> None:
    settings = sign_in("job").model_copy(update={"aws_s3_signature_version": "s3"})
    s3 = S3Client(settings)
    s3.write_bytes("bronze/v2", b"2")
    assert s3.read_bytes("bronze/v2") == b"2"
