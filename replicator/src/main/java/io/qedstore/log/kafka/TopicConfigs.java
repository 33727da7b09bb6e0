package io.qedstore.log.kafka;

import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.config.TopicConfig;

/** The settings of a log's topic. All that matter are said at creation, so that no broker's defaults do. */
final class TopicConfigs {
    static final String FOR_EVER = "-1";
    static final String DELETE = TopicConfig.CLEANUP_POLICY_DELETE;
    static final String LOG_APPEND_TIME = "LogAppendTime";
    static final String AS_SENT = "producer";
    static final String EACH = "1";

    /** Enough entries for a segment; each active one maps the whole of two such files. */
    private static final int SEGMENT_INDEX_BYTES = 1 << 20;

    private TopicConfigs() {}

    static Map<String, String> of(LogSettings settings) {
        Map<String, String> configs = new TreeMap<>();
        configs.put(TopicConfig.CLEANUP_POLICY_CONFIG, DELETE);
        configs.put(TopicConfig.RETENTION_MS_CONFIG, FOR_EVER);
        configs.put(TopicConfig.RETENTION_BYTES_CONFIG, FOR_EVER);
        configs.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, LOG_APPEND_TIME);
        configs.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, Integer.toString(settings.minInsyncReplicas()));
        configs.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(LogSettings.MAX_MESSAGE_BYTES));
        configs.put(TopicConfig.UNCLEAN_LEADER_ELECTION_ENABLE_CONFIG, "false");
        configs.put(TopicConfig.COMPRESSION_TYPE_CONFIG, AS_SENT);
        configs.put(TopicConfig.SEGMENT_BYTES_CONFIG, Integer.toString(settings.segmentBytes()));
        // By size alone: a quiet log would have a file for each week otherwise.
        configs.put(TopicConfig.SEGMENT_MS_CONFIG, Long.toString(Long.MAX_VALUE));
        configs.put(TopicConfig.SEGMENT_INDEX_BYTES_CONFIG, Integer.toString(SEGMENT_INDEX_BYTES));
        if (settings.durability() == LogDurability.FSYNC) {
            configs.put(TopicConfig.FLUSH_MESSAGES_INTERVAL_CONFIG, EACH);
        }
        return configs;
    }
}
