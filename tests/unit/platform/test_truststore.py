"""Java 17 reads the truststore without a password, as the pods' JVMs do."""

import os
import subprocess
from pathlib import Path

from dataops.platform import ca

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


def test_java_lists_every_certificate_without_a_password(tmp_path: Path) -> None:
    bundle = ca.new_ca()[0] + ca.new_ca()[0]
    (tmp_path / "trust.p12").write_bytes(ca.truststore(bundle))
    (tmp_path / "Reader.java").write_text(READER)
    java = Path(os.environ["JAVA_HOME"]) / "bin" / "java"
    flags = [f"-Djavax.net.ssl.trustStore={tmp_path / 'trust.p12'}", "-Djavax.net.ssl.trustStoreType=PKCS12"]
    done = subprocess.run([java, *flags, tmp_path / "Reader.java"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2"
