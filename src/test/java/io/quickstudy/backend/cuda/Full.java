package io.quickstudy.backend.cuda;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A device with room for constants and little else. */
final class Full implements CudaDriver {
  private static final long MOST = 3 << 20;

  private final CudaDriver driver;

  Full(CudaDriver driver) {
    this.driver = driver;
  }

  @Override
  public long available() {
    return MOST;
  }

  @Override
  public long alloc(long bytes) {
    return bytes > MOST ? 0 : driver.alloc(bytes);
  }

  @Override
  public String device() {
    return driver.device();
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
