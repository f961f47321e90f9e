package org.millrace.backend.cuda;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/** NVIDIA's compiler from PTX to machine code, which needs neither a GPU nor a driver. */
final class PtxCompiler {
  private static final Pattern FUNCTION = Pattern.compile("Function properties for (\\w+)");
  private static final Pattern STACK =
      Pattern.compile(
          "(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
  private static final Pattern REGISTERS = Pattern.compile("Used (\\d+) registers");
  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

  static {
    JCudaNatives.place("JNvPTXCompiler");
  }

  private PtxCompiler() {}

  /** What the machine code of an entry takes of a multiprocessor, in bytes but for registers. */
  record Usage(
      String entry, int registers, int shared, int stack, int spillStores, int spillLoads) {}

  /**
   * The machine code of a module, in what it takes.
   *
   * @param architecture such as {@code sm_50}
   * @throws AssertionError with the compiler's log, if it refuses the module
   */
  static List<Usage> compile(String ptx, String architecture) {
    byte[] text = (ptx + "\0").getBytes(StandardCharsets.US_ASCII);
    nvPTXCompilerHandle compiler = new nvPTXCompilerHandle();
    check(
        JNvPTXCompiler.nvPTXCompilerCreate(compiler, text.length, text), "nvPTXCompilerCreate", "");
    try {
      int result =
          JNvPTXCompiler.nvPTXCompilerCompile(
              compiler, 2, new String[] {"--gpu-name=" + architecture, "--verbose"});
      check(result, "nvPTXCompilerCompile", errors(compiler));
      long[] size = new long[1];
      JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(compiler, size);
      byte[] log = new byte[Math.toIntExact(size[0]) + 1];
      JNvPTXCompiler.nvPTXCompilerGetInfoLog(compiler, log);
      return usages(new String(log, StandardCharsets.US_ASCII));
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(compiler);
    }
  }

  private static String errors(nvPTXCompilerHandle compiler) {
    long[] size = new long[1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(compiler, size);
    byte[] log = new byte[Math.toIntExact(size[0]) + 1];
    JNvPTXCompiler.nvPTXCompilerGetErrorLog(compiler, log);
    return new String(log, StandardCharsets.US_ASCII).replace("\0", "");
  }

  private static void check(int result, String call, String log) {
    if (result != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
      throw new AssertionError(
          call + ": " + nvPTXCompileResult.stringFor(result) + (log.isEmpty() ? "" : "\n" + log));
    }
  }

  private static List<Usage> usages(String log) {
    List<Usage> usages = new ArrayList<>();
    String entry = null;
    int[] stack = new int[3];
    for (String line : log.lines().toList()) {
      Matcher function = FUNCTION.matcher(line);
      if (function.find()) {
        entry = function.group(1);
      }
      Matcher frame = STACK.matcher(line);
      if (frame.find()) {
        for (int i = 0; i < stack.length; i++) {
          stack[i] = Integer.parseInt(frame.group(i + 1));
        }
      }
      int registers = number(REGISTERS, line);
      if (registers > 0) {
        usages.add(new Usage(entry, registers, number(SHARED, line), stack[0], stack[1], stack[2]));
      }
    }
    return usages;
  }

  private static int number(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }
}
