#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "migrate/record/digest.h"
#include "migrate/record/payload.h"

namespace migrate {
namespace {

std::string Encode(const std::vector<Cell>& cells) {
  std::string out;
  PayloadWriter w(&out);
  for (const Cell& c : cells) w.Add(c);
  w.Finish();
  return out;
}

TEST(Payload, WritesWhatPythonsJsonDumpsWrites) {
  using namespace std::string_view_literals;
  EXPECT_EQ(Encode({}), "[]");
  EXPECT_EQ(Encode({{CellType::kText, "a\"b\\c"}, {CellType::kNull, ""}, {CellType::kInteger, "-17"}}),
            R"(["a\"b\\c",null,-17])");
  EXPECT_EQ(Encode({{CellType::kText, "\b\f\n\r\t\x01\x1f\x7f\0caf\xc3\xa9"sv}}),
            "[\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\\u0000caf\xc3\xa9\"]");
  EXPECT_EQ(Encode({{CellType::kBytes, "\xff"}}), R"([{"base64":"/w=="}])");
  std::string out;
  PayloadWriter w(&out);
  w.Real(1), w.Real(0.1), w.Real(1e300), w.Real(std::numeric_limits<double>::infinity()), w.Integer(INT64_MIN);
  w.Finish();
  EXPECT_EQ(out, R"([1.0,0.1,1e+300,{"real":"inf"},-9223372036854775808])");
  // Python's repr() of each.
  for (const auto& [v, text] :
       std::vector<std::pair<double, std::string>>{{8005000000.0, "8005000000.0"},
                                                   {1e15, "1000000000000000.0"},
                                                   {9007199254740993.0, "9007199254740992.0"},
                                                   {1e16, "1e+16"},
                                                   {-1e5, "-100000.0"},
                                                   {0.0001, "0.0001"},
                                                   {0.00001, "1e-05"},
                                                   {-0.0, "-0.0"},
                                                   {5e-324, "5e-324"},
                                                   {1.7976931348623157e308, "1.7976931348623157e+308"},
                                                   {123456789.125, "123456789.125"}}) {
    std::string real;
    PayloadWriter(&real).Real(v);
    EXPECT_EQ(real, "[" + text);
  }
}

TEST(Payload, DecodeIsTheInverseAndAgreesWithNlohmann) {
  std::mt19937 rng(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> texts(rng() % 6);
    std::vector<Cell> cells;
    for (auto& t : texts) {
      for (size_t n = rng() % 30; n > 0; --n)
        t.push_back(static_cast<char>(rng() % 4 ? 'a' + rng() % 26 : rng() % 128));
      switch (rng() % 4) {
        case 0:
          cells.push_back({CellType::kNull, ""});
          break;
        case 1:
          cells.push_back({CellType::kBytes, t});
          break;
        default:
          cells.push_back({CellType::kText, t});
      }
    }
    std::string payload = Encode(cells);
    auto json = nlohmann::json::parse(payload);
    ASSERT_EQ(json.size(), cells.size());
    DecodedRow row;
    ASSERT_TRUE(DecodePayload(payload, &row).ok()) << payload;
    ASSERT_EQ(row.cells.size(), cells.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      EXPECT_EQ(row.cells[i].type, cells[i].type);
      EXPECT_EQ(row.cells[i].bytes, cells[i].bytes);
      if (cells[i].type == CellType::kText) {
        EXPECT_EQ(json[i].get<std::string>(), cells[i].bytes);
      }
    }
    EXPECT_EQ(Encode(row.cells), payload);
  }
}

TEST(Payload, DamageIsAnError) {
  for (const char* bad : {"", "[", "[\"a", "[\"a\"", "[\"a\"]x", "[1,]", "[nul]", "[\"\\q\"]", "[\"\\u0\"]", "{}",
                          "[{\"base64\":\"!\"}]", "[{\"base64\":", "[{\"real\":", "[{\"real\":x", "[{\"real\":\"",
                          "[{\"real\":\"nan\"}]", "[{\"real\":\"=\"}]"}) {
    DecodedRow row;
    EXPECT_FALSE(DecodePayload(bad, &row).ok()) << bad;
  }
}

TEST(Digest, RecordIdAndRowHashAreTheSpecifiedHashes) {
  using namespace std::string_literals;
  Sha256 h = Sha256Of("people\0key-1"s);
  uint64_t expected = 0;
  for (size_t i = 0; i < 8; ++i) expected = expected << 8 | h[i];
  EXPECT_EQ(RecordId("people", "key-1"), expected & INT64_MAX);
  RecordIds ids("people");
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i <= round * 16; ++i) ids.Add("key-" + std::to_string(i));
    const std::vector<uint64_t>& got = ids.Finish();
    ASSERT_EQ(got.size(), static_cast<size_t>(round * 16 + 1));
    for (size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], RecordId("people", "key-" + std::to_string(i)));
  }
  EXPECT_EQ(RowDigester("people").Row("key-1", "[1]"), Sha256Of("people\0key-1\0[1]"s));
}

TEST(Partitioner, RangesTileTheKeySpaceInOrder) {
  for (uint32_t count : {1u, 7u, 32u, 1024u}) {
    Partitioner p{Partitioner::Kind::kRange, count};
    for (uint32_t i = 0; i < count; ++i) {
      EXPECT_EQ(p.Of(p.RangeBegin(i)), i) << count;
      if (i > 0) {
        EXPECT_EQ(p.Of(p.RangeBegin(i) - 1), i - 1) << count;
      }
    }
    EXPECT_EQ(p.Of(INT64_MAX), count - 1);
    EXPECT_EQ(p.RangeBegin(count), 1ULL << 63);
  }
}

TEST(Masked, ShowsShapeNotContent) {
  EXPECT_EQ(Masked("Robert Allen"), "R***** A****");
  EXPECT_EQ(Masked("bob@smith.net"), "b**@s****.n**");
  EXPECT_EQ(Masked("+12065559857"), "+*********57");
}

TEST(OriginalBytes, AreRawOrTheJoinedTextsOrThePayload) {
  EXPECT_EQ(OriginalBytes("", R"(["a","b c",""])", ";"), "a;b c;");
  EXPECT_EQ(OriginalBytes("", R"(["a","b c",""])", ""), R"(["a","b c",""])");
  EXPECT_EQ(OriginalBytes("\"a\",b", R"(["a","b"])", ","), "\"a\",b");
}

}  // namespace
}  // namespace migrate
