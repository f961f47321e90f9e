package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * NVIDIA's compiler accepts all that is printed, for each architecture, and what the machine code
 * takes is written to {@code target/ptx-usage.csv}.
 */
class PtxAssemblyTests {
  private static final List<String> ARCHITECTURES = List.of("sm_50", "sm_70", "sm_80", "sm_90");
  private static final int THREADS = 2;

  private static final Map<String, PtxSamples.Sample> SAMPLES = new LinkedHashMap<>();
  private static final Map<String, List<Future<List<PtxCompiler.Usage>>>> USAGES =
      new LinkedHashMap<>();
  private static ExecutorService threads;
  private static long start;

  @BeforeAll
  static void assemble() {
    start = System.nanoTime();
    PtxSamples.all().forEach(sample -> SAMPLES.put(sample.entry(), sample));
    Map<String, String> modules =
        SAMPLES.values().stream()
            .collect(
                Collectors.groupingBy(
                    PtxSamples.Sample::group,
                    LinkedHashMap::new,
                    Collectors.mapping(PtxSamples.Sample::text, Collectors.joining("\n"))));
    threads = Executors.newFixedThreadPool(THREADS);
    for (String architecture : ARCHITECTURES) {
      List<Future<List<PtxCompiler.Usage>>> usages = new ArrayList<>();
      for (String entries : modules.values()) {
        String ptx = PtxPrinter.module(entries);
        usages.add(threads.submit(() -> PtxCompiler.compile(ptx, architecture)));
      }
      USAGES.put(architecture, usages);
    }
  }

  @AfterAll
  static void stop() {
    threads.shutdownNow();
  }

  @Test
  void everyKernelIsAssembledForEachArchitecture() throws Exception {
    List<String> table = new ArrayList<>();
    table.add("architecture,group,registers,shared,stack,spill stores,spill loads,entry,kernel");
    for (String architecture : ARCHITECTURES) {
      Map<String, Integer> registers = new LinkedHashMap<>();
      Map<String, Integer> shared = new HashMap<>();
      List<PtxCompiler.Usage> usages = usages(architecture);
      for (PtxCompiler.Usage usage : usages) {
        PtxSamples.Sample sample = SAMPLES.get(usage.entry());
        registers.merge(sample.group(), usage.registers(), Math::max);
        shared.merge(sample.group(), usage.shared(), Math::max);
        table.add(line(architecture, usage, sample));
      }
      assertEquals(SAMPLES.size(), usages.size(), architecture);
      System.out.printf(
          "%s: %d kernels; most registers %s; most bytes of shared memory %s%n",
          architecture, usages.size(), registers, shared);
    }
    System.out.printf("assembled in %d s%n", (System.nanoTime() - start) / 1_000_000_000);
    write(table);
  }

  /** The sums of a product in 64 bits may take all registers there are. */
  @Test
  void allButProductsIn64BitsKeepEverythingInRegisters() throws Exception {
    List<String> spilling = new ArrayList<>();
    for (String architecture : ARCHITECTURES) {
      for (PtxCompiler.Usage usage : usages(architecture)) {
        PtxSamples.Sample sample = SAMPLES.get(usage.entry());
        boolean spills = usage.stack() + usage.spillStores() + usage.spillLoads() > 0;
        if (spills && !sample.isProductIn64Bits()) {
          spilling.add(architecture + " " + usage + " of " + sample.kernel());
        }
      }
    }
    assertEquals(List.of(), spilling);
  }

  private static List<PtxCompiler.Usage> usages(String architecture) throws Exception {
    List<PtxCompiler.Usage> usages = new ArrayList<>();
    for (Future<List<PtxCompiler.Usage>> module : USAGES.get(architecture)) {
      usages.addAll(module.get());
    }
    return usages;
  }

  private static String line(
      String architecture, PtxCompiler.Usage usage, PtxSamples.Sample sample) {
    return "%s,%s,%d,%d,%d,%d,%d,%s,\"%s\""
        .formatted(
            architecture,
            sample.group(),
            usage.registers(),
            usage.shared(),
            usage.stack(),
            usage.spillStores(),
            usage.spillLoads(),
            usage.entry(),
            sample.kernel().strip().replace("\n", "; "));
  }

  private static void write(List<String> table) throws IOException {
    Path folder = Files.createDirectories(Path.of("target"));
    Files.write(folder.resolve("ptx-usage.csv"), table);
  }
}
