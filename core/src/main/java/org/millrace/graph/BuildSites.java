package org.millrace.graph;

import java.security.CodeSource;
import java.util.Objects;

/** Finds the line of user code that is building a node. */
final class BuildSites {
  private static final CodeSource OWN = Graph.class.getProtectionDomain().getCodeSource();

  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  /** Whether a class is part of this library. */
  private static final ClassValue<Boolean> IS_OWN =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          return Objects.equals(type.getProtectionDomain().getCodeSource(), OWN)
              && type.getName().startsWith("org.millrace.");
        }
      };

  private BuildSites() {}

  /** The innermost frame outside of this library, {@code MnistMlp.java:42}. */
  static String current() {
    return WALKER.walk(
        frames ->
            frames
                .filter(frame -> !IS_OWN.get(frame.getDeclaringClass()))
                .findFirst()
                .map(frame -> frame.getFileName() + ":" + frame.getLineNumber())
                .orElse("<unknown>"));
  }
}
