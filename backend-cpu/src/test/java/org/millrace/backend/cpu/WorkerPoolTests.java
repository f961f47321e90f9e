package org.millrace.backend.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerPoolTests {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void everyChunkRunsOnce(int threads) {
    try (WorkerPool pool = new WorkerPool(threads)) {
      for (int repeat = 0; repeat < 2000; repeat++) {
        int chunks = repeat % 13;
        AtomicIntegerArray runs = new AtomicIntegerArray(13);
        pool.run(runs::incrementAndGet, chunks);
        for (int chunk = 0; chunk < 13; chunk++) {
          assertEquals(chunk < chunks ? 1 : 0, runs.get(chunk));
        }
      }
    }
  }

  @Test
  void everyThreadTakesPart() {
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    try (WorkerPool pool = new WorkerPool(3)) {
      for (int repeat = 0; repeat < 10_000 && seen.size() < 3; repeat++) {
        pool.run(
            _ -> {
              seen.add(Thread.currentThread());
              pause(100_000);
            },
            12);
      }
      assertEquals(3, seen.size());
      assertTrue(seen.contains(Thread.currentThread()));
    }
    seen.remove(Thread.currentThread());
    for (Thread worker : seen) {
      assertTrue(worker.isDaemon());
      assertFalse(worker.isAlive());
    }
  }

  private static void pause(long nanos) {
    long until = System.nanoTime() + nanos;
    while (System.nanoTime() < until) {
      Thread.onSpinWait();
    }
  }

  @Test
  void parkedWorkersWakeUp() throws InterruptedException {
    try (WorkerPool pool = new WorkerPool(2)) {
      for (int repeat = 0; repeat < 20; repeat++) {
        AtomicInteger runs = new AtomicInteger();
        pool.run(_ -> runs.incrementAndGet(), 4);
        assertEquals(4, runs.get());
        Thread.sleep(2);
      }
    }
  }

  @Test
  void theFirstExceptionIsThrownToTheCaller() {
    try (WorkerPool pool = new WorkerPool(2)) {
      Error error = new AssertionError("planned");
      for (int repeat = 0; repeat < 500; repeat++) {
        int bad = repeat % 7;
        Throwable thrown =
            assertThrows(
                AssertionError.class,
                () ->
                    pool.run(
                        chunk -> {
                          if (chunk == bad) {
                            throw error;
                          }
                        },
                        7));
        assertSame(error, thrown);
      }
      AtomicInteger runs = new AtomicInteger();
      pool.run(_ -> runs.incrementAndGet(), 9);
      assertEquals(9, runs.get());
    }
  }

  @Test
  void tasksMayRunTasksAndSeveralThreadsMayAsk() throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    try (WorkerPool pool = new WorkerPool(2)) {
      List<Thread> askers = new ArrayList<>();
      for (int k = 0; k < 4; k++) {
        Thread asker =
            new Thread(
                () -> {
                  for (int repeat = 0; repeat < 500; repeat++) {
                    pool.run(_ -> pool.run(_ -> runs.incrementAndGet(), 3), 5);
                  }
                });
        askers.add(asker);
        asker.start();
      }
      for (Thread asker : askers) {
        asker.join();
      }
    }
    assertEquals(4 * 500 * 15, runs.get());
  }

  @Test
  void aClosedPoolRunsOnItsCaller() {
    WorkerPool pool = new WorkerPool(4);
    pool.run(_ -> {}, 8);
    pool.close();
    pool.close();
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    pool.run(_ -> seen.add(Thread.currentThread()), 8);
    assertEquals(Set.of(Thread.currentThread()), seen);
  }

  @Test
  void aPoolNeedsAThread() {
    assertThrows(IllegalArgumentException.class, () -> new WorkerPool(0));
  }
}
