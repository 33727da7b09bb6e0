package io.qedstore.qed;

import io.qedstore.qed.alloc.Plan;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.model.Operation;
import io.qedstore.qed.model.TestBacking;
import io.qedstore.qed.model.TestDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** An image in memory from its creation on, with every change that went into its file. Nothing is ever flushed. */
final class RecordedImage implements PlanSink {
    private final TestDisk disk;
    private final TestBacking backing;
    private final MemoryImageFile file = new MemoryImageFile();
    private final List<QedChange> changes = new ArrayList<>();
    private QedImage image;

    RecordedImage(TestDisk disk, TestBacking backing) throws IOException {
        this.disk = disk;
        this.backing = backing;
        for (QedChange change : disk.newImage().changes(HeaderLayout.FINAL)) {
            apply(change);
        }
        this.image = open();
    }

    private QedImage open() throws IOException {
        HeaderReader start = HeaderReader.read(file, HeaderLayout.FINAL);
        return QedImage.open("recorded.qed", file, start.header(), backing.image(), disk.l2CacheBytes());
    }

    QedImage image() {
        return image;
    }

    MemoryImageFile file() {
        return file;
    }

    List<QedChange> changes() {
        return changes;
    }

    void perform(Operation operation) throws IOException {
        if (operation instanceof Operation.Write write) {
            image.write(write.guestOffset(), write.data(), this);
        } else if (operation instanceof Operation.WriteZeroes zeroes) {
            image.writeZeroes(zeroes.guestOffset(), zeroes.lengthBytes(), this);
        } else if (operation instanceof Operation.Discard discard) {
            image.discard(discard.guestOffset(), discard.lengthBytes(), this);
        } else if (operation instanceof Operation.Resize resize) {
            image.resize(resize.newSizeBytes(), this);
        } else if (operation instanceof Operation.ClearNeedCheck) {
            image.clearNeedCheck(this);
        } else if (operation instanceof Operation.Reopen) {
            image.clearNeedCheck(this);
            image = open();
        }
    }

    private void apply(QedChange change) throws IOException {
        changes.add(change);
        change.applyTo(file);
    }

    private void apply(Plan plan) throws IOException {
        for (QedChange change : plan.changes()) {
            apply(change);
        }
    }

    @Override
    public void planned(Plan plan) throws IOException {
        if (!plan.inPlace()) {
            apply(plan);
        }
    }

    @Override
    public void unlocked(Plan plan) throws IOException {
        if (plan.inPlace()) {
            apply(plan);
        }
    }
}
