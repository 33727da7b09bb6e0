package io.qedstore.config;

import io.qedstore.event.NodeId;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** What defaults hang on. */
record Machine(Optional<String> hostName, long heapBytes) {
    private static final String NO_NAME = "localhost";

    static Machine here() {
        Optional<String> hostName;
        try {
            hostName = Optional.of(InetAddress.getLocalHost().getHostName());
        } catch (UnknownHostException e) {
            hostName = Optional.empty();
        }
        return new Machine(hostName, Runtime.getRuntime().maxMemory());
    }

    /** The host's name, if it is one of its own and can be a node's. */
    Optional<NodeId> nodeId() {
        return hostName.filter(name -> !name.equals(NO_NAME) && !name.startsWith(NO_NAME + "."))
                .flatMap(ValueTypes.NODE_ID::parse);
    }
}
