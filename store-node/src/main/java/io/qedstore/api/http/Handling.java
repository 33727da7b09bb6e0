package io.qedstore.api.http;

import java.io.IOException;

/** Answers the requests of one route; called by many threads. */
@FunctionalInterface
interface Handling {
    void handle(Call call) throws IOException, InterruptedException, RefusedException;
}
