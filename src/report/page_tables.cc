// What proves it and how to go on: reconciliation, files, commands.
#include <fmt/core.h>

#include <map>

#include "html.h"
#include "migrate/base/plural.h"
#include "text.h"
#include "verdict.h"

namespace migrate::report {
namespace {

constexpr size_t kDigestShown = 12;
constexpr size_t kMaxDamage = 200;  // rows of damage on the page; the JSON has all

std::string Digest(const std::string& text) {
  if (text.size() <= kDigestShown) return "<code>" + Escape(text) + "</code>";
  // Of count:xor:sum the count stands in a column of its own.
  std::string shown = text.substr(text.find(':') + 1).substr(0, kDigestShown);
  return fmt::format("<code class=\"nowrap\" title=\"{}\">{}…</code>", Escape(text), Escape(shown));
}

HtmlTable BooksTable(std::string_view caption, std::string_view first) {
  return HtmlTable(caption, {first, "counted#", "extracted#", "loaded#", "quarantined#", "source digest",
                             "target digest", "verdict"});
}

// With links, for a whole source whose books balance: else the rows are not as many as the numbers say.
void AddBook(const Json& b, const HtmlCell& name, NumberLinks* links, HtmlTable* table) {
  const std::string filter = Filter("--source", Text(b, "source"));
  auto cell = [&](const char* key, std::string_view number) {
    return links != nullptr && Flag(b, "ok") ? LinkCell(links, Int(b, key), number, filter) : NumberCell(Int(b, key));
  };
  table->Row({name,
              cell("counted", "read"),
              cell("extracted", "read"),
              NumberCell(Int(b, "loaded")),
              cell("quarantined", "quarantined"),
              {Digest(Text(b, "digest_source"))},
              {Digest(Text(b, "digest_target"))},
              {Mark(Flag(b, "ok"))}});
}

// Partitions that are all equal are of no use on paper: class "long" is not printed unless it is open.
std::string Books(const Json& reconciliation, NumberLinks* links) {
  const Json& books = List(reconciliation, "books");
  if (books.empty()) return "";
  HtmlTable totals = BooksTable("The books by source", "source");
  std::map<std::string, std::vector<const Json*>> partitions;
  for (const Json& b : books) {
    if (Int(b, "partition", -1) < 0)
      AddBook(b, TextCell(Text(b, "source")), links, &totals);
    else
      partitions[Text(b, "source")].push_back(&b);
  }
  std::string out = totals.Html();
  for (const auto& [source, rows] : partitions) {
    HtmlTable table = BooksTable("Partitions of " + source, "partition#");
    size_t bad = 0;
    for (const Json* b : rows) {
      AddBook(*b, {std::to_string(Int(*b, "partition")), "n"}, nullptr, &table);
      bad += Flag(*b, "ok") ? 0 : 1;
    }
    out += fmt::format("<details{}><summary>{}: {} partitions, {}</summary>{}</details>\n",
                       bad > 0 ? " open" : " class=\"long\"", Escape(source), rows.size(),
                       bad > 0 ? fmt::format("<span class=\"bad\">{} differ</span>", bad) : "all equal", table.Html());
  }
  return out;
}

std::string Checks(const Json& reconciliation) {
  if (List(reconciliation, "checks").empty()) return "";
  HtmlTable table("Checks", {"check", "verdict", "detail"});
  for (const Json& c : List(reconciliation, "checks"))
    table.Row({TextCell(Text(c, "name")), {Mark(Flag(c, "ok"), "failed")}, TextCell(Text(c, "detail"))});
  return table.Html();
}

std::string KeyText(const Json& key) {
  return key.is_string() ? key.get<std::string>() : key.is_null() ? "" : key.dump();
}

std::string Damage(const Json& reconciliation) {
  const Json& damage = List(reconciliation, "damage");
  if (damage.empty()) return "";
  HtmlTable table("Damage", {"table", "key", "column", "what"});
  for (size_t i = 0; i < damage.size() && i < kMaxDamage; ++i) {
    const Json& d = damage[i];
    table.Row({CodeCell(Text(d, "table")), CodeCell(KeyText(Get(d, "key"))), CodeCell(Text(d, "column")),
               TextCell(Text(d, "what"))});
  }
  std::string more;
  if (damage.size() > kMaxDamage)
    more = fmt::format("<p class=\"note\">{} more are in the report's JSON.</p>",
                       Thousands(static_cast<int64_t>(damage.size() - kMaxDamage)));
  return "<h3>Damage</h3>" + table.Html() + more;
}

void AddFile(const Json& source, const Json& f, NumberLinks* links, HtmlTable* table) {
  std::string state = Escape(Text(f, "state"));
  if (std::string same = Text(f, "same_as"); !same.empty()) state += " of <code>" + Escape(same) + "</code>";
  const std::string filters = Filter("--source", Text(source, "name")) + Filter("--file", Text(f, "path"));
  const bool listed = Text(f, "state") == "imported";
  table->Row({CodeCell(Text(f, "path")),
              TextCell(Text(source, "name")),
              {state},
              {Has(f, "bytes") ? Bytes(Int(f, "bytes")) : "", "n"},
              listed ? LinkCell(links, Int(f, "counted"), "read", filters) : NumberCell(Int(f, "counted")),
              listed ? LinkCell(links, Int(f, "extracted"), "read", filters) : NumberCell(Int(f, "extracted")),
              LinkCell(links, Int(f, "quarantined"), "unreadable", filters),
              {Digest(Text(f, "sha256"))}});
  std::string findings;
  for (const Json& finding : List(f, "findings"))
    findings += "<li>" + Escape(finding.is_string() ? finding.get<std::string>() : finding.dump()) + "</li>";
  if (!findings.empty()) table->Wide("<ul class=\"findings\">" + findings + "</ul>");
}

}  // namespace

std::string ReconciliationHtml(const Json& report, NumberLinks* links) {
  const Json& r = Get(report, "reconciliation");
  if (!r.is_object()) return "";
  std::string verdict = Text(r, "verdict");
  std::string out;
  if (verdict == "match")
    out =
        "<p><span class=\"ok\">Match.</span> Every source row is loaded or in quarantine, and the target holds it as "
        "it was read.</p>";
  else if (verdict == "mismatch")
    out = "<p><span class=\"bad\">Mismatch.</span> Source and target are not equal; what differs is marked below.</p>";
  else
    out = "<p>Reconciliation was not run.</p>";
  out += Books(r, links) + Checks(r) + Damage(r);
  if (const Json& sample = Get(r, "sample"); sample.is_object() && Int(sample, "rows") > 0)
    out += fmt::format(
        "<p class=\"note\">A sample of {} {} was read again from source and target: {}.</p>",
        Thousands(Int(sample, "rows")), Plural(static_cast<uint64_t>(Int(sample, "rows")), "row", "rows"),
        Int(sample, "differences") == 0 ? "all are equal" : Thousands(Int(sample, "differences")) + " differ");
  return out;
}

std::string SourcesHtml(const Json& report, NumberLinks* links) {
  const Json& sources = List(report, "sources");
  if (sources.empty() || !Has(sources[0], "inserted")) return "";
  bool gone = false;
  for (const Json& s : sources) gone |= Int(s, "gone") > 0;
  HtmlTable table = gone ? HtmlTable("Rows by source", {"source", "counted#", "quarantined#", "inserted#", "updated#",
                                                        "unchanged#", "superseded#", "gone#"})
                         : HtmlTable("Rows by source", {"source", "counted#", "quarantined#", "inserted#", "updated#",
                                                        "unchanged#", "superseded#"});
  for (const Json& s : sources) {
    const std::string filter = Filter("--source", Text(s, "name"));
    std::vector<HtmlCell> cells = {TextCell(Text(s, "name")),
                                   LinkCell(links, Int(s, "counted"), "read", filter),
                                   LinkCell(links, Int(s, "quarantined"), "quarantined", filter),
                                   LinkCell(links, Int(s, "inserted"), "inserted", filter),
                                   LinkCell(links, Int(s, "updated"), "updated", filter),
                                   NumberCell(Int(s, "unchanged")),
                                   LinkCell(links, Int(s, "superseded"), "superseded", filter)};
    if (gone) cells.push_back(LinkCell(links, Int(s, "gone"), "gone", filter));
    table.Row(cells);
  }
  return table.Html();
}

std::string FilesHtml(const Json& report, NumberLinks* links) {
  HtmlTable table("Files and tables that were read",
                  {"file", "source", "state", "size#", "counted#", "extracted#", "quarantined#", "SHA-256"});
  bool any = false;
  for (const Json& source : List(report, "sources"))
    for (const Json& f : List(source, "files")) {
      AddFile(source, f, links, &table);
      any = true;
    }
  return any ? table.Html() : "";
}

std::string CommandsHtml(const Json& report) {
  std::string out = "<dl class=\"commands\">";
  for (const Command& c : NextCommands(report))
    out += fmt::format("<div><dt><code>{}</code></dt><dd>{}</dd></div>", Escape(c.line), Escape(c.what));
  return out + "</dl>\n";
}

}  // namespace migrate::report
