package io.quickstudy.report;

import java.util.ArrayDeque;
import java.util.Deque;

/** Markup as text. Whatever is put in is escaped; tags close in the order they were opened. */
final class Html {
  private final StringBuilder out = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Opens an element.
   *
   * @param attributes names and values by turns; those whose value is null are left out
   */
  Html open(String tag, String... attributes) {
    tag(tag, attributes);
    open.push(tag);
    return this;
  }

  /** An element without content or end, such as {@code img}. */
  Html empty(String tag, String... attributes) {
    tag(tag, attributes);
    return this;
  }

  /** An element that holds text. */
  Html element(String tag, String text, String... attributes) {
    return open(tag, attributes).text(text).close();
  }

  private void tag(String tag, String... attributes) {
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      if (attributes[i + 1] != null) {
        out.append(' ').append(attributes[i]).append("=\"");
        escape(attributes[i + 1]);
        out.append('"');
      }
    }
    out.append('>');
  }

  /** Closes the element that was opened last. */
  Html close() {
    String tag = open.pop();
    out.append("</").append(tag).append('>');
    if (!INLINE.contains(tag)) {
      out.append('\n');
    }
    return this;
  }

  private static final java.util.Set<String> INLINE =
      java.util.Set.of(
          "span", "b", "bdi", "a", "path", "code", "td", "th", "line", "em", "summary");

  /** Text. */
  Html text(String text) {
    escape(text);
    return this;
  }

  /** Text that may be broken behind its slashes. */
  Html path(String text) {
    String[] parts = text.split("(?<=/)", -1);
    for (int i = 0; i < parts.length; i++) {
      text(parts[i]);
      if (i < parts.length - 1) {
        empty("wbr");
      }
    }
    return this;
  }

  /**
   * A name of somebody's, which may be of any script: it runs as it is written, whatever is around
   * it, and may be broken behind its slashes.
   */
  Html name(String text) {
    return open("bdi").path(text).close();
  }

  /** What another has. */
  Html add(Html other) {
    if (!other.open.isEmpty()) {
      throw new IllegalStateException("markup with <" + other.open.peek() + "> left open");
    }
    out.append(other.out);
    return this;
  }

  /** A style sheet or script of our own, as it is. */
  Html own(String tag, String content) {
    if (content.contains("</")) {
      throw new IllegalArgumentException("a " + tag + " with '</', which would end it");
    }
    out.append('<').append(tag).append('>').append(content);
    out.append("</").append(tag).append(">\n");
    return this;
  }

  /** JSON for a script to read. Its {@code <} become escapes, so that no text can end it. */
  Html json(String json) {
    out.append("<script type=\"application/json\">");
    out.append(json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"));
    out.append("</script>\n");
    return this;
  }

  private void escape(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> {
          // control characters and lone surrogates are no text
          boolean allowed = c >= ' ' || c == '\n' || c == '\t';
          boolean lone =
              Character.isSurrogate(c)
                  && !(Character.isHighSurrogate(c)
                      ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                      : i > 0 && Character.isHighSurrogate(text.charAt(i - 1)));
          out.append(allowed && !lone ? c : '\ufffd');
        }
      }
    }
  }

  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("markup with <" + open.peek() + "> left open");
    }
    return out.toString();
  }
}
