package org.millrace.catalog;

import java.util.List;
import org.millrace.graph.OperationBuilder;
import org.millrace.op.Attributes;

/**
 * The masks of a strided slice; bit {@code i} is about entry {@code i} of begin, end and strides.
 *
 * @param begin where begin is as far out as the stride allows
 * @param end where end is as far out as the stride allows
 * @param ellipsis the entry that stands for as many whole axes as it takes; at most one bit
 * @param newAxis where an axis of extent 1 is inserted
 * @param shrinkAxis where one element is taken and the axis goes
 */
public record SliceMasks(int begin, int end, int ellipsis, int newAxis, int shrinkAxis) {
  /** No bit set. */
  public static final SliceMasks NONE = new SliceMasks(0, 0, 0, 0, 0);

  static final List<String> NAMES =
      List.of("begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask");

  static SliceMasks of(Attributes attributes) {
    return new SliceMasks(
        (int) attributes.integer("begin_mask"),
        (int) attributes.integer("end_mask"),
        (int) attributes.integer("ellipsis_mask"),
        (int) attributes.integer("new_axis_mask"),
        (int) attributes.integer("shrink_axis_mask"));
  }

  OperationBuilder on(OperationBuilder builder) {
    return builder
        .attr("begin_mask", begin)
        .attr("end_mask", end)
        .attr("ellipsis_mask", ellipsis)
        .attr("new_axis_mask", newAxis)
        .attr("shrink_axis_mask", shrinkAxis);
  }
}
