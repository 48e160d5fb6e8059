#include "srtp/x86-kernels.hpp"

#if defined(TRUNKLINE_SRTP) && defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <srtp2/auth.h>
#include <srtp2/cipher.h>
#include <srtp2/srtp.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>

namespace trunkline {
namespace {

// Only what useProcessorKernels has found is ever called.
#define TRUNKLINE_AES __attribute__((target("aes,sse4.1")))
#define TRUNKLINE_SHA __attribute__((target("sha,sse4.1")))

constexpr size_t kBlock = 16;
constexpr int kRounds = 10;
constexpr int kSaltedKeySize = 30;

// RFC 3711 4.1.1: the key stream is AES of a counter whose lowest 16 bits count blocks.
struct CounterMode {
  __m128i roundKeys[kRounds + 1];
  // The salt, shifted by 16 bits.
  uint8_t offset[kBlock];
  uint8_t counter[kBlock];
  uint8_t stream[kBlock];
  size_t left;
};

// Each word becomes the sum of itself and all below it (FIPS 197 5.2).
TRUNKLINE_AES __m128i prefixXor(__m128i key) {
  key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
  return _mm_xor_si128(key, _mm_slli_si128(key, 8));
}

template <int kConstant>
TRUNKLINE_AES __m128i expand(__m128i key) {
  const __m128i assist = _mm_shuffle_epi32(_mm_aeskeygenassist_si128(key, kConstant), 0xff);
  return _mm_xor_si128(prefixXor(key), assist);
}

TRUNKLINE_AES srtp_err_status_t aesInit(void* state, const uint8_t* key) {
  auto& mode = *static_cast<CounterMode*>(state);
  __m128i* keys = mode.roundKeys;
  keys[0] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(key));
  keys[1] = expand<0x01>(keys[0]);
  keys[2] = expand<0x02>(keys[1]);
  keys[3] = expand<0x04>(keys[2]);
  keys[4] = expand<0x08>(keys[3]);
  keys[5] = expand<0x10>(keys[4]);
  keys[6] = expand<0x20>(keys[5]);
  keys[7] = expand<0x40>(keys[6]);
  keys[8] = expand<0x80>(keys[7]);
  keys[9] = expand<0x1b>(keys[8]);
  keys[10] = expand<0x36>(keys[9]);
  std::memset(mode.offset, 0, kBlock);
  std::memcpy(mode.offset, key + kBlock, kSaltedKeySize - kBlock);
  std::memcpy(mode.counter, mode.offset, kBlock);
  mode.left = 0;
  return srtp_err_status_ok;
}

srtp_err_status_t aesSetIv(void* state, uint8_t* iv, srtp_cipher_direction_t) {
  auto& mode = *static_cast<CounterMode*>(state);
  for (size_t i = 0; i < kBlock; i++) mode.counter[i] = mode.offset[i] ^ iv[i];
  mode.left = 0;
  return srtp_err_status_ok;
}

__m128i takeCounter(CounterMode& mode) {
  const __m128i value = _mm_loadu_si128(reinterpret_cast<const __m128i*>(mode.counter));
  if (++mode.counter[15] == 0) mode.counter[14]++;
  return value;
}

// Four blocks at a time: the unit works on several at once.
TRUNKLINE_AES void encryptBlocks(const CounterMode& mode, __m128i* blocks, int count) {
  for (int i = 0; i < count; i++) blocks[i] = _mm_xor_si128(blocks[i], mode.roundKeys[0]);
  for (int round = 1; round < kRounds; round++) {
    for (int i = 0; i < count; i++) blocks[i] = _mm_aesenc_si128(blocks[i], mode.roundKeys[round]);
  }
  for (int i = 0; i < count; i++) blocks[i] = _mm_aesenclast_si128(blocks[i], mode.roundKeys[kRounds]);
}

TRUNKLINE_AES srtp_err_status_t aesEncrypt(void* state, uint8_t* buffer, unsigned int* length) {
  auto& mode = *static_cast<CounterMode*>(state);
  size_t remaining = *length;
  while (remaining > 0 && mode.left > 0) {
    *buffer++ ^= mode.stream[kBlock - mode.left--];
    remaining--;
  }
  while (remaining >= kBlock) {
    __m128i blocks[4];
    const int count = static_cast<int>(std::min<size_t>(4, remaining / kBlock));
    for (int i = 0; i < count; i++) blocks[i] = takeCounter(mode);
    encryptBlocks(mode, blocks, count);
    for (int i = 0; i < count; i++) {
      auto* at = reinterpret_cast<__m128i*>(buffer);
      _mm_storeu_si128(at, _mm_xor_si128(_mm_loadu_si128(at), blocks[i]));
      buffer += kBlock;
    }
    remaining -= static_cast<size_t>(count) * kBlock;
  }
  if (remaining > 0) {
    __m128i block = takeCounter(mode);
    encryptBlocks(mode, &block, 1);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(mode.stream), block);
    mode.left = kBlock;
    while (remaining-- > 0) *buffer++ ^= mode.stream[kBlock - mode.left--];
  }
  return srtp_err_status_ok;
}

extern const srtp_cipher_type_t kAesType;

srtp_err_status_t aesAlloc(srtp_cipher_pointer_t* cipher, int keyLength, int) {
  if (keyLength != kSaltedKeySize) return srtp_err_status_bad_param;
  auto* made = new (std::nothrow) srtp_cipher_t();
  auto* mode = new (std::nothrow) CounterMode();
  if (made == nullptr || mode == nullptr) {
    delete made;
    delete mode;
    return srtp_err_status_alloc_fail;
  }
  made->type = &kAesType;
  made->state = mode;
  made->key_len = keyLength;
  made->algorithm = SRTP_AES_ICM_128;
  *cipher = made;
  return srtp_err_status_ok;
}

srtp_err_status_t aesDealloc(srtp_cipher_pointer_t cipher) {
  auto* mode = static_cast<CounterMode*>(cipher->state);
  explicit_bzero(mode, sizeof *mode);
  delete mode;
  delete cipher;
  return srtp_err_status_ok;
}

// RFC 3711 B.2.
const uint8_t kAesTestKey[kSaltedKeySize] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7,
                                             0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c, 0xf0, 0xf1, 0xf2, 0xf3,
                                             0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd};
uint8_t aesTestIv[kBlock] = {};
const uint8_t kAesTestPlain[32] = {};
const uint8_t kAesTestCipher[32] = {0xe0, 0x3e, 0xad, 0x09, 0x35, 0xc9, 0x5e, 0x80, 0xe1, 0x66, 0xb1,
                                    0x6d, 0xd9, 0x2b, 0x4e, 0xb4, 0xd2, 0x35, 0x13, 0x16, 0x2b, 0x02,
                                    0xd0, 0xf7, 0x2a, 0x43, 0xa2, 0xfe, 0x4a, 0x5f, 0x97, 0xab};
const srtp_cipher_test_case_t kAesTest = {kSaltedKeySize, kAesTestKey, aesTestIv, 32, kAesTestPlain, 32,
                                          kAesTestCipher, 0, nullptr, 0, nullptr};
const srtp_cipher_type_t kAesType = {aesAlloc,   aesDealloc, aesInit, nullptr,   aesEncrypt,      aesEncrypt,
                                     aesSetIv,   nullptr,    "AES-128 counter mode by AES-NI", &kAesTest, SRTP_AES_ICM_128};

// FIPS 180-4 6.1.
struct Sha1 {
  alignas(16) uint32_t state[5];
  uint8_t waiting[64];
  size_t waitingSize;
  uint64_t length;
};

struct Hmac {
  Sha1 inner;
  Sha1 outer;
  Sha1 running;
};

template <int kPhase>
TRUNKLINE_SHA void fiveGroups(__m128i& abcd, __m128i& before, __m128i& start, __m128i* words) {
  for (int group = kPhase * 5; group < kPhase * 5 + 5; group++) {
    __m128i& word = words[group & 3];
    if (group >= 4) {
      const __m128i mixed = _mm_xor_si128(_mm_sha1msg1_epu32(word, words[(group + 1) & 3]), words[(group + 2) & 3]);
      word = _mm_sha1msg2_epu32(mixed, words[(group + 3) & 3]);
    }
    const __m128i added = group == 0 ? _mm_add_epi32(start, word) : _mm_sha1nexte_epu32(before, word);
    before = abcd;
    abcd = _mm_sha1rnds4_epu32(abcd, added, kPhase);
  }
}

TRUNKLINE_SHA void sha1Blocks(uint32_t* state, const uint8_t* data, size_t blocks) {
  const __m128i bigEndian = _mm_set_epi64x(0x0001020304050607ll, 0x08090a0b0c0d0e0fll);
  __m128i abcd = _mm_shuffle_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(state)), 0x1b);
  __m128i e = _mm_set_epi32(static_cast<int>(state[4]), 0, 0, 0);
  for (; blocks > 0; blocks--, data += 64) {
    const __m128i savedAbcd = abcd;
    const __m128i savedE = e;
    __m128i words[4];
    for (int i = 0; i < 4; i++) {
      words[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data) + i), bigEndian);
    }
    __m128i before = abcd;
    fiveGroups<0>(abcd, before, e, words);
    fiveGroups<1>(abcd, before, e, words);
    fiveGroups<2>(abcd, before, e, words);
    fiveGroups<3>(abcd, before, e, words);
    e = _mm_sha1nexte_epu32(before, savedE);
    abcd = _mm_add_epi32(abcd, savedAbcd);
  }
  _mm_store_si128(reinterpret_cast<__m128i*>(state), _mm_shuffle_epi32(abcd, 0x1b));
  state[4] = static_cast<uint32_t>(_mm_extract_epi32(e, 3));
}

void sha1Start(Sha1& sha) {
  const uint32_t initial[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  std::memcpy(sha.state, initial, sizeof initial);
  sha.waitingSize = 0;
  sha.length = 0;
}

void sha1Update(Sha1& sha, const uint8_t* data, size_t size) {
  sha.length += size;
  if (sha.waitingSize > 0) {
    const size_t taken = std::min(size, sizeof sha.waiting - sha.waitingSize);
    std::memcpy(sha.waiting + sha.waitingSize, data, taken);
    sha.waitingSize += taken;
    data += taken;
    size -= taken;
    if (sha.waitingSize < sizeof sha.waiting) return;
    sha1Blocks(sha.state, sha.waiting, 1);
    sha.waitingSize = 0;
  }
  if (size >= 64) sha1Blocks(sha.state, data, size / 64);
  sha.waitingSize = size % 64;
  std::memcpy(sha.waiting, data + size - sha.waitingSize, sha.waitingSize);
}

void sha1Finish(Sha1& sha, uint8_t* digest) {
  const uint64_t bits = sha.length * 8;
  uint8_t padding[72] = {0x80};
  const size_t zeros = (sha.waitingSize < 56 ? 56 : 120) - sha.waitingSize;
  for (int i = 0; i < 8; i++) padding[zeros + static_cast<size_t>(i)] = static_cast<uint8_t>(bits >> (56 - 8 * i));
  sha1Update(sha, padding, zeros + 8);
  for (int i = 0; i < 20; i++) digest[i] = static_cast<uint8_t>(sha.state[i / 4] >> (24 - 8 * (i % 4)));
}

// RFC 2104: both padded keys are hashed once, not for each packet.
srtp_err_status_t hmacInit(void* state, const uint8_t* key, int keyLength) {
  if (keyLength < 0 || keyLength > 64) return srtp_err_status_bad_param;
  auto& hmac = *static_cast<Hmac*>(state);
  uint8_t padded[64] = {};
  std::memcpy(padded, key, static_cast<size_t>(keyLength));
  for (uint8_t& byte : padded) byte ^= 0x36;
  sha1Start(hmac.inner);
  sha1Update(hmac.inner, padded, sizeof padded);
  for (uint8_t& byte : padded) byte ^= 0x36 ^ 0x5c;
  sha1Start(hmac.outer);
  sha1Update(hmac.outer, padded, sizeof padded);
  explicit_bzero(padded, sizeof padded);
  hmac.running = hmac.inner;
  return srtp_err_status_ok;
}

srtp_err_status_t hmacStart(void* state) {
  auto& hmac = *static_cast<Hmac*>(state);
  hmac.running = hmac.inner;
  return srtp_err_status_ok;
}

srtp_err_status_t hmacUpdate(void* state, const uint8_t* data, int size) {
  sha1Update(static_cast<Hmac*>(state)->running, data, static_cast<size_t>(size));
  return srtp_err_status_ok;
}

srtp_err_status_t hmacCompute(void* state, const uint8_t* data, int size, int tagLength, uint8_t* tag) {
  if (tagLength < 0 || tagLength > 20) return srtp_err_status_bad_param;
  auto& hmac = *static_cast<Hmac*>(state);
  uint8_t digest[20];
  sha1Update(hmac.running, data, static_cast<size_t>(size));
  sha1Finish(hmac.running, digest);
  hmac.running = hmac.outer;
  sha1Update(hmac.running, digest, sizeof digest);
  sha1Finish(hmac.running, digest);
  std::memcpy(tag, digest, static_cast<size_t>(tagLength));
  return srtp_err_status_ok;
}

extern const srtp_auth_type_t kHmacType;

srtp_err_status_t hmacAlloc(srtp_auth_pointer_t* auth, int keyLength, int tagLength) {
  if (keyLength > 64 || tagLength > 20) return srtp_err_status_bad_param;
  auto* made = new (std::nothrow) srtp_auth_t();
  auto* hmac = new (std::nothrow) Hmac();
  if (made == nullptr || hmac == nullptr) {
    delete made;
    delete hmac;
    return srtp_err_status_alloc_fail;
  }
  made->type = &kHmacType;
  made->state = hmac;
  made->key_len = keyLength;
  made->out_len = tagLength;
  made->prefix_len = 0;
  *auth = made;
  return srtp_err_status_ok;
}

srtp_err_status_t hmacDealloc(srtp_auth_pointer_t auth) {
  auto* hmac = static_cast<Hmac*>(auth->state);
  explicit_bzero(hmac, sizeof *hmac);
  delete hmac;
  delete auth;
  return srtp_err_status_ok;
}

// RFC 2202 section 3, case 1.
const uint8_t kHmacTestKey[20] = {0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
                                  0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b};
const uint8_t kHmacTestData[] = {'H', 'i', ' ', 'T', 'h', 'e', 'r', 'e'};
const uint8_t kHmacTestTag[20] = {0xb6, 0x17, 0x31, 0x86, 0x55, 0x05, 0x72, 0x64, 0xe2, 0x8b,
                                  0xc0, 0xb6, 0xfb, 0x37, 0x8c, 0x8e, 0xf1, 0x46, 0xbe, 0x00};
const srtp_auth_test_case_t kHmacTest = {20, kHmacTestKey, sizeof kHmacTestData, kHmacTestData, 20, kHmacTestTag, nullptr};
const srtp_auth_type_t kHmacType = {hmacAlloc,  hmacDealloc, hmacInit,   hmacCompute,   hmacUpdate,
                                    hmacStart,  "HMAC-SHA1 by SHA instructions", &kHmacTest, SRTP_HMAC_SHA1};

}  // namespace

void useProcessorKernels() {
  unsigned int a = 0;
  unsigned int b = 0;
  unsigned int c = 0;
  unsigned int d = 0;
  // A replacement that fails its self-test is not taken, and the library's own stays.
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSE4_1) == 0) return;
  if ((c & bit_AES) != 0) srtp_replace_cipher_type(&kAesType, SRTP_AES_ICM_128);
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & (1u << 29)) != 0) srtp_replace_auth_type(&kHmacType, SRTP_HMAC_SHA1);
}

}  // namespace trunkline

#else

namespace trunkline {

void useProcessorKernels() {}

}  // namespace trunkline

#endif
