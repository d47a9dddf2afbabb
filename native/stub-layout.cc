// native/stub/abi.h for TypeScript: places, states and offsets by their names, so that nothing is typed twice.
#include <cstddef>

#include "facilities.h"
#include "stub/abi.h"

namespace ring3 {
namespace {

#define CHECK(field, offset) static_assert(offsetof(r3_context, field) == offset, #field)
CHECK(state, R3_STATE);
CHECK(event, R3_EVENT);
CHECK(rax, R3_RAX);
CHECK(rdi, R3_RDI);
CHECK(r9, R3_R9);
CHECK(rip, R3_RIP);
CHECK(r15, R3_R15);
CHECK(rcx, R3_RCX);
CHECK(fs_base, R3_FS_BASE);
CHECK(signal, R3_SIGNAL);
CHECK(error, R3_ERROR);
CHECK(spin, R3_SPIN);
CHECK(extended, R3_EXTENDED);
CHECK(bell, R3_BELL);
CHECK(tid, R3_TID);
CHECK(self, R3_SELF);
CHECK(altstack, R3_ALTSTACK);
CHECK(sigmask, R3_SIGMASK);
static_assert(offsetof(r3_control, ack_offset) == R3_ACK_OFFSET, "ack_offset");
static_assert(offsetof(r3_control, filter) == R3_FILTER, "filter");
static_assert(offsetof(r3_control, ack_word) == R3_ACK_WORD, "ack_word");
static_assert(offsetof(r3_control, commands) == R3_COMMANDS, "commands");
static_assert(sizeof(r3_command) == R3_COMMAND_SIZE, "r3_command");

}  // namespace

void ExportStubLayout(Napi::Env env, Napi::Object exports) {
  Napi::Object abi = Napi::Object::New(env);
#define PUT(name) abi.Set(#name, Napi::Number::New(env, static_cast<double>(R3_##name)))
  PUT(STUB), PUT(STUB_END), PUT(VECTOR_SIGNAL), PUT(VECTOR_RESTORER), PUT(VECTOR_CALL);
  PUT(SITES), PUT(SITES_SIZE), PUT(TRAMPOLINES), PUT(TRAMPOLINES_SIZE), PUT(CONTROL), PUT(CONTROL_SIZE);
  PUT(BELLS), PUT(BELLS_SIZE), PUT(ACKS), PUT(KERNEL_BELL), PUT(KERNEL_BELL_SIZE), PUT(GUEST_LOWEST), PUT(GUEST_HIGHEST);
  PUT(THREADS), PUT(THREAD_SIZE), PUT(MOST_THREADS), PUT(MEMORY_FD), PUT(RESULT_FD);
  PUT(RUN), PUT(PARKED), PUT(REQUEST), PUT(IDLE), PUT(ASLEEP), PUT(HANDOVER);
  PUT(EVENT_START), PUT(EVENT_CALL), PUT(EVENT_TRAP), PUT(EVENT_FAULT), PUT(EVENT_INTERRUPT), PUT(EVENT_EXTENDED);
  PUT(ANSWER_FULL), PUT(ANSWER_TLS), PUT(ANSWER_EXTENDED), PUT(ANSWER_FRESH);
  PUT(STATE), PUT(EVENT), PUT(RAX), PUT(RDI), PUT(RSI), PUT(RDX), PUT(R10), PUT(R8), PUT(R9), PUT(RIP), PUT(RSP);
  PUT(RBX), PUT(RBP), PUT(R12), PUT(R13), PUT(R14), PUT(R15), PUT(RCX), PUT(R11), PUT(FLAGS), PUT(FS_BASE);
  PUT(SIGNAL), PUT(CODE), PUT(ADDRESS), PUT(ERROR), PUT(SPIN), PUT(EXTENDED), PUT(BELL), PUT(TID), PUT(SELF), PUT(ALTSTACK);
  PUT(SEQUENCE), PUT(COUNT), PUT(ACK_DONE), PUT(ACK_FAILED), PUT(ACK_OFFSET), PUT(FILTER), PUT(ACK_WORD), PUT(COMMANDS);
  PUT(COMMAND_NUMBER), PUT(COMMAND_FLAGS), PUT(COMMAND_ARGS), PUT(COMMAND_SIZE), PUT(THREAD), PUT(FORK), PUT(RESULT), PUT(MUST_FAIL), PUT(MAY_FAIL);
#undef PUT
  exports.Set("stub", abi);
}

}  // namespace ring3
