package org.millrace.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.millrace.tensor.NDArray;
import org.millrace.tensor.Shape;

/** Fashion-MNIST: grey images of 28 x 28 pixels of ten kinds of clothing. */
public record FashionMnist(LabelledImages training, LabelledImages test) {
  /** Pixels of an image. */
  static final int PIXELS = 28 * 28;

  /** Kinds of clothing. */
  static final int CLASSES = 10;

  /** Opens a file of the data set. */
  @FunctionalInterface
  private interface Source {
    NDArray read(String name, int rank);
  }

  /** The subset that comes with this program: 12,000 training and 2,000 test images. */
  public static FashionMnist bundled() {
    return read(
        (name, rank) -> {
          String resource = "/fashion-mnist/" + name + ".gz";
          try (InputStream in = FashionMnist.class.getResourceAsStream(resource)) {
            if (in == null) {
              throw new DatasetException("The resource " + resource + " is not on the class path");
            }
            return IdxFile.read(in, resource, rank);
          } catch (IOException e) {
            throw new DatasetException("%s: %s".formatted(resource, e.getMessage()), e);
          }
        });
  }

  /**
   * The four files of a folder under their original names, with or without {@code .gz}.
   *
   * @throws DatasetException if one is missing or damaged
   */
  static FashionMnist in(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new DatasetException(
          Files.exists(folder)
              ? folder + " is not a directory"
              : "There is no directory " + folder);
    }
    return read(
        (name, rank) -> {
          Path file =
              Stream.of(name + ".gz", name)
                  .map(folder::resolve)
                  .filter(Files::exists)
                  .findFirst()
                  .orElseThrow(
                      () ->
                          new DatasetException(
                              "There is neither %s.gz nor %s in %s".formatted(name, name, folder)));
          try (InputStream in = Files.newInputStream(file)) {
            return IdxFile.read(in, file.toString(), rank);
          } catch (IOException e) {
            throw new DatasetException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
          }
        });
  }

  private static FashionMnist read(Source source) {
    return new FashionMnist(read(source, "train"), read(source, "t10k"));
  }

  private static LabelledImages read(Source source, String set) {
    String imagesName = set + "-images-idx3-ubyte";
    String labelsName = set + "-labels-idx1-ubyte";
    NDArray images = source.read(imagesName, 3);
    NDArray labels = source.read(labelsName, 1);
    Shape shape = images.shape();
    if (shape.dim(0) == 0 || shape.dim(1) * shape.dim(2) != PIXELS) {
      throw new DatasetException(
          "%s must hold images of 28 x 28 pixels, but its shape is %s"
              .formatted(imagesName, shape));
    }
    if (labels.elements() != shape.dim(0)) {
      throw new DatasetException(
          "%s holds %d labels, but %s holds %d images"
              .formatted(labelsName, labels.elements(), imagesName, shape.dim(0)));
    }
    for (int i = 0; i < labels.elements(); i++) {
      if (labels.getLong(i) >= CLASSES) {
        throw new DatasetException(
            "%s must hold labels from 0 to 9, but label %d is %d"
                .formatted(labelsName, i, labels.getLong(i)));
      }
    }
    return new LabelledImages(
        NDArray.wrap(images.dtype(), Shape.of(shape.dim(0), PIXELS), images.segment()), labels);
  }
}
