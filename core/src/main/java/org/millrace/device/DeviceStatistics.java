package org.millrace.device;

/**
 * What a context holds and has done since it was opened.
 *
 * @param bytesInUse bytes of the regions it holds
 * @param peakBytes the most it ever held
 * @param allocations regions allocated
 * @param launches kernels and library calls submitted
 * @param uploads copies from the host, and {@code uploadedBytes} their sum
 * @param downloads copies to the host, and {@code downloadedBytes} their sum
 * @param compilations kernel structures compiled, without those found in a cache
 */
public record DeviceStatistics(
    long bytesInUse,
    long peakBytes,
    long allocations,
    long launches,
    long uploads,
    long uploadedBytes,
    long downloads,
    long downloadedBytes,
    long compilations) {
  /** What has changed since {@code earlier} of the same context: each number less its own. */
  public DeviceStatistics since(DeviceStatistics earlier) {
    return new DeviceStatistics(
        bytesInUse - earlier.bytesInUse,
        peakBytes - earlier.peakBytes,
        allocations - earlier.allocations,
        launches - earlier.launches,
        uploads - earlier.uploads,
        uploadedBytes - earlier.uploadedBytes,
        downloads - earlier.downloads,
        downloadedBytes - earlier.downloadedBytes,
        compilations - earlier.compilations);
  }
}
