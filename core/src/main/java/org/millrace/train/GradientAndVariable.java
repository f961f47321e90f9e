package org.millrace.train;

import java.util.Optional;
import org.millrace.graph.Tensor;
import org.millrace.graph.Variable;

/** A variable and the gradient of a loss for it; none if the loss does not depend on it. */
public record GradientAndVariable(Optional<Tensor> gradient, Variable variable) {}
