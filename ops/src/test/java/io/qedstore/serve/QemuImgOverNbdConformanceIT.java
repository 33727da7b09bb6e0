package io.qedstore.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.qedstore.cli.Program;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** qemu-img on the URI of a served file, as on any raw disk. */
@Tag("once") // on one JDK
class QemuImgOverNbdConformanceIT extends SharedServer {
    @Override
    ForeignPrograms programs(Path folder) throws IOException, InterruptedException {
        return ForeignPrograms.in(folder, "qemu-img", "qemu-io");
    }

    @Override
    Path image() throws IOException, InterruptedException {
        programs.succeed("qemu-img", "create", "-q", "-f", "raw", "source.raw", "32M");
        programs.qemuIo("source.raw", "write -P 1 0 1M", "write -P 2 5M 100k", "write -P 3 31M 1M");
        return programs.image("a.qed", "cluster_size=64k", "32M");
    }

    @BeforeEach
    void empty() throws IOException, InterruptedException {
        programs.qemuIo(server.uri(), "write -z -u 0 32M");
    }

    private JsonNode json(Object... command) throws IOException, InterruptedException {
        return new ObjectMapper().readTree(programs.succeed(command));
    }

    @Test
    void tellsItsSizeAndFormat() throws IOException, InterruptedException {
        JsonNode info = json("qemu-img", "info", "--output=json", server.uri());
        assertThat(info.get("virtual-size").asLong()).isEqualTo(32 << 20);
        assertThat(info.get("format").asText()).isEqualTo("raw");
    }

    @Test
    void mapsDataAndHoles() throws IOException, InterruptedException {
        Path file = programs.image("mapped.qed", "cluster_size=64k", "32M");
        Path socket = programs.folder().resolve("mapped.sock");
        JsonNode map;
        try (ServedFile fresh = ServedFile.start(programs.folder(), "--socket=" + socket, file)) {
            programs.qemuIo(fresh.uri(), "write 1M 64k", "write -z -u 2M 1M", "write 3M 128k", "write -z 4M 64k");
            map = json("qemu-img", "map", "-f", "raw", "--output=json", fresh.uri());
        }
        assertThat(map)
                .map(part -> part.get("start").asLong() / 65536 + "+"
                        + part.get("length").asLong() / 65536
                        + (part.get("data").asBoolean() ? " data" : "")
                        + (part.get("zero").asBoolean() ? " zero" : ""))
                .as("64 KiB units; what is zeroed without -u takes its space")
                .containsExactly(
                        "0+16 zero", "16+1 data", "17+31 zero", "48+2 data", "50+14 zero", "64+1 data", "65+447 zero");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-W -m 8", "-S 0", "-t none", "-C"})
    void convertsInAndOut(String options) throws IOException, InterruptedException {
        String words = options.isEmpty() ? "" : options + " ";
        convert(words + "-n -f raw -O raw source.raw " + server.uri());
        convert(words + "-f raw -O raw " + server.uri() + " copy.raw");
        programs.succeed("cmp", "source.raw", "copy.raw");
        programs.succeed("qemu-img", "compare", "-f", "raw", "-F", "raw", "source.raw", server.uri());
    }

    private void convert(String arguments) throws IOException, InterruptedException {
        programs.succeed((Object[]) ("qemu-img convert " + arguments).split(" ", -1));
    }

    @Test
    void comparisonFindsTheByteThatDiffers() throws IOException, InterruptedException {
        convert("-n -f raw -O raw source.raw " + server.uri());
        programs.qemuIo(server.uri(), "write -P 9 5243000 1");
        Program.Result result =
                programs.run("qemu-img", "compare", "-f", "raw", "-F", "raw", "source.raw", server.uri());
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).contains("Content mismatch at offset 524");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-c 2000 -d 64",
                "-c 500 -d 1 -s 64k",
                "-w -c 2000 -d 64 --pattern=7",
                "-w -c 400 -d 16 --flush-interval=32",
                "-w -c 400 -d 8 --flush-interval=16 --no-drain",
                "-w -c 300 -d 32 -S 12345 -s 777"
            })
    void benches(String options) throws IOException, InterruptedException {
        Object[] words = ("qemu-img bench -f raw " + options + " " + server.uri()).split(" ", -1);
        assertThat(programs.succeed(words)).contains("Run completed");
    }
}
