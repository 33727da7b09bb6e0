package io.qedstore.cli;

import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.checkpoint.ObjectCheckpoints;
import io.qedstore.checkpoint.s3.S3Location;
import io.qedstore.checkpoint.s3.S3Objects;
import io.qedstore.event.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The stores of checkpoints that a command names: folders, and {@code s3://BUCKET/PREFIX}. */
final class CheckpointPlaces implements AutoCloseable {
    /** Where a server is that speaks S3, if it is not Amazon's. */
    static final String ENDPOINT = "QEDSTORE_S3_ENDPOINT";

    private final List<CheckpointStore> stores = new ArrayList<>();
    private final List<S3Objects> opened = new ArrayList<>();

    /**
     * @param environment of the process
     * @throws CommandFailure if one is no place
     */
    static CheckpointPlaces open(List<String> places, Map<String, String> environment)
            throws CommandFailure, IOException {
        CheckpointPlaces made = new CheckpointPlaces();
        for (String place : places) {
            made.add(place, environment);
        }
        return made;
    }

    private void add(String place, Map<String, String> environment) throws CommandFailure, IOException {
        NodeId name = new NodeId("checkpoints-" + (stores.size() + 1));
        if (place.startsWith(S3Location.SCHEME)) {
            S3Objects objects = S3Objects.at(location(place, environment));
            opened.add(objects);
            stores.add(new ObjectCheckpoints(objects, name));
        } else if (Files.isDirectory(Path.of(place))) {
            stores.add(new LocalCheckpoints(Path.of(place), name));
        } else {
            throw new CommandFailure("--checkpoints: " + place + " is no folder; expected one, or s3://BUCKET/PREFIX");
        }
    }

    private static S3Location location(String place, Map<String, String> environment) throws CommandFailure {
        try {
            return S3Location.parse(
                    place, Optional.ofNullable(environment.get(ENDPOINT)).map(S3Location::endpoint), Optional.empty());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("--checkpoints: " + e.getMessage());
        }
    }

    List<CheckpointStore> stores() {
        return stores;
    }

    @Override
    public void close() {
        opened.forEach(S3Objects::close);
    }
}
