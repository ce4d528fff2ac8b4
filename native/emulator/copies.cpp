// Copies that a kernel does not wait for. Each thread's are made in the order in which it asked for them,
// group by group, and only when it waits.
#include <string.h>

#include <vector>

#include "fibers.h"

namespace qs_emu {
namespace {

struct Copy {
  void* to;
  const void* from;
  int bytes;
  bool inside;
};

struct Queue {
  std::vector<Copy> copies;
  std::vector<size_t> ends;  // of groups
  size_t made = 0, waited = 0;

  void forget() {
    copies.clear();
    ends.clear();
    made = waited = 0;
  }
};

Queue queues[MOST_THREADS];
bool any;  // in this block

void make(const Copy& c) {
  if (c.inside) memcpy(c.to, c.from, (size_t)c.bytes);
  else memset(c.to, 0, (size_t)c.bytes);
}

}  // namespace

void forgetCopies() {
  if (!any) return;
  for (Queue& q : queues) q.forget();
  any = false;
}

void copyLater(void* to, const void* from, int bytes, bool inside) {
  if (((size_t)to | (inside ? (size_t)from : 0)) % (size_t)bytes != 0)
    fail("a copy of " + std::to_string(bytes) + " bytes is not aligned to them");
  queues[self()].copies.push_back({to, from, bytes, inside});
  any = true;
}

void copiesEnd() {
  Queue& q = queues[self()];
  q.ends.push_back(q.copies.size());
  any = true;
}

void copiesWait(int groups) {
  Queue& q = queues[self()];
  for (; q.ends.size() - q.waited > (size_t)groups; q.waited++)
    for (; q.made < q.ends[q.waited]; q.made++) make(q.copies[q.made]);
  if (q.made == q.copies.size() && q.waited == q.ends.size()) q.forget();
}

}  // namespace qs_emu
