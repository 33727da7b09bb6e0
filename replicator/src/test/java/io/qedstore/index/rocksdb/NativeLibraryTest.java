package io.qedstore.index.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Turns red when a program that is killed leaves RocksDB's native code behind, 17 MB each time. */
class NativeLibraryTest {
    @TempDir
    Path folder = Path.of("");

    /** Opens an index and waits to be killed. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) throws Exception {
            try (RocksDbIndex index = RocksDbIndex.open(Path.of(arguments[0]))) {
                System.out.println("open " + index.liveImages());
                System.in.read();
            }
        }
    }

    @Test
    void aProgramThatIsKilledLeavesNoTemporaryFiles() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Program.class.getName(),
                        folder.resolve("index").toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("open 0");
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(left(temporary)).isEmpty();
    }

    private static List<Path> left(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.endsWith("hsperfdata_root")).toList();
        }
    }
}
