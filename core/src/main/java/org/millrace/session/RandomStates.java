package org.millrace.session;

import java.security.SecureRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.millrace.graph.Operation;
import org.millrace.plan.Value;

/** The counters of a session's random operations: each run of one continues where it stopped. */
final class RandomStates {
  private final ConcurrentHashMap<Operation, State> states = new ConcurrentHashMap<>();
  private final SecureRandom seeds = new SecureRandom();

  /** The state of an operation; key and seed are fixed, the counter moves on. */
  record State(long seed, long seed2, long reserve, AtomicLong counter) {
    /** The counter for one run, which reserves its blocks. */
    long next() {
      return counter.getAndAdd(reserve);
    }
  }

  State of(Value.Source.Random random) {
    return states.computeIfAbsent(random.op(), _ -> start(random));
  }

  private State start(Value.Source.Random random) {
    boolean drawn = random.seed() == 0 && random.seed2() == 0;
    long seed = drawn ? seeds.nextLong() : random.seed();
    long seed2 = drawn ? seeds.nextLong() : random.seed2();
    return new State(seed, seed2, random.reserve(), new AtomicLong());
  }
}
