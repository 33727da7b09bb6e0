package io.qedstore.security;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's TLS context, made anew when one of its files has changed. Files that cannot be used then are named in the log,
 * and the last good ones go on serving. TLS 1.2 and 1.3 only. Thread-safe.
 */
public final class ReloadingTls implements Supplier<SslContext> {
    private static final Logger LOG = LoggerFactory.getLogger(ReloadingTls.class);

    private final TlsFiles files;

    /** Guarded by this object's monitor, as is the context. */
    private FileStates loadedFrom;

    private SslContext context;

    /** @throws IOException if the files cannot be read or do not go together */
    public ReloadingTls(TlsFiles files) throws IOException {
        this.files = files;
        this.loadedFrom = FileStates.of(files.all());
        this.context = load();
    }

    /** The context for the next connection. */
    @Override
    public synchronized SslContext get() {
        try {
            FileStates now = FileStates.of(files.all());
            if (!now.equals(loadedFrom)) {
                loadedFrom = now;
                context = load();
                LOG.info("TLS certificates were read again from {}", files.certificate());
            }
        } catch (IOException e) {
            LOG.error("TLS goes on with the certificates of before: {}", e.getMessage());
        }
        return context;
    }

    /**
     * For asking servers like this one: shows the same certificate, and trusts whom {@code ca-cert.pem} beside it has signed, or
     * whom Java trusts where there is none. Made of the files as they are now.
     *
     * @throws UncheckedIOException if they cannot be used
     */
    public SslContext client() {
        try {
            SslContextBuilder builder = SslContextBuilder.forClient()
                    .keyManager(files.certificate().toFile(), files.key().toFile())
                    .sslProvider(provider())
                    .protocols("TLSv1.3", "TLSv1.2");
            files.clientAuthority()
                    .or(files::authorityInFolder)
                    .ifPresent(authority -> builder.trustManager(authority.toFile()));
            return builder.build();
        } catch (IllegalArgumentException | IOException e) {
            throw new UncheckedIOException(unusable(e));
        }
    }

    private static SslProvider provider() {
        return OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK;
    }

    private SslContext load() throws IOException {
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(
                            files.certificate().toFile(), files.key().toFile())
                    .sslProvider(provider())
                    .protocols("TLSv1.3", "TLSv1.2");
            files.clientAuthority().ifPresent(authority -> builder.trustManager(authority.toFile())
                    .clientAuth(ClientAuth.REQUIRE));
            SslContext loaded = builder.build();
            KeyMatch.require(files.certificate(), files.key());
            return loaded;
        } catch (IllegalArgumentException | IOException e) {
            throw unusable(e);
        }
    }

    private IOException unusable(Exception e) {
        Throwable reason = e.getCause() == null ? e : e.getCause();
        return new IOException(
                "the TLS files " + files.all() + " cannot be used: " + e.getMessage() + " (" + reason.getMessage()
                        + "); they have to hold a certificate, its key (PKCS#8) and, for clients, an authority, in"
                        + " PEM",
                e);
    }
}
