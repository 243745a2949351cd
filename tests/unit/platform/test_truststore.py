"""Java 17 reads the truststores without a password, as the pods' JVMs do."""

import os
import subprocess
from pathlib import Path

from dataops.platform import ca
from tests.unit.platform.scripts import script

READER = """
import javax.net.ssl.*;
import java.security.KeyStore;
public class Reader {
    public static void main(String[] words) throws Exception {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        System.out.println(((X509TrustManager) factory.getTrustManagers()[0]).getAcceptedIssuers().length);
    }
}
"""


def issuers(store: Path, kind: str) -> str:
    """How many certificates a JVM finds in its truststore."""
    (store.parent / "Reader.java").write_text(READER)
    java = Path(os.environ["JAVA_HOME"]) / "bin" / "java"
    flags = [f"-Djavax.net.ssl.trustStore={store}", f"-Djavax.net.ssl.trustStoreType={kind}"]
    command = [str(java), *flags, str(store.parent / "Reader.java")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_java_lists_every_certificate_without_a_password(tmp_path: Path) -> None:
    bundle = ca.new_ca()[0] + ca.new_ca()[0]
    (tmp_path / "trust.p12").write_bytes(ca.truststore(bundle))
    assert issuers(tmp_path / "trust.p12", "PKCS12") == "2"


def test_the_truststore_of_the_image_is_read_too_and_is_the_same_every_time(tmp_path: Path) -> None:
    made = script("images/spark/build/truststore.py")
    bundle = (ca.new_ca()[0] + ca.new_ca()[0]).encode()
    (tmp_path / "cacerts").write_bytes(made.truststore(bundle))
    assert issuers(tmp_path / "cacerts", "JKS") == "2"
    assert made.truststore(bundle) == (tmp_path / "cacerts").read_bytes()
