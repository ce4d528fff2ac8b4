package io.quickstudy.backend.cuda;

import io.quickstudy.backend.Precision;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A device with less room than it says on the box. */
final class Full implements CudaDriver {
  private final CudaDriver driver;
  private final long most;

  /** With so many bytes free. */
  Full(CudaDriver driver, long most) {
    this.driver = driver;
    this.most = most;
  }

  @Override
  public long available() {
    return most;
  }

  @Override
  public long alloc(long bytes) {
    return bytes > most ? 0 : driver.alloc(bytes);
  }

  @Override
  public String device() {
    return driver.device();
  }

  @Override
  public int capability() {
    return driver.capability();
  }

  @Override
  public Map<String, String> describe() {
    return driver.describe();
  }

  @Override
  public Module compile(String name, List<String> sources) {
    return driver.compile(name, sources);
  }

  @Override
  public void free(long address) {
    driver.free(address);
  }

  @Override
  public void copyIn(long to, ByteBuffer from) {
    driver.copyIn(to, from);
  }

  @Override
  public void copyOut(ByteBuffer into, long from) {
    driver.copyOut(into, from);
  }

  @Override
  public Pinned pinned(long bytes) {
    return driver.pinned(bytes);
  }

  @Override
  public void upload(long to, Pinned from) {
    driver.upload(to, from);
  }

  @Override
  public void download(Pinned into, int at, long from, long bytes) {
    driver.download(into, at, from, bytes);
  }

  @Override
  public void copy(long to, long from, long bytes) {
    driver.copy(to, from, bytes);
  }

  @Override
  public Event event() {
    return driver.event();
  }

  @Override
  public void fill(long address, byte value, long bytes) {
    driver.fill(address, value, bytes);
  }

  @Override
  public void launch(Launch launch) {
    driver.launch(launch);
  }

  @Override
  public void sgemm(Products products) {
    driver.sgemm(products);
  }

  @Override
  public Dnn dnn(Precision precision) {
    return driver.dnn(precision);
  }

  @Override
  public void synchronise() {
    driver.synchronise();
  }

  @Override
  public Optional<Graph> capture(Runnable work) {
    return driver.capture(work);
  }

  @Override
  public void close() {
    driver.close();
  }
}
