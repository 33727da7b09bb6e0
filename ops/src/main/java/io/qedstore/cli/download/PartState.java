package io.qedstore.cli.download;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.qedstore.cli.api.ApiJson;
import io.qedstore.cli.api.ExportForm;
import io.qedstore.cli.api.ImageExtents;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * What stands beside a file that is not whole yet, as JSON: what it will be.
 *
 * @param file as the node described it
 */
record PartState(String image, ExportForm form, ImageExtents file) {

    static PartState read(Path path) throws IOException {
        try {
            return ApiJson.mapper().readValue(Files.readAllBytes(path), PartState.class);
        } catch (JsonProcessingException e) {
            throw new IOException("'" + path + "' does not say what download it belongs to (" + e.getOriginalMessage()
                    + "); move it and the .part file away, or choose another file");
        }
    }

    /** Replaces what stood there at once; a crash leaves the old or the new. */
    void write(Path path) throws IOException {
        Path next = path.resolveSibling(path.getFileName() + ".new");
        ByteBuffer json = ByteBuffer.wrap(ApiJson.mapper().writeValueAsBytes(this));
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            while (json.hasRemaining()) {
                channel.write(json);
            }
            channel.force(true);
        }
        Files.move(next, path, StandardCopyOption.ATOMIC_MOVE);
    }
}
