package io.qedstore.api.http;

import io.qedstore.security.ReloadingJdkTls;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Gives each connection the TLS of the certificates that lie there now. */
final class JettyTls extends SslContextFactory.Server {
    private final ReloadingJdkTls tls;

    JettyTls(ReloadingJdkTls tls) {
        this.tls = tls;
        setSslContext(tls.get());
        setNeedClientAuth(tls.clientsAuthenticate());
        setIncludeProtocols("TLSv1.3", "TLSv1.2");
        setRenegotiationAllowed(false);
    }

    @Override
    public SSLEngine newSSLEngine(InetSocketAddress address) {
        SSLContext current = tls.get();
        SSLEngine engine = current.createSSLEngine();
        customize(engine);
        return engine;
    }
}
