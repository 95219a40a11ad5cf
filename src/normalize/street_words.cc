#include "street_words.h"

#include "migrate/normalize/text.h"

namespace migrate::normalize {
namespace {

struct StreetSuffix {
  std::string_view abbreviation, name, variants;  // variants: further spellings, small letters
};

// Publication 28, appendix C1. Where a variant is a frequent word of another meaning it was left out ("is", "key"
// stay).
constexpr StreetSuffix kSuffixes[] = {{"Aly", "Alley", "allee ally"},
                                      {"Anx", "Anex", "annex annx"},
                                      {"Arc", "Arcade", ""},
                                      {"Ave", "Avenue", "av aven avenu avn avnue"},
                                      {"Byu", "Bayou", "bayoo"},
                                      {"Bch", "Beach", ""},
                                      {"Bnd", "Bend", ""},
                                      {"Blf", "Bluff", "bluf"},
                                      {"Blfs", "Bluffs", ""},
                                      {"Btm", "Bottom", "bot bottm"},
                                      {"Blvd", "Boulevard", "boul boulv bvd bd"},
                                      {"Br", "Branch", "brnch"},
                                      {"Brg", "Bridge", "brdge"},
                                      {"Brk", "Brook", ""},
                                      {"Brks", "Brooks", ""},
                                      {"Bg", "Burg", ""},
                                      {"Bgs", "Burgs", ""},
                                      {"Byp", "Bypass", "bypa bypas byps"},
                                      {"Cp", "Camp", "cmp"},
                                      {"Cyn", "Canyon", "canyn cnyn"},
                                      {"Cpe", "Cape", ""},
                                      {"Cswy", "Causeway", "causwa"},
                                      {"Ctr", "Center", "cen cent centr centre cnter cntr"},
                                      {"Ctrs", "Centers", ""},
                                      {"Cir", "Circle", "circ circl crcl crcle"},
                                      {"Cirs", "Circles", ""},
                                      {"Clf", "Cliff", ""},
                                      {"Clfs", "Cliffs", ""},
                                      {"Clb", "Club", ""},
                                      {"Cmn", "Common", ""},
                                      {"Cmns", "Commons", ""},
                                      {"Cor", "Corner", ""},
                                      {"Cors", "Corners", ""},
                                      {"Crse", "Course", ""},
                                      {"Ct", "Court", "crt"},
                                      {"Cts", "Courts", ""},
                                      {"Cv", "Cove", ""},
                                      {"Cvs", "Coves", ""},
                                      {"Crk", "Creek", ""},
                                      {"Cres", "Crescent", "crsent crsnt cresent"},
                                      {"Crst", "Crest", ""},
                                      {"Xing", "Crossing", "crssng"},
                                      {"Xrd", "Crossroad", ""},
                                      {"Xrds", "Crossroads", ""},
                                      {"Curv", "Curve", ""},
                                      {"Dl", "Dale", ""},
                                      {"Dm", "Dam", ""},
                                      {"Dv", "Divide", "div dvd"},
                                      {"Dr", "Drive", "driv drv"},
                                      {"Drs", "Drives", ""},
                                      {"Est", "Estate", ""},
                                      {"Ests", "Estates", ""},
                                      {"Expy", "Expressway", "exp expr express expw"},
                                      {"Ext", "Extension", "extn extnsn"},
                                      {"Exts", "Extensions", ""},
                                      {"Fall", "Fall", ""},
                                      {"Fls", "Falls", ""},
                                      {"Fry", "Ferry", "frry"},
                                      {"Fld", "Field", ""},
                                      {"Flds", "Fields", ""},
                                      {"Flt", "Flat", ""},
                                      {"Flts", "Flats", ""},
                                      {"Frd", "Ford", ""},
                                      {"Frds", "Fords", ""},
                                      {"Frst", "Forest", "forests"},
                                      {"Frg", "Forge", "forg"},
                                      {"Frgs", "Forges", ""},
                                      {"Frk", "Fork", ""},
                                      {"Frks", "Forks", ""},
                                      {"Ft", "Fort", "frt"},
                                      {"Fwy", "Freeway", "freewy frway frwy"},
                                      {"Gdn", "Garden", "gardn grden grdn"},
                                      {"Gdns", "Gardens", "grdns"},
                                      {"Gtwy", "Gateway", "gatewy gatway gtway"},
                                      {"Gln", "Glen", ""},
                                      {"Glns", "Glens", ""},
                                      {"Grn", "Green", ""},
                                      {"Grns", "Greens", ""},
                                      {"Grv", "Grove", "grov"},
                                      {"Grvs", "Groves", ""},
                                      {"Hbr", "Harbor", "harb harbr hrbor"},
                                      {"Hbrs", "Harbors", ""},
                                      {"Hvn", "Haven", ""},
                                      {"Hts", "Heights", "ht"},
                                      {"Hwy", "Highway", "highwy hiway hiwy hway"},
                                      {"Hl", "Hill", ""},
                                      {"Hls", "Hills", ""},
                                      {"Holw", "Hollow", "hllw hollows holws"},
                                      {"Inlt", "Inlet", ""},
                                      {"Is", "Island", "islnd"},
                                      {"Iss", "Islands", "islnds"},
                                      {"Isle", "Isle", "isles"},
                                      {"Jct", "Junction", "jction jctn junctn juncton"},
                                      {"Jcts", "Junctions", "jctns"},
                                      {"Ky", "Key", ""},
                                      {"Kys", "Keys", ""},
                                      {"Knl", "Knoll", "knol"},
                                      {"Knls", "Knolls", ""},
                                      {"Lk", "Lake", ""},
                                      {"Lks", "Lakes", ""},
                                      {"Land", "Land", ""},
                                      {"Lndg", "Landing", "lndng"},
                                      {"Ln", "Lane", "la"},
                                      {"Lgt", "Light", ""},
                                      {"Lgts", "Lights", ""},
                                      {"Lf", "Loaf", ""},
                                      {"Lck", "Lock", ""},
                                      {"Lcks", "Locks", ""},
                                      {"Ldg", "Lodge", "ldge lodg"},
                                      {"Loop", "Loop", "loops"},
                                      {"Mall", "Mall", ""},
                                      {"Mnr", "Manor", ""},
                                      {"Mnrs", "Manors", ""},
                                      {"Mdw", "Meadow", ""},
                                      {"Mdws", "Meadows", "medows"},
                                      {"Mews", "Mews", ""},
                                      {"Ml", "Mill", ""},
                                      {"Mls", "Mills", ""},
                                      {"Msn", "Mission", "missn mssn"},
                                      {"Mtwy", "Motorway", ""},
                                      {"Mt", "Mount", "mnt"},
                                      {"Mtn", "Mountain", "mntain mntn mountin mtin"},
                                      {"Mtns", "Mountains", "mntns"},
                                      {"Nck", "Neck", ""},
                                      {"Orch", "Orchard", "orchrd"},
                                      {"Oval", "Oval", "ovl"},
                                      {"Opas", "Overpass", ""},
                                      {"Park", "Park", "prk"},
                                      {"Park", "Parks", ""},
                                      {"Pkwy", "Parkway", "parkwy pkway pky pwy"},
                                      {"Pkwy", "Parkways", "pkwys"},
                                      {"Pass", "Pass", ""},
                                      {"Psge", "Passage", ""},
                                      {"Path", "Path", "paths"},
                                      {"Pike", "Pike", "pikes"},
                                      {"Pne", "Pine", ""},
                                      {"Pnes", "Pines", ""},
                                      {"Pl", "Place", ""},
                                      {"Pln", "Plain", ""},
                                      {"Plns", "Plains", ""},
                                      {"Plz", "Plaza", "plza"},
                                      {"Pt", "Point", ""},
                                      {"Pts", "Points", ""},
                                      {"Prt", "Port", ""},
                                      {"Prts", "Ports", ""},
                                      {"Pr", "Prairie", "prr"},
                                      {"Radl", "Radial", "rad radiel"},
                                      {"Ramp", "Ramp", ""},
                                      {"Rnch", "Ranch", "ranches rnchs"},
                                      {"Rpd", "Rapid", ""},
                                      {"Rpds", "Rapids", ""},
                                      {"Rst", "Rest", ""},
                                      {"Rdg", "Ridge", "rdge"},
                                      {"Rdgs", "Ridges", ""},
                                      {"Riv", "River", "rvr rivr"},
                                      {"Rd", "Road", ""},
                                      {"Rds", "Roads", ""},
                                      {"Rte", "Route", ""},
                                      {"Row", "Row", ""},
                                      {"Rue", "Rue", ""},
                                      {"Run", "Run", ""},
                                      {"Shl", "Shoal", ""},
                                      {"Shls", "Shoals", ""},
                                      {"Shr", "Shore", "shoar"},
                                      {"Shrs", "Shores", "shoars"},
                                      {"Skwy", "Skyway", ""},
                                      {"Spg", "Spring", "spng sprng"},
                                      {"Spgs", "Springs", "spngs sprngs"},
                                      {"Spur", "Spur", "spurs"},
                                      {"Sq", "Square", "sqr sqre squ"},
                                      {"Sqs", "Squares", "sqrs"},
                                      {"Sta", "Station", "statn stn"},
                                      {"Stra", "Stravenue", "strav straven stravn strvn strvnue"},
                                      {"Strm", "Stream", "streme"},
                                      {"St", "Street", "strt str"},
                                      {"Sts", "Streets", ""},
                                      {"Smt", "Summit", "sumit sumitt"},
                                      {"Ter", "Terrace", "terr"},
                                      {"Trwy", "Throughway", ""},
                                      {"Trce", "Trace", "traces"},
                                      {"Trak", "Track", "tracks trk trks"},
                                      {"Trfy", "Trafficway", ""},
                                      {"Trl", "Trail", "trails trls"},
                                      {"Tunl", "Tunnel", "tunel tunls tunnels tunnl"},
                                      {"Tpke", "Turnpike", "trnpk turnpk tpk"},
                                      {"Upas", "Underpass", ""},
                                      {"Un", "Union", ""},
                                      {"Uns", "Unions", ""},
                                      {"Vly", "Valley", "vally vlly"},
                                      {"Vlys", "Valleys", ""},
                                      {"Via", "Viaduct", "vdct viadct"},
                                      {"Vw", "View", ""},
                                      {"Vws", "Views", ""},
                                      {"Vlg", "Village", "vill villag villg villiage"},
                                      {"Vlgs", "Villages", ""},
                                      {"Vl", "Ville", ""},
                                      {"Vis", "Vista", "vist vst vsta"},
                                      {"Walk", "Walk", "walks"},
                                      {"Wall", "Wall", ""},
                                      {"Way", "Way", "wy"},
                                      {"Ways", "Ways", ""},
                                      {"Wl", "Well", ""},
                                      {"Wls", "Wells", ""}};

const WordTable& SuffixWords() {
  static const WordTable table = [] {
    std::vector<WordTable::Entry> entries;
    for (uint32_t i = 0; i < std::size(kSuffixes); ++i) {
      entries.emplace_back(kSuffixes[i].abbreviation, i + 1);
      entries.emplace_back(kSuffixes[i].name, i + 1);
      Words variants;
      variants.Split(kSuffixes[i].variants);
      for (size_t v = 0; v < variants.size(); ++v) entries.emplace_back(variants[v], i + 1);
    }
    return WordTable(entries);
  }();
  return table;
}

constexpr std::string_view kDirectionalNames[] = {"North",     "South",     "East",      "West",
                                                  "Northeast", "Northwest", "Southeast", "Southwest"};
constexpr std::string_view kDirectionals[] = {"N", "S", "E", "W", "NE", "NW", "SE", "SW"};

const WordTable& DirectionalWords() {
  static const WordTable table{{"n", 1},  {"north", 1},     {"s", 2},  {"south", 2},     {"e", 3},  {"east", 3},
                               {"w", 4},  {"west", 4},      {"ne", 5}, {"northeast", 5}, {"nw", 6}, {"northwest", 6},
                               {"se", 7}, {"southeast", 7}, {"sw", 8}, {"southwest", 8}};
  return table;
}

// Publication 28, appendix C2, and "Flat", which the other English-speaking countries write.
constexpr UnitWord kUnits[] = {
    {"Apt", true, false},   {"Bldg", true, false}, {"Bsmt", false, false}, {"Dept", true, false},
    {"Fl", true, false},    {"Frnt", false, true}, {"Hngr", true, false},  {"Key", true, true},
    {"Lbby", false, false}, {"Lot", true, false},  {"Lowr", false, true},  {"Ofc", false, false},
    {"Ph", false, false},   {"Pier", true, true},  {"Rear", false, false}, {"Rm", true, false},
    {"Side", false, true},  {"Slip", true, true},  {"Spc", true, true},    {"Stop", true, true},
    {"Ste", true, false},   {"Trlr", true, false}, {"Unit", true, false},  {"Uppr", false, true},
    {"#", true, false},     {"Flat", true, true},  {"PMB", true, false},   {"Level", true, true},
    {"Shop", true, true}};

const WordTable& UnitWords() {
  static const WordTable table{
      {"apt", 1},    {"apartment", 1}, {"appt", 1},     {"apmt", 1},   {"bldg", 2},       {"building", 2},
      {"bld", 2},    {"bsmt", 3},      {"basement", 3}, {"dept", 4},   {"department", 4}, {"fl", 5},
      {"floor", 5},  {"flr", 5},       {"frnt", 6},     {"front", 6},  {"hngr", 7},       {"hanger", 7},
      {"hangar", 7}, {"key", 8},       {"lbby", 9},     {"lobby", 9},  {"lot", 10},       {"lowr", 11},
      {"lower", 11}, {"ofc", 12},      {"office", 12},  {"ph", 13},    {"penthouse", 13}, {"pier", 14},
      {"rear", 15},  {"rm", 16},       {"room", 16},    {"side", 17},  {"slip", 18},      {"spc", 19},
      {"space", 19}, {"stop", 20},     {"ste", 21},     {"suite", 21}, {"trlr", 22},      {"trailer", 22},
      {"unit", 23},  {"uppr", 24},     {"upper", 24},   {"#", 25},     {"flat", 26},      {"pmb", 27},
      {"level", 28}, {"lvl", 28},      {"shop", 29},    {"app", 1},    {"sp", 19},        {"suit", 21}};
  return table;
}

}  // namespace

std::string_view SuffixAbbreviation(std::string_view word) {
  const uint32_t i = SuffixWords().Find(word);
  return i == WordTable::kNone ? std::string_view() : kSuffixes[i - 1].abbreviation;
}

std::string_view SuffixName(std::string_view word) {
  const uint32_t i = SuffixWords().Find(word);
  return i == WordTable::kNone ? std::string_view() : kSuffixes[i - 1].name;
}

std::string_view Directional(std::string_view word) {
  const uint32_t i = DirectionalWords().Find(word);
  return i == WordTable::kNone ? std::string_view() : kDirectionals[i - 1];
}

std::string_view DirectionalName(std::string_view word) {
  const uint32_t i = DirectionalWords().Find(word);
  return i == WordTable::kNone ? std::string_view() : kDirectionalNames[i - 1];
}

UnitWord UnitDesignator(std::string_view word) {
  const uint32_t i = UnitWords().Find(word);
  return i == WordTable::kNone ? UnitWord() : kUnits[i - 1];
}

}  // namespace migrate::normalize
