// How much a long test does: ThreadSanitizer makes code that touches much memory ten to twenty times as slow, and its
// threads meet in the first rounds as in the last, so there a test does fewer or smaller ones.
#pragma once

namespace migrate {

#if defined(__SANITIZE_THREAD__)  // g++
inline constexpr bool kThreadSanitizer = true;
#elif defined(__has_feature)  // clang
#if __has_feature(thread_sanitizer)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif
#else
inline constexpr bool kThreadSanitizer = false;
#endif

// `all`, or `few` with ThreadSanitizer.
template <class T>
constexpr T Rounds(T all, T few) {
  return kThreadSanitizer ? few : all;
}

}  // namespace migrate
