package org.millrace.device;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A device, as far as a string names it: {@code /job:localhost/replica:0/task:0/device:GPU:0},
 * every part optional and in any order, {@code *} for a part left open, and the legacy {@code
 * /gpu:0} and {@code /cpu:0}. Reads what either of TensorFlow's two readers does: a type without a
 * number is {@code /gpu} to its Python, and {@code /device:GPU} to its runtime.
 */
public record DeviceSpec(
    Optional<String> job,
    OptionalInt replica,
    OptionalInt task,
    Optional<String> type,
    OptionalInt index) {
  private static final DeviceSpec EMPTY =
      new DeviceSpec(
          Optional.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          Optional.empty(),
          OptionalInt.empty());

  /** The spec that names nothing. */
  public static DeviceSpec empty() {
    return EMPTY;
  }

  /**
   * Reads a device string; the empty string names nothing.
   *
   * @throws IllegalArgumentException if it is malformed, with TensorFlow's text where it has one
   */
  public static DeviceSpec parse(String text) {
    Optional<String> job = Optional.empty();
    OptionalInt replica = OptionalInt.empty();
    OptionalInt task = OptionalInt.empty();
    Optional<String> type = Optional.empty();
    OptionalInt index = OptionalInt.empty();
    for (String part : text.split("/")) {
      if (part.isEmpty()) {
        continue;
      }
      String[] words = part.split(":", -1);
      String key = words[0].toLowerCase(Locale.ROOT);
      boolean legacy = key.equals("cpu") || key.equals("gpu");
      if (words.length == 2 && key.equals("job")) {
        if (!words[1].matches("[A-Za-z][A-Za-z0-9_]*")) {
          throw malformed(part, text);
        }
        job = Optional.of(words[1]);
      } else if (words.length == 2 && key.equals("replica")) {
        replica = number(words[1], part, text);
      } else if (words.length == 2 && key.equals("task")) {
        task = number(words[1], part, text);
      } else if ((legacy && words.length <= 2)
          || (key.equals("device") && (words.length == 2 || words.length == 3))) {
        if (type.isPresent()) {
          throw new IllegalArgumentException("Cannot specify multiple device types: " + text);
        }
        String name = legacy ? words[0] : words[1];
        if (!name.equals("*")) {
          if (!name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
            throw malformed(part, text);
          }
          type = Optional.of(name.toUpperCase(Locale.ROOT));
        }
        index =
            words.length == (legacy ? 2 : 3)
                ? number(words[words.length - 1], part, text)
                : OptionalInt.empty();
      } else {
        throw malformed(words[0], text);
      }
    }
    return new DeviceSpec(job, replica, task, type, index);
  }

  private static OptionalInt number(String word, String part, String text) {
    if (word.equals("*")) {
      return OptionalInt.empty();
    }
    if (!word.matches("[0-9]{1,9}")) {
      throw malformed(part, text);
    }
    return OptionalInt.of(Integer.parseInt(word));
  }

  private static IllegalArgumentException malformed(String part, String text) {
    return new IllegalArgumentException("Unknown attribute: '%s' in '%s'".formatted(part, text));
  }

  /** Whether it names nothing. */
  public boolean isEmpty() {
    return equals(EMPTY);
  }

  /** This spec, with what it leaves open taken from {@code outer}. */
  public DeviceSpec merge(DeviceSpec outer) {
    return new DeviceSpec(
        job.or(outer::job),
        replica.isPresent() ? replica : outer.replica,
        task.isPresent() ? task : outer.task,
        type.or(outer::type),
        index.isPresent() ? index : outer.index);
  }

  /** TensorFlow's form; a type without a number prints as {@code /device:GPU:*}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    job.ifPresent(name -> text.append("/job:").append(name));
    replica.ifPresent(number -> text.append("/replica:").append(number));
    task.ifPresent(number -> text.append("/task:").append(number));
    if (type.isPresent() || index.isPresent()) {
      text.append("/device:").append(type.orElse("*")).append(':');
      text.append(index.isPresent() ? Integer.toString(index.getAsInt()) : "*");
    }
    return text.toString();
  }
}
