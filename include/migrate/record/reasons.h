// Why a row is in quarantine. The words are stored in the target and shown to people; they never change meaning.
#pragma once

#include <array>
#include <string_view>

namespace migrate::reasons {

inline constexpr std::string_view kTooFewFields = "too_few_fields";
inline constexpr std::string_view kTooManyFields = "too_many_fields";
inline constexpr std::string_view kUndecodable = "undecodable_bytes";    // not text in the file's encoding
inline constexpr std::string_view kUnclosedQuote = "unclosed_quote";     // a quote opens and never closes
inline constexpr std::string_view kBadQuote = "bad_quote";               // text after a closing quote
inline constexpr std::string_view kNullKey = "null_key";                 // a key column is NULL or empty
inline constexpr std::string_view kKeyTooLong = "key_too_long";          // source_key over 512 bytes
inline constexpr std::string_view kDuplicateKey = "duplicate_key";       // another row of this file or snapshot has it
inline constexpr std::string_view kIdCollision = "record_id_collision";  // another key has this record_id
inline constexpr std::string_view kUnknownLayout = "unknown_layout";     // the file's header fits no layout
inline constexpr std::string_view kTooLong = "row_too_long";             // over 16 MiB
inline constexpr std::string_view kRepeatedHeader = "repeated_header";   // the header line again, in mid-file

inline constexpr size_t kMaxKeyBytes = 512;

}  // namespace migrate::reasons
