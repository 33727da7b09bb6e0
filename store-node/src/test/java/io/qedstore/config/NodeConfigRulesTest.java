package io.qedstore.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodeConfigRulesTest {
    private static final String OPEN_NBD =
            "nbd.listen is '192.0.2.1:10809' in --set and opens the images to other hosts,"
                    + " expected nbd.tls.mode=required and nbd.tls.verify.peer=true with it, or insecure=true";
    private static final String OPEN_API = "api.listen is '192.0.2.1:10810' in --set and opens the API to other hosts,"
            + " expected api.tls.mode=required with it, and api.tls.verify.peer=true or api.tokens.file, or insecure=true";

    @TempDir
    Path folder = Path.of("");

    /** What is wrong with settings that have blanks between them. */
    private List<String> problems(String settings) {
        return ConfigFile.write(folder, ConfigFile.LEAST).problems(settings.split(" "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insecure=false",
                "nbd.tls.mode=required nbd.tls.creds=pki",
                "nbd.tls.mode=allowed nbd.tls.creds=pki nbd.tls.verify.peer=true",
                "api.tls.mode=required api.tls.creds=pki api.tls.verify.peer=true"
            })
    void nbdIsNotOpenToOtherHostsInClearOrToStrangers(String guard) {
        assertThat(problems("nbd.listen=192.0.2.1:10809 " + guard)).containsExactly(OPEN_NBD);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insecure=false",
                "api.tls.mode=required api.tls.creds=pki",
                "nbd.tls.mode=required nbd.tls.creds=pki nbd.tls.verify.peer=true"
            })
    void theApiIsNotOpenToOtherHostsInClearOrToStrangers(String guard) {
        assertThat(problems("api.listen=192.0.2.1:10810 " + guard)).containsExactly(OPEN_API);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nbd.listen=192.0.2.1:10809 nbd.tls.mode=required nbd.tls.creds=pki nbd.tls.verify.peer=true",
                "api.listen=192.0.2.1:10810 api.tls.mode=required api.tls.creds=pki api.tls.verify.peer=true",
                "api.listen=192.0.2.1:10810 api.tls.mode=required api.tls.creds=pki api.tokens.file=tokens.json",
                "nbd.listen=192.0.2.1:10809 api.listen=192.0.2.1:10810 insecure=true",
                "nbd.listen=[::1]:1 api.listen=localhost:0",
                "nbd.listen= nbd.socket=socket"
            })
    void theyAreOpenToThoseWhoShowWhoTheyAreOrOnThisHostOrOnDemand(String settings) {
        assertThat(problems(settings)).isEmpty();
    }

    @Test
    void allAddressesAreNoneThatOthersCanBeTold() {
        assertThat(problems("insecure=true nbd.listen=0.0.0.0:10809 api.listen=[::]:10810"))
                .containsExactly(
                        "nbd.listen is '0.0.0.0:10809' in --set, all addresses of this machine; expected nbd.advertise with"
                                + " it, the one that others are told",
                        "api.listen is '[::]:10810' in --set, all addresses of this machine; expected api.advertise with"
                                + " it, the one that others are told");
        assertThat(problems(
                        "insecure=true nbd.listen=0.0.0.0:10809 nbd.advertise=a:1 api.listen=[::]:1 api.advertise=a:2"))
                .isEmpty();
    }

    @Test
    void tlsNeedsItsFiles() {
        assertThat(problems("nbd.tls.mode=allowed api.tls.mode=required"))
                .containsExactly(
                        "nbd.tls.mode is 'allowed' in --set, which needs nbd.tls.creds, expected a folder with"
                                + " server-cert.pem and server-key.pem",
                        "api.tls.mode is 'required' in --set, which needs api.tls.creds, expected a folder with"
                                + " server-cert.pem and server-key.pem");
        assertThat(problems("nbd.tls.creds=pki api.tls.creds=pki")).isEmpty();
    }

    @Test
    void whoAsksNobodyShowsOthersNoToken() {
        assertThat(problems("api.peer.token.file=own"))
                .containsExactly(
                        "api.peer.token.file is 'own' in --set, and this node asks nobody who they are, so that"
                                + " anybody could use it; expected api.tokens.file with it");
        assertThat(problems("api.peer.token.file=own api.tokens.file=tokens")).isEmpty();
    }

    @Test
    void certificatesAreNotVerifiedWithoutTls() {
        assertThat(problems("nbd.tls.verify.peer=true api.tls.verify.peer=true"))
                .containsExactly(
                        "nbd.tls.verify.peer is 'true' in --set, but nobody is asked for a certificate while nbd.tls.mode is"
                                + " off; expected another nbd.tls.mode",
                        "api.tls.verify.peer is 'true' in --set, but nobody is asked for a certificate while api.tls.mode is"
                                + " off; expected another api.tls.mode");
    }

    @Test
    void watermarksRise() {
        assertThat(problems("disk.warn=90%"))
                .containsExactly(
                        "disk.stop.images is '90%' where it is not set, expected more than disk.warn, which is 90%");
        assertThat(problems("disk.stop.replicas=89%"))
                .containsExactly(
                        "disk.stop.replicas is '89%' in --set, expected more than disk.stop.images, which is 90%");
        assertThat(problems("disk.warn=97% disk.stop.images=98% disk.stop.replicas=99%"))
                .isEmpty();
    }

    @Test
    void aLogIsNotAskedForWhatItCannotHold() {
        assertThat(problems("log.replication.factor=2 log.min.insync.replicas=3"))
                .containsExactly(
                        "log.min.insync.replicas is '3' in --set, expected at most log.replication.factor, which is 2");
        assertThat(problems("log.durability=replicated log.replication.factor=1"))
                .containsExactly("log.replication.factor is '1' in --set, expected 2 or more with"
                        + " log.durability=replicated, or else one broker may be all that has a change");
        assertThat(problems("log.durability=replicated log.min.insync.replicas=1"))
                .singleElement()
                .asString()
                .startsWith("log.min.insync.replicas is '1' in --set, expected 2 or more");
        assertThat(problems("log.durability=replicated log.replication.factor=2 log.min.insync.replicas=2"))
                .isEmpty();
    }

    @Test
    void aRuleIsLeftOutWhileOneOfItsSettingsIsWrong() {
        assertThat(problems(
                        "nbd.listen=192.0.2.1:10809 nbd.tls.mode=requird nbd.tls.creds=pki nbd.tls.verify.peer=true"))
                .containsExactly("nbd.tls.mode is 'requird' in --set, expected 'off' or 'allowed' or 'required'");
    }
}
