package io.qedstore.security;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Certificates that sign themselves, made by the JDK's own tool; slow, so tests share them. */
public final class TestCertificates {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final KeyStore store;
    private final X509Certificate certificate;

    private TestCertificates(KeyStore store) throws GeneralSecurityException {
        this.store = store;
        this.certificate = (X509Certificate) store.getCertificate("key");
    }

    /** Made on first use. */
    private static final class Shared {
        private static final TestCertificates SERVER = create("server");
        private static final TestCertificates OTHER = create("other");
    }

    public static TestCertificates server() {
        return Shared.SERVER;
    }

    /** Another one, of which nobody at first knows. */
    public static TestCertificates other() {
        return Shared.OTHER;
    }

    private static TestCertificates create(String name) {
        try {
            Path folder = Files.createTempDirectory("certs");
            Path file = folder.resolve(name + ".p12");
            Process tool = new ProcessBuilder(List.of(
                            Path.of(System.getProperty("java.home"), "bin", "keytool")
                                    .toString(),
                            "-genkeypair",
                            "-keyalg",
                            "EC",
                            "-groupname",
                            "secp256r1",
                            "-alias",
                            "key",
                            "-dname",
                            "CN=" + name,
                            "-ext",
                            "san=dns:localhost",
                            "-validity",
                            "2",
                            "-storetype",
                            "PKCS12",
                            "-storepass",
                            new String(PASSWORD),
                            "-keystore",
                            file.toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!tool.waitFor(60, TimeUnit.SECONDS) || tool.exitValue() != 0) {
                throw new IllegalStateException("keytool made no certificate");
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(file)) {
                store.load(in, PASSWORD);
            }
            Files.delete(file);
            Files.delete(folder);
            return new TestCertificates(store);
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("no certificate", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public X509Certificate certificate() {
        return certificate;
    }

    public byte[] certificatePem() {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public byte[] keyPem() {
        try {
            return pem("PRIVATE KEY", store.getKey("key", PASSWORD).getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] pem(String kind, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return String.format(Locale.ROOT, "-----BEGIN %s-----%n%s%n-----END %s-----%n", kind, base64, kind)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Puts certificate and key where a server looks for them. */
    public TlsFiles writeTo(Path folder) throws IOException {
        TlsFiles files = TlsFiles.inFolder(folder, false);
        Files.write(files.certificate(), certificatePem());
        Files.write(files.key(), keyPem());
        return files;
    }

    /** A client that trusts everybody. */
    public static SSLContext trustingClient(String... protocols) {
        return client(new KeyManager[0]);
    }

    /** A client that trusts everybody and shows this certificate. */
    public SSLContext identifiedClient() {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, PASSWORD);
            return client(keys.getKeyManagers());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SSLContext client(KeyManager[] keys) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {new TrustsAll()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Believes whatever it is shown. */
    private static final class TrustsAll implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
