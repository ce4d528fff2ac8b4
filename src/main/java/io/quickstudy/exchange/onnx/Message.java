package io.quickstudy.exchange.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** A protocol buffer, field by field. */
final class Message {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

  /** Writes one field. */
  private interface Write {
    void to(CodedOutputStream out) throws IOException;
  }

  private Message put(Write w) {
    try {
      w.to(out);
      return this;
    } catch (IOException e) {
      throw new IllegalStateException("bytes in memory cannot be written", e);
    }
  }

  Message text(int field, String value) {
    return put(o -> o.writeString(field, value));
  }

  Message number(int field, long value) {
    return put(o -> o.writeInt64(field, value));
  }

  Message real(int field, float value) {
    return put(o -> o.writeFloat(field, value));
  }

  Message bytes(int field, byte[] value) {
    return put(o -> o.writeByteArray(field, value));
  }

  Message message(int field, Message value) {
    return put(o -> o.writeBytes(field, ByteString.copyFrom(value.toBytes())));
  }

  byte[] toBytes() {
    put(CodedOutputStream::flush);
    return bytes.toByteArray();
  }
}
