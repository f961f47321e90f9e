package org.millrace.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.millrace.tensor.DType;

/**
 * The definition of an operation type: its signature in TensorFlow's names, how shapes follow, and
 * what it computes.
 */
public class OpDef {
  private final String type;
  private final List<ArgSpec> inputs;
  private final List<ArgSpec> outputs;
  private final List<AttrSpec> attributes;
  private final Inference inference;
  private final Optional<Folding> folding;
  private final Optional<Lowering> lowering;
  private final boolean stateful;
  private final boolean hostOnly;

  /** Takes over what {@code builder} has gathered. */
  protected OpDef(Builder<?> builder) {
    type = builder.type;
    inputs = List.copyOf(builder.inputs);
    outputs = List.copyOf(builder.outputs);
    attributes = List.copyOf(builder.attributes);
    inference = builder.inference;
    folding = Optional.ofNullable(builder.folding);
    lowering = Optional.ofNullable(builder.lowering);
    stateful = builder.stateful;
    hostOnly = builder.hostOnly;
    if (inference == null && !outputs.isEmpty()) {
      throw new IllegalArgumentException("op '" + type + "' has outputs but no inference");
    }
  }

  /** The type, {@code MatMul}. */
  public final String type() {
    return type;
  }

  public final List<ArgSpec> inputs() {
    return inputs;
  }

  public final List<ArgSpec> outputs() {
    return outputs;
  }

  public final List<AttrSpec> attributes() {
    return attributes;
  }

  public final Inference inference() {
    return inference;
  }

  public final Optional<Folding> folding() {
    return folding;
  }

  /** How it is lowered; empty for what the plan itself knows: placeholders, variables, no-ops. */
  public final Optional<Lowering> lowering() {
    return lowering;
  }

  /** Whether running it does more than computing its outputs, or they differ from run to run. */
  public final boolean stateful() {
    return stateful;
  }

  /** Whether it runs on the host only: its program has host calls. */
  public final boolean hostOnly() {
    return hostOnly;
  }

  @Override
  public final String toString() {
    return type;
  }

  /**
   * Gathers a definition.
   *
   * @param <B> the concrete builder
   */
  public abstract static class Builder<B extends Builder<B>> {
    private final String type;
    private final List<ArgSpec> inputs = new ArrayList<>();
    private final List<ArgSpec> outputs = new ArrayList<>();
    private final List<AttrSpec> attributes = new ArrayList<>();
    private Inference inference;
    private Folding folding;
    private Lowering lowering;
    private boolean stateful;
    private boolean hostOnly;

    protected Builder(String type) {
      this.type = type;
    }

    protected abstract B self();

    /** An input whose type is the value of a type attribute. */
    public B input(String name, String typeAttribute) {
      return addInput(name, Optional.empty(), Optional.of(typeAttribute), null, false, false);
    }

    /** An input of a fixed type. */
    public B input(String name, DType type) {
      return addInput(name, Optional.of(type), Optional.empty(), null, false, false);
    }

    /** An input whose value must be known before the operation is lowered. */
    public B hostInput(String name, String typeAttribute) {
      return addInput(name, Optional.empty(), Optional.of(typeAttribute), null, false, true);
    }

    /** A host input of a fixed type. */
    public B hostInput(String name, DType type) {
      return addInput(name, Optional.of(type), Optional.empty(), null, false, true);
    }

    /** An input that is a variable itself. */
    public B variableInput(String name, String typeAttribute) {
      return addInput(name, Optional.empty(), Optional.of(typeAttribute), null, true, false);
    }

    /** Any number (the attribute {@code numberAttribute}) of inputs of one type. */
    public B inputs(String name, String typeAttribute, String numberAttribute) {
      return addInput(
          name, Optional.empty(), Optional.of(typeAttribute), numberAttribute, false, false);
    }

    /** As {@link #inputs(String, String, String)}, with values that must be known. */
    public B hostInputs(String name, String typeAttribute, String numberAttribute) {
      return addInput(
          name, Optional.empty(), Optional.of(typeAttribute), numberAttribute, false, true);
    }

    /** Inputs of the types that the list attribute {@code typesAttribute} holds. */
    public B inputs(String name, String typesAttribute) {
      inputs.add(
          new ArgSpec(
              name,
              Optional.empty(),
              Optional.of(typesAttribute),
              Optional.empty(),
              true,
              false,
              false));
      return self();
    }

    /** An output whose type is the value of a type attribute. */
    public B output(String name, String typeAttribute) {
      return addOutput(name, Optional.empty(), Optional.of(typeAttribute), null, false);
    }

    /** An output of a fixed type. */
    public B output(String name, DType type) {
      return addOutput(name, Optional.of(type), Optional.empty(), null, false);
    }

    /** An output that is a variable itself. */
    public B variableOutput(String name, String typeAttribute) {
      return addOutput(name, Optional.empty(), Optional.of(typeAttribute), null, true);
    }

    /** Any number (the attribute {@code numberAttribute}) of outputs of one type. */
    public B outputs(String name, String typeAttribute, String numberAttribute) {
      return addOutput(name, Optional.empty(), Optional.of(typeAttribute), numberAttribute, false);
    }

    /** A type attribute and the types it may take; none for any. */
    public B type(String name, DType... allowed) {
      return attribute(name, AttrType.TYPE, null, Set.copyOf(Arrays.asList(allowed)));
    }

    /** A type attribute with a default. */
    public B typeOr(String name, DType defaultType, DType... allowed) {
      return attribute(name, AttrType.TYPE, defaultType, Set.copyOf(Arrays.asList(allowed)));
    }

    /** An attribute that must be given, or that the inputs fix. */
    public B attr(String name, AttrType type) {
      return attribute(name, type, null, Set.of());
    }

    /** An attribute with a default. */
    public B attr(String name, AttrType type, Object defaultValue) {
      return attribute(name, type, defaultValue, Set.of());
    }

    /** How shapes follow. */
    public B infer(Inference rule) {
      inference = rule;
      return self();
    }

    /** How values follow on the host. */
    public B fold(Folding rule) {
      folding = rule;
      return self();
    }

    /** What it computes. */
    public B lower(Lowering rule) {
      lowering = rule;
      return self();
    }

    /** Marks it {@link OpDef#stateful()}. */
    public B stateful() {
      stateful = true;
      return self();
    }

    /** Marks it {@link OpDef#hostOnly()}. */
    public B hostOnly() {
      hostOnly = true;
      return self();
    }

    private B addInput(
        String name,
        Optional<DType> fixed,
        Optional<String> typeAttribute,
        String number,
        boolean reference,
        boolean host) {
      Optional<String> count = Optional.ofNullable(number);
      inputs.add(new ArgSpec(name, fixed, typeAttribute, count, false, reference, host));
      return self();
    }

    private B addOutput(
        String name,
        Optional<DType> fixed,
        Optional<String> typeAttribute,
        String number,
        boolean reference) {
      Optional<String> count = Optional.ofNullable(number);
      outputs.add(new ArgSpec(name, fixed, typeAttribute, count, false, reference, false));
      return self();
    }

    private B attribute(String name, AttrType kind, Object defaultValue, Set<DType> allowed) {
      Optional<Object> initial =
          Optional.ofNullable(defaultValue).map(value -> kind.convert(name, value));
      attributes.add(new AttrSpec(name, kind, initial, allowed));
      return self();
    }
  }
}
