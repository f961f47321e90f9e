package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.millrace.graph.Graph;
import org.millrace.graph.Scope;
import org.millrace.graph.Tensor;
import org.millrace.ops.Ops;
import org.millrace.session.Feeds;
import org.millrace.session.Session;
import org.millrace.tensor.DType;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/**
 * What kernels cost, counted on the software GPU. {@code benchmarks/README.md} has the figures that
 * are printed here.
 */
class CudaFiguresTests {
  private final SoftwareGpu gpu = SoftwareGpu.of(1);
  private final Graph graph = new Graph();
  private final Ops tf = Ops.on(graph);

  @AfterEach
  void nothingIsLeft() {
    gpu.requireNothingLeft();
  }

  /** What a warm run has cost. */
  private GpuCounters count(Tensor fetch, Feeds feeds) {
    try (Session session = SoftwareDevices.session(graph, gpu)) {
      session.run(fetch, feeds);
      gpu.resetCounters();
      session.run(fetch, feeds);
      return gpu.counters();
    }
  }

  /** Each input once and each output once, in 128 bits all but what is left over of each array. */
  private static void assertMinimal(String what, GpuCounters counters, long in, long out) {
    assertEquals(1, counters.launches, what);
    assertEquals(in, GpuCounters.bytes(counters.globalLoads), what + ": bytes loaded");
    assertEquals(out, GpuCounters.bytes(counters.globalStores), what + ": bytes stored");
    long wide = 16 * (counters.globalLoads[16] + counters.globalStores[16]);
    assertTrue(wide >= in + out - 3 * 16, () -> what + ": only " + wide + " bytes as 128 bits");
    System.out.printf(
        "%s: %,d bytes loaded, %,d stored, %.2f %% in 128 bits%n",
        what, in, out, 100.0 * wide / (in + out));
  }

  @Test
  void elementwiseChainsMoveEachByteOnceIn128Bits() {
    Shape shape = Shape.of(101, 203);
    long elements = shape.elements();
    Tensor x;
    Tensor y;
    Tensor pixels;
    Tensor chain;
    Tensor tanh;
    Tensor scaled;
    try (Scope _ = tf.device("/device:GPU:0")) {
      x = tf.placeholder(DType.FLOAT32, shape);
      y = tf.placeholder(DType.FLOAT32, shape);
      pixels = tf.placeholder(DType.UINT8, shape);
      chain = tf.relu(x.mul(y).add(x).sub(0.5f));
      tanh = tf.tanh(x);
      scaled = tf.cast(pixels, DType.FLOAT32).mul(1 / 255f);
    }
    NDArray ones = NDArray.full(DType.FLOAT32, shape, 1);
    GpuCounters ofChain = count(chain, Feeds.of(x, ones, y, ones));
    assertMinimal("relu(x * y + x - 0.5)", ofChain, 8 * elements, 4 * elements);
    GpuCounters ofTanh = count(tanh, Feeds.of(x, ones));
    assertMinimal("tanh(x)", ofTanh, 4 * elements, 4 * elements);
    GpuCounters ofCast = count(scaled, Feeds.of(pixels, NDArray.full(DType.UINT8, shape, 9)));
    assertEquals(elements, GpuCounters.bytes(ofCast.globalLoads));
    assertEquals(4 * elements, GpuCounters.bytes(ofCast.globalStores));
    assertTrue(16 * ofCast.globalStores[16] >= 4 * elements - 16);
  }

  @Test
  void productMovesWhatItsTileMustMove() {
    int m = 128;
    int n = 128;
    int k = 784;
    Tensor a;
    Tensor b;
    Tensor product;
    try (Scope _ = tf.device("/device:GPU:0")) {
      a = tf.placeholder(DType.FLOAT32, Shape.of(m, k));
      b = tf.placeholder(DType.FLOAT32, Shape.of(k, n));
      product = tf.matmul(a, b);
    }
    GpuCounters counters =
        count(
            product,
            Feeds.of(
                a, NDArray.full(DType.FLOAT32, Shape.of(m, k), 1),
                b, NDArray.full(DType.FLOAT32, Shape.of(k, n), 1)));
    long products = (long) m * n * k;
    assertEquals(1, counters.launches);
    assertEquals(products, counters.fmas);
    // A group reads 64 rows and 64 columns once for 64 x 64 sums.
    long global = GpuCounters.bytes(counters.globalLoads);
    assertEquals(products * 4 * (64 + 64) / (64 * 64), global);
    assertEquals(4L * m * n, GpuCounters.bytes(counters.globalStores));
    // What is loaded ahead in the last of the 49 steps is zeros.
    assertEquals(global / 49 * 50, GpuCounters.bytes(counters.sharedStores));
    // A thread reads 8 and 8 values for 8 x 8 products, four values at once.
    long shared = GpuCounters.bytes(counters.sharedLoads);
    assertEquals(products * 4 * (8 + 8) / (8 * 8), shared);
    assertEquals(shared, 16 * counters.sharedLoads[16]);
    System.out.printf(
        "product %d x %d x %d: %.4f bytes of global and %.4f of shared memory loaded per FLOP%n",
        m, k, n, (double) global / (2 * products), (double) shared / (2 * products));
  }
}
