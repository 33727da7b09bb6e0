package io.qedstore.nbd;

/**
 * Who is at the other end of a connection.
 *
 * @param identity the same for all connections of one client, and different for others
 * @param name for people
 */
public record NbdClient(String identity, String name) {}
