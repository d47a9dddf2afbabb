#pragma once
#include <napi.h>

namespace ring3 {

void ExportLayout(Napi::Env env, Napi::Object exports);       // layout.cc: sizes and offsets of the ABI
void ExportLaunch(Napi::Env env, Napi::Object exports);       // launch.cc: start the shim, wait for it
void ExportDescriptors(Napi::Env env, Napi::Object exports);  // descriptors.cc: memfds, pipes, sockets, terminals
void ExportMemory(Napi::Env env, Napi::Object exports);       // memory.cc: the sandbox's memory file
void ExportFutex(Napi::Env env, Napi::Object exports);        // futex.cc: waiting for guests, waking them
void ExportGofer(Napi::Env env, Napi::Object exports);        // gofer.cc: the host's files
void ExportNotify(Napi::Env env, Napi::Object exports);       // notify.cc: calls that wait for our answer
void ExportPtrace(Napi::Env env, Napi::Object exports);       // ptrace.cc: calls that stop a guest
void ExportConfine(Napi::Env env, Napi::Object exports);      // confine.cc: what this process itself may do
void ExportProcessor(Napi::Env env, Napi::Object exports);    // processor.cc: its counter, what it can do
void ExportStubLayout(Napi::Env env, Napi::Object exports);   // stub-layout.cc: the ABI with the stub

// An Error with `code` ("EPERM"), `errno` and `syscall`, as Node's own have them.
Napi::Error SystemError(Napi::Env env, int error, const char* syscall);

}  // namespace ring3
