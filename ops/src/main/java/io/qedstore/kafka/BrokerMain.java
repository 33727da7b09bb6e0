package io.qedstore.kafka;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a broker's process runs: formats the data folder if that was never done, then becomes Kafka's own main program.
 *
 * <p>A broker must not outlive the program that started it, however that ended: its standard input is a pipe from there,
 * and the end of the pipe is the end of this process, at once. Only Java is on this class's side of the class path; Kafka
 * is called by name.
 */
final class BrokerMain {
    /** As for a program that SIGKILL ended. */
    private static final int ABANDONED = 137;

    private BrokerMain() {}

    /** Arguments: the file of the properties, the data folder, the cluster's id. */
    public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
        Thread watch = new Thread(BrokerMain::endWithParent, "parent-watch");
        watch.setDaemon(true);
        watch.start();
        String properties = arguments[0];
        if (!Files.exists(Path.of(arguments[1], "meta.properties"))) {
            format(properties, arguments[2]);
        }
        call("kafka.Kafka", "main", new Class<?>[] {String[].class}, (Object) new String[] {properties});
    }

    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                // nobody writes; what would come means nothing
            }
        } catch (IOException e) {
            System.err.println("the pipe to the program that started this broker broke: " + e.getMessage());
        }
        Runtime.getRuntime().halt(ABANDONED);
    }

    private static void format(String properties, String clusterId) throws ReflectiveOperationException {
        String[] words = {"format", "-c", properties, "-t", clusterId, "--ignore-formatted"};
        Object exitCode = call(
                "kafka.tools.StorageTool",
                "execute",
                new Class<?>[] {String[].class, PrintStream.class},
                words,
                System.out);
        if (!exitCode.equals(0)) {
            throw new IllegalStateException("Kafka could not format its folder, exit code " + exitCode);
        }
    }

    private static Object call(String type, String method, Class<?>[] types, Object... arguments)
            throws ReflectiveOperationException {
        try {
            Object result = Class.forName(type).getMethod(method, types).invoke(null, arguments);
            return result == null ? "" : result;
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("Kafka's " + type + " failed: " + e.getCause(), e);
        }
    }
}
