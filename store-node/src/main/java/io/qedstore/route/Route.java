package io.qedstore.route;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.Completion;
import io.qedstore.device.DeviceError;
import io.qedstore.device.Durability;
import io.qedstore.route.RoutedRequest.Kind;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the requests for one image go now, and what becomes of them when that changes.
 *
 * <pre>
 *   unused -- a client --> seeking -- let in --> OPEN -- the place has changed, or does not go on --> LEAVING
 *                             ^                    ^                                                    |
 *                             |                    +--- let in elsewhere, and nothing under way here ---+
 *                             +-- refused, broken: again after a pause                (and seeks meanwhile)
 * </pre>
 *
 * <p>While no place is open requests are held. There are no more of them than the server lets in: whoever is held keeps its room
 * there, and the clients' sockets fill up behind it.
 *
 * <p><b>Why what was not answered may be asked again.</b> A request of which no answer came has happened, will happen, or will not.
 * Asking for it again elsewhere is right as long as the first asking cannot take effect behind a change that was answered since: the
 * two are then like one request that took long. So a new place gets its first request only when everything that was under way at the
 * one before has ended here, answered or not; and what is still on its way there then is powerless:
 *
 * <ul>
 *   <li>another owner: the new one has opened its epoch and has read the log up to there before it lets anybody in. What the old one
 *       got into the log before that is content that the new one serves; what it appends later never counts, anywhere;
 *   <li>the same owner over another connection: it closes the connection before, reads nothing more of it, and lets the new one in
 *       when all that had begun is done. What the system had not sent of a connection that is cut is thrown away.
 * </ul>
 *
 * <p><b>What was answered and not flushed.</b> With writethrough there is nothing: every answer is durable. With writeback a place is
 * left when a last flush has succeeded behind everything that it has answered; an owner that lets go in order answers that one also
 * when it has let go. Where it does not any more, the next place may say that it let go in order, or that it is the same owner still.
 * Otherwise writes may be lost that a client believes to be waiting for its flush, and the client must not go on as if they were
 * there: the route ends, and its connections with it.
 *
 * <p>All methods may be called by any thread and wait for nothing. Everything is guarded by this object's monitor; others are called
 * outside of it, in {@link #step}. The class is long because each of its ways decides over the same few states.
 */
final class Route {
    private static final Logger LOG = LoggerFactory.getLogger(Route.class);

    /** A client that has used the image is turned away so often before it has to end. */
    private static final int MAX_TURNED_AWAY = 10;

    private final String image;
    private final Guide guide;
    private final Executor workers;
    private final ScheduledExecutorService timer;
    private final LongSupplier nanoTime;
    private final RouteSettings settings;
    private final Consumer<IOException> ended;

    /** What is to be done once the monitor is free. */
    private List<Runnable> todo = new ArrayList<>();

    private String place;
    private boolean used;
    private String client = "";

    /** The client that is there has been served. */
    private boolean established;

    private @Nullable Target target;
    private boolean leaving;
    private boolean flushing;
    private boolean flushTried;
    private boolean cut;
    private long underWay;
    private long lastAnswerNanos;

    /** Read by any thread: the target, while it is given requests. */
    private volatile @Nullable Target open;

    private @Nullable Target next;
    private boolean isSeeking;
    private long seeks;
    private @Nullable CompletableFuture<Target> seeking;
    private @Nullable Future<?> pause;
    private int failures;
    private int turnedAway;
    private @Nullable IOException lastFailure;

    private final Queue<RoutedRequest> held = new ArrayDeque<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private UnflushedWrites unflushed = new UnflushedWrites();
    private boolean stopping;
    private @Nullable IOException end;

    private record Waiter(Completion completion, Future<?> deadline) {}

    /**
     * @param place where the image is served, as far as is known
     * @param workers run requests that were held
     * @param ended told when clients must not go on
     */
    Route(
            String image,
            String place,
            Guide guide,
            Executor workers,
            ScheduledExecutorService timer,
            LongSupplier nanoTime,
            RouteSettings settings,
            Consumer<IOException> ended) {
        this.image = image;
        this.place = place;
        this.guide = guide;
        this.workers = workers;
        this.timer = timer;
        this.nanoTime = nanoTime;
        this.settings = settings;
        this.ended = ended;
    }

    private void step(Runnable change) {
        List<Runnable> after;
        synchronized (this) {
            change.run();
            decide();
            open = leaving ? null : target;
            after = todo;
            todo = new ArrayList<>();
        }
        after.forEach(Runnable::run);
    }

    // ---- who uses it

    /** A client came, and there was none. */
    void use(String by) {
        step(() -> {
            used = true;
            client = by;
            established = false;
            turnedAway = 0;
            lastFailure = null;
            unflushed = new UnflushedWrites();
            leaving = target != null; // it knows another client
        });
    }

    /** The last client has gone, and nothing that it has asked for is under way. */
    void unuse() {
        step(() -> {
            used = false;
            unflushed = new UnflushedWrites();
            leaving = target != null;
            stopSeeking();
        });
    }

    /** Completes when requests are carried out. */
    void whenServed(Completion completion) {
        step(() -> {
            IOException over = over();
            IOException known = lastFailure;
            if (over != null) {
                todo.add(() -> completion.failed(over));
            } else if (target != null && !leaving) {
                todo.add(completion::succeeded);
            } else if (!established && known instanceof TurnedAwayException) {
                todo.add(() -> completion.failed(known)); // that was faster than the question
            } else {
                waiters.add(new Waiter(completion, deadline(completion)));
            }
        });
    }

    private Future<?> deadline(Completion completion) {
        try {
            return timer.schedule(
                    () -> step(() -> late(completion)), settings.patience().toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(null); // the node ends, and all that wait with it
        }
    }

    private void late(Completion completion) {
        if (waiters.removeIf(waiter -> waiter.completion() == completion)) {
            IOException failure =
                    new IOException(unreachable(settings.patience().toSeconds()));
            todo.add(() -> completion.failed(failure));
        }
    }

    private String unreachable(long seconds) {
        IOException cause = lastFailure;
        return "image " + image + " is owned by " + guide.describe(place) + ", which has not served it for " + seconds
                + " s" + (cause == null ? "" : ": " + cause.getMessage());
    }

    private @Nullable IOException over() {
        if (end != null) {
            return end;
        }
        return stopping ? new BlockDeviceException(DeviceError.SHUTTING_DOWN, "the node stops") : null;
    }

    // ---- what is known of the way

    /** The image is to be served there from now on. */
    void placedAt(String node) {
        step(() -> {
            if (node.equals(place)) {
                return;
            }
            place = node;
            failures = 0;
            stopSeeking();
            leaving |= target != null && !target.place().equals(place);
        });
    }

    private void stopSeeking() {
        seeks++;
        isSeeking = false;
        CompletableFuture<Target> begun = seeking;
        seeking = null;
        if (begun != null) {
            todo.add(() -> begun.cancel(false));
        }
        Future<?> pausing = pause;
        pause = null;
        if (pausing != null) {
            pausing.cancel(false);
        }
        Target found = next;
        next = null;
        if (found != null) {
            todo.add(found::leave);
        }
    }

    private void seek() {
        isSeeking = true;
        long number = ++seeks;
        String at = place;
        String by = client;
        boolean goesOn = established;
        todo.add(() -> {
            CompletableFuture<Target> begun = ask(at, by, goesOn);
            boolean stale;
            synchronized (this) {
                stale = number != seeks;
                if (!stale) {
                    seeking = begun;
                }
            }
            if (stale) {
                begun.cancel(false);
            }
            begun.whenComplete((found, failure) -> step(() -> sought(number, found, failure)));
        });
    }

    private CompletableFuture<Target> ask(String at, String by, boolean goesOn) {
        try {
            return guide.seek(at, by, goesOn);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void sought(long number, @Nullable Target found, @Nullable Throwable failure) {
        if (number != seeks) {
            if (found != null) {
                todo.add(found::leave);
            }
            return;
        }
        isSeeking = false;
        seeking = null;
        if (found != null) {
            next = found;
            todo.add(() -> found.gone().whenComplete((nothing, never) -> step(() -> gone(found))));
        } else if (failure != null) {
            notFound(failure);
        }
    }

    private void notFound(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        IOException known = cause instanceof IOException io ? io : new IOException(cause.toString(), cause);
        if (cause instanceof RuntimeException && !(cause instanceof CancellationException)) {
            LOG.error("the way to image {} was not found; please report this", image, cause);
        }
        lastFailure = known;
        failures++;
        if (known instanceof TurnedAwayException && !established) {
            failWaiters(known);
        } else if (known instanceof TurnedAwayException && ++turnedAway >= MAX_TURNED_AWAY) {
            endNow(new BlockDeviceException(DeviceError.SHUTTING_DOWN, String.valueOf(known.getMessage())));
            return;
        }
        LOG.debug("image {} is not served by {} yet: {}", image, place, known.getMessage());
        pause();
    }

    /** Nothing is sought for a while, unless the place changes. */
    private void pause() {
        try {
            pause = timer.schedule(
                    () -> step(() -> pause = null), settings.pause(failures).toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            stopping = true;
        }
    }

    private void gone(Target lost) {
        if (target == lost) {
            leaving = true;
        } else if (next == lost) {
            next = null;
            failures++;
        }
    }

    // ---- deciding

    /** Called after each change. */
    private void decide() {
        if (end != null) {
            return;
        }
        leaveIfDone();
        if (end != null) {
            return;
        }
        if (target == null && next != null) {
            arrive(next);
        }
        Target old = target;
        if (old != null && leaving && next != null && !cut) {
            cut = true; // the image is elsewhere: what is under way here gets no answer that could be waited for
            todo.add(old::cut);
        }
        boolean hasWay = target != null && !leaving;
        if (used && !stopping && !hasWay && next == null && !isSeeking && pause == null) {
            seek();
        }
    }

    private void leaveIfDone() {
        Target old = target;
        if (old == null || !leaving || underWay > 0 || flushing) {
            return;
        }
        Target found = next;
        boolean isSafe = old.isWritethrough() || unflushed.isNone() || (found != null && found.hasAllOf(old));
        if (isSafe) {
            target = null;
            leaving = false;
            todo.add(old::leave);
        } else if (!flushTried) {
            flushTried = true;
            flushing = true;
            UnflushedWrites of = unflushed; // another client may come meanwhile
            long mark = of.mark();
            todo.add(() -> lastFlush(old, of, mark));
        } else if (found != null) {
            endNow(new BlockDeviceException(
                    DeviceError.SHUTTING_DOWN,
                    "writes to image " + image + " that " + old.description()
                            + " has answered and not flushed may be lost; its clients must not go on without them"));
        } // else the next place may know that nothing is lost
    }

    private void lastFlush(Target old, UnflushedWrites of, long mark) {
        old.device().flush(new Completion() {
            @Override
            public void succeeded() {
                step(() -> {
                    flushing = false;
                    of.flushed(mark);
                });
            }

            @Override
            public void failed(IOException cause) {
                step(() -> flushing = false);
            }
        });
    }

    private void arrive(Target at) {
        next = null;
        target = at;
        cut = false;
        flushTried = false;
        turnedAway = 0;
        lastAnswerNanos = nanoTime.getAsLong();
        LOG.info("image {}: requests of {} go to {} now; {} were held", image, client, at.description(), held.size());
        established = true;
        waiters.forEach(waiter -> {
            waiter.deadline().cancel(false);
            todo.add(waiter.completion()::succeeded);
        });
        waiters.clear();
        for (RoutedRequest request = held.poll(); request != null; request = held.poll()) {
            RoutedRequest again = request;
            todo.add(() -> proceed(again));
        }
    }

    private void proceed(RoutedRequest request) {
        try {
            workers.execute(() -> submit(request));
        } catch (RejectedExecutionException e) {
            request.client().failed(new BlockDeviceException(DeviceError.SHUTTING_DOWN, "the node stops"));
        }
    }

    // ---- requests

    /** The target, if requests go there now and it is this node's own. */
    @Nullable
    Target here() {
        Target now = open;
        return now != null && now.isHere() ? now : null;
    }

    void submit(RoutedRequest request) {
        Attempt attempt = null;
        if (request.client().isWanted()) {
            attempt = begin(request, open);
        }
        if (attempt != null) {
            attempt.ask();
        } else {
            step(() -> hold(request));
        }
    }

    /**
     * Begins a request at a target, if that is still the one. The caller asks the target, or {@linkplain Attempt#withdraw withdraws}
     * the attempt.
     */
    synchronized @Nullable Attempt begin(RoutedRequest request, @Nullable Target at) {
        if (at == null || at != open || request.end() > at.device().sizeBytes()) {
            return null;
        }
        if (underWay++ == 0) {
            lastAnswerNanos = nanoTime.getAsLong();
        }
        return new Attempt(request, at, unflushed.mark());
    }

    private void hold(RoutedRequest request) {
        IOException over = over();
        if (over != null) {
            todo.add(() -> request.client().failed(over));
        } else if (!request.client().isWanted()) {
            todo.add(() -> request.client().failed(new IOException("the connection is closed")));
        } else if (target != null
                && !leaving
                && request.end() <= target.device().sizeBytes()) {
            todo.add(() -> proceed(request)); // there is a way since
        } else {
            leaving |= target != null; // or the image has grown since this place was found
            held.add(request);
        }
    }

    /** A place that lets in whoever comes and carries nothing out is not to be asked as fast as it can be. */
    private void refusedBy(Target at) {
        if (target == at && !leaving) {
            leaving = true;
            failures++;
            if (pause == null && !isSeeking && next == null) {
                pause();
            }
        }
    }

    /** A request at a place. */
    final class Attempt implements Completion {
        private final RoutedRequest request;
        private final Target at;
        private final long mark;
        private volatile boolean done;

        private Attempt(RoutedRequest request, Target at, long mark) {
            this.request = request;
            this.at = at;
            this.mark = mark;
        }

        private void ask() {
            try {
                request.action().ask(at.device(), this);
            } catch (RuntimeException | OutOfMemoryError e) {
                threw(e);
            }
        }

        /** The device has thrown something that it should not. */
        void threw(Throwable e) {
            if (!done) {
                failed(
                        e instanceof OutOfMemoryError
                                ? new BlockDeviceException(DeviceError.NO_MEMORY, "no memory for this request now", e)
                                : new IOException("internal error, please report it: " + e, e));
            }
        }

        /** It was not begun after all. */
        void withdraw() {
            done = true;
            step(() -> underWay--);
        }

        @Override
        public boolean isWanted() {
            return request.client().isWanted();
        }

        @Override
        public void succeeded() {
            done = true;
            boolean goesOn;
            synchronized (Route.this) {
                underWay--;
                failures = 0;
                lastAnswerNanos = nanoTime.getAsLong();
                switch (request.kind()) {
                    case CHANGE -> unflushed.answered();
                    case FLUSH -> unflushed.flushed(mark);
                    case OTHER -> {}
                }
                goesOn = !leaving;
            }
            request.client().succeeded();
            if (!goesOn) {
                step(() -> {});
            }
        }

        @Override
        public void failed(IOException cause) {
            done = true;
            boolean isOver = cause instanceof BlockDeviceException known && known.error() == DeviceError.SHUTTING_DOWN;
            step(() -> {
                underWay--;
                if (isOver) {
                    refusedBy(at);
                    hold(request);
                } else {
                    todo.add(() -> request.client().failed(cause));
                }
            });
        }
    }

    // ---- time, and the end

    /** One second has passed. */
    void tick() {
        step(() -> {
            long now = nanoTime.getAsLong();
            for (Iterator<RoutedRequest> all = held.iterator(); all.hasNext(); ) {
                RoutedRequest request = all.next();
                if (!request.client().isWanted()) {
                    all.remove();
                    todo.add(() -> request.client().failed(new IOException("the connection is closed")));
                } else if (isLate(request.sinceNanos(), now)) {
                    all.remove();
                    IOException failure = new BlockDeviceException(
                            DeviceError.IO, unreachable(settings.timeout().toSeconds()) + " (log.timeout)");
                    todo.add(() -> request.client().failed(failure));
                }
            }
            Target silent = target;
            if (silent != null && !silent.isHere() && !cut && underWay > 0 && isLate(lastAnswerNanos, now)) {
                cut = true;
                leaving = true;
                todo.add(silent::cut);
            }
        });
    }

    private boolean isLate(long sinceNanos, long now) {
        return !settings.timeout().isZero()
                && now - sinceNanos > settings.timeout().toNanos();
    }

    /** The node stops: what is under way ends as it does, and nothing is held any more. */
    void stop() {
        step(() -> {
            stopping = true;
            stopSeeking();
            IOException over = over();
            if (over != null) {
                failHeld(over);
                failWaiters(over);
            }
        });
    }

    /** Clients must not go on. */
    void end(IOException cause) {
        step(() -> endNow(cause));
    }

    private void endNow(IOException cause) {
        if (end != null) {
            return;
        }
        end = cause;
        stopSeeking();
        failHeld(cause);
        failWaiters(cause);
        Target old = target;
        target = null;
        leaving = false;
        if (old != null) {
            todo.add(underWay == 0 ? old::leave : old::cut);
        }
        LOG.info("image {}: requests of {} go nowhere any more: {}", image, client, cause.getMessage());
        todo.add(() -> ended.accept(cause));
    }

    private void failHeld(IOException cause) {
        List.copyOf(held).forEach(request -> todo.add(() -> request.client().failed(cause)));
        held.clear();
    }

    private void failWaiters(IOException cause) {
        waiters.forEach(waiter -> {
            waiter.deadline().cancel(false);
            todo.add(() -> waiter.completion().failed(cause));
        });
        waiters.clear();
    }

    /** A change by which the next flush has something to do, or one that is durable once it is answered. */
    static Kind change(Durability durability) {
        return switch (durability) {
            case ON_FLUSH -> Kind.CHANGE;
            case ON_COMPLETION -> Kind.OTHER;
        };
    }
}
