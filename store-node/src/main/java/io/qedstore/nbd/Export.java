package io.qedstore.nbd;

import io.qedstore.device.BlockDevice;
import io.qedstore.nbd.wire.NbdLimits;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

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
    private final OrphanFence fence;
    private final ExportConnections connections;

    /** Who uses it, if that is known otherwise than by the connection. */
    private final Optional<NbdClient> soleClient;

    private final boolean goesOn;

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
        this.fence = new OrphanFence();
        this.connections = new ExportConnections();
        this.soleClient = Optional.empty();
        this.goesOn = false;
    }

    private Export(Export of, NbdClient client, boolean goesOn) {
        this.name = of.name;
        this.description = of.description;
        this.device = of.device;
        this.reach = of.reach;
        this.attachments = of.attachments;
        this.fence = of.fence;
        this.connections = of.connections;
        this.soleClient = Optional.of(client);
        this.goesOn = goesOn;
    }

    /**
     * The same export as somebody sees it who has one connection at a time, and is known by it: each new one takes the place of the
     * one before, which is closed, and nothing that came over that can take effect behind what comes over the new one.
     *
     * @param goesOn whether it has used the same disk elsewhere until now, and so comes before others
     */
    public Export as(NbdClient client, boolean goesOn) {
        return new Export(this, client, goesOn);
    }

    /** Who uses this view of it. */
    Optional<NbdClient> soleClient() {
        return soleClient;
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
        return device.isReadOnly() ? Attachment.none() : attachments.attach(soleClient.orElse(client), goesOn);
    }

    /**
     * Lets somebody in who uses the device without a connection of this server.
     *
     * @return fails with an {@link AlreadyAttachedException} if another client is there, and only one may be
     */
    public CompletionStage<Attachment> admit(NbdClient client) {
        CompletableFuture<Attachment> admitted = new CompletableFuture<>();
        letIn(() -> {
            try {
                admitted.complete(attach(client));
            } catch (AlreadyAttachedException e) {
                admitted.completeExceptionally(e);
            }
        });
        return admitted;
    }

    /** Runs something once nothing that a client of before has asked for can still take effect behind its back. */
    void letIn(Runnable action) {
        if (device.isReadOnly()) {
            action.run();
        } else {
            soleClient.ifPresent(connections::replace);
            connections.whenAllInTouch(() -> fence.whenClear(action));
        }
    }
}
