package io.qedstore.nbd;

import io.qedstore.device.BlockDevice;
import io.qedstore.nbd.wire.NbdLimits;
import java.nio.charset.StandardCharsets;

/**
 * A device under a name. Two connections to the same export object see the same disk.
 *
 * <p>Belongs to whoever made it: the server never closes the device.
 */
public final class Export {
    private final String name;
    private final String description;
    private final BlockDevice device;
    private final Reach reach;
    private final Attachments attachments;
    private final OrphanFence fence = new OrphanFence();
    private final ExportConnections connections = new ExportConnections();

    /** Who may see an export where the server lets clients choose whether to use TLS. */
    public enum Reach {
        /** Everybody. */
        CLEAR_OR_TLS,
        /** Clients that use TLS. */
        TLS_ONLY
    }

    /**
     * An export that any number of clients may write to.
     *
     * @param name up to 4096 bytes without NUL; may be empty
     * @param description for people; may be empty
     */
    public Export(String name, String description, BlockDevice device, Reach reach) {
        this(name, description, device, reach, Attachments.shared());
    }

    /**
     * @param name up to 4096 bytes without NUL; may be empty
     * @param description for people; may be empty
     * @param attachments those who may write; not asked if the device is read-only
     */
    public Export(String name, String description, BlockDevice device, Reach reach, Attachments attachments) {
        int nameBytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (nameBytes > NbdLimits.MAX_STRING_BYTES || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("the export name has " + nameBytes + " bytes, expected at most "
                    + NbdLimits.MAX_STRING_BYTES + " and no NUL");
        }
        this.name = name;
        this.description = description;
        this.device = device;
        this.reach = reach;
        this.attachments = attachments;
    }

    public String name() {
        return name;
    }

    public String description() {
        return description;
    }

    public BlockDevice device() {
        return device;
    }

    public Reach reach() {
        return reach;
    }

    /** Those who may write to it now. */
    public Attachments attachments() {
        return attachments;
    }

    /** Whether any client is connected to it now. */
    public boolean isUsed() {
        return connections.isAny();
    }

    /**
     * It is over: closes its connections, and those to come. What the device has answered by then is told to clients first. Waits
     * for nothing.
     */
    public void end() {
        connections.end();
    }

    /** Changes of closed connections that are still under way. */
    OrphanFence fence() {
        return fence;
    }

    /** Those who use it now. */
    ExportConnections connections() {
        return connections;
    }

    /** Lets a client write, if it needs that. */
    Attachment attach(NbdClient client) throws AlreadyAttachedException {
        return device.isReadOnly() ? Attachment.none() : attachments.attach(client);
    }

    /** Runs something once nothing that a client of before has asked for can still take effect behind its back. */
    void letIn(Runnable action) {
        if (device.isReadOnly()) {
            action.run();
        } else {
            connections.whenAllInTouch(() -> fence.whenClear(action));
        }
    }
}
