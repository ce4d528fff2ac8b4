package io.quickstudy.backend.cpu;

import java.util.ArrayList;
import java.util.List;

/** One instruction of the native program while it is being written. */
final class Instruction {
  /** Where in the payload an operand's three words go. */
  private record Operand(int position, Buffer buffer, long startBytes) {}

  final int opcode;
  final String what;
  final int number;
  private final List<Long> words = new ArrayList<>();
  private final List<Operand> operands = new ArrayList<>();

  /** An instruction at a place in its segment; {@code what} describes it in a profile. */
  Instruction(int opcode, int number, String what) {
    this.opcode = opcode;
    this.number = number;
    this.what = what;
  }

  Instruction words(long... more) {
    for (long w : more) {
      words.add(w);
    }
    return this;
  }

  Instruction operand(Buffer buffer, long startElement) {
    operands.add(new Operand(words.size(), buffer, startElement * buffer.dtype.bytes()));
    buffer.usedAt(number);
    return words(0, 0, 0);
  }

  Instruction operand(View v) {
    return operand(v.buffer(), v.start());
  }

  /** Opcode, length and payload, once all buffers have their places. */
  void write(Words out) {
    out.add(opcode);
    out.add(words.size());
    int at = 0;
    for (Operand o : operands) {
      while (at < o.position) {
        out.add(words.get(at++));
      }
      out.add(o.buffer.spaceNumber());
      out.add(o.buffer.place() + o.startBytes);
      out.add(o.buffer.chunkBytes);
      at += 3;
    }
    while (at < words.size()) {
      out.add(words.get(at++));
    }
  }
}
