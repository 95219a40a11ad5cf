#include "migrate/normalize/names.h"

#include <gtest/gtest.h>

namespace migrate::normalize {
namespace {

struct FullCase {
  const char* in;
  const char *first, *middle, *last, *suffix;
  const char* full = "";
  uint32_t flags = 0;
};

// Orders, titles, suffixes and particles as HL7 PN and OASIS xNL describe the parts of a name.
const FullCase kFull[] = {
    {"John Smith", "John", "", "Smith", ""},
    {"JOHN SMITH", "John", "", "Smith", ""},
    {"john smith", "John", "", "Smith", ""},
    {"SMITH, JOHN", "John", "", "Smith", ""},
    {"SMITH, JOHN A JR", "John", "A", "Smith", "Jr"},
    {"SMITH JR, JOHN A", "John", "A", "Smith", "Jr"},
    {"SMITH, JR, JOHN", "John", "", "Smith", "Jr"},
    {"Smith, John, Jr.", "John", "", "Smith", "Jr"},
    {"John Smith, Jr.", "John", "", "Smith", "Jr"},
    {"John Smith, Jr., M.D.", "John", "", "Smith", "Jr MD"},
    {"John Smith M.D. Jr", "John", "", "Smith", "Jr MD"},
    {"Dr. John A. Smith III", "John", "A", "Smith", "III"},
    {"Mr John Smith", "John", "", "Smith", ""},
    {"Prof. Dr. Hans Müller", "Hans", "", "Müller", ""},
    {"Rev. Mary Jones PhD", "Mary", "", "Jones", "PhD"},
    {"Mary Jones, Ph.D.", "Mary", "", "Jones", "PhD"},
    {"John Smith 3rd", "John", "", "Smith", "III"},
    {"John Smith Senior", "John", "", "Smith", "Sr"},
    {"John Smith Esq.", "John", "", "Smith", "Esq"},
    {"Junior Smith", "Junior", "", "Smith", ""},
    {"Smith Junior", "Smith", "", "Junior", ""},
    {"van der Berg, Anna", "Anna", "", "van der Berg", ""},
    {"VAN DER BERG, ANNA", "Anna", "", "van der Berg", ""},
    {"Anna van der Berg", "Anna", "", "van der Berg", ""},
    {"Ludwig van Beethoven", "Ludwig", "", "van Beethoven", ""},
    {"Dick Van Dyke", "Dick", "", "Van Dyke", ""},
    {"Anna Maria de la Cruz", "Anna", "Maria", "de la Cruz", ""},
    {"ANNA DE LA CRUZ", "Anna", "", "de la Cruz", ""},
    {"MARY LA RUE", "Mary", "", "La Rue", ""},
    {"Eva St. John", "Eva", "", "St John", ""},
    {"José Ortega y Gasset", "José", "", "Ortega y Gasset", ""},
    {"Mary O'BRIEN", "Mary", "", "O'Brien", ""},
    {"John and Mary Smith", "", "", "", "", "John and Mary Smith"},
    {"JOHN AND MARY SMITH", "", "", "", "", "John and Mary Smith"},
    {"SEAN MCDONALD", "Sean", "", "McDonald", ""},
    {"SEAN MACDONALD", "Sean", "", "MacDonald", ""},
    {"ANA MACHADO", "Ana", "", "Machado", ""},
    {"Warren DeWitt", "Warren", "", "DeWitt", ""},
    {"Mary Smith-Jones", "Mary", "", "Smith-Jones", ""},
    {"MARY SMITH-JONES", "Mary", "", "Smith-Jones", ""},
    {"J.R. Smith", "J", "R", "Smith", ""},
    {"J. R. R. Tolkien", "J", "R R", "Tolkien", ""},
    {"Smith, J.R.", "J", "R", "Smith", ""},
    {"Robert \"Bob\" Smith", "Robert", "", "Smith", ""},
    {"Robert (Bob) Smith", "Robert", "", "Smith", ""},
    {"Robert (Bob the Builder) Smith", "Robert", "", "Smith", ""},
    {"archibald corbett, 1st baron rowallan", "Archibald", "", "Corbett", ""},
    {"george boleyn, viscount rochford", "George", "", "Boleyn", ""},
    {"Иван Петров", "Иван", "", "Петров", ""},
    {"ИВАН ПЕТРОВ", "Иван", "", "Петров", ""},
    {"ΓΙΩΡΓΟΣ ΠΑΠΑΣ", "Γιωργος", "", "Παπας", ""},
    {"Madonna", "", "", "", "", "Madonna"},
    {"John & Mary Smith", "", "", "", "", "John & Mary Smith"},
    {"John and Mary Smith", "", "", "", "", "John and Mary Smith"},
    {"ACME TOOLS LLC", "", "", "", "", "Acme Tools LLC", kFlagCompany},
    {"Smith & Sons", "", "", "", "", "Smith & Sons", kFlagCompany},
    {"FIRST BAPTIST CHURCH OF SPRINGFIELD", "", "", "", "", "First Baptist Church of Springfield", kFlagCompany},
    {"Charlotte Church", "Charlotte", "", "Church", ""},
    {"John Banks", "John", "", "Banks", ""},
    {"UNKNOWN", "", "", "", "", "", kFlagName | kFlagPlaceholder},
    {"N/A", "", "", "", "", "", kFlagName | kFlagPlaceholder},
    {"-", "", "", "", "", "", kFlagName | kFlagPlaceholder},
    {"12345", "", "", "", "", "", kFlagName | kFlagPlaceholder},
    {"", "", "", "", ""},
};

TEST(Names, FullNames) {
  for (const FullCase& c : kFull) {
    Record r;
    NormalizeNames({.full = c.in, .first = {}, .middle = {}, .last = {}, .suffix = {}}, &r);
    EXPECT_EQ(r[Field::kFirstName], c.first) << c.in;
    EXPECT_EQ(r[Field::kMiddleName], c.middle) << c.in;
    EXPECT_EQ(r[Field::kLastName], c.last) << c.in;
    EXPECT_EQ(r[Field::kSuffix], c.suffix) << c.in;
    EXPECT_EQ(r[Field::kFullName], c.full) << c.in;
    EXPECT_EQ(r.flags, c.flags) << c.in;
  }
}

struct PartsCase {
  RawNames in;
  const char *first, *middle, *last, *suffix;
  uint32_t flags = 0;
};

const PartsCase kParts[] = {
    {{"", "MARY", "", "O'BRIEN", ""}, "Mary", "", "O'Brien", ""},
    {{"", "mary", "ann", "o'brien", ""}, "Mary", "Ann", "O'Brien", ""},
    {{"", "John", "", "Smith Jr", ""}, "John", "", "Smith", "Jr"},
    {{"", "John", "", "SMITH, JR.", ""}, "John", "", "Smith", "Jr"},
    {{"", "John III", "", "Smith", ""}, "John", "", "Smith", "III"},
    {{"", "John", "", "Smith Jr", "SR."}, "John", "", "Smith", "Sr"},  // the given suffix wins
    {{"", "John", "", "Smith", "md, jr"}, "John", "", "Smith", "Jr MD"},
    {{"", "John", "", "Smith", "V"}, "John", "", "Smith", "V"},
    {{"", "John", "", "Smith", "2nd"}, "John", "", "Smith", "II"},
    {{"", "John", "", "Smith", "N/A"}, "John", "", "Smith", ""},
    {{"", "Mary A", "", "Smith", ""}, "Mary", "A", "Smith", ""},
    {{"", "Mary A.", "", "Smith", ""}, "Mary", "A", "Smith", ""},
    {{"", "Mary A", "Beth", "Smith", ""}, "Mary A", "Beth", "Smith", ""},
    {{"", "Mary Ann", "", "Smith", ""}, "Mary Ann", "", "Smith", ""},
    {{"", "j.j.", "", "walker", ""}, "J", "J", "Walker", "", 0},
    {{"", "Dr. Mary", "", "Smith", ""}, "Mary", "", "Smith", ""},
    {{"", "Mr.", "", "Smith", ""}, "", "", "Smith", "", kFlagName},
    {{"", "VAN", "", "LE", ""}, "Van", "", "Le", ""},
    {{"", "Anna", "", "VAN DER BERG", ""}, "Anna", "", "van der Berg", ""},
    {{"", "Anna", "", "Van Der Berg", ""}, "Anna", "", "Van Der Berg", ""},
    {{"", "D'ANDRE", "", "D'ANGELO", ""}, "D'Andre", "", "D'Angelo", ""},
    {{"", "", "", "Acme Tools, Inc.", ""}, "", "", "Acme Tools, Inc.", "", kFlagCompany},
    {{"", "Christopher", "", "Null", ""}, "Christopher", "", "Null", ""},
    {{"", "Christopher", "", "NULL", ""}, "Christopher", "", "", "", kFlagName | kFlagPlaceholder},
    {{"", "Nan", "", "Na", ""}, "Nan", "", "Na", ""},
    {{"", "FNU", "", "Smith", ""}, "", "", "Smith", "", kFlagName | kFlagPlaceholder},
    {{"", "xxx", "", "Smith", ""}, "", "", "Smith", "", kFlagName | kFlagPlaceholder},
    {{"", "aaa", "", "Smith", ""}, "", "", "Smith", "", kFlagName | kFlagPlaceholder},
    {{"", "John", "", "Smith 3", ""}, "John", "", "Smith", ""},
    // the full name supplies what the parts leave open, if it agrees
    {{"william whitehead watts", "william", "", "watts", ""}, "William", "Whitehead", "Watts", ""},
    {{"Watts, William Whitehead Jr", "william", "", "watts", ""}, "William", "Whitehead", "Watts", "Jr"},
    {{"Mary Jane O'Brien", "MARY", "", "O'BRIEN", ""}, "Mary", "Jane", "O'Brien", ""},
    {{"Mary Jane Smith", "MARY", "", "O'BRIEN", ""}, "Mary", "", "O'Brien", ""},
    {{"Mary Jane Smith", "", "", "Smith", ""}, "Mary", "Jane", "Smith", ""},
    {{"Mary Jane Smith", "Mary", "", "", ""}, "Mary", "Jane", "Smith", ""},
    {{"Mary Jane Smith", "Mary", "K", "Smith", ""}, "Mary", "K", "Smith", ""},
    {{"Ana Garcia Lopez", "Ana", "", "Garcia Lopez", ""}, "Ana", "", "Garcia Lopez", ""},
    {{"frs", "frs", "", "", ""}, "Frs", "", "", ""},
    {{"archie 1st baron rowallan", "archie", "", "rowallan", ""}, "Archie", "", "Rowallan", ""},
    {{"sir john smith", "john", "", "smith", ""}, "John", "", "Smith", ""},
    {{"John Smith", "", "", "Acme, LLC", ""}, "", "", "Acme, LLC", "", kFlagCompany},
    {{"UNKNOWN", "John", "", "Smith", ""}, "John", "", "Smith", "", kFlagName | kFlagPlaceholder},
};

TEST(Names, Parts) {
  for (const PartsCase& c : kParts) {
    Record r;
    NormalizeNames(c.in, &r);
    const std::string what = std::string(c.in.full) + "|" + std::string(c.in.first) + "|" + std::string(c.in.last);
    EXPECT_EQ(r[Field::kFirstName], c.first) << what;
    EXPECT_EQ(r[Field::kMiddleName], c.middle) << what;
    EXPECT_EQ(r[Field::kLastName], c.last) << what;
    EXPECT_EQ(r[Field::kSuffix], c.suffix) << what;
    EXPECT_EQ(r[Field::kFullName], "") << what;
    EXPECT_EQ(r.flags, c.flags) << what;
  }
}

TEST(Names, CutAtTheBound) {
  Record r;
  const std::string ninety_nine_and_e = "b" + std::string(98, 'a') + "é";
  NormalizeNames({.full = {}, .first = ninety_nine_and_e, .middle = {}, .last = "Smith", .suffix = {}}, &r);
  EXPECT_EQ(r[Field::kFirstName], "B" + std::string(98, 'a'));
  EXPECT_EQ(r.flags, uint32_t{kFlagTruncated});
}

TEST(Names, ManyWordsStayWhole) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += "ab ";
  text.pop_back();
  Record r;
  NormalizeNames({.full = text, .first = {}, .middle = {}, .last = {}, .suffix = {}}, &r);
  EXPECT_EQ(r[Field::kFullName].substr(0, 8), "Ab Ab Ab");
  EXPECT_EQ(r[Field::kFullName].size(), 100u);
}

TEST(Names, Suffixes) {
  const std::pair<const char*, const char*> cases[] = {
      {"jr", "Jr"},     {"JR.", "Jr"},      {"Junior", "Jr"}, {"sr", "Sr"},  {"ii", "II"},   {"2nd", "II"},
      {"III", "III"},   {"3RD", "III"},     {"iv", "IV"},     {"5th", "V"},  {"M.D.", "MD"}, {"phd", "PhD"},
      {"Ph.D.", "PhD"}, {"esquire", "Esq"}, {"v", ""},        {"smith", ""}, {"", ""},       {"ma", ""}};
  for (const auto& [in, out] : cases) EXPECT_EQ(SuffixOf(in), out) << in;
  EXPECT_TRUE(IsGeneration("Jr"));
  EXPECT_TRUE(IsGeneration("V"));
  EXPECT_FALSE(IsGeneration("MD"));
}

}  // namespace
}  // namespace migrate::normalize
