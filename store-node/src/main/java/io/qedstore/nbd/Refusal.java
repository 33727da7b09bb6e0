package io.qedstore.nbd;

import io.qedstore.nbd.wire.NbdErrno;

/**
 * Why a request is not carried out.
 *
 * @param text for people
 */
record Refusal(NbdErrno errno, String text) {}
