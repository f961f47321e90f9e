# Trains with Millrace on NVIDIA GPUs. Maven prepares the folder that this is built in, with the JRE
# and the program: see README.md beside this file. The driver is the host's, which the NVIDIA
# container toolkit puts into the container; cuBLAS (libcublas.so.12) is the base image's.
FROM nvidia/cuda:12.6.3-runtime-ubuntu24.04

ENV PATH=/opt/jre/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  NVIDIA_VISIBLE_DEVICES=all \
  NVIDIA_DRIVER_CAPABILITIES=compute,utility
WORKDIR /home/millrace
ENTRYPOINT ["java", "@/opt/millrace/arguments", "org.millrace.examples.TrainFashionMnist"]

RUN useradd --home-dir /home/millrace millrace \
  && chown millrace /home/millrace
COPY jre /opt/jre
COPY millrace /opt/millrace
USER millrace
