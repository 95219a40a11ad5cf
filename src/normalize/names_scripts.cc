// Names in scripts whose order differs from the Latin one.
#include <utf8proc.h>

#include "names_parse.h"

namespace migrate::normalize {
namespace {

constexpr uint32_t kHan = 1, kHiragana = 2, kKatakana = 4, kHangul = 8, kOtherScript = 16;

int32_t DecodeAt(std::string_view s, size_t i, size_t* length) {
  utf8proc_int32_t code = -1;
  const utf8proc_ssize_t n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(s.data()) + i,
                                              static_cast<utf8proc_ssize_t>(s.size() - i), &code);
  *length = n > 0 ? static_cast<size_t>(n) : 1;
  return n > 0 ? code : -1;
}

uint32_t ScriptOf(int32_t c) {
  if ((c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0xF900 && c <= 0xFAFF) || c == 0x3005 ||
      (c >= 0x20000 && c <= 0x3FFFF))
    return kHan;
  if (c >= 0x3041 && c <= 0x309F) return kHiragana;
  if ((c >= 0x30A1 && c <= 0x30FF) || (c >= 0x31F0 && c <= 0x31FF)) return kKatakana;
  if (c >= 0xAC00 && c <= 0xD7A3) return kHangul;
  return kOtherScript;
}

uint32_t ScriptsOf(std::string_view text) {
  uint32_t scripts = 0;
  for (size_t i = 0; i < text.size();) {
    size_t n = 1;
    const int32_t code = DecodeAt(text, i, &n);
    i += n;
    if (code != ' ') scripts |= ScriptOf(code);
  }
  return scripts;
}

// The most frequent family names of one character: China's Ministry of Public Security (simplified and traditional) and
// Statistics Korea (Hanja). A name that begins with another character stays whole.
constexpr std::string_view kHanSurnames =
    "王李张張刘劉陈陳杨楊黄黃赵趙吴吳周徐孙孫马馬朱胡郭何林高罗羅郑鄭梁谢謝宋唐许許韩韓邓鄧冯馮曹彭曾肖蕭田董潘袁蔡蒋"
    "蔣余于杜叶葉程魏苏蘇吕呂丁任卢盧姚沈钟鍾鐘姜崔谭譚陆陸范汪廖石金韦韋贾賈夏付傅方邹鄒熊白孟秦邱侯江尹薛闫閆段雷"
    "龙龍黎史陶贺賀毛郝顾顧龚龔邵万萬覃武钱錢戴严嚴莫孔向常汤湯康易乔喬赖賴文洪翁倪柳裴朴申權徐安";

// Family names of two characters: Chinese and Korean compounds, and the most frequent Japanese ones (Meiji Yasuda).
constexpr std::string_view kTwoCharacterSurnames[] = {
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐",
    "端木", "東方", "东方", "南宮", "남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방", "佐藤", "鈴木",
    "高橋", "田中", "伊藤", "渡辺", "渡邊", "渡邉", "山本", "中村", "小林", "加藤", "吉田", "山田", "山口", "松本",
    "井上", "木村", "斎藤", "齋藤", "斉藤", "清水", "山崎", "池田", "橋本", "阿部", "石川", "山下", "中島", "石井",
    "小川", "前田", "岡田", "藤田", "後藤", "近藤", "村上", "遠藤", "青木", "坂本", "福田", "太田", "西村", "藤井",
    "金子", "岡本", "藤原", "中野", "三浦", "原田", "中川", "松田", "竹内", "小野", "田村", "中山", "和田", "石田",
    "森田", "上田", "内田", "柴田", "酒井", "宮崎", "横山", "高木", "安藤", "宮本", "大野", "小島", "谷口", "今井",
    "工藤", "高田", "増田", "丸山", "杉山", "村田", "大塚", "新井", "小山", "平野", "藤本", "河野", "上野", "野口",
    "武田", "松井", "千葉", "岩崎", "菅原", "木下", "佐野", "野村", "松尾", "市川", "菊地", "杉本", "古川", "大西",
    "島田", "水野", "桜井", "高野", "吉川", "山内", "西田", "飯田", "菊池", "西川", "小松", "北村", "安田", "川口",
    "平田", "関口", "中田", "服部", "岩田", "土屋", "川崎", "福島", "本田", "樋口", "秋山", "永井", "川上", "石原",
    "大橋", "松岡", "馬場", "浜田", "星野", "山中", "中西", "吉村", "江口", "白石", "田口", "熊谷", "黒田", "尾崎"};

// Forms of address behind a name.
constexpr std::string_view kAddressed[] = {"先生", "女士", "小姐", "様", "さん", "殿", "님", "씨"};

size_t CountCharacters(std::string_view s) {
  size_t n = 0;
  for (const char c : s) n += (static_cast<uint8_t>(c) & 0xC0) != 0x80;
  return n;
}

// Bytes of the family name that begins `name`, which has no blank; 0 if it is not known.
size_t FamilyBytes(std::string_view name, uint32_t scripts) {
  const size_t count = CountCharacters(name);
  size_t first = 1;
  DecodeAt(name, 0, &first);
  if (count < 2 || count > 5) return 0;
  if (count >= 3)
    for (const std::string_view two : kTwoCharacterSurnames)
      if (name.starts_with(two)) return two.size();
  if (scripts == kHangul) return count <= 3 ? first : 0;
  if (scripts != kHan || count > 3 || first != 3) return 0;
  for (size_t i = 0; i < kHanSurnames.size(); i += 3)
    if (kHanSurnames.substr(i, 3) == name.substr(0, 3)) return first;
  return 0;
}

bool IsCyrillic(std::string_view word) {
  for (size_t i = 0; i < word.size();) {
    size_t n = 1;
    const int32_t code = DecodeAt(word, i, &n);
    i += n;
    if (code != '-' && (code < 0x400 || code > 0x4FF)) return false;
  }
  return true;
}

std::string LowerOf(std::string_view word) {
  std::string lower;
  for (size_t i = 0; i < word.size();) {
    size_t n = 1;
    utf8proc_uint8_t bytes[4];
    const utf8proc_ssize_t m = utf8proc_encode_char(utf8proc_tolower(DecodeAt(word, i, &n)), bytes);
    lower.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(m));
    i += n;
  }
  return lower;
}

template <size_t N>
bool EndsWithOneOf(const std::string& lower, const std::string_view (&endings)[N]) {
  for (const std::string_view ending : endings)
    if (lower.ends_with(ending) && lower.size() >= ending.size() + 4) return true;
  return false;
}

bool IsPatronymic(const std::string& lower) {
  static constexpr std::string_view kEndings[] = {"ович", "евич", "ьич", "овна", "евна", "ична", "івна", "йович"};
  return EndsWithOneOf(lower, kEndings);
}

bool IsSlavicFamily(const std::string& lower) {
  static constexpr std::string_view kEndings[] = {"ов",   "ев",   "ёв",   "ова",  "ева",  "ёва",  "ский",
                                                  "ская", "цкий", "цкая", "енко", "ский", "ська", "ський"};
  // Given names that end alike.
  return EndsWithOneOf(lower, kEndings) && lower != "яков" && lower != "иаков";
}

}  // namespace

bool IsEastAsian(std::string_view text) {
  if (text.empty() || IsAscii(text.front())) return false;
  return (ScriptsOf(text) & kOtherScript) == 0;
}

bool ParseEastAsian(std::string_view text, NameParts* parts) {
  for (const std::string_view form : kAddressed)
    if (text.size() > form.size() + 3 && text.ends_with(form)) text = Trim(text.substr(0, text.size() - form.size()));
  const uint32_t scripts = ScriptsOf(text);
  // Katakana alone writes foreigners, given name first, and readings of Japanese names, family name first.
  if (scripts == kKatakana) return false;
  Words words;
  if (!words.Split(text) || words.size() == 0 || words.size() > 2) return false;
  std::string_view family = words[0], given;
  if (words.size() == 2) {
    given = words[1];
  } else {
    const size_t bytes = FamilyBytes(text, scripts);
    if (bytes == 0 || bytes >= text.size()) return false;
    family = text.substr(0, bytes);
    given = text.substr(bytes);
  }
  parts->words.Push(given);
  parts->words.Push(family);
  parts->last = 1;
  return true;
}

bool IsCyrillicFamilyFirst(const Words& words) {
  const size_t n = words.size();
  if (n < 2 || n > 3 || IsAscii(words[0].front())) return false;
  for (size_t i = 0; i < n; ++i)
    if (!IsCyrillic(words[i])) return false;
  const std::string first = LowerOf(words[0]), second = LowerOf(words[1]);
  if (n == 3) return IsPatronymic(LowerOf(words[2])) && !IsPatronymic(second);
  return IsSlavicFamily(first) && !IsSlavicFamily(second) && !IsPatronymic(second);
}

}  // namespace migrate::normalize
