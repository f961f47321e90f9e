package org.millrace.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which instructions are printed. */
class PtxOpcodeTests {
  private static final Pattern INSTRUCTION =
      Pattern.compile("^ {4}(?:@!?%p\\d+ )?([a-z][a-z0-9._]*)[ ;]", Pattern.MULTILINE);

  private static final Pattern ARITHMETIC =
      Pattern.compile("(add|sub|mul|div|sqrt|fma|mad|rcp)\\b.*\\.f(16|32|64)");

  /** Every instruction that may be printed; an interpreter of what is printed needs no other. */
  private static final Pattern KNOWN =
      Pattern.compile(
          String.join(
              "|",
              "ret|bra|bar\\.sync|membar\\.gl",
              "ld\\.param\\.(u64|s64|u32)|cvta\\.to\\.global\\.u64",
              "(ld|st)\\.(global|shared)\\.(v[24]\\.)?([us](8|16|32|64)|b16|b32|f32|f64)",
              "atom\\.global\\.(cas\\.b32|(exch|or)\\.b(32|64))",
              "mov\\.(b16|b32|b64|u32|s32|u64|s64|f32|f64|pred)",
              "(add|sub|mul|div|fma)\\.rn\\.f(32|64)|sqrt\\.rn\\.f(32|64)",
              "(neg|abs|min|max)\\.f(32|64)",
              "(add|sub|mul\\.lo|div|rem|min|max|shr)\\.[us](32|64)",
              "neg\\.s(32|64)|mul\\.hi\\.u32|mul\\.wide\\.u32",
              "mad\\.wide\\.u32|mad\\.lo\\.(s64|u32)",
              "(and|or|xor|not)\\.(pred|b32|b64)|shl\\.b(32|64)|clz\\.b(32|64)",
              "bfe\\.[us]32|bfi\\.b32",
              "setp\\.(eq|ne|lt|le|gt|ge)\\.[us](32|64)",
              "setp\\.(eq|neu|lt|le|gt|ge|nan)\\.f(32|64)",
              "selp\\.([us](32|64)|b32|b64|f32|f64)",
              "cvt\\.r[mpn]i\\.(f32\\.f32|f64\\.f64)",
              "cvt\\.rzi\\.[us](32|64)\\.f(32|64)",
              "cvt\\.rn\\.f(32|64)\\.[us](32|64)",
              "cvt\\.rn\\.f32\\.f64|cvt\\.f64\\.f32|cvt\\.rn\\.f16\\.f32|cvt\\.f32\\.f16",
              "cvt\\.(u64\\.u32|s64\\.s32|u32\\.u64|s32\\.s8|s32\\.s16|u32\\.u16|u16\\.u32)"));

  private static Set<String> opcodes;

  @BeforeAll
  static void collect() {
    opcodes =
        PtxSamples.all().stream()
            .flatMap(sample -> INSTRUCTION.matcher(sample.text()).results())
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    System.out.println(opcodes.size() + " different instructions are printed: " + opcodes);
  }

  @Test
  void everyInstructionIsKnown() {
    Set<String> unknown = new TreeSet<>(opcodes);
    unknown.removeIf(opcode -> KNOWN.matcher(opcode).matches());
    assertEquals(Set.of(), unknown);
  }

  @Test
  void allArithmeticOfFloatingValuesSaysHowItRounds() {
    Set<String> silent = new TreeSet<>(opcodes);
    silent.removeIf(
        opcode -> {
          Matcher arithmetic = ARITHMETIC.matcher(opcode);
          return !arithmetic.matches() || opcode.contains(".rn.");
        });
    assertEquals(Set.of(), silent);
  }

  @Test
  void nothingIsApproximateOrFlushesSubnormals() {
    for (String opcode : opcodes) {
      assertFalse(opcode.contains("approx") || opcode.contains("ftz"), opcode);
    }
  }
}
