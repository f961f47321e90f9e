package org.millrace.backend.cuda;

import java.util.List;
import java.util.Optional;
import org.millrace.backend.cpu.CpuProvider;
import org.millrace.graph.Graph;
import org.millrace.session.Session;
import org.millrace.session.SessionConfig;
import org.millrace.session.TestSessions;

/** The backend on a software GPU. */
final class SoftwareDevices {
  private SoftwareDevices() {}

  /** The devices of {@code gpu}, without cuBLAS. */
  static CudaProvider provider(SoftwareGpu gpu) {
    return provider(gpu, Optional.empty());
  }

  /** The devices of {@code gpu} with a library of products. */
  static CudaProvider provider(SoftwareGpu gpu, Optional<CudaBlas> blas) {
    return new CudaProvider(
        () -> new CudaInstallation(Optional.of(gpu), blas, List.of(), List.of()));
  }

  /** The device {@code number} of {@code gpu}. */
  static CudaDevice device(SoftwareGpu gpu, int number) {
    return (CudaDevice) provider(gpu).discover().devices().get(number);
  }

  /** A session that has the devices of {@code gpu}, and the CPU. */
  static Session session(Graph graph, SoftwareGpu gpu) {
    return session(graph, SessionConfig.defaults(), gpu);
  }

  /** The same with options. */
  static Session session(Graph graph, SessionConfig config, SoftwareGpu gpu) {
    return TestSessions.on(graph, config, provider(gpu), new CpuProvider());
  }
}
