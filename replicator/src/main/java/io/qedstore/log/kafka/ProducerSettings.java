package io.qedstore.log.kafka;

import java.time.Duration;

/**
 * How a node appends.
 *
 * @param images how many logs the node is going to append to, roughly
 * @param imagesPerLane how many of them share one producer: a producer visits all that it knows each time it sends, and all
 *     of them recover together when one send fails
 * @param batchBytes up to which size records that wait go out together
 * @param bufferBytes how much memory each lane may take for records under way; what does not fit waits with its appender
 * @param deliveryTimeout after which an append fails that got no answer
 * @param longestWait how long a thread that appends may be held up at most; it is only when Kafka's client lost sight of a
 *     topic
 * @param compression by Kafka's name, "none" for none
 */
public record ProducerSettings(
        int images,
        int imagesPerLane,
        int batchBytes,
        int bufferBytes,
        Duration deliveryTimeout,
        Duration longestWait,
        String compression) {
    private static final int IMAGES = 1000;
    private static final int IMAGES_PER_LANE = 250;
    private static final int BATCH_BYTES = 256 << 10;
    private static final int BUFFER_BYTES = 32 << 20;
    private static final Duration DELIVERY_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(1);

    public ProducerSettings {
        if (images < 1 || imagesPerLane < 1) {
            throw new IllegalArgumentException(
                    images + " images, " + imagesPerLane + " in each lane; 1 or more of both are needed");
        }
        if (batchBytes < 1 || batchBytes > LogSettings.MAX_MESSAGE_BYTES) {
            throw new IllegalArgumentException(
                    "batches of " + batchBytes + " bytes; from 1 to " + LogSettings.MAX_MESSAGE_BYTES);
        }
        int least = 2 * (LogSettings.MAX_MESSAGE_BYTES + LaneBudget.BATCHES_UNDER_WAY * batchBytes);
        if (bufferBytes < least) {
            throw new IllegalArgumentException("a buffer of " + bufferBytes + " bytes; " + least
                    + " at least, so that the largest records can be under way");
        }
        if (deliveryTimeout.toMillis() < 1 || deliveryTimeout.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a delivery timeout of " + deliveryTimeout + "; from 1 ms to 24 days");
        }
        if (longestWait.toMillis() < 1 || longestWait.compareTo(deliveryTimeout) > 0) {
            throw new IllegalArgumentException("a longest wait of " + longestWait
                    + "; from 1 ms to the delivery timeout, which is " + deliveryTimeout);
        }
    }

    public static ProducerSettings standard() {
        return new ProducerSettings(
                IMAGES, IMAGES_PER_LANE, BATCH_BYTES, BUFFER_BYTES, DELIVERY_TIMEOUT, LONGEST_WAIT, "none");
    }

    /** How long an appender waits for what lies behind a record that was refused; it never takes so long on a healthy broker. */
    Duration longestStand() {
        return deliveryTimeout.dividedBy(4);
    }

    /** How many producers there are at most. */
    int lanes() {
        return Math.toIntExact(((long) images + imagesPerLane - 1) / imagesPerLane);
    }

    public ProducerSettings withImages(int number, int perLane) {
        return new ProducerSettings(
                number, perLane, batchBytes, bufferBytes, deliveryTimeout, longestWait, compression);
    }

    public ProducerSettings withBatchBytes(int bytes) {
        return new ProducerSettings(
                images, imagesPerLane, bytes, bufferBytes, deliveryTimeout, longestWait, compression);
    }

    public ProducerSettings withDeliveryTimeout(Duration timeout) {
        return new ProducerSettings(images, imagesPerLane, batchBytes, bufferBytes, timeout, longestWait, compression);
    }

    public ProducerSettings withCompression(String name) {
        return new ProducerSettings(images, imagesPerLane, batchBytes, bufferBytes, deliveryTimeout, longestWait, name);
    }
}
