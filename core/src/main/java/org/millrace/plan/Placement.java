package org.millrace.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.millrace.device.Device;
import org.millrace.device.DeviceSpec;
import org.millrace.graph.Graph;
import org.millrace.graph.Operation;
import org.millrace.graph.Tensor;
import org.millrace.tensor.DType;

/**
 * Which device each operation runs on, decided when an operation is first on a path and kept for
 * the life of the session.
 *
 * <ol>
 *   <li>Operations that share a variable, or that were colocated by the user, form a group; the
 *       requests of its members are merged, the variable's own first.
 *   <li>A request limits the choice to the devices that match it and can run every member.
 *   <li>If no type of device is asked for, the first CUDA device is taken, else the CPU; other
 *       accelerators are taken only when asked for. A placeholder goes where all of its users are.
 *   <li>Soft placement: a request that cannot be met falls back to the CPU, with a message.
 * </ol>
 */
public final class Placement {
  private final DeviceTable devices;
  private final boolean soft;
  private final Consumer<String> warning;
  private final BiConsumer<Operation, Device> placed;
  private final Map<Operation, Integer> numbers = new LinkedHashMap<>();
  private final Set<String> warned = new HashSet<>();

  /**
   * Starts with nothing placed.
   *
   * @param soft whether requests that cannot be met fall back to the CPU
   * @param warning takes the message of a fall-back
   * @param placed takes each decision
   */
  public Placement(
      DeviceTable devices,
      boolean soft,
      Consumer<String> warning,
      BiConsumer<Operation, Device> placed) {
    this.devices = devices;
    this.soft = soft;
    this.warning = warning;
    this.placed = placed;
  }

  /** Places the operations of a path that have no device yet. */
  public void place(List<Operation> operations) {
    List<Operation> open = operations.stream().filter(op -> !numbers.containsKey(op)).toList();
    if (open.isEmpty()) {
      return;
    }
    Groups groups = new Groups(open.getFirst().graph());
    List<Operation> generators = new ArrayList<>();
    for (Operation op : open) {
      if (op.inputs().isEmpty() && op.device().isEmpty() && groups.isAlone(op)) {
        generators.add(op);
      } else if (!numbers.containsKey(op)) {
        decide(groups.membersOf(op), op);
      }
    }
    for (Operation op : generators) {
      Optional<Integer> withUsers = deviceOfUsers(op);
      if (withUsers.isPresent()) {
        put(op, withUsers.get());
      } else {
        decide(List.of(op), op);
      }
    }
  }

  /** The number of the device of {@code op} in the table; it must have been placed. */
  public int deviceOf(Operation op) {
    Integer number = numbers.get(op);
    if (number == null) {
      place(List.of(op));
      number = numbers.get(op);
    }
    return number;
  }

  /** The device of every operation placed so far. */
  public Map<Operation, Device> decisions() {
    Map<Operation, Device> decisions = new LinkedHashMap<>();
    numbers.forEach((op, number) -> decisions.put(op, devices.device(number)));
    return decisions;
  }

  private Optional<Integer> deviceOfUsers(Operation op) {
    Integer common = null;
    for (Tensor output : op.outputs()) {
      for (Operation user : output.consumers()) {
        Integer number = numbers.get(user);
        if (number == null) {
          continue; // not on the path so far
        }
        if (common != null && !common.equals(number)) {
          return Optional.empty();
        }
        common = number;
      }
    }
    return Optional.ofNullable(common).filter(number -> runs(devices.device(number), op));
  }

  private void decide(List<Operation> group, Operation asked) {
    DeviceSpec request = DeviceSpec.empty();
    Operation first = null;
    for (Operation member : group) {
      DeviceSpec own = member.device();
      if (own.isEmpty()) {
        continue;
      }
      if (first != null && contradicts(request, own)) {
        conflict(first, request, member, own);
      }
      first = first == null ? member : first;
      request = request.merge(own);
    }
    Device entry = choose(request, group, first == null ? asked : first);
    int number = devices.number(entry);
    group.forEach(member -> put(member, number));
  }

  private void conflict(Operation first, DeviceSpec request, Operation other, DeviceSpec own) {
    String text =
        ("Cannot colocate nodes {{colocation_node %s}} and {{colocation_node %s}} because they were"
                + " assigned two different devices: %s and %s")
            .formatted(first.name(), other.name(), request, own);
    if (!soft) {
      throw new PlacementException(text, other);
    }
    warning.accept(text + "; the first is used");
  }

  private static boolean contradicts(DeviceSpec a, DeviceSpec b) {
    boolean type = a.type().isPresent() && b.type().isPresent() && !a.type().equals(b.type());
    boolean index = a.index().isPresent() && b.index().isPresent() && !a.index().equals(b.index());
    return type || index;
  }

  private Device choose(DeviceSpec request, List<Operation> group, Operation named) {
    List<Device> matching = devices.matching(request);
    Optional<Device> able =
        matching.stream()
            .filter(entry -> group.stream().allMatch(op -> runs(entry, op)))
            .findFirst();
    if (able.isPresent()) {
      return able.get();
    }
    PlacementException error =
        matching.isEmpty() ? unmet(request, named) : unable(request, matching.getFirst(), group);
    if (soft && devices.cpu().isPresent()) {
      String reason = request + (matching.isEmpty() ? "" : " " + error.node().type());
      if (warned.add(reason)) { // once, not for each node of a model
        warning.accept(error.getMessage() + " Falling back to the CPU (soft placement).");
      }
      return devices.cpu().get();
    }
    throw error;
  }

  private PlacementException unmet(DeviceSpec request, Operation op) {
    String why = devices.reasons(request).isEmpty() ? "" : " " + devices.reasons(request);
    return new PlacementException(
        ("Cannot assign a device for operation %s: {{node %s}} was explicitly assigned to %s but"
                    + " available devices are %s. Make sure the device specification refers to a valid"
                    + " device.%s")
                .formatted(op.name(), op.name(), request, devices.available(), why)
            + end(op),
        op);
  }

  private PlacementException unable(DeviceSpec request, Device entry, List<Operation> group) {
    Operation op = group.stream().filter(member -> !runs(entry, member)).findFirst().orElseThrow();
    String why =
        op.def().hostOnly()
            ? op.type() + " runs on the host only"
            : DeviceTable.nameOf(entry)
                + " does not compute with "
                + unsupported(entry, op).orElseThrow();
    return new PlacementException(
        ("Cannot assign a device for operation %s: Could not satisfy explicit device specification"
                    + " '%s' because no supported kernel for %s devices is available (%s).")
                .formatted(op.name(), request, entry.type(), why)
            + end(op),
        op);
  }

  private String end(Operation op) {
    String advice =
        soft
            ? ""
            : " SessionConfig.allowSoftPlacement(true), or MILLRACE_SOFT_PLACEMENT=true, puts such"
                + " nodes on the CPU.";
    return " It was built at " + op.site() + "." + advice;
  }

  private static boolean runs(Device entry, Operation op) {
    if (entry.type().equals("CPU")) {
      return true;
    }
    return !op.def().hostOnly() && unsupported(entry, op).isEmpty();
  }

  private static Optional<DType> unsupported(Device entry, Operation op) {
    List<DType> types = new ArrayList<>();
    op.inputs().forEach(input -> types.add(input.dtype()));
    op.outputs().forEach(output -> types.add(output.dtype()));
    return types.stream().filter(type -> !entry.capabilities().supports(type)).findFirst();
  }

  private void put(Operation op, int number) {
    if (numbers.putIfAbsent(op, number) == null) {
      placed.accept(op, devices.device(number));
    }
  }

  /** Operations that must share a device. */
  private static final class Groups {
    private final Map<Operation, Operation> parent = new HashMap<>();
    private final Map<Operation, List<Operation>> members = new HashMap<>();

    Groups(Graph graph) {
      Map<String, Operation> byName = new HashMap<>();
      List<Operation> operations = graph.operations();
      operations.forEach(op -> byName.put(op.name(), op));
      for (Operation op : operations) {
        for (String group : op.colocationGroups()) {
          Operation with = byName.get(group.substring(group.indexOf('@') + 1));
          if (with != null) {
            join(op, with);
          }
        }
        for (int input : Variables.referenceInputs(op)) {
          join(op, op.inputs().get(input).op());
        }
      }
      for (Operation op : operations) {
        members.computeIfAbsent(find(op), _ -> new ArrayList<>()).add(op);
      }
    }

    /** The members in the order of creation: a variable comes before what refers to it. */
    List<Operation> membersOf(Operation op) {
      return members.get(find(op));
    }

    boolean isAlone(Operation op) {
      return membersOf(op).size() == 1;
    }

    private Operation find(Operation op) {
      Operation up = parent.getOrDefault(op, op);
      if (up == op) {
        return op;
      }
      Operation root = find(up);
      parent.put(op, root);
      return root;
    }

    private void join(Operation a, Operation b) {
      Operation rootA = find(a);
      Operation rootB = find(b);
      if (rootA != rootB) {
        parent.put(
            rootA.id() > rootB.id() ? rootA : rootB, rootA.id() > rootB.id() ? rootB : rootA);
      }
    }
  }
}
