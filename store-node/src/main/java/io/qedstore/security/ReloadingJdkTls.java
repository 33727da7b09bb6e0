package io.qedstore.security;

import java.io.IOException;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server's context of Java's own TLS, made anew when one of its files has changed. Files that cannot be used then are named in
 * the log, and the last good ones go on serving. Thread-safe.
 */
public final class ReloadingJdkTls implements Supplier<SSLContext> {
    private static final Logger LOG = LoggerFactory.getLogger(ReloadingJdkTls.class);

    private final TlsFiles files;

    /** Guarded by this object's monitor, as is the context. */
    private FileStates loadedFrom;

    private SSLContext context;

    /** @throws IOException if the files cannot be read or do not go together */
    public ReloadingJdkTls(TlsFiles files) throws IOException {
        this.files = files;
        this.loadedFrom = FileStates.of(files.all());
        this.context = JdkTls.load(files, files.clientAuthority());
    }

    /** Another object after each change. */
    @Override
    public synchronized SSLContext get() {
        try {
            FileStates now = FileStates.of(files.all());
            if (!now.equals(loadedFrom)) {
                loadedFrom = now;
                context = JdkTls.load(files, files.clientAuthority());
                LOG.info("TLS certificates were read again from {}", files.certificate());
            }
        } catch (IOException e) {
            LOG.error("TLS goes on with the certificates of before: {}", e.getMessage());
        }
        return context;
    }

    /** Whether clients have to show a certificate. */
    public boolean clientsAuthenticate() {
        return files.clientAuthority().isPresent();
    }

    /**
     * For asking servers like this one: shows the same certificate, and trusts whom {@code ca-cert.pem} beside it has signed, or
     * whom Java trusts where there is none.
     */
    public SSLContext client() throws IOException {
        return JdkTls.load(files, files.clientAuthority().or(files::authorityInFolder));
    }
}
