package org.millrace.codegen;

import java.util.List;
import org.millrace.kernel.Expr;

/**
 * The number of groups of a launch: the product of {@code extents} over {@code perGroup}, rounded
 * up.
 *
 * @param extents int64 expressions of sizes
 * @param perGroup how many points of the extents one group covers
 */
public record Grid(List<Expr> extents, long perGroup) {
  public Grid {
    extents = List.copyOf(extents);
  }

  /** The number of groups for the given sizes; 0 if there is nothing to do. */
  public long groups(long[] sizes) {
    long points = points(sizes);
    return points == 0 ? 0 : (points - 1) / perGroup + 1;
  }

  /** The number of points for the given sizes. */
  public long points(long[] sizes) {
    long points = 1;
    for (Expr extent : extents) {
      points = Math.multiplyExact(points, Sizes.evaluate(extent, sizes));
    }
    return points;
  }
}
