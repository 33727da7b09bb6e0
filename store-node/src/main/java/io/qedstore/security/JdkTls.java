package io.qedstore.security;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Java's own TLS from the files that {@link ReloadingTls} makes Netty's of, for what is not built on Netty. */
final class JdkTls {
    private static final Pattern PKCS8 = Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");
    private static final char[] NO_PASSWORD = new char[0];

    private JdkTls() {}

    /**
     * Shows the certificate, as a server and as a client.
     *
     * @param authority of those who are trusted; empty for those whom Java trusts
     * @throws IOException if the files cannot be read or do not go together
     */
    static SSLContext load(TlsFiles files, Optional<Path> authority) throws IOException {
        try {
            KeyStore keys = empty();
            List<Certificate> chain = certificates(files.certificate());
            keys.setKeyEntry("key", key(files.key(), chain.get(0)), NO_PASSWORD, chain.toArray(new Certificate[0]));
            KeyManagerFactory identity = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            identity.init(keys, NO_PASSWORD);
            KeyMatch.require(files.certificate(), files.key());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    identity.getKeyManagers(),
                    authority.isPresent() ? trust(authority.get()).getTrustManagers() : null,
                    null);
            return context;
        } catch (GeneralSecurityException | IllegalArgumentException | IOException e) {
            throw new IOException(
                    "the TLS files " + files.all() + " cannot be used: " + e.getMessage() + "; they have to hold a"
                            + " certificate, its key (PKCS#8) and, for clients, an authority, in PEM",
                    e);
        }
    }

    private static TrustManagerFactory trust(Path authority) throws IOException, GeneralSecurityException {
        KeyStore trusted = empty();
        for (Certificate certificate : certificates(authority)) {
            trusted.setCertificateEntry("authority" + trusted.size(), certificate);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        return trust;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static List<Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            List<Certificate> found =
                    List.copyOf(CertificateFactory.getInstance("X.509").generateCertificates(in));
            if (found.isEmpty()) {
                throw new IOException("found no certificate in " + file);
            }
            return found;
        }
    }

    private static PrivateKey key(Path file, Certificate certificate) throws IOException, GeneralSecurityException {
        Matcher pem = PKCS8.matcher(Files.readString(file, StandardCharsets.US_ASCII));
        if (!pem.find()) {
            throw new IOException("found no key of the form PKCS#8 in " + file);
        }
        return KeyFactory.getInstance(certificate.getPublicKey().getAlgorithm())
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1))));
    }
}
