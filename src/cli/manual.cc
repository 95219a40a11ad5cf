#include "manual.h"

#include <map>

namespace migrate::cli {
namespace {

constexpr ExitCode kDone{0, "done"};
constexpr ExitCode kFailed{1, "failed: a disk, a lock, a damaged file"};
constexpr ExitCode kUsage{2, "the command or the plan is wrong"};
constexpr ExitCode kNothingYet{2, "the command or the plan is wrong, or nothing has been loaded yet"};

std::vector<ExitCode> Reading() { return {kDone, kFailed, kNothingYet}; }

// Commands that work on the plan and its target before or during an import.
void AddImporting(std::vector<Manual>* all) {
  all->push_back(
      {"init",
       "The plan goes to stdout or to a file; every guess is explained beside it. It is a beginning: read it, "
       "then `migrate validate`.",
       {{"init 'campaign_*.csv' legacy.db --output people.yaml", "a plan for these files and this database"},
        {"init exports/", "a plan for all files in a folder, on stdout"},
        {"init mysql://reader@db.example.com/crm --password-env CRM_PASSWORD", "a plan for a server's tables"}},
       {{0, "the plan was written"}, {1, "a source could not be read"}, kUsage},
       {"validate", "explain"}});
  all->push_back({"validate",
                  "",
                  {{"validate people.yaml", "the plan, its sources and its target"},
                   {"validate people.yaml --offline", "the plan alone, for example in CI"}},
                  {{0, "the plan can be run"}, {1, "something could not be read"}, {2, "the plan is wrong"}},
                  {"explain", "run"}});
  all->push_back({"explain",
                  "",
                  {{"explain people.yaml", "what a run would do, for people"},
                   {"explain people.yaml --json", "the same for programs"}},
                  {kDone, kFailed, kUsage},
                  {"validate", "run"}});
  all->push_back(
      {"run",
       "Reads what is new in the sources, loads it, finds who is the same person, and proves the result by "
       "count and by SHA-256. A run that died or was stopped is resumed by the same command; over unchanged "
       "sources nothing is done. Ctrl-C ends the chunk at hand, a second Ctrl-C stops at once.",
       {{"run people.yaml", "everything the plan says"},
        {"run people.yaml --dry-run", "reads and matches all, writes nothing, says what a run would do"},
        {"run people.yaml --from dedupe", "matches and reconciles anew what is loaded"},
        {"run people.yaml --log run.log --metrics /var/lib/node_exporter/migrate.prom", "for a scheduler"},
        {"run people.yaml --stage extract --shard 2/7", "the second of seven shares of extract, see the runbook"},
        {"run people.yaml --limit 1000 --memory 4GiB", "a first try with 1,000 rows of each source"}},
       ExitCodes(),
       {"status", "report", "rejects list"}});
  all->push_back(
      {"watch",
       "Each round imports what is new, as `run` does; where nothing is, nothing is written. A file that is still "
       "being "
       "written is left for the next round. A round that fails is told, and tried again after a longer while. SIGTERM "
       "ends it after the chunk at hand, with 0; the next start resumes what was under way. Ctrl-C does the same with "
       "130.",
       {{"watch people.yaml", "looks every 30 seconds"},
        {"watch people.yaml --interval 5m", "looks every five minutes"},
        {"watch people.yaml --once", "one round, for a scheduler of your own"}},
       {{0, "ended by SIGTERM; with --once: done"},
        {1, "with --once: failed"},
        {2, "the command or the plan is wrong"},
        {3, "with --once: done, rows are quarantined"},
        {4, "a reconciliation found source and target unequal"},
        {5, "with --once: more rows would be quarantined than the plan allows"},
        {130, "stopped by Ctrl-C; with --once also by SIGTERM"}},
       {"run", "status"}});
  all->push_back({"status",
                  "",
                  {{"status people.yaml", "state of the last import, or of the one that is running"},
                   {"status people.yaml --watch", "again and again until the run has ended"},
                   {"status people.yaml --json", "the same for programs"}},
                  {kDone, kFailed, kUsage},
                  {"report", "imports list"}});
}

// Commands that look at what an import left.
void AddLooking(std::vector<Manual>* all) {
  all->push_back({"report",
                  "Without options the page goes to stdout: one HTML file that needs nothing else.",
                  {{"report people.yaml --output report.html", "the page of the last import, to look at or to send"},
                   {"report people.yaml --text", "the same in the terminal"},
                   {"report people.yaml --import 3 --json", "the numbers of import 3 for programs"}},
                  {kDone, kFailed, {2, "the plan is wrong, or there is no such report"}},
                  {"rows", "status", "imports list"}});
  all->push_back({"rows",
                  "Each number of a report names the rows that it counts: this command lists them. Without NUMBER it "
                  "shows which numbers there are.",
                  {{"rows people.yaml", "the numbers, each with its name and what it counts"},
                   {"rows people.yaml inserted --import 3", "the records that import 3 brought"},
                   {"rows people.yaml flagged --field phone", "phones of the last import that could not be used"},
                   {"rows people.yaml persons --records 101- --count", "how many persons have more than 100 records"}},
                  Reading(),
                  {"report", "show", "rejects list"}});
  all->push_back({"show",
                  "An id that was merged into another person answers too, and says where it went.",
                  {{"show people.yaml 17", "person 17: golden values, where each came from, its records"},
                   {"show people.yaml 17 --as-of 2026-10-31", "as it was at the end of that day"},
                   {"show people.yaml 17 --json", "the same for programs"}},
                  {kDone, kFailed, {2, "the plan is wrong, or there is no such person or record"}},
                  {"find", "rows"}});
  all->push_back({"find",
                  "Looks through all e-mails and phones of a person, not only the golden ones.",
                  {{"find people.yaml --email ann@example.org", "who has this address"},
                   {"find people.yaml --phone '(617) 555-0142'", "a phone as people write it"},
                   {"find people.yaml --last-name Lee --zip 02116", "a name in a ZIP code"}},
                  Reading(),
                  {"show"}});
  all->push_back({"imports list",
                  "",
                  {{"imports list people.yaml", "every import: state, time, counts, plan"},
                   {"imports list people.yaml --json", "the same for programs"}},
                  Reading(),
                  {"status", "report"}});
  all->push_back({"imports show",
                  "",
                  {{"imports show people.yaml 3", "import 3: its inputs with size and SHA-256, counts, digests"},
                   {"imports show people.yaml 3 --json", "the same for programs"}},
                  Reading(),
                  {"imports list", "imports diff"}});
  all->push_back(
      {"imports diff",
       "This is people's data.",
       {{"imports diff people.yaml 3", "what import 3 changed"},
        {"imports diff people.yaml 3 7 --limit 50", "what the imports behind 3 up to 7 changed, 50 of each"}},
       Reading(),
       {"imports show", "history"}});
  all->push_back(
      {"imports release",
       "",
       {{"imports release people.yaml 3", "the inputs of import 3, which was rolled back, may come in again"},
        {"imports release people.yaml 3 --json", "the same for programs"}},
       {kDone, kFailed, {2, "the plan is wrong, or the inputs of this import are not held"}},
       {"rollback", "imports list"}});
  all->push_back({"imports accept",
                  "Only for a target that was restored from a backup on purpose: what it lacks the next run brings in "
                  "again.",
                  {{"imports accept people.yaml", "go on from what the target holds"},
                   {"imports accept people.yaml --json", "the same for programs"}},
                  Reading(),
                  {"imports list", "audit verify"}});
  all->push_back(
      {"rollback",
       "Records, persons and rejects are then as if the import had never run; ids that were given out go on answering. "
       "A rollback is an import of its own, with a number, and can be rolled back. The import's inputs are held: runs "
       "leave them out until `imports release`. An import that did not end is given up: its inputs are not held.",
       {{"rollback people.yaml 3", "takes import 3 back"},
        {"rollback people.yaml 3 --dry-run", "says what that would do, on a copy of the target"},
        {"rollback people.yaml 3 --keep-later", "records that later imports changed again stay as they are"}},
       {kDone,
        {1, "failed, or records were changed again by later imports; the same command resumes what was begun"},
        {2, "the plan is wrong, or there is no such import to take back"},
        {4, "the target does not reconcile afterwards"},
        {130, "stopped by Ctrl-C; the same command goes on"}},
       {"imports list", "imports release", "history"}});
  all->push_back(
      {"history",
       "Says what an import changed field by field, and which record each new value is from; what was rolled "
       "back stays in sight. This is people's data.",
       {{"history people.yaml 17", "person 17: values, records, ids and decisions, by import"},
        {"history people.yaml crm:1001", "the record that source crm has under the key 1001"},
        {"history people.yaml 17 --json", "the same for programs"}},
       {kDone, kFailed, {2, "the plan is wrong, or nothing ever had this id"}},
       {"show", "imports diff", "why"}});
  all->push_back({"audit verify",
                  "Each event carries the hash of the one before. The workspace remembers how many there were, so that "
                  "missing last ones are found, too.",
                  {{"audit verify people.yaml", "is every event as it was written?"},
                   {"audit verify people.yaml --json", "the same for programs"}},
                  {kDone, kFailed, kUsage, {4, "an event was changed, removed, or is not in its place"}},
                  {"audit export"}});
  all->push_back({"audit export",
                  "",
                  {{"audit export people.yaml --output audit.jsonl", "all events as JSON lines"},
                   {"audit export people.yaml --format csv", "as CSV, on stdout"}},
                  Reading(),
                  {"audit verify"}});
  all->push_back({"schema show",
                  "A server is asked which dialect it speaks; one that does not answer is taken for MySQL.",
                  {{"schema show people.yaml", "the DDL, to read or to hand to a database administrator"},
                   {"schema show people.yaml > tables.sql", "into a file"}},
                  Reading(),
                  {"schema apply", "schema check"}});
  all->push_back(
      {"schema apply",
       "`run` does the same when it first loads. Done beforehand by an account that may CREATE, the account "
       "of the runs needs no such right (docs/aurora.md).",
       {{"schema apply people.yaml", "make the tables; on a target that was loaded, the indexes that are missing"},
        {"schema apply people.yaml --json", "the same for programs"}},
       Reading(),
       {"schema show", "run"}});
  all->push_back({"schema check",
                  "Compares tables, columns, types, primary keys and partitions. Exit code 4 if they differ.",
                  {{"schema check people.yaml", "do the tables agree with the DDL?"},
                   {"schema check people.yaml --json", "the differences as a list"}},
                  Reading(),
                  {"schema show"}});
  all->push_back({"rejects list",
                  "",
                  {{"rejects list people.yaml", "the reasons with counts and examples, then the rows"},
                   {"rejects list people.yaml --limit 20 --json", "the first 20 rows for programs"}},
                  Reading(),
                  {"rejects show", "export"}});
  all->push_back({"rejects show",
                  "The row is shown as it stands in the source: this is people's data.",
                  {{"rejects show people.yaml 12", "reject 12 of `migrate rejects list`"},
                   {"rejects show people.yaml 12 --json", "the same for programs, the bytes in base64"}},
                  {kDone, kFailed, {2, "the plan is wrong, or no reject has this number"}},
                  {"rejects list"}});
  all->push_back(
      {"rejects fix",
       "The original bytes stay as they are; the mended row is kept beside them, with name, time and reason. Nothing "
       "is "
       "loaded before `migrate rejects replay`.",
       {{"rejects fix people.yaml 12 --set id=4711 --reason 'number from the letter'", "a value that was missing"},
        {"rejects fix people.yaml 12 --raw row.csv", "the whole row anew"}},
       {kDone, kFailed, {2, "the plan is wrong, or no open reject has this number, or it has no such column"}},
       {"rejects replay", "rejects show"}});
  all->push_back(
      {"rejects replay",
       "An import of its own over the rows that can be read now: after `rejects fix`, or after a change of the plan. "
       "What "
       "still cannot be read stays in quarantine. Given twice it does nothing more.",
       {{"rejects replay people.yaml", "all open rows"},
        {"rejects replay people.yaml 12 13", "these two"},
        {"rejects replay people.yaml --reason undecodable_bytes", "after `encoding:` was put right in the plan"}},
       ExitCodes(),
       {"rejects fix", "rejects list"}});
  all->push_back({"rejects export",
                  "The same as `migrate export rejects`.",
                  {{"rejects export people.yaml --output rejects.csv", "all open rejects with their original bytes"},
                   {"rejects export people.yaml", "the same on stdout"}},
                  Reading(),
                  {"export", "rejects list"}});
}

void AddReview(std::vector<Manual>* all) {
  constexpr ExitCode kNoSuch = {2, "the plan is wrong, nothing has this id, or earlier decisions say the opposite"};
  constexpr ExitCode kStopped = {130, "stopped by Ctrl-C; the decision is kept, `review apply` makes it effective"};
  all->push_back({"review list",
                  "Gain is what a decision tells (its entropy in bits) times the pairs of records that it settles.",
                  {{"review list people.yaml", "the 20 pairs of persons whose decision gains most"},
                   {"review list people.yaml --decisions", "what was decided, by whom, when and why"}},
                  Reading(),
                  {"review next", "why"}});
  all->push_back({"review next",
                  "",
                  {{"review next people.yaml", "the first pair, field by field, and the commands that decide"},
                   {"review next people.yaml --json", "the same for programs"}},
                  Reading(),
                  {"review link", "review unlink"}});
  all->push_back(
      {"review link",
       "Holds in every later matching, until it is undone. All records are matched anew at once; with --later "
       "several decisions are made effective together.",
       {{"review link people.yaml 17 23 --reason \"called them\"", "persons 17 and 23 are one"},
        {"review link people.yaml crm:1001 shop:77 --later", "two records, effective with the next matching"}},
       {kDone, kFailed, kNoSuch, kStopped},
       {"review unlink", "review undo"}});
  all->push_back(
      {"review unlink",
       "A person that has both records is split: the others stay where the evidence puts them, and the old id "
       "keeps answering.",
       {{"review unlink people.yaml crm:1001 shop:77 --reason \"father and son\"", "two records are two persons"},
        {"review unlink people.yaml 17 23", "persons 17 and 23 never become one"}},
       {kDone, kFailed, kNoSuch, kStopped},
       {"review link", "review undo"}});
  all->push_back(
      {"review pin",
       "The value must be one of a record's, for a golden value is never made up. It holds as long as a record "
       "of the person has it.",
       {{"review pin people.yaml 17 last_name Lee", "the last name of person 17 is Lee"},
        {"review pin people.yaml 17 zip 02116 --reason moved", "the address is that of the record with this ZIP"}},
       {kDone, kFailed, kNoSuch, kStopped},
       {"show", "review undo"}});
  all->push_back(
      {"review undo",
       "What the decision had replaced, another one on the same records, is in force again. An undo cannot be "
       "undone: decide anew.",
       {{"review undo people.yaml 3", "decision 3 holds no more"},
        {"review undo people.yaml 3 --reason mistake --by ann", "with a reason and a name"}},
       {kDone, kFailed, {2, "the plan is wrong, or there is no such decision in force"}, kStopped},
       {"review list"}});
  all->push_back({"review apply",
                  "",
                  {{"review apply people.yaml", "makes the decisions effective that were made with --later"},
                   {"review apply people.yaml --quiet", "the same without progress"}},
                  {kDone, kFailed, kUsage, {130, "stopped by Ctrl-C; nothing has changed"}},
                  {"review link", "review unlink", "review pin"}});
}

// Commands that explain and steer matching.
void AddMatching(std::vector<Manual>* all) {
  constexpr ExitCode kNoSuch = {2, "the plan is wrong, or nothing has this id"};
  all->push_back(
      {"why",
       "Shows what each field says for one person or against it, in bits (log2 of a ratio of probabilities), "
       "with the numbers that the run used; and what brought the two together, or keeps them apart. Where they "
       "are not one person all records are read once, to count the blocks that both share.",
       {{"why people.yaml 17 23", "two persons: by the pair of their records that speaks most for it"},
        {"why people.yaml crm:1001 shop:77", "two records by source and key"},
        {"why people.yaml crm:1001 shop:77 --json", "the same for programs"}},
       {kDone, kFailed, kNoSuch},
       {"review next", "model show", "show"}});
  all->push_back({"model show",
                  "",
                  {{"model show people.yaml", "weights, frequencies, blocking keys, values shared by many"},
                   {"model show people.yaml --json", "the same for programs"}},
                  {kDone, kFailed, {2, "the plan is wrong, or nothing was matched yet"}},
                  {"model train", "why"}});
  all->push_back({"model train",
                  "Persons stay as they are until the next matching: the next import, or `migrate run --from dedupe`.",
                  {{"model train people.yaml", "a new version of the model from all records of the target"},
                   {"model train people.yaml --threads 8 --memory 16GiB", "with what it may use"}},
                  {kDone, kFailed, kUsage, {130, "stopped by Ctrl-C; the model is the one before"}},
                  {"model show", "model export"}});
  all->push_back({"model export",
                  "With the same model the same records end in the same persons, in one import or in many.",
                  {{"model export people.yaml --output model.json", "a file for `dedupe: {model: model.json}`"},
                   {"model export people.yaml", "the same on stdout"}},
                  {kDone, kFailed, {2, "the plan is wrong, or nothing was matched yet"}},
                  {"model show"}});
  AddReview(all);
}

void AddRest(std::vector<Manual>* all) {
  all->push_back(
      {"export",
       "CSV as RFC 4180 has it, in an order that is always the same. With --json the CSV needs --output, and "
       "stdout gets an object that says what was written.",
       {{"export persons people.yaml --output persons.csv", "every person with its golden values"},
        {"export links people.yaml", "every record and the person it belongs to, on stdout"},
        {"export source people.yaml --name crm", "source crm as it was read"}},
       Reading(),
       {"rejects list", "show"}});
  all->push_back(
      {"repair",
       "Looks for the rows that the ledger names and the target lacks or has otherwise: in what is left of them, in "
       "the "
       "workspace, in the sources, and, for persons, in their records. Only the row that was written is written again, "
       "which its SHA-256 proves. Then the target is reconciled. What cannot be found is named, exit code 4.",
       {{"repair people.yaml", "after `run` or `run --stage reconcile` ended with exit code 4"},
        {"repair people.yaml --dry-run", "what could be put back, without writing"},
        {"repair people.yaml --json", "the same for programs"}},
       {kDone,
        kFailed,
        kUsage,
        {4, "some of it could not be repaired: named"},
        {130, "stopped; the same command resumes"}},
       {"run", "report"}});
  all->push_back({"help",
                  "",
                  {{"help run", "the same as `migrate run --help`"},
                   {"help --man >migrate.1", "the man page; `man -l migrate.1` shows it"},
                   {"help --json", "all commands and their options for programs"}},
                  {kDone, {2, "there is no such command"}},
                  {"completion"}});
  all->push_back(
      {"completion",
       "Prints a script for the shell; README.md says where to put it.",
       {{"completion bash >~/.local/share/bash-completion/completions/migrate", "for bash, from the next shell on"},
        {"completion zsh >~/.zfunc/_migrate", "for zsh, with ~/.zfunc in fpath"},
        {"completion fish >~/.config/fish/completions/migrate.fish", "for fish"}},
       {kDone, {2, "not one of the shells"}},
       {"help"}});
}

std::vector<Manual> MakeAll() {
  std::vector<Manual> all;
  AddImporting(&all);
  AddLooking(&all);
  AddMatching(&all);
  AddRest(&all);
  return all;
}

}  // namespace

const Manual& ManualOf(std::string_view path) {
  static const std::vector<Manual> all = MakeAll();
  static const Manual none;
  for (const Manual& m : all)
    if (m.path == path) return m;
  return none;
}

const std::vector<CommandGroup>& CommandGroups() {
  static const std::vector<CommandGroup> groups = {
      {"Make and check a plan", {"init", "validate", "explain", "schema"}},
      {"Import", {"run", "watch", "status", "imports", "rollback"}},
      {"Look at the result", {"report", "rows", "show", "find", "history", "audit"}},
      {"Explain and steer matching", {"why", "review", "model"}},
      {"Rows that could not be read", {"rejects"}},
      {"Mend a target", {"repair"}},
      {"Take the result elsewhere", {"export"}},
      {"The tool itself", {"help", "completion"}},
  };
  return groups;
}

const std::vector<ExitCode>& ExitCodes() {
  static const std::vector<ExitCode> codes = {
      {0, "done"},
      {1, "failed: a disk, a lock, a damaged file; the same command resumes once it is mended"},
      {2, "the command or the plan is wrong; nothing was touched"},
      {3, "done, but rows are in quarantine (also on a rerun, as long as they are)"},
      {4, "reconciliation mismatch: the target is not what the sources said"},
      {5, "more rows would be quarantined than the plan allows; no row was loaded"},
      {130, "stopped by Ctrl-C; the same command resumes"},
  };
  return codes;
}

}  // namespace migrate::cli
