package org.millrace.check;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.platform.engine.CancellationToken;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherExecutionRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs a part in a thread of its own, so that what hangs there does not keep the rest from being
 * told.
 */
final class PartRun {
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
  private static final Duration GRACE = Duration.ofSeconds(60);

  private final PrintWriter log;
  private final Instant end;

  /**
   * Of a device.
   *
   * @param log takes lines on how it goes on
   * @param end when the device's time is up
   */
  PartRun(PrintWriter log, Instant end) {
    this.log = log;
    this.end = end;
  }

  /** Runs the tests of a part. */
  Outcome run(CheckedDevice checked, Part part) {
    CancellationToken stop = CancellationToken.create();
    Tally tally = new Tally();
    var tests =
        LauncherExecutionRequestBuilder.request(
                LauncherDiscoveryRequestBuilder.request()
                    .selectors(selectClass(part.tests()))
                    .configurationParameters(checked.parameters())
                    .build())
            .listeners(tally)
            .cancellationToken(stop)
            .build();
    return finish(
        part.title(),
        tally,
        stop,
        () -> {
          launcher().execute(tests);
          if (tally.done() == 0) {
            throw new IllegalStateException("there was no test to run");
          }
        });
  }

  /** Measures speeds; nothing if that failed, which is counted then. */
  Optional<Speed> speed(CheckedDevice checked, Tally tally) {
    AtomicReference<Speed> speed = new AtomicReference<>();
    finish(
        "speed",
        tally,
        CancellationToken.create(),
        () -> {
          speed.set(Speed.of(checked));
          tally.pass();
        });
    return Optional.ofNullable(speed.get());
  }

  /** A launcher that tells nobody else. */
  private static Launcher launcher() {
    return LauncherFactory.create(
        LauncherConfig.builder()
            .enableLauncherSessionListenerAutoRegistration(false)
            .enableLauncherDiscoveryListenerAutoRegistration(false)
            .enableTestExecutionListenerAutoRegistration(false)
            .enablePostDiscoveryFilterAutoRegistration(false)
            .build());
  }

  /** Does {@code work} and waits for its end, or for that of the device's time. */
  private Outcome finish(String title, Tally tally, CancellationToken stop, Runnable work) {
    long start = System.nanoTime();
    log.printf("  %s ...%n", title);
    log.flush();
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name(title)
            .start(
                () -> {
                  try {
                    work.run();
                  } catch (Throwable e) {
                    tally.fail(title, e);
                  }
                });
    try {
      while (!thread.join(BETWEEN_LINES)) {
        log.printf("    %s%n", tally.progress());
        log.flush();
        if (Instant.now().isAfter(end)) {
          stop.cancel();
        }
        if (Instant.now().isAfter(end.plus(GRACE))) {
          tally.fail(title, new IllegalStateException("hangs: " + tally.progress()));
          break;
        }
      }
    } catch (InterruptedException e) {
      stop.cancel();
      tally.fail(title, e);
    }
    if (stop.isCancellationRequested()) {
      tally.fail(title, new IllegalStateException("the time was up: the rest was not run"));
    }
    Outcome outcome = tally.outcome();
    log.printf("    %s, %.1f s%n", outcome, (System.nanoTime() - start) / 1e9);
    log.flush();
    return outcome;
  }
}
