package io.qedstore.cli.download;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.qedstore.cli.api.ApiJson;
import io.qedstore.cli.api.ExportForm;
import io.qedstore.cli.api.ImageExtents;
import io.qedstore.qed.file.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
        DurableFile.replace(path, ApiJson.mapper().writeValueAsBytes(this));
    }
}
