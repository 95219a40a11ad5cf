// Full names, one a line, by what is hard about them. The forms are those of IFLA, Names of Persons (4th ed.), for the
// order and the particles of each country; W3C, Personal names around the world, for scripts and orders; HL7 v2 XPN and
// OASIS CIQ xNL for prefixes, suffixes and their kinds; ISO 20275 for legal forms.
#include <gtest/gtest.h>

#include "migrate/normalize/names.h"

namespace migrate::normalize {
namespace {

struct NameCase {
  const char *in, *first, *middle, *last, *suffix = "", *full = "";
  uint32_t flags = 0;
};

void Check(const std::vector<NameCase>& cases) {
  for (const NameCase& c : cases) {
    std::string scratch;
    Record r;
    NormalizeNames({.full = Clean(c.in, Form::kDisplay, &scratch), .first = {}, .middle = {}, .last = {}, .suffix = {}},
                   &r);
    EXPECT_EQ(r[Field::kFirstName], c.first) << c.in;
    EXPECT_EQ(r[Field::kMiddleName], c.middle) << c.in;
    EXPECT_EQ(r[Field::kLastName], c.last) << c.in;
    EXPECT_EQ(r[Field::kSuffix], c.suffix) << c.in;
    EXPECT_EQ(r[Field::kFullName], c.full) << c.in;
    EXPECT_EQ(r.flags, c.flags) << c.in;
  }
}

NameCase Whole(const char* in, const char* full) { return {in, "", "", "", "", full}; }
NameCase Whole(const char* text) { return Whole(text, text); }
NameCase Company(const char* in, const char* full) { return {in, "", "", "", "", full, kFlagCompany}; }
NameCase Company(const char* text) { return Company(text, text); }
NameCase Junk(const char* in) { return {in, "", "", "", "", "", kFlagName | kFlagPlaceholder}; }
NameCase Nothing(const char* in) { return {in, "", "", "", "", "", kFlagName}; }

TEST(NameTable, BothOrders) {
  Check({{"Garcia Marquez, Gabriel Jose", "Gabriel", "Jose", "Garcia Marquez"},
         {"GABRIEL JOSE GARCIA MARQUEZ", "Gabriel", "Jose", "Garcia Marquez"},
         {"GARCIA MARQUEZ, GABRIEL JOSE", "Gabriel", "Jose", "Garcia Marquez"},
         {"Gabriel García Márquez", "Gabriel", "", "García Márquez"},
         {"Maria Garcia Lopez", "Maria", "", "Garcia Lopez"},
         {"Jose Garcia Smith", "Jose", "Garcia", "Smith"},
         {"Ana Maria de la Cruz Gomez", "Ana", "Maria", "de la Cruz Gomez"},
         {"Smith,John", "John", "", "Smith"},
         {"Smith ,John", "John", "", "Smith"},
         {"Smith, John Paul George", "John", "Paul George", "Smith"},
         {"SMITH JOHN A", "John", "A", "Smith"},
         {"SMITH-JONES MARY B", "Mary", "B", "Smith-Jones"},
         {"John Smith A", "John", "Smith", "A"},
         {"J R SMITH", "J", "R", "Smith"},
         {"Smith，John", "John", "", "Smith"},
         {"\"Smith, John\"", "John", "", "Smith"},
         {"(John Smith)", "John", "", "Smith"},
         {"Smith, Mr. John", "John", "", "Smith"},
         {"Dr. Smith, John", "John", "", "Smith"}});
}

TEST(NameTable, Particles) {
  Check({{"Karl von und zu Guttenberg", "Karl", "", "von und zu Guttenberg"},
         {"KARL VON UND ZU GUTTENBERG", "Karl", "", "von und zu Guttenberg"},
         {"Johann Wolfgang von Goethe", "Johann", "Wolfgang", "von Goethe"},
         {"Anna van 't Hoff", "Anna", "", "van 't Hoff"},
         {"Jan op den Kamp", "Jan", "", "op den Kamp"},
         {"Berg, Anna van der", "Anna", "", "van der Berg"},
         {"Goethe, Johann Wolfgang von", "Johann", "Wolfgang", "von Goethe"},
         {"Nguyen, Thi Van", "Thi", "Van", "Nguyen"},
         {"van der Berg", "", "", "van der Berg"},
         {"DE LA CRUZ", "", "", "de la Cruz"},
         {"van Gogh", "", "", "van Gogh"},
         {"VAN LE", "Van", "", "Le"},
         {"Van Morrison", "Van", "", "Morrison"},
         {"Oscar de la Renta", "Oscar", "", "de la Renta"},
         {"Miguel de Cervantes y Saavedra", "Miguel", "", "de Cervantes y Saavedra"},
         {"JOSE ORTEGA Y GASSET", "Jose", "", "Ortega y Gasset"},
         {"José Pereira e Sousa", "José", "", "Pereira e Sousa"},
         {"Antoni Gaudí i Cornet", "Antoni", "", "Gaudí i Cornet"},
         {"Luiz da Silva", "Luiz", "", "da Silva"},
         {"Osama bin Hashim", "Osama", "", "bin Hashim"},
         {"Ibrahim ibn Yusuf", "Ibrahim", "", "ibn Yusuf"},
         {"Mohammed al Fayed", "Mohammed", "", "al Fayed"},
         {"Ali al-Hassan", "Ali", "", "al-Hassan"},
         {"ALI AL-HASSAN", "Ali", "", "Al-Hassan"},
         {"Abd al-Rahman al-Sufi", "Abd al-Rahman", "", "al-Sufi"},
         {"David ben Gurion", "David", "", "ben Gurion"},
         {"John Ben Smith", "John", "Ben", "Smith"},
         {"Eva St. John", "Eva", "", "St John"},
         {"Marie Ste. Croix", "Marie", "", "Ste Croix"},
         {"Ian Mac Donald", "Ian", "", "Mac Donald"},
         {"Mary O' Brien", "Mary", "", "O'Brien"},
         {"O' BRIEN, MARY", "Mary", "", "O'Brien"},
         {"Gianni D' Angelo", "Gianni", "", "D'Angelo"},
         {"Anne du Pont", "Anne", "", "du Pont"},
         {"Leonardo DiCaprio", "Leonardo", "", "DiCaprio"},
         {"Lars af Klint", "Lars", "", "af Klint"}});
}

TEST(NameTable, TitlesAndRanks) {
  Check({{"Dr. John Smith", "John", "", "Smith"},
         {"Dr.John Smith", "John", "", "Smith"},
         {"Prof. Dr. Dr. Hans Meyer", "Hans", "", "Meyer"},
         {"Rev. Dr. Martin King", "Martin", "", "King"},
         {"The Hon. Mary Jones", "", "", "", "", "The Hon. Mary Jones"},
         {"Hon. Mary Jones", "Mary", "", "Jones"},
         {"Rt. Hon. Mary Jones", "Mary", "", "Jones"},
         {"Lt. Col. John Smith", "John", "", "Smith"},
         {"LTC John Smith", "John", "", "Smith"},
         {"Capt. James Kirk USN", "James", "", "Kirk", "USN"},
         {"Col. John Smith (Ret.)", "John", "", "Smith"},
         {"Gen. John Smith, Ret.", "John", "", "Smith", "Ret"},
         {"MSgt John Smith", "John", "", "Smith"},
         {"Pfc. John Smith", "John", "", "Smith"},
         {"Adm. Grace Hopper", "Grace", "", "Hopper"},
         {"1st Lt. John Smith", "John", "", "Smith"},
         {"Major John Smith", "John", "", "Smith"},
         {"Major Bank", "Major", "", "Bank"},
         {"Judge Reinhold", "Judge", "", "Reinhold"},
         {"Judge Mary Jones", "Mary", "", "Jones"},
         {"Bishop Desmond Tutu", "Desmond", "", "Tutu"},
         {"Sister Mary Clarence", "Mary", "", "Clarence"},
         {"Mr Smith", "", "", "Smith"},
         {"Frau Müller", "", "", "Müller"},
         {"Sir Paul", "Paul", "", ""},
         {"Dame Judi Dench", "Judi", "", "Dench"},
         {"Señora Ana López", "Ana", "", "López"},
         {"Mme Marie Curie", "Marie", "", "Curie"},
         {"Attn: John Smith", "John", "", "Smith"},
         {"Smith, Mr.", "", "", "Smith"},
         {"Lord Byron", "Lord", "", "Byron"},
         {"Lord George Byron", "George", "", "Byron"},
         Nothing("Dr."),
         Nothing("Mr. Mrs."),
         Nothing("Miss")});
}

TEST(NameTable, TwoPersonsStayWhole) {
  Check({Whole("Mr. & Mrs. John Smith"), Whole("MR AND MRS JOHN SMITH", "Mr and Mrs John Smith"),
         Whole("Dr. and Mrs. Smith"), Whole("Smith, John & Mary"), Whole("John Smith and Mary Jones"),
         Whole("Hans und Maria Müller"), Whole("HANS UND MARIA MÜLLER", "Hans und Maria Müller"),
         Whole("Jean et Marie Dupont"), Whole("Juan y Maria Garcia"), Whole("John or Mary Smith"),
         Whole("John Smith / Mary Jones"), Whole("Smith/Jones, Mary"), Whole("Jan en Piet de Vries"),
         Whole("Smith Family"), Whole("The Smith Family"), Whole("Familie Müller")});
}

TEST(NameTable, Suffixes) {
  Check({{"Smith Jr, John", "John", "", "Smith", "Jr"},
         {"Smith, John Jr.", "John", "", "Smith", "Jr"},
         {"Smith, Jr. John", "John", "", "Smith", "Jr"},
         {"Smith, John A., III", "John", "A", "Smith", "III"},
         {"John Smith V", "John", "", "Smith", "V"},
         {"JOHN SMITH V", "Smith", "V", "John"},
         {"Smith, John V", "John", "V", "Smith"},
         {"John Smith 4th", "John", "", "Smith", "IV"},
         {"John Q. Public, Esq.", "John", "Q", "Public", "Esq"},
         {"John Smith MD PhD", "John", "", "Smith", "MD PhD"},
         {"John Smith, M.D., Ph.D.", "John", "", "Smith", "MD PhD"},
         {"John Smith DDS", "John", "", "Smith", "DDS"},
         {"John Smith, DO", "John", "", "Smith", "DO"},
         {"John Smith D.O.", "John", "", "Smith", "DO"},
         {"John Smith DO", "John", "", "Smith", "DO"},
         {"Nguyen, Do", "Do", "", "Nguyen"},
         {"Kim Do", "Kim", "", "Do"},
         {"JOHN KIM DO", "John", "Kim", "Do"},
         {"Yo Yo Ma", "Yo", "Yo", "Ma"},
         {"Mary Smith MS", "Mary", "", "Smith", "MS"},
         {"Mary Jones RN BSN", "Mary", "", "Jones", "RN BSN"},
         {"John Smith Jr. MD", "John", "", "Smith", "Jr MD"},
         {"Rev. John Smith, S.J.", "John", "", "Smith", "SJ"},
         {"John M.D. Smith", "John", "M D", "Smith"},
         {"John Smith, deceased", "John", "", "Smith"},
         {"JOHN SMITH DECD", "John", "", "Smith"},
         Whole("Smith Jr"),
         {"Junior Jones", "Junior", "", "Jones"},
         {"Pedro Lopez Junior", "Pedro", "", "Lopez", "Jr"}});
}

TEST(NameTable, InitialsNicknamesFormerNames) {
  Check({{"J.Smith", "J", "", "Smith"},
         {"J.R.R.Tolkien", "J", "R R", "Tolkien"},
         {"JR Smith", "JR", "", "Smith"},
         {"TJ MAXWELL", "TJ", "", "Maxwell"},
         {"ng, john", "John", "", "Ng"},
         {"Robert 'Bob' Smith", "Robert", "", "Smith"},
         {"Robert ‘Bob’ Smith", "Robert", "", "Smith"},
         {"Robert “Bob” Smith", "Robert", "", "Smith"},
         {"Robert [Bob] Smith", "Robert", "", "Smith"},
         {"Smith, Robert \"Bob\"", "Robert", "", "Smith"},
         {"Robert (Bob Smith", "Robert", "Bob", "Smith"},
         {"Mary Smith née Jones", "Mary", "", "Smith"},
         {"Mary Smith nee Jones", "Mary", "", "Smith"},
         {"Mary Smith (née Jones)", "Mary", "", "Smith"},
         {"Maria Meier geb. Müller", "Maria", "", "Meier"},
         {"Mary Smith f/k/a Mary Jones", "Mary", "", "Smith"},
         {"Mary Smith FKA Jones", "Mary", "", "Smith"},
         {"John Smith a/k/a Johnny S", "John", "", "Smith"},
         {"John Smith c/o Mary Jones", "John", "", "Smith"},
         {"John Nee", "John", "", "Nee"},
         {"c/o John Smith", "", "", "", "", "c/o John Smith", kFlagName}});
}

TEST(NameTable, ApostrophesAndHyphens) {
  Check({{"Mary O’Brien", "Mary", "", "O'Brien"},
         {"MARY O`BRIEN", "Mary", "", "O'Brien"},
         {"Mary O´Brien", "Mary", "", "O'Brien"},
         {"Keoni Kaʻahumanu", "Keoni", "", "Ka'ahumanu"},
         {"ʻIolani Luahine", "'Iolani", "", "Luahine"},
         {"Jean-Luc Picard", "Jean-Luc", "", "Picard"},
         {"JEAN-LUC PICARD", "Jean-Luc", "", "Picard"},
         {"Mary Smith–Jones", "Mary", "", "Smith-Jones"},
         {"Mary Smith - Jones", "Mary", "Smith", "Jones"},
         {"D'ANDRE D'SOUZA", "D'Andre", "", "D'Souza"},
         {"N'GOLO KANTE", "N'Golo", "", "Kante"}});
}

TEST(NameTable, Casing) {
  Check({{"IAN MCKELLEN", "Ian", "", "McKellen"},
         {"ian macleod", "Ian", "", "MacLeod"},
         {"IAN MACLEOD", "Ian", "", "MacLeod"},
         {"ANN MACK", "Ann", "", "Mack"},
         {"ANN MACEY", "Ann", "", "Macey"},
         {"Danny DeVito", "Danny", "", "DeVito"},
         {"DANNY DEVITO", "Danny", "", "Devito"},
         {"LeBron James", "LeBron", "", "James"},
         {"mary smith", "Mary", "", "Smith"},
         {"MARY Smith", "Mary", "", "Smith"},
         {"ÉMILE ZOLA", "Émile", "", "Zola"},
         {"ŁUKASZ ŻAK", "Łukasz", "", "Żak"}});
}

TEST(NameTable, OtherScripts) {
  Check({{"李明", "明", "", "李"},
         {"李 明", "明", "", "李"},
         {"王小明", "小明", "", "王"},
         {"歐陽娜娜", "娜娜", "", "歐陽"},
         {"诸葛亮", "亮", "", "诸葛"},
         {"山田太郎", "太郎", "", "山田"},
         {"山田　太郎", "太郎", "", "山田"},
         {"田中愛", "愛", "", "田中"},
         {"やまだ たろう", "たろう", "", "やまだ"},
         {"김민수", "민수", "", "김"},
         {"김 민수", "민수", "", "김"},
         {"남궁민수", "민수", "", "남궁"},
         {"山田太郎様", "太郎", "", "山田"},
         {"김민수님", "민수", "", "김"},
         Whole("ジョン スミス"),
         Whole("欧"),
         {"Иван Иванович Петров", "Иван", "Иванович", "Петров"},
         {"Петров Иван Иванович", "Иван", "Иванович", "Петров"},
         {"ПЕТРОВА АННА СЕРГЕЕВНА", "Анна", "Сергеевна", "Петрова"},
         {"Петров Иван", "Иван", "", "Петров"},
         {"Лев Толстой", "Лев", "", "Толстой"},
         {"Яков Смирнов", "Яков", "", "Смирнов"},
         {"Петров, Иван", "Иван", "", "Петров"},
         {"Γιώργος Παπαδόπουλος", "Γιώργος", "", "Παπαδόπουλος"},
         {"محمد بن سلمان", "محمد", "", "بن سلمان"},
         {"عبد الله محمد", "عبد الله", "", "محمد"},
         {"فاطمة الزهراء", "فاطمة", "", "الزهراء"},
         {"राम कुमार शर्मा", "राम", "कुमार", "शर्मा"},
         {"श्री राम शर्मा", "राम", "", "शर्मा"},
         {"דוד בן גוריון", "דוד", "", "בן גוריון"},
         {"สมชาย ใจดี", "สมชาย", "", "ใจดี"}});
}

TEST(NameTable, OneWord) {
  Check({Whole("Madonna"), Whole("CHER", "Cher"), Whole("Suharto"), Whole("Иван"), Whole("\"Bono\"")});
}

TEST(NameTable, DigitsAndJunk) {
  Check({{"John Smith 2", "John", "", "Smith"},
         {"John Smith #3", "John", "", "Smith"},
         {"JOHN SMITH12", "John", "", "Smith"},
         {"John Smith 555-1234", "John", "", "Smith"},
         {"John Smith john@x.org", "John", "", "Smith"},
         {"John Smith.", "John", "", "Smith"},
         {"* John Smith *", "John", "", "Smith"},
         {"John  \t Smith", "John", "", "Smith"},
         Junk("Test Test"),
         Junk("TEST USER"),
         Junk("Test, Test"),
         Junk("unknown unknown"),
         Junk("N/A N/A"),
         Junk("asdf asdf"),
         Junk("Unknown"),
         Junk("xxxx"),
         Junk("Current Resident"),
         Junk("OCCUPANT"),
         Junk("No Name"),
         Junk("?"),
         Junk("#N/A"),
         Nothing("john@x.org"),
         Nothing("http://x.org/a b"),
         {"Test Smith", "Test", "", "Smith"},
         {"Mary Guest", "Mary", "", "Guest"},
         {"John Doe", "John", "", "Doe"},
         {"Unknown Smith", "", "", "Smith", "", "", kFlagName | kFlagPlaceholder}});
}

TEST(NameTable, Companies) {
  Check({Company("Acme Inc."),
         Company("ACME, INC", "Acme, Inc"),
         Company("Acme L.L.C."),
         Company("SMITH PLUMBING LLC", "Smith Plumbing LLC"),
         Company("Müller GmbH"),
         Company("Siemens AG"),
         Company("Renault S.A."),
         Company("Dupont SARL"),
         Company("Garcia y Hijos Ltda"),
         Company("Volvo AB"),
         Company("Philips N.V."),
         Company("Ferrari S.p.A."),
         Company("Tata Pvt Ltd"),
         Company("Petronas Sdn Bhd"),
         Company("Kofola a.s."),
         Company("株式会社山田"),
         Company("삼성전자 주식회사"),
         Company("ООО Ромашка"),
         Company("Bank of America"),
         Company("FIRST NATIONAL BANK", "First National Bank"),
         Company("University of Texas"),
         Company("Universität Wien"),
         Company("Smith Family Trust"),
         Company("John Smith Living Trust"),
         Company("Estate of John Smith"),
         Company("ESTATE OF JOHN SMITH", "Estate of John Smith"),
         Company("John Smith Estate"),
         Company("John Smith dba Smith Plumbing"),
         Company("John Smith d/b/a Smiths"),
         Company("City of Springfield"),
         Company("Smith & Sons"),
         Company("Smith and Partners"),
         Company("St. Mary's Hospital"),
         Company("Springfield Dental Associates"),
         Company("Bäckerei Huber"),
         Company("BÄCKEREI HUBER", "Bäckerei Huber"),
         Company("Baeckerei Huber"),
         Company("Martin Transports"),
         Company("Costa Padaria S/A"),
         Company("Ferreira & Fernandes Construtora"),
         Company("Soto Talleres"),
         Company("Sharma Exports"),
         Company("Nowak Meble"),
         Company("Young Partners"),
         Company("Temple Beth El of Boston"),
         {"Major Bank", "Major", "", "Bank"},
         {"Tyra Banks", "Tyra", "", "Banks"},
         {"Charlotte Church", "Charlotte", "", "Church"},
         {"Shirley Temple", "Shirley", "", "Temple"},
         {"Mary Trust", "Mary", "", "Trust"},
         {"MARIA SA", "Maria", "", "Sa"},
         {"Mia Ag", "Mia", "", "Ag"},
         {"Price Market", "Price", "", "Market"},
         Whole("John & Mary Temple")});
}

struct Parts {
  RawNames in;
  const char *first, *middle, *last;
  uint32_t flags = 0;
};

TEST(NameTable, ColumnsOfParts) {
  const Parts cases[] = {
      {{"", "Smith, John", "", "", ""}, "John", "", "Smith"},
      {{"", "", "", "Smith, John A", ""}, "John", "A", "Smith"},
      {{"", "", "", "Acme Tools, Inc", ""}, "", "", "Acme Tools, Inc", kFlagCompany},
      {{"", "ACME", "", "TOOLS LLC", ""}, "Acme", "", "Tools LLC", kFlagCompany},
      {{"", "Bank", "of", "America", ""}, "Bank", "of", "America", kFlagCompany},
      {{"", "Charlotte", "", "Church", ""}, "Charlotte", "", "Church"},
      {{"", "Major", "", "Bank", ""}, "Major", "", "Bank"},
      {{"", "Studio", "", "54", ""}, "Studio", "", "", kFlagName | kFlagPlaceholder},
      {{"", "", "", "Studio 54", ""}, "", "", "Studio 54"},
      {{"", "Test", "", "Test", ""}, "", "", "", kFlagName | kFlagPlaceholder},
      {{"", "Test", "", "Smith", ""}, "Test", "", "Smith"},
      {{"", "JR", "", "SMITH", ""}, "JR", "", "Smith"},
      {{"", "Mary", "", "Smith (née Jones)", ""}, "Mary", "", "Smith"},
      {{"", "Mary", "", "Smith nee Jones", ""}, "Mary", "", "Smith"},
      {{"", "Robert \"Bob\"", "", "Smith", ""}, "Robert", "", "Smith"},
      {{"", "Mary", "", "O` Brien", ""}, "Mary", "", "O'Brien"},
      {{"", "Dr.", "", "Smith", ""}, "", "", "Smith", kFlagName},
      {{"", "John", "", "Smith, MD", ""}, "John", "", "Smith"},
      {{"", "john@x.org", "", "Smith", ""}, "", "", "Smith", kFlagName},
      {{"", "明", "", "李", ""}, "明", "", "李"},
  };
  for (const Parts& c : cases) {
    Record r;
    NormalizeNames(c.in, &r);
    const std::string what = std::string(c.in.first) + "|" + std::string(c.in.last);
    EXPECT_EQ(r[Field::kFirstName], c.first) << what;
    EXPECT_EQ(r[Field::kMiddleName], c.middle) << what;
    EXPECT_EQ(r[Field::kLastName], c.last) << what;
    EXPECT_EQ(r[Field::kFullName], "") << what;
    EXPECT_EQ(r.flags, c.flags) << what;
  }
}

}  // namespace
}  // namespace migrate::normalize
