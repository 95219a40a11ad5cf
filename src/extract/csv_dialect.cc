#include "migrate/extract/csv_dialect.h"

#include <fmt/core.h>

#include <optional>

#include "migrate/extract/csv_parse.h"

namespace migrate::extract {
namespace {

std::string Shown(char delimiter) { return delimiter == '\t' ? "TAB" : fmt::format("'{}'", delimiter); }

// How a delimiter fits the sample.
struct Fit {
  size_t header = 0;  // fields of the header
  size_t rows = 0, agreeing = 0;
  double Share() const { return rows == 0 ? 1.0 : static_cast<double>(agreeing) / static_cast<double>(rows); }
};

Fit TryDelimiter(std::string_view sample, bool whole, char delimiter) {
  Fit fit;
  CsvParser parser({delimiter, false});
  ParsedRecord record;
  for (size_t at = 0; at < sample.size() && fit.rows < kSampleRecords; at += record.size) {
    parser.Parse(sample, at, &record);
    if (!whole && at + record.size >= sample.size() && fit.header > 0) break;
    if (record.kind == RecordKind::kBlank) continue;
    if (fit.header == 0) {
      if (record.kind != RecordKind::kRow) return fit;
      fit.header = record.field_count;
      continue;
    }
    ++fit.rows;
    fit.agreeing += record.kind == RecordKind::kRow && record.field_count == fit.header;
  }
  return fit;
}

// Is `a` the better of two fits that both split the header?
bool Better(const Fit& a, const Fit& b) {
  bool a_fits = a.Share() >= 0.9, b_fits = b.Share() >= 0.9;
  if (a_fits != b_fits) return a_fits;
  if (a_fits) return a.header > b.header;
  return a.Share() > b.Share();
}

void FindDelimiter(std::string_view sample, bool whole, Dialect* dialect) {
  char best = '\0', safe = '\0';
  Fit best_fit;
  for (char c : {',', ';', '\t', '|'}) {
    Fit fit = TryDelimiter(sample, whole, c);
    if (fit.header >= 2 && (best == '\0' || Better(fit, best_fit))) {
      best = c;
      best_fit = fit;
    }
    if (safe == '\0' && fit.agreeing == fit.rows) safe = c;
  }
  if (best == '\0') {
    dialect->grammar = {safe == '\0' ? ',' : safe, true};
    dialect->findings.push_back("one column: none of , ; TAB | splits the header");
    return;
  }
  dialect->grammar = {best, false};
  dialect->findings.push_back(
      fmt::format("delimiter {} (it gives the header {} fields, and as many to {} of the first {} rows)", Shown(best),
                  best_fit.header, best_fit.agreeing, best_fit.rows));
}

// Says so where another delimiter splits the sample far better than the declared one.
void DoubtDelimiter(std::string_view sample, bool whole, char declared, const Fit& fit, Dialect* dialect) {
  char best = '\0';
  Fit best_fit;
  for (char c : {',', ';', '\t', '|'}) {
    Fit other = c == declared ? Fit() : TryDelimiter(sample, whole, c);
    if (other.header >= 2 && other.Share() >= 0.9 && (best == '\0' || Better(other, best_fit))) {
      best = c;
      best_fit = other;
    }
  }
  if (best == '\0' || (fit.header >= 2 && fit.Share() >= 0.9)) return;
  dialect->findings.push_back(fmt::format(
      "the declared delimiter {} does not fit: it gives the header {} fields, and as many to {} of the first "
      "{} rows; {} would give it {}, and as many to {} of {}",
      Shown(declared), fit.header, fit.agreeing, fit.rows, Shown(best), best_fit.header, best_fit.agreeing,
      best_fit.rows));
}

Status DeclaredDelimiter(std::string_view sample, bool whole, const std::string& declared, Dialect* dialect) {
  std::string one = declared == "\\t" || declared == "tab" || declared == "TAB" ? "\t" : declared;
  if (one.size() != 1 || one == "\"" || one == "\n" || one == "\r" || (one[0] & 0x80) != 0)
    return Status::Plan(fmt::format("delimiter \"{}\" is not possible", declared),
                        "a delimiter is one ASCII character, not a quote and not a line end");
  const Fit fit = TryDelimiter(sample, whole, one[0]);
  dialect->grammar = {one[0], fit.header == 1};
  dialect->findings.push_back(fmt::format("delimiter {} (declared)", Shown(one[0])));
  DoubtDelimiter(sample, whole, one[0], fit, dialect);
  return {};
}

std::string SampleName(std::string_view sample, bool whole) {
  return whole ? "the file" : fmt::format("the first {} bytes", sample.size());
}

// Says so where the sample speaks against the declared encoding.
void DoubtEncoding(std::string_view sample, bool whole, Dialect* dialect) {
  const Utf8Evidence found = WeighUtf8(sample);
  const bool utf8 = dialect->encoding == Encoding::kUtf8;
  std::string why;
  if (utf8 ? found.invalid > 0 : found.valid > found.invalid)
    why = fmt::format("{} multi-byte characters of UTF-8, {} bytes that are none", found.valid, found.invalid);
  size_t at = FirstUndecodable(dialect->encoding, sample);
  // A sequence that the end of the sample cuts off speaks for nothing.
  if (at != std::string_view::npos && (!utf8 || found.invalid > 0))
    why += fmt::format("{}byte {:02X} at byte {} is not {}", why.empty() ? "" : "; ", static_cast<uint8_t>(sample[at]),
                       at, EncodingName(dialect->encoding));
  if (!why.empty())
    dialect->findings.push_back(fmt::format("the declared encoding {} does not fit (in {}: {})",
                                            EncodingName(dialect->encoding), SampleName(sample, whole), why));
}

void FindEncoding(std::string_view sample, bool whole, Dialect* dialect) {
  Utf8Evidence found = WeighUtf8(sample);
  std::string where = SampleName(sample, whole);
  bool utf8 = found.invalid == 0 || found.valid > found.invalid;
  dialect->encoding = utf8 ? Encoding::kUtf8 : Encoding::kWindows1252;
  if (found.valid + found.invalid == 0)
    dialect->findings.push_back(fmt::format("encoding utf-8 ({} is ASCII)", where));
  else
    dialect->findings.push_back(
        fmt::format("encoding {} (in {}: {} multi-byte characters of UTF-8, {} bytes that are none)",
                    EncodingName(dialect->encoding), where, found.valid, found.invalid));
}

}  // namespace

Result<Dialect> FindDialect(std::string_view sample, bool whole, bool utf8_certain, const std::string& delimiter,
                            const std::string& encoding) {
  Dialect dialect;
  std::optional<Encoding> declared = EncodingByName(encoding);
  bool utf16 = encoding == "utf-16" || encoding == "UTF-16" || encoding == "utf16";
  if (!encoding.empty() && !declared && !utf16)
    return Status::Plan(fmt::format("encoding \"{}\" is not known", encoding),
                        "known are utf-8, utf-16, latin-1, windows-1252");
  if (utf8_certain) {
    if (declared && declared != Encoding::kUtf8)
      dialect.findings.push_back(
          fmt::format("the declared encoding {} is not used: its byte order mark says Unicode", encoding));
  } else if (declared) {
    dialect.encoding = *declared;
    dialect.findings.push_back(fmt::format("encoding {} (declared)", EncodingName(*declared)));
    DoubtEncoding(sample, whole, &dialect);
  } else {
    FindEncoding(sample, whole, &dialect);
  }
  if (delimiter.empty())
    FindDelimiter(sample, whole, &dialect);
  else
    MIGRATE_TRY(DeclaredDelimiter(sample, whole, delimiter, &dialect));
  return dialect;
}

}  // namespace migrate::extract
