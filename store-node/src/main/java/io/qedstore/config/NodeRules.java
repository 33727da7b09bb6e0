package io.qedstore.config;

import io.qedstore.log.kafka.LogDurability;
import io.qedstore.nbd.TlsMode;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What settings mean for each other. A rule is left out while one of its settings is wrong by itself. */
final class NodeRules {
    private final ConfigValues values;
    private final List<String> problems;

    private NodeRules(ConfigValues values, List<String> problems) {
        this.values = values;
        this.problems = problems;
    }

    /** @param problems takes which rules are broken */
    static void check(ConfigValues values, List<String> problems) {
        NodeRules rules = new NodeRules(values, problems);
        rules.checkLog();
        rules.checkTls(NodeKeys.NBD_TLS_MODE, NodeKeys.NBD_TLS_CREDS, NodeKeys.NBD_TLS_VERIFY_PEER);
        rules.checkTls(NodeKeys.API_TLS_MODE, NodeKeys.API_TLS_CREDS, NodeKeys.API_TLS_VERIFY_PEER);
        rules.checkNbdListen();
        rules.checkApiListen();
        rules.checkPeerToken();
        rules.checkRising(NodeKeys.DISK_WARN, NodeKeys.DISK_STOP_IMAGES);
        rules.checkRising(NodeKeys.DISK_STOP_IMAGES, NodeKeys.DISK_STOP_REPLICAS);
    }

    private void checkLog() {
        if (!values.has(NodeKeys.LOG_REPLICATION_FACTOR, NodeKeys.LOG_MIN_INSYNC_REPLICAS, NodeKeys.LOG_DURABILITY)) {
            return;
        }
        Optional<Integer> factor = values.get(NodeKeys.LOG_REPLICATION_FACTOR);
        Optional<Integer> inSync = values.get(NodeKeys.LOG_MIN_INSYNC_REPLICAS);
        if (factor.isPresent() && inSync.isPresent() && inSync.get() > factor.get()) {
            problems.add(values.said(NodeKeys.LOG_MIN_INSYNC_REPLICAS)
                    + ", expected at most log.replication.factor, which is " + factor.get());
        } else if (values.get(NodeKeys.LOG_DURABILITY).equals(Optional.of(LogDurability.REPLICATED))) {
            checkTwo(NodeKeys.LOG_REPLICATION_FACTOR);
            checkTwo(NodeKeys.LOG_MIN_INSYNC_REPLICAS);
        }
    }

    private void checkTwo(ConfigKey<Optional<Integer>> key) {
        if (values.get(key).equals(Optional.of(1))) {
            problems.add(values.said(key) + ", expected 2 or more with log.durability=replicated,"
                    + " or else one broker may be all that has a change");
        }
    }

    private void checkTls(ConfigKey<TlsMode> mode, ConfigKey<Optional<Path>> creds, ConfigKey<Boolean> verify) {
        if (values.has(mode, creds)
                && values.get(mode) != TlsMode.OFF
                && values.get(creds).isEmpty()) {
            problems.add(values.said(mode) + ", which needs " + creds.name() + ", expected "
                    + "a folder with server-cert.pem and server-key.pem");
        }
        if (values.has(mode, verify) && values.get(mode) == TlsMode.OFF && values.get(verify)) {
            problems.add(values.said(verify) + ", but nobody is asked for a certificate while " + mode.name()
                    + " is off; expected another " + mode.name());
        }
    }

    private void checkNbdListen() {
        if (values.has(NodeKeys.NBD_LISTEN, NodeKeys.NBD_TLS_MODE, NodeKeys.NBD_TLS_VERIFY_PEER, NodeKeys.INSECURE)
                && values.get(NodeKeys.NBD_LISTEN)
                        .filter(NodeRules::isForOthers)
                        .isPresent()
                && !(values.get(NodeKeys.NBD_TLS_MODE) == TlsMode.REQUIRED && values.get(NodeKeys.NBD_TLS_VERIFY_PEER))
                && !values.get(NodeKeys.INSECURE)) {
            problems.add(values.said(NodeKeys.NBD_LISTEN) + " and opens the images to other hosts, expected"
                    + " nbd.tls.mode=required and nbd.tls.verify.peer=true with it, or insecure=true");
        }
        if (values.has(NodeKeys.NBD_LISTEN, NodeKeys.NBD_ADVERTISE)) {
            values.get(NodeKeys.NBD_LISTEN)
                    .ifPresent(listen -> checkReachable(NodeKeys.NBD_LISTEN, listen, NodeKeys.NBD_ADVERTISE));
        }
    }

    /** Who shows others what they let in must know who asks it to. */
    private void checkPeerToken() {
        if (values.has(NodeKeys.API_PEER_TOKEN_FILE, NodeKeys.API_TOKENS_FILE)
                && values.get(NodeKeys.API_PEER_TOKEN_FILE).isPresent()
                && values.get(NodeKeys.API_TOKENS_FILE).isEmpty()) {
            problems.add(values.said(NodeKeys.API_PEER_TOKEN_FILE) + ", and this node asks nobody who they are, so that"
                    + " anybody could use it; expected api.tokens.file with it");
        }
    }

    private void checkApiListen() {
        if (values.has(
                        NodeKeys.API_LISTEN,
                        NodeKeys.API_TLS_MODE,
                        NodeKeys.API_TLS_VERIFY_PEER,
                        NodeKeys.API_TOKENS_FILE,
                        NodeKeys.INSECURE)
                && isForOthers(values.get(NodeKeys.API_LISTEN))
                && !(values.get(NodeKeys.API_TLS_MODE) == TlsMode.REQUIRED && asksWhoTheyAre())
                && !values.get(NodeKeys.INSECURE)) {
            problems.add(values.said(NodeKeys.API_LISTEN) + " and opens the API to other hosts, expected"
                    + " api.tls.mode=required with it, and api.tls.verify.peer=true or api.tokens.file, or"
                    + " insecure=true");
        }
        if (values.has(NodeKeys.API_LISTEN, NodeKeys.API_ADVERTISE)) {
            checkReachable(NodeKeys.API_LISTEN, values.get(NodeKeys.API_LISTEN), NodeKeys.API_ADVERTISE);
        }
    }

    private boolean asksWhoTheyAre() {
        return values.get(NodeKeys.API_TLS_VERIFY_PEER)
                || values.get(NodeKeys.API_TOKENS_FILE).isPresent();
    }

    /** Nobody can connect to "all addresses", which is what the others would be told. */
    private void checkReachable(
            ConfigKey<?> key, InetSocketAddress listen, ConfigKey<Optional<HostAndPort>> advertise) {
        if (listen.getAddress().isAnyLocalAddress() && values.get(advertise).isEmpty()) {
            problems.add(values.said(key) + ", all addresses of this machine; expected " + advertise.name()
                    + " with it, the one that others are told");
        }
    }

    private static boolean isForOthers(InetSocketAddress listen) {
        return !listen.getAddress().isLoopbackAddress();
    }

    private void checkRising(ConfigKey<Integer> lower, ConfigKey<Integer> higher) {
        if (values.has(lower, higher) && values.get(higher) <= values.get(lower)) {
            problems.add(values.said(higher) + ", expected more than " + lower.name() + ", which is "
                    + values.get(lower) + "%");
        }
    }
}
