package org.millrace.backend.cuda;

import java.util.Locale;

/** A call of the driver in the context that is current: what it may use, and how it fails. */
final class SoftCall {
  final SoftwareGpu gpu;
  final String name;
  final SoftContext context;

  /**
   * @throws CudaException if work has ended the context
   */
  SoftCall(SoftwareGpu gpu, String name, SoftContext context) {
    this.gpu = gpu;
    this.name = name;
    this.context = context;
    requireSound();
  }

  private void requireSound() {
    if (context.fault != null) {
      throw refuse(context.fault.status(), context.fault.getMessage());
    }
  }

  /** The refusal of the call. */
  CudaException refuse(String status, String why) {
    return new CudaException(name, status, why);
  }

  /** The refusal of a value. */
  CudaException invalid(String why) {
    return refuse("CUDA_ERROR_INVALID_VALUE", why);
  }

  /** Fails, if that is wanted. */
  void inject(Injection.Point point) {
    gpu.injection.call(point, name);
  }

  /** A stream of the context. */
  SoftContext.Stream stream(CudaDriver.Stream stream) {
    return own(SoftContext.Stream.class, stream);
  }

  /** An event of the context. */
  SoftContext.Event event(CudaDriver.Event event) {
    return own(SoftContext.Event.class, event);
  }

  /** An event, which may be one of another device. */
  SoftContext.Event eventOfAny(CudaDriver.Event event) {
    return alive(SoftContext.Event.class, event);
  }

  /** A module of the context. */
  SoftContext.Module module(CudaDriver.Module module) {
    return own(SoftContext.Module.class, module);
  }

  private <T extends SoftContext.Member> T own(Class<T> type, Object object) {
    T member = alive(type, object);
    if (member.context != context) {
      throw refuse(
          "CUDA_ERROR_INVALID_CONTEXT",
          "the %s belongs to %s, current is %s".formatted(word(type), member.context, context));
    }
    return member;
  }

  private <T extends SoftContext.Member> T alive(Class<T> type, Object object) {
    T member = type.cast(object);
    if (member.destroyed) {
      throw refuse("CUDA_ERROR_INVALID_HANDLE", "the %s was destroyed".formatted(word(type)));
    }
    return member;
  }

  private static String word(Class<?> type) {
    return type.getSimpleName().toLowerCase(Locale.ROOT);
  }

  /** Does work for somebody who waits for it. */
  void finish(Runnable work) {
    gpu.counters().synchronizations++;
    try {
      work.run();
    } catch (GpuFault fault) {
      context.fault = fault;
    }
    requireSound();
  }
}
