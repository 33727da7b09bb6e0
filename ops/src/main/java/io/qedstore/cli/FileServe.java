package io.qedstore.cli;

import io.netty.handler.ssl.SslContext;
import io.qedstore.device.file.CacheMode;
import io.qedstore.device.file.FileDevice;
import io.qedstore.nbd.Export;
import io.qedstore.nbd.FixedExports;
import io.qedstore.nbd.NbdServer;
import io.qedstore.nbd.ServerLimits;
import io.qedstore.nbd.SocketMode;
import io.qedstore.nbd.TlsMode;
import io.qedstore.qed.ImageChain;
import io.qedstore.security.ReloadingTls;
import io.qedstore.security.TlsFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Serves a QED file over NBD until it is told to stop. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Serves a QED file over NBD until SIGTERM or SIGINT, as `qemu-nbd -t -f qed` does.",
            "Prints one line that starts with `ready` and holds the NBD URI once clients can connect."
        },
        footer = {
            "",
            "Examples:",
            "  qedstore file serve --socket=/run/disk.sock disk.qed",
            "  qedstore file serve --read-only --listen=127.0.0.1:10809 --export=disk disk.qed",
            "  qedstore file serve --tls=required --tls-creds=/etc/pki/qemu --tls-verify-peer --listen=0.0.0.0:10809"
                    + " disk.qed"
        })
final class FileServe implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(FileServe.class);

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-r", "--read-only"},
            description = "Refuse writes; others may read the file at the same time.")
    boolean readOnly;

    @Option(
            names = "--cache",
            paramLabel = "MODE",
            description =
                    "writeback: a write is durable after the next flush (default). writethrough: before its reply.")
    CacheMode cache = CacheMode.WRITEBACK;

    @Option(
            names = {"-x", "--export"},
            paramLabel = "NAME",
            description = "Name of the export (default: empty). Clients that ask for the default export get it too.")
    String export = "";

    @Option(
            names = {"-D", "--description"},
            paramLabel = "TEXT",
            description = "What clients are told about the export.")
    String description = "";

    @ArgGroup(multiplicity = "1")
    Place place = new Place();

    /** Where to listen. */
    static final class Place {
        @Option(
                names = {"-k", "--socket"},
                paramLabel = "PATH",
                required = true,
                description = "Listen on a unix socket.")
        @Nullable
        Path socket;

        @Option(
                names = "--listen",
                paramLabel = "HOST:PORT",
                required = true,
                description = "Listen on TCP; port 0 takes a free one.")
        @Nullable
        String listen;
    }

    @Option(
            names = "--socket-mode",
            paramLabel = "MODE",
            description = "Who may connect to the unix socket, in octal (default: 0600, this user alone).")
    String socketMode = "0600";

    @Option(
            names = "--tls",
            paramLabel = "MODE",
            description = "off (default); allowed: clients choose; required: nothing is served in clear.")
    TlsMode tls = TlsMode.OFF;

    @Option(
            names = "--tls-creds",
            paramLabel = "DIR",
            description = "Folder with server-cert.pem, server-key.pem and ca-cert.pem; read again when they change.")
    @Nullable
    Path tlsCredentials;

    @Option(names = "--tls-verify-peer", description = "Clients need a certificate that ca-cert.pem has signed.")
    boolean tlsVerifyPeer;

    @Option(
            names = "--insecure",
            description = "Listen for other hosts although not every client has to show a certificate.")
    boolean insecure;

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description = "Clients at the same time (default: ${DEFAULT-VALUE}).")
    int maxConnections = ServerLimits.DEFAULT.maxConnections();

    @Parameters(index = "0", paramLabel = "FILE", description = "The image.")
    Path file = Path.of("");

    @Override
    public Integer call() throws CommandFailure, IOException, InterruptedException {
        Supplier<SslContext> tlsContext = tlsContext();
        Set<PosixFilePermission> mode = socketPermissions();
        InetSocketAddress address = address();
        ServerLimits limits = limits();
        StopSignal stop = StopSignal.install();
        try (FileDevice device = open()) {
            ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread thread = new Thread(task, "need-check");
                thread.setDaemon(true);
                return thread;
            });
            Export served = new Export(export, description, device, Export.Reach.CLEAR_OR_TLS);
            try (NbdServer server = new NbdServer(new FixedExports(List.of(served)), tls, tlsContext, limits)) {
                ScheduledFuture<?> ticking = clock.scheduleWithFixedDelay(() -> tick(device), 1, 1, TimeUnit.SECONDS);
                say("ready " + listen(server, mode, address));
                stop.await();
                ticking.cancel(false);
            } finally {
                clock.shutdown();
                clock.awaitTermination(1, TimeUnit.MINUTES);
            }
        } catch (CommandFailure | IOException | RuntimeException e) {
            stop.failed();
            throw e;
        } finally {
            stop.done();
        }
        return 0;
    }

    private Supplier<SslContext> tlsContext() throws IOException {
        if (tls == TlsMode.OFF) {
            return () -> {
                throw new IllegalStateException("TLS is off");
            };
        }
        if (tlsCredentials == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--tls=" + tls + " needs --tls-creds=DIR, the folder with" + " server-cert.pem and server-key.pem");
        }
        return new ReloadingTls(TlsFiles.inFolder(tlsCredentials, tlsVerifyPeer));
    }

    /** Where to listen on TCP; anything where a unix socket is asked for. */
    private InetSocketAddress address() {
        if (place.listen == null) {
            return new InetSocketAddress(0);
        }
        InetSocketAddress address = ListenAddress.parse(spec, place.listen);
        boolean guarded = tls == TlsMode.REQUIRED && tlsVerifyPeer;
        if (!address.getAddress().isLoopbackAddress() && !guarded && !insecure) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--listen=" + place.listen + " opens the image to other hosts: let clients show certificates with"
                            + " --tls=required --tls-verify-peer, or say --insecure");
        }
        return address;
    }

    private Set<PosixFilePermission> socketPermissions() {
        return SocketMode.parse(socketMode)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "--socket-mode expects three octal digits such as 0660, found '" + socketMode + "'"));
    }

    private ServerLimits limits() {
        if (maxConnections < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--max-connections expects a number from 1 on, found '" + maxConnections + "'");
        }
        return ServerLimits.DEFAULT.withMaxConnections(maxConnections);
    }

    private FileDevice open() throws CommandFailure {
        try {
            return readOnly ? FileDevice.openReadOnly(file) : FileDevice.open(file, cache);
        } catch (IOException e) {
            throw Disks.notOpened(Main.FAILED, file, e);
        }
    }

    /** Listens and gives the URI under which clients find the export. */
    private String listen(NbdServer server, Set<PosixFilePermission> mode, InetSocketAddress address)
            throws IOException, CommandFailure {
        String scheme = tls == TlsMode.REQUIRED ? "nbds" : "nbd";
        String name = UriPart.encode(export);
        if (place.socket != null) {
            Path path = place.socket.toAbsolutePath();
            try {
                server.listen(path, mode);
            } catch (FileSystemException e) {
                throw new CommandFailure("cannot listen on " + path + ": " + ImageChain.reason(e));
            }
            return scheme + "+unix:///" + name + "?socket=" + UriPart.encode(path.toString());
        }
        InetSocketAddress bound = server.listen(address);
        String host = bound.getHostString().contains(":") ? "[" + bound.getHostString() + "]" : bound.getHostString();
        return scheme + "://" + host + ":" + bound.getPort() + "/" + name;
    }

    private static void tick(FileDevice device) {
        try {
            device.tick();
        } catch (IOException | RuntimeException e) {
            LOG.error("the image cannot be marked clean: {}", e.getMessage());
            throw new IllegalStateException(e); // ends the ticking: what has failed once goes on failing
        }
    }

    private void say(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(line);
        out.flush();
    }
}
