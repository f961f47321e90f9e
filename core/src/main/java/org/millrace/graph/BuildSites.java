package org.millrace.graph;

import java.security.CodeSource;
import java.util.Objects;

/** Finds the line of user code that is building a node. */
final class BuildSites {
  private static final CodeSource OWN = Graph.class.getProtectionDomain().getCodeSource();

  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  /** Whether a class is part of this library, or of the JDK, which calls its lambdas. */
  private static final ClassValue<Boolean> IS_SKIPPED =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          ClassLoader loader = type.getClassLoader();
          boolean jdk = loader == null || loader == ClassLoader.getPlatformClassLoader();
          return jdk
              || Objects.equals(type.getProtectionDomain().getCodeSource(), OWN)
                  && type.getName().startsWith("org.millrace.");
        }
      };

  private BuildSites() {}

  /** The innermost frame outside of this library, {@code MnistMlp.java:42}. */
  static String current() {
    return WALKER.walk(
        frames ->
            frames
                .filter(frame -> !IS_SKIPPED.get(frame.getDeclaringClass()))
                .findFirst()
                .map(BuildSites::text)
                .orElse("<unknown>"));
  }

  private static String text(StackWalker.StackFrame frame) {
    return frame.getFileName() == null
        ? frame.getClassName() + "." + frame.getMethodName()
        : frame.getFileName() + ":" + frame.getLineNumber();
  }
}
