package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tarball runs where nothing but Java is, in a folder whose name has a space. */
@Tag("once") // on one JDK
class DistributionIT {
    private final Path folder;

    DistributionIT(@TempDir Path folder) throws IOException {
        this.folder = Files.createDirectory(folder.resolve("a folder"));
    }

    @BeforeEach
    void unpack() throws IOException, InterruptedException {
        try (Stream<Path> built = Files.list(Path.of("target"))) {
            List<Path> tarballs = built.filter(path -> path.toString().endsWith(".tar.gz"))
                    .map(Path::toAbsolutePath)
                    .toList();
            assertThat(tarballs).hasSize(1);
            assertThat(Processes.run(folder, "tar", "-xzf", tarballs.get(0), "--strip-components=1")
                            .exitCode())
                    .isZero();
        }
    }

    private Program.Result qedstore(Map<String, String> environment, String... words)
            throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of(folder.resolve("bin/qedstore").toString()), Stream.of(words))
                .toList();
        return Processes.run(folder, environment, command);
    }

    @Test
    void theProgramRunsWithTheChosenJava() throws IOException, InterruptedException {
        Map<String, String> environment = Map.of("QEDSTORE_JAVA_HOME", System.getProperty("java.home"));
        Program.Result created = qedstore(environment, "file", "create", "disk one.qed", "20G");
        assertThat(created.exitCode()).as(created.err()).isZero();
        assertThat(created.err()).as("no warnings of the Java runtime").isEmpty();
        assertThat(qedstore(environment, "file", "info", "disk one.qed").out()).contains("virtual size: 20 GiB");
    }

    @Test
    void theProgramFindsAJavaItself() throws IOException, InterruptedException {
        assertThat(qedstore(Map.of(), "--version").out()).startsWith("qedstore ");
    }

    @Test
    void aWrongJavaIsNamed() throws IOException, InterruptedException {
        Program.Result result = qedstore(Map.of("QEDSTORE_JAVA_HOME", "/nowhere"), "--version");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("/nowhere").contains("QEDSTORE_JAVA_HOME");
    }

    @Test
    void kafkaStartsFromItsOwnFolderOfJars() throws IOException, InterruptedException {
        assertThat(folder.resolve("lib")).isDirectoryNotContaining("glob:**/kafka_*.jar");
        String classPath =
                folder.resolve("lib/*") + ":" + Path.of("target/test-classes").toAbsolutePath();
        Program.Result result = Processes.run(
                folder,
                "sh",
                "-c",
                "exec \"$@\" < /dev/null", // it stops at the end of its input
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java"),
                "-cp",
                classPath,
                "io.qedstore.kafka.KafkaHolder",
                "kafka data",
                1);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.out()).matches("\\d+\n");
    }

    @Test
    void docsAndLicenseAreInIt() {
        assertThat(folder.resolve("README.md")).exists();
        assertThat(folder.resolve("LICENSE")).exists();
        assertThat(folder.resolve("docs/qed.md")).exists();
    }
}
