package org.millrace.device;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a context holds, each with the action that gives it back. */
public final class Resources {
  private final Map<Object, Runnable> held = new LinkedHashMap<>();

  /** Takes charge of {@code resource}. */
  public <T> T own(T resource, Runnable release) {
    held.put(resource, release);
    return resource;
  }

  /** Gives one resource back now; false if it is not held. */
  public boolean release(Object resource) {
    Runnable release = held.remove(resource);
    if (release != null) {
      release.run();
    }
    return release != null;
  }

  /**
   * Gives everything back, the newest first, whatever fails.
   *
   * @throws RuntimeException the first failure, with the others suppressed
   */
  public void releaseAll() {
    List<Runnable> releases = new ArrayList<>(held.values());
    held.clear();
    RuntimeException failure = null;
    for (Runnable release : releases.reversed()) {
      try {
        release.run();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
