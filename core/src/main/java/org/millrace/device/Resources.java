package org.millrace.device;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a context holds, each with the action that gives it back. */
public final class Resources {
  private final Map<Object, Runnable> held = new LinkedHashMap<>();

  /** What {@code maker} makes of new resources; if it fails, what it took is given back. */
  public static <T> T open(Function<Resources, T> maker) {
    Resources resources = new Resources();
    try {
      return maker.apply(resources);
    } catch (Throwable e) {
      try {
        resources.releaseAll();
      } catch (RuntimeException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

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
