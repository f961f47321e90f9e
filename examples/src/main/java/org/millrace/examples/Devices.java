package org.millrace.examples;

/** {@code ./run Devices}: the devices of this machine, and for what is missing the reason. */
public final class Devices {
  private Devices() {}

  /** Prints them. */
  public static void main(String[] args) {
    System.out.print(org.millrace.session.Devices.explain());
  }
}
