package org.millrace.graph;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.millrace.op.OpException;

/** The names in use in a graph; unique whatever their case, as in TensorFlow. */
final class Names {
  private static final Pattern OPERATION = Pattern.compile("^[A-Za-z0-9.][A-Za-z0-9_.\\-/]*$");
  private static final Pattern SCOPE = Pattern.compile("^[A-Za-z0-9_.\\-/]*$");

  private final Map<String, Integer> used = new HashMap<>();

  /** {@code name}, or {@code name_1}, …: the first that is free, now taken. */
  String unique(String name) {
    String key = name.toLowerCase(Locale.ROOT);
    int count = used.getOrDefault(key, 0);
    used.put(key, count + 1);
    if (count == 0) {
      return name;
    }
    String candidate = key;
    while (used.containsKey(candidate)) {
      candidate = key + "_" + count++;
    }
    used.put(key, count);
    used.put(candidate, 1);
    return name + "_" + (count - 1);
  }

  /** What {@link #unique} would return, without taking it. */
  String peek(String name) {
    String key = name.toLowerCase(Locale.ROOT);
    int count = used.getOrDefault(key, 0);
    if (count == 0) {
      return name;
    }
    while (used.containsKey(key + "_" + count)) {
      count++;
    }
    return name + "_" + count;
  }

  /** Takes {@code name} as it is. */
  void take(String name) {
    used.putIfAbsent(name.toLowerCase(Locale.ROOT), 1);
  }

  /** How many letters must change to make one name of the other, whatever their case. */
  static int distance(String one, String other) {
    String a = one.toLowerCase(Locale.ROOT);
    String b = other.toLowerCase(Locale.ROOT);
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }

  static void checkOperation(String name) {
    if (!OPERATION.matcher(name).matches()) {
      throw new OpException("'%s' is not a valid node name".formatted(name));
    }
  }

  static void checkScope(String name, boolean nested) {
    if (!(nested ? SCOPE : OPERATION).matcher(name).matches()) {
      throw new OpException("'%s' is not a valid scope name".formatted(name));
    }
  }
}
