package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes that ask everybody who they are, each other too. */
class TokensIT {
    @TempDir
    private Path folder = Path.of("");

    private Path token(String name, String... options) throws IOException {
        List<Object> words = new ArrayList<>(List.of("token", "create", name, "--file=" + file()));
        words.addAll(List.of(options));
        Program.Result made = Program.run(words.toArray());
        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(made.out()).startsWith("qst_");
        return Files.writeString(folder.resolve(name + ".token"), made.out());
    }

    private Path file() {
        return folder.resolve("tokens.json");
    }

    private static Program.Result run(NodesOnKafka nodes, String node, Path token, Object... words) {
        List<Object> all = new ArrayList<>(List.of(words));
        all.add("--api=" + nodes.node(node).api());
        all.add("--token-file=" + token);
        return Program.run(all.toArray());
    }

    private static String ok(NodesOnKafka nodes, String node, Path token, Object... words) {
        Program.Result result = run(nodes, node, token, words);
        assertThat(result.exitCode()).as(List.of(words) + ": " + result.err()).isZero();
        return result.out();
    }

    private static String refused(NodesOnKafka nodes, String node, Path token, Object... words) {
        Program.Result result = run(nodes, node, token, words);
        assertThat(result.exitCode()).as(List.of(words) + ": " + result.out()).isEqualTo(1);
        return result.err();
    }

    @Test
    void everybodySaysWhoTheyAreAndIsLetInAsFarAsThatGoes() throws Exception {
        Path nodesToken = token("nodes", "--role=admin");
        Path web = token("web", "--role=operator", "--prefix=web-");
        Path looker = token("looker", "--role=reader");
        Map<String, String> settings =
                Map.of("api.tokens.file", file().toString(), "api.peer.token.file", nodesToken.toString());
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, settings)) {
            nodes.startNodes("n1", "n2");
            Program.Result nobody =
                    Program.run("image", "list", "--api=" + nodes.node("n1").api());
            assertThat(nobody.exitCode()).isEqualTo(1);
            assertThat(nobody.err()).contains("qedstore token create");

            ok(nodes, "n1", web, "image", "create", "web-1", "16M", "--owner=n1", "--replicas=n2,");
            assertThat(refused(nodes, "n1", web, "image", "create", "db-1", "16M", "--owner=n1"))
                    .contains("names begin with 'web-'");
            assertThat(refused(nodes, "n1", looker, "image", "delete", "web-1")).contains("takes the role operator");
            // asked of one node, of both nodes' copies
            NodesOnKafka.await("the copy", () -> {
                String copies = ok(nodes, "n2", looker, "replica", "list", "web-1");
                return copies.contains("following") && copies.contains("owning");
            });
            ok(nodes, "n1", web, "image", "promote", "web-1", "--node=n2");
            assertThat(refused(nodes, "n1", web, "image", "promote", "web-1", "--node=n1", "--force"))
                    .contains("takes the role admin");
            assertThat(ok(nodes, "n2", web, "image", "list")).contains("web-1");

            String listed = ok(nodes, "n2", nodesToken, "node", "list");
            assertThat(listed).contains("n1", "n2");
            String id = Files.readString(web).substring(4, 14);
            Program.Result revoked = Program.run("token", "revoke", id, "--file=" + file());
            assertThat(revoked.exitCode()).as(revoked.err()).isZero();
            for (String node : List.of("n1", "n2")) {
                assertThat(refused(nodes, node, web, "image", "list")).contains("was revoked");
            }
            assertThat(Program.run("token", "list", "--file=" + file()).out())
                    .contains("looker", "reader")
                    .doesNotContain("web");
            for (String node : List.of("n1", "n2")) {
                String log = nodes.log(node);
                assertThat(log).contains("INFO audit - ");
                for (Path secret : List.of(nodesToken, web, looker)) {
                    assertThat(log)
                            .doesNotContain(Files.readString(secret).strip().substring(15));
                }
            }
            assertThat(nodes.log("n1")).contains("token web (" + id + ")").contains("/v1/images/web-1/promote");
        }
    }
}
