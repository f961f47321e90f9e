package org.millrace.graph;

/** The names of the standard collections, as in TensorFlow. */
public final class GraphKeys {
  public static final String GLOBAL_VARIABLES = "variables";
  public static final String TRAINABLE_VARIABLES = "trainable_variables";
  public static final String LOCAL_VARIABLES = "local_variables";
  public static final String MODEL_VARIABLES = "model_variables";
  public static final String MOVING_AVERAGE_VARIABLES = "moving_average_variables";
  public static final String GLOBAL_STEP = "global_step";
  public static final String QUEUE_RUNNERS = "queue_runners";
  public static final String SUMMARIES = "summaries";
  public static final String LOSSES = "losses";
  public static final String REGULARIZATION_LOSSES = "regularization_losses";
  public static final String UPDATE_OPS = "update_ops";
  public static final String TABLE_INITIALIZERS = "table_initializer";

  private GraphKeys() {}
}
