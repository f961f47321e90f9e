package org.millrace.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.millrace.device.DeviceException;

/**
 * Chooses what computes matrix products: the system property {@code millrace.cpu.blas} is {@code
 * openblas}, {@code java}, or {@code auto}, which is OpenBLAS if it can be loaded.
 */
final class ProductLibrary {
  static final String PROPERTY = "millrace.cpu.blas";

  private static final String WRAPPER = "org/bytedeco/openblas/global/openblas_nolapack.class";

  private ProductLibrary() {}

  /** The engine of this process; loaded at the first product. */
  private static final class Holder {
    static final ProductEngine OPENBLAS;
    static final Throwable FAILURE;

    static {
      ProductEngine loaded = null;
      Throwable failure = null;
      try {
        loaded = OpenBlas.load();
      } catch (Throwable e) {
        failure = e;
      }
      OPENBLAS = loaded;
      FAILURE = failure;
    }
  }

  /**
   * The engine that the property asks for.
   *
   * @throws DeviceException if it asks for one that cannot be had
   */
  static ProductEngine chosen() {
    return switch (wish()) {
      case "java" -> JavaProduct.INSTANCE;
      case "openblas" -> {
        if (Holder.OPENBLAS == null) {
          throw new DeviceException(
              PROPERTY + "=openblas, but OpenBLAS cannot be loaded: " + Holder.FAILURE,
              Holder.FAILURE);
        }
        yield Holder.OPENBLAS;
      }
      case "auto" -> Holder.OPENBLAS == null ? JavaProduct.INSTANCE : Holder.OPENBLAS;
      default ->
          throw new IllegalArgumentException(
              PROPERTY + " must be java, openblas or auto, not " + wish());
    };
  }

  private static String wish() {
    return System.getProperty(PROPERTY, "auto").toLowerCase(Locale.ROOT);
  }

  /** What computes products and why, in a sentence; loads it. */
  static String describe() {
    ProductEngine engine = chosen();
    return wish().equals("auto") && Holder.FAILURE != null
        ? engine.description() + ", as OpenBLAS cannot be loaded: " + Holder.FAILURE
        : engine.description();
  }

  /** What is to be expected, without loading anything. */
  static List<String> notes() {
    List<String> notes = new ArrayList<>();
    boolean found = ProductLibrary.class.getClassLoader().getResource(WRAPPER) != null;
    if (wish().equals("java")) {
      notes.add("matrix products run in Java, as " + PROPERTY + "=java asks for");
    } else if (found) {
      notes.add("matrix products run in OpenBLAS, from org.bytedeco:openblas on the class path");
    } else {
      notes.add(
          "matrix products run in Java, as org.bytedeco:openblas is not on the class path; with"
              + " it (openblas-platform 0.3.31-1.5.13) they are faster");
    }
    if (!JavaProduct.hasVectorModule()) {
      notes.add(
          "loops run without the Vector API: start Java with --add-modules jdk.incubator.vector");
    }
    return notes;
  }
}
