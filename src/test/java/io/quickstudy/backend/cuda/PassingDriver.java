package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Precision;
import io.quickstudy.backend.cuda.driver.CudaDriver;
import io.quickstudy.backend.cuda.driver.Dnn;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A device that hands everything to another, but for what an implementation does itself. */
interface PassingDriver extends CudaDriver {
  /** The other. */
  CudaDriver driver();

  @Override
  default String device() {
    return driver().device();
  }

  @Override
  default int capability() {
    return driver().capability();
  }

  @Override
  default int blockBytes() {
    return driver().blockBytes();
  }

  @Override
  default Map<String, String> describe() {
    return driver().describe();
  }

  @Override
  default void prepare(Set<String> kernels, List<String> sources) {
    driver().prepare(kernels, sources);
  }

  @Override
  default Module compile(String name, List<String> sources) {
    return driver().compile(name, sources);
  }

  @Override
  default void free(long address) {
    driver().free(address);
  }

  @Override
  default void copyIn(long to, ByteBuffer from) {
    driver().copyIn(to, from);
  }

  @Override
  default void copyOut(ByteBuffer into, long from) {
    driver().copyOut(into, from);
  }

  @Override
  default Pinned pinned(long bytes) {
    return driver().pinned(bytes);
  }

  @Override
  default void upload(long to, Pinned from) {
    driver().upload(to, from);
  }

  @Override
  default void download(Pinned into, int at, long from, long bytes) {
    driver().download(into, at, from, bytes);
  }

  @Override
  default void copy(long to, long from, long bytes) {
    driver().copy(to, from, bytes);
  }

  @Override
  default Event event() {
    return driver().event();
  }

  @Override
  default void fill(long address, byte value, long bytes) {
    driver().fill(address, value, bytes);
  }

  @Override
  default void launch(Launch launch) {
    driver().launch(launch);
  }

  @Override
  default void sgemm(Products products) {
    driver().sgemm(products);
  }

  @Override
  default Dnn dnn(Precision precision) {
    return driver().dnn(precision);
  }

  @Override
  default void synchronise() {
    driver().synchronise();
  }

  @Override
  default Optional<Graph> capture(List<Work> parts) {
    return driver().capture(parts);
  }

  @Override
  default void close() {
    driver().close();
  }

  @Override
  default long available() {
    return driver().available();
  }

  @Override
  default long alloc(long bytes) {
    return driver().alloc(bytes);
  }
}
