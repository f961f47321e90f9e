package org.millrace.graph;

/** Where {@code getVariable} looks for variables: a prefix of their names, and whether to reuse. */
public final class VariableScope {
  static final VariableScope ROOT = new VariableScope("", Reuse.INHERIT);

  private final String name;
  private final Reuse reuse;

  private VariableScope(String name, Reuse reuse) {
    this.name = name;
    this.reuse = reuse;
  }

  /** The prefix, without the slash that separates it from a variable's name. */
  public String name() {
    return name;
  }

  public Reuse reuse() {
    return reuse;
  }

  /** An open variable scope. */
  public static final class Entered implements Scope {
    private final VariableScope scope;
    private final Scope names;
    private final Runnable leave;

    private Entered(VariableScope scope, Scope names, Runnable leave) {
      this.scope = scope;
      this.names = names;
      this.leave = leave;
    }

    public VariableScope scope() {
      return scope;
    }

    @Override
    public void close() {
      names.close();
      leave.run();
    }
  }

  static Entered enter(Graph graph, String name, Reuse reuse) {
    VariableScope around = graph.scopes().variables;
    Reuse effective = reuse == Reuse.INHERIT ? around.reuse : reuse;
    String full = around.name.isEmpty() ? name : around.name + "/" + name;
    return enter(graph, new VariableScope(full, effective), name);
  }

  /** Jumps to a scope, whatever is around. */
  static Entered enter(Graph graph, VariableScope other, Reuse reuse) {
    Reuse effective = reuse == Reuse.INHERIT ? other.reuse : reuse;
    String last = other.name.substring(other.name.lastIndexOf('/') + 1);
    return enter(graph, new VariableScope(other.name, effective), last);
  }

  private static Entered enter(Graph graph, VariableScope scope, String nameScope) {
    Scopes scopes = graph.scopes();
    VariableScope around = scopes.variables;
    Scope names = nameScope.isEmpty() ? () -> {} : graph.nameScope(nameScope);
    scopes.variables = scope;
    return new Entered(
        scope,
        names,
        () -> {
          if (scopes.variables != scope) {
            throw new IllegalStateException("Improper nesting of variable_scope.");
          }
          scopes.variables = around;
        });
  }
}
