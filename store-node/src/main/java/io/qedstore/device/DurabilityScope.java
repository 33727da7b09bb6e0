package io.qedstore.device;

/** Whose writes a flush makes durable. */
public enum DurabilityScope {
    /** Those that came over the same connection. */
    CONNECTION,
    /** Those of everybody who uses the device, wherever they are connected; everybody also sees what others wrote. */
    DEVICE
}
