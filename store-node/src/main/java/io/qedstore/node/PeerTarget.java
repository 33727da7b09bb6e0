package io.qedstore.node;

import io.qedstore.device.BlockDevice;
import io.qedstore.nbd.client.RemoteDevice;
import java.util.concurrent.CompletionStage;

/** An image that another node owns, over one connection. */
record PeerTarget(String place, String description, OwnerDescription owner, RemoteDevice remote)
        implements OwnersTarget {
    @Override
    public BlockDevice device() {
        return remote;
    }

    @Override
    public boolean isHere() {
        return false;
    }

    @Override
    public CompletionStage<?> gone() {
        return remote.gone();
    }

    @Override
    public void leave() {
        remote.close();
    }

    @Override
    public void cut() {
        remote.cut();
    }
}
