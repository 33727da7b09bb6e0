package io.qedstore.api;

/**
 * Why a request was not done: the body of every error (RFC 9457).
 *
 * @param type a URN, one for each kind of problem
 * @param title of the kind of problem, the same for all of a type
 * @param detail one sentence: what was attempted, on what, found, expected, what to do
 * @param instance the path that was asked for; where a node itself has failed, the URN under which its log says more
 */
public record Problem(String type, String title, int status, String detail, String instance) {}
