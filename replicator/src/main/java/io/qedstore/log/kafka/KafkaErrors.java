package io.qedstore.log.kafka;

import io.qedstore.log.LogException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InconsistentTopicIdException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidRequiredAcksException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SecurityDisabledException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TopicDeletionDisabledException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedCompressionTypeException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/**
 * What Kafka's errors mean for a log.
 *
 * <p>An error that is not named here is {@link LogException.Unavailable}: it says the least, and all who see it read the log
 * before they go on.
 */
final class KafkaErrors {
    private KafkaErrors() {}

    /** @param attempted what was attempted, and on what, as "append to qedstore.log.1" */
    static LogException of(String attempted, Throwable error) {
        Throwable cause = unwrapped(error);
        if (cause instanceof LogException known) {
            return known;
        }
        String what = "cannot " + attempted + ": " + said(cause);
        if (cause instanceof TopicExistsException) {
            return new LogException.AlreadyExists(what);
        }
        if (isMissing(cause)) {
            return new LogException.Missing(what + "; the topic does not exist, or not any more");
        }
        if (cause instanceof UnknownTopicIdException || cause instanceof InconsistentTopicIdException) {
            return new LogException.Recreated(what + "; the topic was deleted, and maybe another has its name");
        }
        if (isRight(cause)) {
            return new LogException.Refused(
                    what + "; give this node the rights and the credentials that it needs, then open the log again",
                    cause);
        }
        if (isSize(cause)) {
            return new LogException.Refused(
                    what + "; set max.message.bytes of the topic to " + LogSettings.MAX_MESSAGE_BYTES, cause);
        }
        if (isInvalid(cause)) {
            return new LogException.Refused(what + "; change the settings that it names", cause);
        }
        return new LogException.Unavailable(what, cause);
    }

    /** Whether a broker has refused a record for its topic's sake: it is no more under way, and other topics are as before. */
    static boolean isOfOneTopic(Throwable error) {
        return error instanceof TopicAuthorizationException
                || isSize(error)
                || error instanceof InvalidRecordException
                || error instanceof InvalidTimestampException
                || error instanceof InvalidTopicException;
    }

    /** Whether a broker knows no such topic. */
    static boolean isMissing(Throwable error) {
        return unwrapped(error) instanceof UnknownTopicOrPartitionException;
    }

    private static boolean isRight(Throwable cause) {
        return cause instanceof AuthorizationException
                || cause instanceof AuthenticationException
                || cause instanceof SecurityDisabledException;
    }

    private static boolean isSize(Throwable cause) {
        return cause instanceof RecordTooLargeException || cause instanceof RecordBatchTooLargeException;
    }

    private static boolean isInvalid(Throwable cause) {
        return cause instanceof ConfigException
                || cause instanceof InvalidConfigurationException
                || cause instanceof InvalidPartitionsException
                || cause instanceof InvalidRecordException
                || cause instanceof InvalidReplicaAssignmentException
                || cause instanceof InvalidReplicationFactorException
                || cause instanceof InvalidRequestException
                || cause instanceof InvalidRequiredAcksException
                || cause instanceof InvalidTimestampException
                || cause instanceof InvalidTopicException
                || cause instanceof PolicyViolationException
                || cause instanceof SerializationException
                || cause instanceof TopicDeletionDisabledException
                || cause instanceof UnsupportedCompressionTypeException
                || cause instanceof UnsupportedForMessageFormatException
                || cause instanceof UnsupportedVersionException;
    }

    private static Throwable unwrapped(Throwable error) {
        Throwable cause = error;
        while (true) {
            Throwable inner = cause.getCause();
            boolean wrapper = cause instanceof ExecutionException
                    || cause instanceof CompletionException
                    // "Failed to construct kafka consumer" and the like: the reason is inside
                    || cause.getClass() == KafkaException.class;
            if (!wrapper || inner == null) {
                return cause;
            }
            cause = inner;
        }
    }

    private static String said(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
