package io.qedstore.hosting;

import static io.qedstore.hosting.HostingRig.ONE;

import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.nio.file.Path;

/** A small image that was written to, with a file and a log that answers at once. */
public final class TestCopy {
    private final HostingRig rig;
    private final HostedImage image;
    private final CopyFile file;
    private final Volume volume;

    public TestCopy(Path folder) throws IOException {
        rig = new HostingRig(folder);
        image = rig.new Node(ONE).start(HostingRig.ownedBy(ONE));
        volume = rig.now(image.own());
        write(1);
        file = rig.now(image.open());
    }

    public CopyFile file() {
        return file;
    }

    public void write(int value) {
        rig.write(volume, 65536L * (value % 8), 65536, value);
        rig.settle();
    }

    /** Some idle seconds. */
    public void rest() {
        rig.seconds(8, image);
    }

    public void sayContent() {
        volume.sayContent();
        rest();
    }

    public EventLog log() throws LogException {
        return rig.topic.openPrompt(HostingRig.IMAGE);
    }
}
