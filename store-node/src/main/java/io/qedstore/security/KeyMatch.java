package io.qedstore.security;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out whether a key is a certificate's: not every TLS library looks, and then every handshake fails. */
final class KeyMatch {
    private static final Pattern PKCS8 = Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");

    private KeyMatch() {}

    /** @throws IOException if the key signs what the first certificate does not confirm, or is no key of its kind */
    static void require(Path certificate, Path key) throws IOException {
        Matcher pem = PKCS8.matcher(Files.readString(key, StandardCharsets.US_ASCII));
        if (!pem.find()) {
            return; // in another form, which the TLS library may know
        }
        try (InputStream in = Files.newInputStream(certificate)) {
            PublicKey publicKey = CertificateFactory.getInstance("X.509")
                    .generateCertificate(in)
                    .getPublicKey();
            byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
            PrivateKey privateKey =
                    KeyFactory.getInstance(publicKey.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(encoded));
            Signature signature = Signature.getInstance(algorithm(publicKey.getAlgorithm()));
            signature.initSign(privateKey);
            signature.update(encoded);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(encoded);
            if (!signature.verify(signed)) {
                throw new IOException("the key " + key + " is not that of the certificate " + certificate);
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("the key " + key + " does not go with the certificate " + certificate, e);
        }
    }

    private static String algorithm(String keyAlgorithm) {
        return switch (keyAlgorithm) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            case "DSA" -> "SHA256withDSA";
            default -> keyAlgorithm; // those of the Edwards curves
        };
    }
}
