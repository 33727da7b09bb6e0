package io.qedstore.hosting;

import io.qedstore.event.NodeId;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Who wants an image to be this node's, and is told what came of it. By one thread at a time, where nothing else is said. */
final class Claimants {
    private final List<Claimant> all = new ArrayList<>();
    private boolean forcing;
    private final Set<NodeId> dead = new HashSet<>();
    private volatile boolean areThere;

    /** @param isPatient waits while another node has it */
    private record Claimant(CompletableFuture<Volume> answer, boolean isPatient) {}

    /** Adds one, who wants it no more once the answer is there. */
    void add(CompletableFuture<Volume> answer, boolean isPatient) {
        all.add(new Claimant(answer, isPatient));
        areThere = true;
    }

    /**
     * Adds one who wants it also if another node has it.
     *
     * @param dead a node that is known not to run
     */
    void addForcing(CompletableFuture<Volume> answer, Optional<NodeId> dead) {
        add(answer, false);
        forcing = true;
        dead.ifPresent(this.dead::add);
    }

    /** Whether there were any when it was last looked. By any thread. */
    boolean areThere() {
        return areThere;
    }

    /** Whether there are any who still want it. */
    boolean areLeft() {
        all.removeIf(each -> each.answer().isDone());
        areThere = !all.isEmpty();
        return areThere;
    }

    boolean areAllPatient() {
        return all.stream().allMatch(Claimant::isPatient);
    }

    /** Whether one of them wants it also if another node has it. */
    boolean areForcing() {
        return forcing;
    }

    /** Whether one of them knows that a node does not run. */
    boolean areSureOfTheDeathOf(NodeId node) {
        return dead.contains(node);
    }

    void succeed(Volume open) {
        all.forEach(each -> each.answer().complete(open));
        all.clear();
        settle();
    }

    void fail(IOException cause) {
        fail(cause, each -> true);
    }

    /** Those who do not wait while another node has it. */
    void failImpatient(IOException cause) {
        fail(cause, each -> !each.isPatient());
    }

    private void fail(IOException cause, Predicate<Claimant> which) {
        List<Claimant> failed = all.stream().filter(which).toList();
        all.removeAll(failed);
        settle();
        failed.forEach(each -> each.answer().completeExceptionally(cause));
    }

    private void settle() {
        areThere = !all.isEmpty();
        forcing = false;
        dead.clear();
    }
}
