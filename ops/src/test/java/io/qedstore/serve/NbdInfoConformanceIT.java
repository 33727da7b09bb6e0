package io.qedstore.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qedstore.cli.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What nbdinfo tells about a server and its export. */
@Tag("once") // on one JDK
class NbdInfoConformanceIT extends SharedServer {
    private static final int SIZE_BYTES = 10 << 20;

    @Override
    ForeignPrograms programs(Path folder) throws IOException, InterruptedException {
        return ForeignPrograms.in(folder, "qemu-img", "nbdinfo");
    }

    @Override
    Path image() throws IOException, InterruptedException {
        return programs.image("a.qed", "cluster_size=32k", "10M");
    }

    @Override
    List<String> options() {
        return List.of("--export=a disk/1", "--description=Herr Müller's disk");
    }

    @Test
    void theReadyLineNamesTheExportUnderWhichItIsFound() throws IOException, InterruptedException {
        assertThat(server.uri())
                .startsWith(listener == Listener.TCP ? "nbd://127.0.0.1:" : "nbd+unix:///a%20disk/1?socket=/")
                .contains("/a%20disk/1");
        assertThat(programs.succeed("nbdinfo", server.uri()))
                .contains(
                        "protocol: newstyle-fixed without TLS, using structured packets",
                        "export=\"a disk/1\":",
                        "description: Herr Müller's disk",
                        "export-size: 10485760 (10M)",
                        "base:allocation",
                        "qemu:allocation-depth");
    }

    @Test
    void everythingThatTheServerCanIsAdvertised() throws IOException, InterruptedException {
        JsonNode info = json("nbdinfo", "--json", server.uri()).get("exports").get(0);
        assertThat(info.get("export-name").asText()).isEqualTo("a disk/1");
        assertThat(info.get("export-size").asLong()).isEqualTo(SIZE_BYTES);
        assertThat(info.get("block_size_minimum").asLong()).isEqualTo(1);
        assertThat(info.get("block_size_preferred").asLong()).isEqualTo(32 << 10);
        assertThat(info.get("block_size_maximum").asLong()).isEqualTo(32 << 20);
        assertThat(info.get("contexts"))
                .map(JsonNode::asText)
                .containsExactly("base:allocation", "qemu:allocation-depth");
    }

    private JsonNode json(Object... command) throws IOException, InterruptedException {
        return new ObjectMapper().readTree(programs.succeed(command));
    }

    @Test
    void theListHoldsTheExportAndWhatItIs() throws IOException, InterruptedException {
        JsonNode exports = json("nbdinfo", "--list", "--json", server.uri("")).get("exports");
        assertThat(exports).hasSize(1);
        assertThat(exports.get(0).get("export-name").asText()).isEqualTo("a disk/1");
        assertThat(exports.get(0).get("description").asText()).isEqualTo("Herr Müller's disk");
    }

    @Test
    void clientsThatAskForTheDefaultExportGetIt() throws IOException, InterruptedException {
        assertThat(programs.succeed("nbdinfo", "--size", server.uri(""))).isEqualTo(SIZE_BYTES + "\n");
        assertThat(programs.succeed("nbdinfo", "--size", server.uri())).isEqualTo(SIZE_BYTES + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a%20disk", "a%20disk/1/", "A%20DISK/1", "%2Fa%20disk/1"})
    void anExportOfAnotherNameIsNotFound(String name) throws IOException, InterruptedException {
        Program.Result result = programs.run("nbdinfo", server.uri(name));
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("No such file or directory");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cache",
                "connect",
                "df",
                "fast-zero",
                "flush",
                "fua",
                "multi-conn",
                "read",
                "structured-reply",
                "trim",
                "write",
                "zero"
            })
    void aWritableExportCan(String what) throws IOException, InterruptedException {
        assertThat(programs.run("nbdinfo", "--can", what, server.uri()).exitCode())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"read-only", "rotational", "tls"})
    void aWritableExportIsNot(String what) throws IOException, InterruptedException {
        assertThat(programs.run("nbdinfo", "--is", what, server.uri()).exitCode())
                .isEqualTo(2);
    }
}
