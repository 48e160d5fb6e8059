// AES and SHA-1 by the processor's own instructions, for libsrtp2.
#pragma once

namespace trunkline {

// Replaces libsrtp2's AES counter mode and HMAC-SHA1 where the processor has the
// instructions; elsewhere the library keeps its own. A distribution may build the library
// over a general cryptographic one whose set-up for each packet costs several us, more
// than all else that a call's packet needs. The library runs its self-tests, RFC 3711
// B.2 among them, before it takes a replacement.
void useProcessorKernels();

}  // namespace trunkline
