package io.qedstore.log.kafka;

import io.qedstore.event.ImageId;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnershipException;
import java.util.UUID;

/** A program that takes an image and writes numbers until it may not any more; says on its output what it was told. */
final class WritingProcess {
    private WritingProcess() {}

    /** @param args where the brokers are, and which image */
    public static void main(String[] args) throws Exception {
        LogName name = LogName.of(new ImageId(UUID.fromString(args[1])));
        try (KafkaLogs logs = KafkaLogs.connect(KafkaSettings.of("writing", args[0]));
                OwnerRig rig = new OwnerRig(logs.open(name, LogSettings.ofThreeBrokers()), name)
                        .take("writing", LogOwner.Takeover.IF_FREE)) {
            OwnerRig.await("the image", rig::owns);
            System.out.println("owns");
            long number = 0;
            int said = 0;
            while (rig.end() == null) {
                OwnerRig.await("room", () -> rig.outstanding() < 4);
                try {
                    rig.write(number++);
                } catch (OwnershipException e) {
                    break;
                }
                if (rig.acknowledged.size() >= said + 100) {
                    said = rig.acknowledged.size();
                    System.out.println("acknowledged " + said);
                }
            }
            OwnerRig.await("all answers", () -> rig.outstanding() == 0);
            System.out.println("last " + rig.acknowledged.keySet().stream().reduce(0L, Math::max));
            System.out.println("lease " + rig.holdsLease());
            System.out.println("ended " + rig.end());
        }
    }
}
