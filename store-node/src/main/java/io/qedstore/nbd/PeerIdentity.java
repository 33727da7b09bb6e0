package io.qedstore.nbd;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Finds out who a client is. One that has shown a certificate is its subject, or the certificate's SHA-256 fingerprint if that
 * names nobody; any other is its IP address, or on a unix socket its process. Where the system does not tell the process
 * (without epoll, or from another process namespace), all clients of one user, or of all unix sockets, count as one.
 */
final class PeerIdentity {
    private PeerIdentity() {}

    /** The client of a connection that is open and, if it uses TLS at all, is past the TLS handshake. */
    static NbdClient of(Channel channel) {
        Optional<Certificate> certificate = certificate(channel.pipeline().get(SslHandler.class));
        if (certificate.isPresent()) {
            return of(certificate.get());
        }
        if (channel.remoteAddress() instanceof InetSocketAddress address && !address.isUnresolved()) {
            String host = address.getAddress().getHostAddress();
            String shown = host.contains(":") ? "[" + host + "]" : host;
            return new NbdClient("address " + host, shown + ":" + address.getPort());
        }
        return channel instanceof EpollDomainSocketChannel unix ? ofProcess(unix) : anyProcess();
    }

    private static Optional<Certificate> certificate(@Nullable SslHandler tls) {
        if (tls == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(tls.engine().getSession().getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty(); // it has shown none
        }
    }

    static NbdClient of(Certificate certificate) {
        String subject = certificate instanceof X509Certificate x509
                ? x509.getSubjectX500Principal().getName()
                : "";
        String name = subject.isEmpty() ? "sha256:" + fingerprint(certificate) : subject;
        return new NbdClient("certificate " + name, name);
    }

    private static String fingerprint(Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a client's certificate cannot be encoded", e);
        }
    }

    private static NbdClient ofProcess(EpollDomainSocketChannel channel) {
        try {
            PeerCredentials peer = channel.peerCredentials();
            return peer.pid() > 0
                    ? local("process " + peer.pid() + " of user " + peer.uid())
                    : local("a process of user " + peer.uid());
        } catch (IOException e) {
            return anyProcess();
        }
    }

    private static NbdClient anyProcess() {
        return local("a process of this machine");
    }

    private static NbdClient local(String name) {
        return new NbdClient(name, name);
    }
}
