package org.millrace.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.millrace.device.DeviceSpec;
import org.millrace.op.OpDef;
import org.millrace.op.OpException;
import org.millrace.op.OpRegistry;

/**
 * A computation graph: operations joined by tensors. Nodes are added and never removed.
 *
 * <p>There is one default graph for the process; {@link #asDefault()} puts another in its place for
 * the current thread. A graph may be built by several threads; scopes hold for the thread that
 * opened them.
 */
public final class Graph {
  private static final ThreadLocal<List<Graph>> OVERRIDES = ThreadLocal.withInitial(List::of);
  private static final AtomicReference<Graph> ROOT = new AtomicReference<>(new Graph());

  private final List<Operation> operations = new ArrayList<>();
  private final Map<String, Operation> byName = new LinkedHashMap<>();
  private final Map<String, List<Object>> collections = new LinkedHashMap<>();
  private final Names names = new Names();
  private final ThreadLocal<Scopes> scopes = ThreadLocal.withInitial(Scopes::new);
  private final VariableStore variables = new VariableStore(this);
  private final ConstantValues constants = new ConstantValues();
  private int tensors;
  private boolean finalized;
  private OptionalLong seed = OptionalLong.empty();

  /** An empty graph. */
  public Graph() {}

  /** The graph that the current thread builds on unless it names another. */
  public static Graph getDefault() {
    List<Graph> overrides = OVERRIDES.get();
    return overrides.isEmpty() ? ROOT.get() : overrides.getLast();
  }

  /**
   * Puts an empty graph in the place of the default graph of the process.
   *
   * @throws IllegalStateException within {@link #asDefault()}
   */
  public static void resetDefault() {
    if (!OVERRIDES.get().isEmpty()) {
      throw new IllegalStateException(
          "Do not use resetDefault() to clear nested graphs: close their scopes first.");
    }
    ROOT.set(new Graph());
  }

  /** Makes this the default graph of the current thread until the scope is closed. */
  public Scope asDefault() {
    List<Graph> before = OVERRIDES.get();
    OVERRIDES.set(Scopes.plus(before, this));
    return () -> OVERRIDES.set(before);
  }

  /** Starts an operation that is named after its type. */
  public OperationBuilder operation(String type) {
    return operation(type, type);
  }

  /**
   * Starts an operation.
   *
   * @param type the type of an installed declaration
   * @param name its name in the current scope, made unique; with a slash at its end, its full name
   * @throws OpException if no such type is installed
   */
  public OperationBuilder operation(String type, String name) {
    OpDef def =
        OpRegistry.installed()
            .find(type)
            .orElseThrow(
                () ->
                    new OpException(
                        "Op type not registered '%s' in binary running on this JVM; similar types are %s."
                            .formatted(type, similar(type))));
    return operation(def, name);
  }

  /** Starts an operation of any definition, installed or not. */
  public OperationBuilder operation(OpDef def, String name) {
    return new OperationBuilder(this, def, name);
  }

  private static List<String> similar(String type) {
    return OpRegistry.installed().all().keySet().stream()
        .sorted(
            Comparator.<String>comparingInt(known -> Names.distance(known, type))
                .thenComparing(Comparator.naturalOrder()))
        .limit(3)
        .toList();
  }

  /** All operations, in the order of their creation. */
  public synchronized List<Operation> operations() {
    return List.copyOf(operations);
  }

  public synchronized int operationCount() {
    return operations.size();
  }

  /** Operation number {@code id}. */
  public synchronized Operation operation(int id) {
    return operations.get(id);
  }

  /**
   * The operation named {@code name}.
   *
   * @throws OpException with TensorFlow's text if there is none
   */
  public Operation getOperationByName(String name) {
    return GraphNames.operation(this, name);
  }

  /**
   * The tensor named {@code name}, such as {@code add:0}.
   *
   * @throws OpException with TensorFlow's text if there is none
   */
  public Tensor getTensorByName(String name) {
    return GraphNames.tensor(this, name);
  }

  /**
   * The tensor or operation named {@code name}: a tensor if there is a colon in it.
   *
   * @throws OpException with TensorFlow's text if there is none
   */
  public GraphElement asGraphElement(String name) {
    return name.contains(":") ? getTensorByName(name) : getOperationByName(name);
  }

  synchronized Operation find(String name) {
    return byName.get(name);
  }

  /**
   * Opens a scope of names within the current one; a name that was used before is made unique. With
   * a slash at its end the name is a full one that is entered again, and the empty string (or null)
   * is the root.
   *
   * @throws OpException if the name is not valid
   */
  public NameScope nameScope(String name) {
    Scopes mine = scopes.get();
    String before = mine.names;
    if (name == null || name.isEmpty()) {
      mine.names = "";
    } else {
      Names.checkScope(name, !before.isEmpty());
      mine.names = name.endsWith("/") ? name.substring(0, name.length() - 1) : uniqueName(name);
    }
    return new NameScope(mine.names.isEmpty() ? "" : mine.names + "/", () -> mine.names = before);
  }

  /** The full name that an operation named {@code name} gets in the current scope; now taken. */
  public String uniqueName(String name) {
    String current = scopes.get().names;
    synchronized (this) {
      return names.unique(current.isEmpty() ? name : current + "/" + name);
    }
  }

  /**
   * Gives new operations these control inputs, and those of the scopes around; null stands for none
   * at all, not even those. An operation gets none of a scope in which one of its inputs was built,
   * as it comes after them already.
   */
  public Scope controlDependencies(GraphElement... inputs) {
    return controlDependencies(inputs == null ? null : Arrays.asList(inputs));
  }

  /** As {@link #controlDependencies(GraphElement...)}. */
  public Scope controlDependencies(List<? extends GraphElement> inputs) {
    Scopes mine = scopes.get();
    List<Scopes.Control> before = mine.controls;
    mine.controls =
        inputs == null
            ? List.of()
            : Scopes.plus(
                before, new Scopes.Control(inputs.stream().map(GraphElement::op).toList()));
    return () -> mine.controls = before;
  }

  /**
   * Asks for a device for new operations; what the string leaves open is taken from the scopes
   * around. With null nothing is taken from them.
   *
   * @throws IllegalArgumentException if the string is malformed
   */
  public Scope device(String spec) {
    if (spec == null) {
      Scopes mine = scopes.get();
      var before = mine.devices;
      mine.devices = List.of();
      return () -> mine.devices = before;
    }
    DeviceSpec.parse(spec); // complain here and not at the next node
    return device(_ -> spec);
  }

  /** Asks {@code chooser} for a device string for each new operation. */
  public Scope device(Function<Operation, String> chooser) {
    Scopes mine = scopes.get();
    var before = mine.devices;
    mine.devices = Scopes.plus(before, chooser);
    return () -> mine.devices = before;
  }

  /** Puts new operations on the device of {@code element}, whatever scopes around ask for. */
  public Scope colocateWith(GraphElement element) {
    return colocate(Scopes.Colocation.with(element.op()));
  }

  Scope colocate(Scopes.Colocation colocation) {
    Scopes mine = scopes.get();
    var devices = mine.devices;
    var colocated = mine.colocated;
    mine.devices = List.of();
    mine.colocated = Scopes.plus(colocated, colocation);
    return () -> {
      mine.devices = devices;
      mine.colocated = colocated;
    };
  }

  /** Adds {@code value} to a collection. */
  public synchronized void addToCollection(String name, Object value) {
    checkNotFinalized();
    collections.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
  }

  /** What is in a collection, in the order in which it was added. */
  public synchronized List<Object> getCollection(String name) {
    return List.copyOf(collections.getOrDefault(name, List.of()));
  }

  /** As {@link #getCollection(String)}, of the elements that are of class {@code type}. */
  public <T> List<T> getCollection(String name, Class<T> type) {
    return getCollection(name).stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** Forbids further changes. */
  public synchronized void finalizeGraph() {
    finalized = true;
  }

  public synchronized boolean isFinalized() {
    return finalized;
  }

  /** Sets the seed from which the seeds of random operations follow. */
  public synchronized void setSeed(long value) {
    seed = OptionalLong.of(value);
  }

  /** The seed, if one was set. */
  public synchronized OptionalLong seed() {
    return seed;
  }

  /** The variables that are shared by name. */
  public VariableStore variables() {
    return variables;
  }

  /**
   * Opens a variable scope, and a name scope of the same name; reuse is as in the scope around.
   *
   * <p>The empty name opens no name scope, and is a part of variables' names like any other, as in
   * TensorFlow: {@code v} in {@code ""} is {@code v}, and in {@code ""} within {@code foo} it is
   * {@code foo//v}.
   */
  public VariableScope.Entered variableScope(String name) {
    return variableScope(name, Reuse.INHERIT);
  }

  /** Opens a variable scope, and a name scope of the same name. */
  public VariableScope.Entered variableScope(String name, Reuse reuse) {
    return VariableScope.enter(this, name, reuse);
  }

  /** Opens a variable scope that was opened before, whatever variable scopes are around. */
  public VariableScope.Entered variableScope(VariableScope scope, Reuse reuse) {
    return VariableScope.enter(this, scope, reuse);
  }

  synchronized String peekName(String full) {
    return names.peek(full);
  }

  Scopes scopes() {
    return scopes.get();
  }

  ConstantValues constants() {
    return constants;
  }

  /** Numbers a node and makes it part of the graph. */
  synchronized Operation add(OperationBuilder.Draft draft, String site) {
    checkNotFinalized();
    Scopes mine = scopes.get();
    String full;
    if (draft.name().endsWith("/")) {
      full = draft.name().substring(0, draft.name().length() - 1);
      Names.checkOperation(full);
      if (byName.containsKey(full)) {
        throw new OpException("Duplicate node name in graph: '" + full + "'");
      }
      names.take(full);
    } else {
      full = mine.names.isEmpty() ? draft.name() : mine.names + "/" + draft.name();
      Names.checkOperation(full);
      full = names.unique(full);
    }
    Set<Operation> controls = new LinkedHashSet<>(draft.controlInputs());
    Set<Operation> before =
        draft.inputs().stream().map(Tensor::op).collect(Collectors.toUnmodifiableSet());
    for (Scopes.Control scope : mine.controls) {
      if (before.stream().noneMatch(scope.within::contains)) {
        scope.inputs.stream().filter(op -> !before.contains(op)).forEach(controls::add);
      }
    }
    Operation op =
        new Operation(
            this,
            operations.size(),
            full,
            draft.def(),
            draft.inputs(),
            List.copyOf(controls),
            draft.attributes(),
            site);
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < draft.outputs().size(); i++) {
      OperationBuilder.Output output = draft.outputs().get(i);
      outputs.add(new Tensor(op, i, tensors++, output.dtype(), output.shape(), output.reference()));
    }
    op.setOutputs(outputs);
    operations.add(op);
    byName.put(full, op);
    new LinkedHashSet<>(draft.inputs()).forEach(input -> input.addConsumer(op));
    mine.controls.forEach(scope -> scope.within.add(op));
    return op;
  }

  synchronized void checkNotFinalized() {
    if (finalized) {
      throw new IllegalStateException("Graph is finalized and cannot be modified.");
    }
  }
}
