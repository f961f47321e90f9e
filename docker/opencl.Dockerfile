# Trains with Millrace on PoCL, which is OpenCL on the CPU. Maven prepares the folder that this is
# built in, with the JRE and the program: see README.md beside this file.
FROM debian:bookworm-slim

# What only describes the image comes first: a storage driver without layers then copies little.
ENV PATH=/opt/jre/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /home/millrace
ENTRYPOINT ["java", "@/opt/millrace/arguments", "org.millrace.examples.TrainFashionMnist"]

RUN useradd --home-dir /home/millrace millrace \
  && chown millrace /home/millrace \
  && apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    ocl-icd-libopencl1 pocl-opencl-icd \
  && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb
COPY jre /opt/jre
COPY millrace /opt/millrace
USER millrace
