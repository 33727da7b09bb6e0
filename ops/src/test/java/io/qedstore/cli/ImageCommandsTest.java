package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The commands that ask a node: what they send, print, and how they end. */
class ImageCommandsTest {
    private final NodeDouble node;

    ImageCommandsTest() throws IOException {
        node = new NodeDouble();
    }

    @AfterEach
    void close() {
        node.close();
    }

    private Program.Result run(Object... args) {
        return Program.run(Stream.concat(Arrays.stream(args), Stream.of("--api=" + node.url()))
                .toArray());
    }

    private String ok(Object... args) {
        Program.Result result = run(args);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.err()).isEmpty();
        return result.out();
    }

    private JsonNode json(Object... args) throws IOException {
        return new ObjectMapper()
                .readTree(ok(Stream.concat(Arrays.stream(args), Stream.of("--output=json"))
                        .toArray()));
    }

    private String fails(int exitCode, Object... args) {
        Program.Result result = run(args);
        assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .startsWith("qedstore: ")
                .doesNotContain("Exception")
                .hasLineCount(1);
        return result.err();
    }

    @Test
    void createSaysWhatWasMade() {
        assertThat(ok("image", "create", "vm1", "20G"))
                .isEqualTo("created 'vm1': 20 GiB (21474836480 bytes), owner node-1, replicas node-2\n");
        assertThat(node.requests()).containsExactly("POST /v1/images {\"name\":\"vm1\",\"sizeBytes\":21474836480}");
    }

    @Test
    void aCloneHasTheSizeOfItsBaseIfNoneIsSaid() {
        assertThat(ok("image", "create", "vm2", "--from=vm1"))
                .startsWith("created 'vm2': 1 MiB (1048576 bytes), a clone of 'vm1' at sequence 7, owner node-1");
        assertThat(node.requests()).containsExactly("POST /v1/images {\"name\":\"vm2\",\"from\":\"vm1\"}");
        assertThat(ok("image", "show", "vm2")).contains("vm1 at sequence 7");
    }

    @Test
    void createSendsEveryOption() {
        ok(
                "image",
                "create",
                "vm1",
                "1M",
                "--cluster-size=4k",
                "--table-size=2",
                "--owner=node-2",
                "--replicas=node-1,node-3",
                "--cache=writethrough",
                "--attach=shared",
                "--failover=auto",
                "--limit-iops=500",
                "--limit-bps=10M");
        assertThat(node.requests())
                .containsExactly("POST /v1/images {\"name\":\"vm1\",\"sizeBytes\":1048576,\"clusterBytes\":4096,"
                        + "\"tableClusters\":2,\"owner\":\"node-2\",\"replicas\":[\"node-1\",\"node-3\"],"
                        + "\"cache\":\"writethrough\",\"attach\":\"shared\",\"failover\":\"auto\",\"limitIops\":500,"
                        + "\"limitBps\":10485760}");
    }

    @Test
    void replicasAreANumberOrNodes() {
        ok("image", "create", "a", "1M", "--replicas=0");
        ok("image", "create", "b", "1M", "--replicas=7,");
        assertThat(node.requests().get(0)).contains("\"replicaCount\":0").doesNotContain("\"replicas\"");
        assertThat(node.requests().get(1)).contains("\"replicas\":[\"7\"]").doesNotContain("replicaCount");
        assertThat(fails(2, "image", "create", "c", "1M", "--replicas=node-1,,node-2"))
                .contains("--replicas expects a number or node ids", "found 'node-1,,node-2'");
    }

    @Test
    void whatIsNoSizeIsWrongUsage() {
        assertThat(fails(2, "image", "create", "vm1", "large")).contains("SIZE", "found 'large'", "20G");
        assertThat(fails(2, "image", "create", "vm1", "8E")).contains("9223372036854775807", "found '8E'");
        assertThat(fails(2, "image", "create", "vm1", "1G", "--cluster-size=4G"))
                .contains("--cluster-size", "2147483647", "found '4G'");
        assertThat(fails(2, "image", "create", "vm1", "1G", "--cache=none")).contains("--cache", "none");
        assertThat(fails(2, "image", "create", "vm1")).contains("SIZE");
        assertThat(node.requests()).isEmpty();
    }

    @Test
    void whatTheNodeRefusesIsSaidInItsWords() {
        ok("image", "create", "vm1", "1G");
        assertThat(fails(1, "image", "create", "vm1", "1G"))
                .isEqualTo("qedstore: there is an image 'vm1' already; take another name\n");
        assertThat(fails(1, "image", "resize", "vm1", "1M")).contains("cannot shrink");
        assertThat(fails(1, "image", "show", "vm2")).contains("there is no image 'vm2'");
        assertThat(fails(1, "image", "snapshot", "delete", "vm1", "s")).contains("there is no snapshot 's'");
        assertThat(fails(1, "node", "show", "node-9")).contains("there is no node 'node-9'");
    }

    @Test
    void theListIsATableThatAligns() {
        ok("image", "create", "vm1", "20G");
        ok("image", "create", "a-long-name", "1536M", "--replicas=0");
        assertThat(ok("image", "list")).isEqualTo("""
                NAME            SIZE  OWNER   REPLICAS  CREATED
                a-long-name  1.5 GiB  node-1  -         2026-11-22T12:00:00Z
                vm1           20 GiB  node-1  node-2    2026-11-22T12:00:00Z
                """);
    }

    @Test
    void theListGoesThroughAllPages() throws IOException {
        for (int i = 0; i < 2500; i++) {
            node.images.put("vm " + (10_000 + i));
        }
        JsonNode images = json("image", "list");
        assertThat(images).hasSize(2500);
        assertThat(images.get(2499).get("name").asText()).isEqualTo("vm 12499");
        assertThat(node.requests())
                .containsExactly(
                        "GET /v1/images?limit=1000",
                        "GET /v1/images?limit=1000&after=vm%2010999",
                        "GET /v1/images?limit=1000&after=vm%2011999");
    }

    @Test
    void whatIsDeletedIsInTheTrashAndComesBack() throws IOException {
        ok("image", "create", "vm1", "1G");
        assertThat(ok("image", "delete", "vm1")).contains("deleted 'vm1'", "image undelete vm1");
        assertThat(json("image", "list")).isEmpty();
        assertThat(ok("image", "list", "--trash"))
                .contains("2026-11-22T12:01:00Z")
                .contains("id-of-vm1");
        assertThat(ok("image", "undelete", "vm1", "--as=vm2")).contains("undeleted 'vm2'");
        assertThat(json("image", "list").get(0).get("name").asText()).isEqualTo("vm2");
        assertThat(node.requests()).contains("POST /v1/images/vm1/undelete {\"name\":\"vm2\"}");
    }

    @Test
    void showTellsOfTheImageAndOfEveryCopy() throws IOException {
        ok("image", "create", "vm1", "20G", "--limit-bps=1M");
        assertThat(ok("image", "show", "vm1")).isEqualTo("""
                name: vm1
                id: id-of-vm1
                lineage: lineage-1
                life: live
                size: 20 GiB (21474836480 bytes)
                cluster size: 64 KiB (65536 bytes)
                table size: 4 clusters
                owner: node-1
                replicas: node-2
                cache: writeback
                attach: exclusive
                failover: manual
                limit of requests: none
                limit of bytes: 1 MiB (1048576 bytes) in a second
                created: 2026-11-22T12:00:00Z
                copies:
                  NODE    ROLE     STATE        OWNED BY  EPOCH  SEQUENCE  APPLIED  SYNCED  VERIFIED  SCRUBBED              RESTORED          LAG   BEHIND  PENDING
                  node-1  owner    owning       node-1        3      1200     1200    1100      1000  2026-11-23T01:02:03Z         4      0 (0 B)     0 ms      0 B
                  node-2  replica  unreachable  -             0         0        0       0         0  -                            0  12 (48 KiB)  1500 ms    3 MiB
                  node-1: attached are 127.0.0.1:40112
                  node-2: node-2 does not answer
                """);
        JsonNode image = json("image", "show", "vm1");
        assertThat(image.get("sizeBytes").asLong()).isEqualTo(20L << 30);
        assertThat(image.get("createdAt").asText()).isEqualTo("2026-11-22T12:00:00Z");
        assertThat(image.has("deletedAt")).isFalse();
        assertThat(image.get("settings").has("limitIops")).isFalse();
        assertThat(image.get("copies")).hasSize(2);
        assertThat(image.get("copies").get(0).get("sequence").asLong()).isEqualTo(1200);
    }

    @Test
    void namesOfAllKindsArriveAsTheyAre() {
        ok("image", "create", "vm 1/ä?", "1M");
        ok("image", "rename", "vm 1/ä?", "vm1");
        assertThat(node.requests().get(1)).isEqualTo("POST /v1/images/vm%201%2F%C3%A4%3F/rename {\"name\":\"vm1\"}");
        assertThat(fails(1, "image", "show", "..")).contains("'..' can be no name");
        assertThat(fails(1, "image", "show", "")).contains("'' can be no name");
    }

    @Test
    void aNameCannotSteerTheTerminal() {
        ok("image", "create", "vm\u001b[2J", "1M");
        assertThat(ok("image", "list")).contains("vm\\x1b[2J").doesNotContain("\u001b");
    }

    @Test
    void resizeTakesASizeOrHowMuchIsAdded() throws IOException {
        ok("image", "create", "vm1", "1G");
        assertThat(ok("image", "resize", "vm1", "2G")).isEqualTo("resized 'vm1' to 2 GiB (2147483648 bytes)\n");
        assertThat(json("image", "resize", "vm1", "+1G").get("sizeBytes").asLong())
                .isEqualTo(3L << 30);
        assertThat(fails(1, "image", "resize", "vm1", "+9223372036854775807")).contains("too many for a disk");
    }

    @Test
    void settingsChangeOneByOne() {
        ok("image", "create", "vm1", "1G", "--limit-iops=100");
        assertThat(ok("image", "set", "vm1", "--cache=writethrough"))
                .isEqualTo("'vm1' is served with cache writethrough, attach exclusive, failover manual, at most 100"
                        + " requests in a second, no limit of bytes\n");
        assertThat(ok("image", "set", "vm1", "--limit-iops=0")).contains("no limit of requests");
        assertThat(node.requests())
                .contains(
                        "PATCH /v1/images/vm1 {\"cache\":\"writethrough\"}", "PATCH /v1/images/vm1 {\"limitIops\":0}");
        assertThat(fails(2, "image", "set", "vm1")).contains("nothing is to be set");
    }

    @Test
    void snapshotsAreMadeListedAndDeleted() throws IOException {
        ok("image", "create", "vm1", "1G");
        assertThat(ok("image", "snapshot", "create", "vm1", "before"))
                .isEqualTo("created snapshot 'before' of 'vm1' at sequence 42\n");
        ok("image", "snapshot", "create", "vm1");
        assertThat(node.requests()).contains("POST /v1/images/vm1/snapshots {}");
        assertThat(ok("image", "snapshot", "delete", "vm1", "2026-11-22T12:00:00Z"))
                .contains("deleted snapshot");
        assertThat(ok("image", "snapshot", "list", "vm1")).isEqualTo("""
                NAME    SEQUENCE  POINT                 CREATED
                before        42  2026-11-22T12:00:00Z  2026-11-22T12:00:01Z
                """);
        assertThat(json("image", "snapshot", "list", "vm1").get(0).get("name").asText())
                .isEqualTo("before");
    }

    @Test
    void howMuchHistoryIsKeptIsShownSetAndForeseen() throws IOException {
        ok("image", "create", "vm1", "1G");
        assertThat(ok("image", "retention", "show", "vm1"))
                .isEqualTo("of the history of 'vm1', which begins at its first event, all of it is kept\n");
        assertThat(ok("image", "retention", "set", "vm1", "--keep-time=7d", "--keep-bytes=50G"))
                .isEqualTo(
                        "of the history of 'vm1', which begins at event 7, the last 7d and the last 50 GiB of the log is"
                                + " kept\n");
        assertThat(node.requests())
                .contains("PATCH /v1/images/vm1/retention {\"keepSeconds\":604800,\"keepBytes\":53687091200}");
        assertThat(ok("image", "retention", "set", "vm1", "--keep-bytes=0")).contains("the last 7d is kept");
        assertThat(ok("image", "retention", "show", "vm1")).contains("held: too few checkpoints\n");
        assertThat(json("image", "retention", "show", "vm1").get("keepSeconds").asLong())
                .isEqualTo(604_800);
        assertThat(ok("image", "retention", "plan", "vm1")).isEqualTo("""
                the history of 'vm1' begins at event 7, and would begin at event 9; records of the events 6 to 8 would be \
                deleted, offsets 50 to 89, 1 MiB (1048576 bytes)
                  time: the last 60 s; it may begin at event 12 at the latest
                  snapshot: snapshot before; it may begin at event 9 at the latest
                """);
        assertThat(fails(2, "image", "retention", "set", "vm1")).contains("nothing is to be set");
        assertThat(fails(2, "image", "retention", "set", "vm1", "--keep-time=week"))
                .contains("such as 90s");
    }

    @Test
    void aHistoryIsPrintedAsItsPagesCome() throws IOException {
        ok("image", "create", "vm1", "1G");
        assertThat(ok("image", "history", "vm1", "--from=seq:7", "--range=1M+64k"))
                .isEqualTo("""
                SEQUENCE  TIME                         EPOCH  NODE    BYTES  WHAT
                       6  2026-11-22T12:00:00.000006Z      3  -           -  the history begins: events up to 6 were given up
                       6  2026-11-22T12:00:00.000006Z      3  node-1    200  claimed by node-1
                       7  2026-11-22T12:00:00.000007Z      3  node-1    200  write 1048576+4096
                       8  2026-11-22T12:00:00.000008Z      3  node-1    200  says what event 7 left in the file
                       8  2026-11-22T12:00:00.000008Z      3  node-1      -  flush
                    1009  2026-11-22T12:00:00.001009Z      3  node-1    200  discard 0+512, discard 0+512, discard 0+512, \
                discard 0+512, 2 more
                    1009  2026-11-22T12:00:00.001009Z      3  -         200  does not count: event 8 of epoch 2, other epoch
                """);
        assertThat(node.requests())
                .contains(
                        "GET /v1/images/vm1/history?limit=1000&from=seq%3A7&offset=1048576&length=65536",
                        "GET /v1/images/vm1/history?limit=1000&from=seq%3A7&offset=1048576&length=65536&after=2%3D");
        JsonNode items = json("image", "history", "vm1");
        assertThat(items).hasSize(7);
        assertThat(items.get(5).get("operations")).hasSize(6);
        assertThat(fails(2, "image", "history", "vm1", "--range=1M")).contains("expected OFFSET+LENGTH");
        assertThat(fails(2, "image", "history", "vm1", "--range=8E+1")).contains("no part of a disk");
        assertThat(fails(1, "image", "history", "vm2")).contains("no image 'vm2'");
    }

    @Test
    void aVerificationIsWaitedForAndSaysWhatDiffers() throws IOException {
        ok("image", "create", "vm1", "1G");
        assertThat(ok("image", "verify", "vm1")).isEqualTo("""
                WHAT                      STATE  SEQUENCE  RECORDED  BAD BLOCKS  DETAIL
                log                       ok         1200         -           -  followed from event 6, 1300 records, 4 do \
                not count, chain abcd
                copy on node-1 (owner)    ok         1200      1199           0  -
                copy on node-2 (replica)  ok         1200      1199           0  -
                """);
        assertThat(json("image", "verify", "vm1").at("/copies/1/state").asText())
                .isEqualTo("ok");
        node.images.verifications.replica =
                VerifyDouble.copy("node-2", "replica", "differs", Optional.of("2 blocks"), List.of(0L, 8192L));
        Program.Result differs = run("image", "verify", "vm1");
        assertThat(differs.exitCode()).isEqualTo(1);
        assertThat(differs.out()).contains("2 blocks, at 0, 8192");
        assertThat(differs.err()).contains("of the log and 2 copies, 1 differ");
        node.images.verifications.replica =
                VerifyDouble.copy("node-2", "replica", "unreachable", Optional.of("no answer"), List.of());
        assertThat(run("image", "verify", "vm1").exitCode()).isEqualTo(1);
    }

    @Test
    void promoteNamesTheNewOwner() {
        ok("image", "create", "vm1", "1G");
        assertThat(ok("image", "promote", "vm1", "--node=node-2", "--force"))
                .isEqualTo("the owner of 'vm1' is node-2\n");
        assertThat(node.requests()).contains("POST /v1/images/vm1/promote {\"node\":\"node-2\",\"force\":true}");
        ok("image", "promote", "vm1", "--node=node-2", "--dead=node-1");
        assertThat(node.requests())
                .contains("POST /v1/images/vm1/promote {\"node\":\"node-2\",\"force\":false,\"dead\":\"node-1\"}");
        assertThat(fails(2, "image", "promote", "vm1")).contains("--node=NODE");
    }

    @Test
    void copiesOfOneImageOrOfAllAreListed() throws IOException {
        ok("image", "create", "vm1", "1G");
        ok("image", "create", "vm2", "1G");
        assertThat(ok("replica", "list", "vm1"))
                .contains("IMAGE", "vm1", "unreachable")
                .doesNotContain("vm2");
        JsonNode rows = json("replica", "list");
        assertThat(rows).hasSize(4);
        assertThat(rows.get(3).get("image").asText()).isEqualTo("vm2");
        assertThat(rows.get(3).get("node").asText()).isEqualTo("node-2");
    }

    @Test
    void anImageThatIsDeletedMeanwhileHasNoCopies() throws IOException {
        ok("image", "create", "vm1", "1G");
        ok("image", "create", "vm2", "1G");
        node.answer("GET /v1/images/vm1/replicas", 404, "application/problem+json", "{\"title\":\"none\"}");
        assertThat(json("replica", "list")).hasSize(2);
    }

    @Test
    void nodesAndTheClusterAreShown() throws IOException {
        assertThat(ok("node", "list")).isEqualTo("""
                NODE    ROLES           API                    NBD             ANNOUNCED             RUNS  DRAINING  ANSWERS
                node-1  owner, replica  http://10.0.0.1:10810  nbd://10.0.0.1  2026-11-22T12:00:00Z  yes             this one
                node-2  replica         http://10.0.0.2:10810  nbd://10.0.0.2  2026-11-22T12:00:00Z  no
                """);
        assertThat(ok("node", "show", "node-2")).contains("roles: replica\n", "answers this: no\n");
        assertThat(json("node", "show", "node-1").get("self").asBoolean()).isTrue();
        assertThat(json("node", "list")).hasSize(2);
        assertThat(ok("cluster", "status")).isEqualTo("""
                nodes: 2
                images: 3
                catalog read up to offset: 17
                findings: 1
                  min.insync.replicas is 1
                """);
        assertThat(json("cluster", "status").get("catalogOffset").asLong()).isEqualTo(17);
    }
}
