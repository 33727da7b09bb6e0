package io.qedstore.node;

import io.qedstore.event.ImageId;
import io.qedstore.log.LogException;
import io.qedstore.log.TopicId;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.LogName;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** The logs that are there, for those who remove what nobody needs any more. All methods wait for the brokers. */
interface RemovableLogs {
    /** The images that have logs. */
    Set<ImageId> images() throws IOException;

    /** Removes a log for ever, if it is there. */
    void remove(ImageId image) throws IOException;

    static RemovableLogs of(KafkaLogs logs) {
        return new RemovableLogs() {
            @Override
            public Set<ImageId> images() throws IOException {
                return logs.images();
            }

            @Override
            public void remove(ImageId image) throws IOException {
                LogName name = LogName.of(image);
                Optional<TopicId> topic = logs.find(name);
                if (topic.isEmpty()) {
                    return;
                }
                try {
                    logs.delete(name, topic.get());
                } catch (LogException.Missing e) {
                    return; // another node was faster
                }
            }
        };
    }
}
