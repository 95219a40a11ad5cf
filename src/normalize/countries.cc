#include "migrate/normalize/countries.h"

#include <algorithm>
#include <array>

#include "migrate/normalize/junk.h"
#include "migrate/record/keys.h"

namespace migrate::normalize {
namespace {

// ISO 3166-1 alpha-2, all officially assigned.
constexpr std::string_view kAlpha2 =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW "
    "BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI "
    "FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN "
    "IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME "
    "MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF "
    "PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
    "SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE "
    "YT ZA ZM ZW";

struct Name {
  std::string_view key, country;
};

// Sorted by key: names (ISO's short, official and common ones and other spellings in use), alpha-3 and numeric codes,
// each reduced by FoldKey.
// clang-format off
constexpr Name kNames[] = {
    {"004", "AF"}, {"008", "AL"}, {"010", "AQ"}, {"012", "DZ"}, {"016", "AS"}, {"020", "AD"}, {"024", "AO"},
    {"028", "AG"}, {"031", "AZ"}, {"032", "AR"}, {"036", "AU"}, {"040", "AT"}, {"044", "BS"}, {"048", "BH"},
    {"050", "BD"}, {"051", "AM"}, {"052", "BB"}, {"056", "BE"}, {"060", "BM"}, {"064", "BT"}, {"068", "BO"},
    {"070", "BA"}, {"072", "BW"}, {"074", "BV"}, {"076", "BR"}, {"084", "BZ"}, {"086", "IO"}, {"090", "SB"},
    {"092", "VG"}, {"096", "BN"}, {"100", "BG"}, {"104", "MM"}, {"108", "BI"}, {"112", "BY"}, {"116", "KH"},
    {"120", "CM"}, {"124", "CA"}, {"132", "CV"}, {"136", "KY"}, {"140", "CF"}, {"144", "LK"}, {"148", "TD"},
    {"152", "CL"}, {"156", "CN"}, {"158", "TW"}, {"162", "CX"}, {"166", "CC"}, {"170", "CO"}, {"174", "KM"},
    {"175", "YT"}, {"178", "CG"}, {"180", "CD"}, {"184", "CK"}, {"188", "CR"}, {"191", "HR"}, {"192", "CU"},
    {"196", "CY"}, {"203", "CZ"}, {"204", "BJ"}, {"208", "DK"}, {"212", "DM"}, {"214", "DO"}, {"218", "EC"},
    {"222", "SV"}, {"226", "GQ"}, {"231", "ET"}, {"232", "ER"}, {"233", "EE"}, {"234", "FO"}, {"238", "FK"},
    {"239", "GS"}, {"242", "FJ"}, {"246", "FI"}, {"248", "AX"}, {"250", "FR"}, {"254", "GF"}, {"258", "PF"},
    {"260", "TF"}, {"262", "DJ"}, {"266", "GA"}, {"268", "GE"}, {"270", "GM"}, {"275", "PS"}, {"276", "DE"},
    {"288", "GH"}, {"292", "GI"}, {"296", "KI"}, {"300", "GR"}, {"304", "GL"}, {"308", "GD"}, {"312", "GP"},
    {"316", "GU"}, {"320", "GT"}, {"324", "GN"}, {"328", "GY"}, {"332", "HT"}, {"334", "HM"}, {"336", "VA"},
    {"340", "HN"}, {"344", "HK"}, {"348", "HU"}, {"352", "IS"}, {"356", "IN"}, {"360", "ID"}, {"364", "IR"},
    {"368", "IQ"}, {"372", "IE"}, {"376", "IL"}, {"380", "IT"}, {"384", "CI"}, {"388", "JM"}, {"392", "JP"},
    {"398", "KZ"}, {"400", "JO"}, {"404", "KE"}, {"408", "KP"}, {"410", "KR"}, {"414", "KW"}, {"417", "KG"},
    {"418", "LA"}, {"422", "LB"}, {"426", "LS"}, {"428", "LV"}, {"430", "LR"}, {"434", "LY"}, {"438", "LI"},
    {"440", "LT"}, {"442", "LU"}, {"446", "MO"}, {"450", "MG"}, {"454", "MW"}, {"458", "MY"}, {"462", "MV"},
    {"466", "ML"}, {"470", "MT"}, {"474", "MQ"}, {"478", "MR"}, {"480", "MU"}, {"484", "MX"}, {"492", "MC"},
    {"496", "MN"}, {"498", "MD"}, {"499", "ME"}, {"500", "MS"}, {"504", "MA"}, {"508", "MZ"}, {"512", "OM"},
    {"516", "NA"}, {"520", "NR"}, {"524", "NP"}, {"528", "NL"}, {"531", "CW"}, {"533", "AW"}, {"534", "SX"},
    {"535", "BQ"}, {"540", "NC"}, {"548", "VU"}, {"554", "NZ"}, {"558", "NI"}, {"562", "NE"}, {"566", "NG"},
    {"570", "NU"}, {"574", "NF"}, {"578", "NO"}, {"580", "MP"}, {"581", "UM"}, {"583", "FM"}, {"584", "MH"},
    {"585", "PW"}, {"586", "PK"}, {"591", "PA"}, {"598", "PG"}, {"600", "PY"}, {"604", "PE"}, {"608", "PH"},
    {"612", "PN"}, {"616", "PL"}, {"620", "PT"}, {"624", "GW"}, {"626", "TL"}, {"630", "PR"}, {"634", "QA"},
    {"638", "RE"}, {"642", "RO"}, {"643", "RU"}, {"646", "RW"}, {"652", "BL"}, {"654", "SH"}, {"659", "KN"},
    {"660", "AI"}, {"662", "LC"}, {"663", "MF"}, {"666", "PM"}, {"670", "VC"}, {"674", "SM"}, {"678", "ST"},
    {"682", "SA"}, {"686", "SN"}, {"688", "RS"}, {"690", "SC"}, {"694", "SL"}, {"702", "SG"}, {"703", "SK"},
    {"704", "VN"}, {"705", "SI"}, {"706", "SO"}, {"710", "ZA"}, {"716", "ZW"}, {"724", "ES"}, {"728", "SS"},
    {"729", "SD"}, {"732", "EH"}, {"740", "SR"}, {"744", "SJ"}, {"748", "SZ"}, {"752", "SE"}, {"756", "CH"},
    {"760", "SY"}, {"762", "TJ"}, {"764", "TH"}, {"768", "TG"}, {"772", "TK"}, {"776", "TO"}, {"780", "TT"},
    {"784", "AE"}, {"788", "TN"}, {"792", "TR"}, {"795", "TM"}, {"796", "TC"}, {"798", "TV"}, {"800", "UG"},
    {"804", "UA"}, {"807", "MK"}, {"818", "EG"}, {"826", "GB"}, {"831", "GG"}, {"832", "JE"}, {"833", "IM"},
    {"834", "TZ"}, {"840", "US"}, {"850", "VI"}, {"854", "BF"}, {"858", "UY"}, {"860", "UZ"}, {"862", "VE"},
    {"876", "WF"}, {"882", "WS"}, {"887", "YE"}, {"894", "ZM"}, {"abw", "AW"}, {"afg", "AF"}, {"afghanistan", "AF"},
    {"ago", "AO"}, {"aia", "AI"}, {"ala", "AX"}, {"alandislands", "AX"}, {"alb", "AL"}, {"albania", "AL"},
    {"alemanha", "DE"}, {"alemania", "DE"}, {"algeria", "DZ"}, {"algerie", "DZ"}, {"allemagne", "DE"},
    {"america", "US"}, {"americansamoa", "AS"}, {"and", "AD"}, {"andorra", "AD"}, {"angleterre", "GB"},
    {"angola", "AO"}, {"anguilla", "AI"}, {"antarctica", "AQ"}, {"antigua", "AG"}, {"antiguaandbarbuda", "AG"},
    {"arabrepublicofegypt", "EG"}, {"are", "AE"}, {"arg", "AR"}, {"argentina", "AR"}, {"argentinerepublic", "AR"},
    {"arm", "AM"}, {"armenia", "AM"}, {"aruba", "AW"}, {"ascensionandtristandacunhasainthelena", "SH"}, {"asm", "AS"},
    {"ata", "AQ"}, {"atf", "TF"}, {"atg", "AG"}, {"aus", "AU"}, {"australia", "AU"}, {"australie", "AU"},
    {"australien", "AU"}, {"austria", "AT"}, {"aut", "AT"}, {"autriche", "AT"}, {"aze", "AZ"}, {"azerbaijan", "AZ"},
    {"bahamas", "BS"}, {"bahrain", "BH"}, {"bangladesh", "BD"}, {"barbados", "BB"}, {"bdi", "BI"}, {"bel", "BE"},
    {"belarus", "BY"}, {"belgica", "BE"}, {"belgie", "BE"}, {"belgien", "BE"}, {"belgique", "BE"}, {"belgium", "BE"},
    {"belize", "BZ"}, {"ben", "BJ"}, {"benin", "BJ"}, {"bermuda", "BM"}, {"bes", "BQ"}, {"bfa", "BF"}, {"bgd", "BD"},
    {"bgr", "BG"}, {"bharat", "IN"}, {"bhr", "BH"}, {"bhs", "BS"}, {"bhutan", "BT"}, {"bih", "BA"}, {"blm", "BL"},
    {"blr", "BY"}, {"blz", "BZ"}, {"bmu", "BM"}, {"bol", "BO"}, {"bolivarianrepublicofvenezuela", "VE"},
    {"bolivia", "BO"}, {"boliviaplurinationalstateof", "BO"}, {"bonairesinteustatiusandsaba", "BQ"},
    {"bosniaandherzegovina", "BA"}, {"botswana", "BW"}, {"bouvetisland", "BV"}, {"bra", "BR"}, {"brasil", "BR"},
    {"brasile", "BR"}, {"brasilien", "BR"}, {"brazil", "BR"}, {"brb", "BB"}, {"brd", "DE"}, {"bresil", "BR"},
    {"britain", "GB"}, {"britishindianoceanterritory", "IO"}, {"britishvirginislands", "VG"}, {"brn", "BN"},
    {"brunei", "BN"}, {"bruneidarussalam", "BN"}, {"btn", "BT"}, {"bulgaria", "BG"},
    {"bundesrepublikdeutschland", "DE"}, {"burkinafaso", "BF"}, {"burma", "MM"}, {"burundi", "BI"}, {"bvt", "BV"},
    {"bwa", "BW"}, {"caboverde", "CV"}, {"caf", "CF"}, {"cambodia", "KH"}, {"cameroon", "CM"}, {"can", "CA"},
    {"canada", "CA"}, {"capeverde", "CV"}, {"caymanislands", "KY"}, {"cck", "CC"}, {"centralafricanrepublic", "CF"},
    {"ceskarepublika", "CZ"}, {"cesko", "CZ"}, {"chad", "TD"}, {"che", "CH"}, {"chile", "CL"}, {"china", "CN"},
    {"chine", "CN"}, {"chl", "CL"}, {"chn", "CN"}, {"christmasisland", "CX"}, {"civ", "CI"}, {"cmr", "CM"},
    {"cocoskeelingislands", "CC"}, {"cod", "CD"}, {"cog", "CG"}, {"cok", "CK"}, {"col", "CO"}, {"colombia", "CO"},
    {"com", "KM"}, {"commonwealthofdominica", "DM"}, {"commonwealthofthebahamas", "BS"},
    {"commonwealthofthenorthernmarianaislands", "MP"}, {"comoros", "KM"}, {"congo", "CG"},
    {"congothedemocraticrepublicofthe", "CD"}, {"cookislands", "CK"}, {"costarica", "CR"}, {"cotedivoire", "CI"},
    {"cpv", "CV"}, {"cri", "CR"}, {"croatia", "HR"}, {"cub", "CU"}, {"cuba", "CU"}, {"curacao", "CW"}, {"cuw", "CW"},
    {"cxr", "CX"}, {"cym", "KY"}, {"cyp", "CY"}, {"cyprus", "CY"}, {"cze", "CZ"}, {"czechia", "CZ"},
    {"czechrepublic", "CZ"}, {"danemark", "DK"}, {"danmark", "DK"}, {"democraticpeoplesrepublicofkorea", "KP"},
    {"democraticrepublicofsaotomeandprincipe", "ST"}, {"democraticrepublicofthecongo", "CD"},
    {"democraticrepublicoftimorleste", "TL"}, {"democraticsocialistrepublicofsrilanka", "LK"}, {"denmark", "DK"},
    {"deu", "DE"}, {"deutschland", "DE"}, {"dji", "DJ"}, {"djibouti", "DJ"}, {"dma", "DM"}, {"dnk", "DK"},
    {"dom", "DO"}, {"dominica", "DM"}, {"dominicanrep", "DO"}, {"dominicanrepublic", "DO"}, {"drc", "CD"},
    {"duitsland", "DE"}, {"dza", "DZ"}, {"easternrepublicofuruguay", "UY"}, {"easttimor", "TL"}, {"ecosse", "GB"},
    {"ecu", "EC"}, {"ecuador", "EC"}, {"eeuu", "US"}, {"egy", "EG"}, {"egypt", "EG"}, {"egypte", "EG"},
    {"eire", "IE"}, {"ellada", "GR"}, {"elsalvador", "SV"}, {"emirates", "AE"}, {"england", "GB"},
    {"equatorialguinea", "GQ"}, {"eri", "ER"}, {"eritrea", "ER"}, {"esh", "EH"}, {"esp", "ES"}, {"espagne", "ES"},
    {"espana", "ES"}, {"espanha", "ES"}, {"est", "EE"}, {"estadosunidos", "US"}, {"estadosunidosdaamerica", "US"},
    {"estadosunidosdeamerica", "US"}, {"estonia", "EE"}, {"eswatini", "SZ"}, {"etatsunis", "US"},
    {"etatsunisdamerique", "US"}, {"eth", "ET"}, {"ethiopia", "ET"}, {"eua", "US"}, {"falklandislands", "FK"},
    {"falklandislandsmalvinas", "FK"}, {"faroeislands", "FO"}, {"federaldemocraticrepublicofethiopia", "ET"},
    {"federaldemocraticrepublicofnepal", "NP"}, {"federalrepublicofgermany", "DE"},
    {"federalrepublicofnigeria", "NG"}, {"federalrepublicofsomalia", "SO"}, {"federatedstatesofmicronesia", "FM"},
    {"federativerepublicofbrazil", "BR"}, {"fiji", "FJ"}, {"filipinas", "PH"}, {"fin", "FI"}, {"finland", "FI"},
    {"finlande", "FI"}, {"finnland", "FI"}, {"fji", "FJ"}, {"flk", "FK"}, {"fra", "FR"}, {"franca", "FR"},
    {"france", "FR"}, {"francia", "FR"}, {"frankreich", "FR"}, {"frankrijk", "FR"}, {"frenchguiana", "GF"},
    {"frenchpolynesia", "PF"}, {"frenchrepublic", "FR"}, {"frenchsouthernterritories", "TF"}, {"fro", "FO"},
    {"fsm", "FM"}, {"gab", "GA"}, {"gabon", "GA"}, {"gaboneserepublic", "GA"}, {"gambia", "GM"}, {"gbni", "GB"},
    {"gbr", "GB"}, {"geo", "GE"}, {"georgia", "GE"}, {"germania", "DE"}, {"germany", "DE"}, {"ggy", "GG"},
    {"gha", "GH"}, {"ghana", "GH"}, {"giappone", "JP"}, {"gib", "GI"}, {"gibraltar", "GI"}, {"gin", "GN"},
    {"glp", "GP"}, {"gmb", "GM"}, {"gnb", "GW"}, {"gnq", "GQ"}, {"granbretana", "GB"},
    {"grandduchyofluxembourg", "LU"}, {"grandebretagne", "GB"}, {"grc", "GR"}, {"grd", "GD"}, {"greatbritain", "GB"},
    {"grece", "GR"}, {"grecia", "GR"}, {"greece", "GR"}, {"greenland", "GL"}, {"grenada", "GD"},
    {"griechenland", "GR"}, {"grl", "GL"}, {"grossbritannien", "GB"}, {"gtm", "GT"}, {"guadeloupe", "GP"},
    {"guam", "GU"}, {"guatemala", "GT"}, {"guernsey", "GG"}, {"guf", "GF"}, {"guinea", "GN"}, {"guineabissau", "GW"},
    {"gum", "GU"}, {"guy", "GY"}, {"guyana", "GY"}, {"haiti", "HT"}, {"hashemitekingdomofjordan", "JO"},
    {"heardislandandmcdonaldislands", "HM"}, {"hellas", "GR"}, {"hellenicrepublic", "GR"}, {"hkg", "HK"},
    {"hmd", "HM"}, {"hnd", "HN"}, {"holland", "NL"}, {"holysee", "VA"}, {"holyseevaticancitystate", "VA"},
    {"honduras", "HN"}, {"hongkong", "HK"}, {"hongkongsar", "HK"},
    {"hongkongspecialadministrativeregionofchina", "HK"}, {"hongrie", "HU"}, {"hrv", "HR"}, {"hrvatska", "HR"},
    {"hti", "HT"}, {"hun", "HU"}, {"hungary", "HU"}, {"iceland", "IS"}, {"idn", "ID"}, {"imn", "IM"}, {"ind", "IN"},
    {"inde", "IN"}, {"independentstateofpapuanewguinea", "PG"}, {"independentstateofsamoa", "WS"}, {"india", "IN"},
    {"indien", "IN"}, {"indonesia", "ID"}, {"inghilterra", "GB"}, {"inglaterra", "GB"}, {"iot", "IO"}, {"iran", "IR"},
    {"iranislamicrepublicof", "IR"}, {"iraq", "IQ"}, {"ireland", "IE"}, {"irl", "IE"}, {"irland", "IE"},
    {"irlanda", "IE"}, {"irlande", "IE"}, {"irn", "IR"}, {"irq", "IQ"}, {"isl", "IS"},
    {"islamicrepublicofafghanistan", "AF"}, {"islamicrepublicofiran", "IR"}, {"islamicrepublicofmauritania", "MR"},
    {"islamicrepublicofpakistan", "PK"}, {"island", "IS"}, {"isleofman", "IM"}, {"isr", "IL"}, {"israel", "IL"},
    {"ita", "IT"}, {"italia", "IT"}, {"italianrepublic", "IT"}, {"italie", "IT"}, {"italien", "IT"}, {"italy", "IT"},
    {"ivorycoast", "CI"}, {"jam", "JM"}, {"jamaica", "JM"}, {"japan", "JP"}, {"japon", "JP"}, {"jersey", "JE"},
    {"jey", "JE"}, {"jor", "JO"}, {"jordan", "JO"}, {"jpn", "JP"}, {"kanada", "CA"}, {"kaz", "KZ"},
    {"kazakhstan", "KZ"}, {"ken", "KE"}, {"kenya", "KE"}, {"kgz", "KG"}, {"khm", "KH"}, {"kingdomofbahrain", "BH"},
    {"kingdomofbelgium", "BE"}, {"kingdomofbhutan", "BT"}, {"kingdomofcambodia", "KH"}, {"kingdomofdenmark", "DK"},
    {"kingdomofeswatini", "SZ"}, {"kingdomoflesotho", "LS"}, {"kingdomofmorocco", "MA"}, {"kingdomofnorway", "NO"},
    {"kingdomofsaudiarabia", "SA"}, {"kingdomofspain", "ES"}, {"kingdomofsweden", "SE"}, {"kingdomofthailand", "TH"},
    {"kingdomofthenetherlands", "NL"}, {"kingdomoftonga", "TO"}, {"kir", "KI"}, {"kiribati", "KI"}, {"kna", "KN"},
    {"kor", "KR"}, {"korea", "KR"}, {"koreademocraticpeoplesrepublicof", "KP"}, {"korearepublicof", "KR"},
    {"kroatien", "HR"}, {"ksa", "SA"}, {"kuwait", "KW"}, {"kwt", "KW"}, {"kyrgyzrepublic", "KG"},
    {"kyrgyzstan", "KG"}, {"lao", "LA"}, {"laopeoplesdemocraticrepublic", "LA"}, {"laos", "LA"}, {"latvia", "LV"},
    {"lbn", "LB"}, {"lbr", "LR"}, {"lby", "LY"}, {"lca", "LC"}, {"lebaneserepublic", "LB"}, {"lebanon", "LB"},
    {"lesotho", "LS"}, {"liberia", "LR"}, {"libya", "LY"}, {"libyanarabjamahiriya", "LY"}, {"lie", "LI"},
    {"liechtenstein", "LI"}, {"lithuania", "LT"}, {"lka", "LK"}, {"lso", "LS"}, {"ltu", "LT"}, {"lux", "LU"},
    {"luxembourg", "LU"}, {"luxemburg", "LU"}, {"lva", "LV"}, {"mac", "MO"}, {"macao", "MO"},
    {"macaospecialadministrativeregionofchina", "MO"}, {"macau", "MO"}, {"macedonia", "MK"}, {"madagascar", "MG"},
    {"maf", "MF"}, {"magyarorszag", "HU"}, {"mainlandchina", "CN"}, {"malawi", "MW"}, {"malaysia", "MY"},
    {"maldives", "MV"}, {"mali", "ML"}, {"malta", "MT"}, {"mar", "MA"}, {"maroc", "MA"}, {"marruecos", "MA"},
    {"marshallislands", "MH"}, {"martinique", "MQ"}, {"mauritania", "MR"}, {"mauritius", "MU"}, {"mayotte", "YT"},
    {"mco", "MC"}, {"mda", "MD"}, {"mdg", "MG"}, {"mdv", "MV"}, {"messico", "MX"}, {"mex", "MX"}, {"mexico", "MX"},
    {"mexiko", "MX"}, {"mexique", "MX"}, {"mhl", "MH"}, {"micronesia", "FM"}, {"micronesiafederatedstatesof", "FM"},
    {"mkd", "MK"}, {"mli", "ML"}, {"mlt", "MT"}, {"mmr", "MM"}, {"mne", "ME"}, {"mng", "MN"}, {"mnp", "MP"},
    {"moldova", "MD"}, {"moldovarepublicof", "MD"}, {"monaco", "MC"}, {"mongolia", "MN"}, {"montenegro", "ME"},
    {"montserrat", "MS"}, {"morocco", "MA"}, {"moz", "MZ"}, {"mozambique", "MZ"}, {"mrt", "MR"}, {"msr", "MS"},
    {"mtq", "MQ"}, {"mus", "MU"}, {"mwi", "MW"}, {"myanmar", "MM"}, {"mys", "MY"}, {"myt", "YT"}, {"nam", "NA"},
    {"namibia", "NA"}, {"nauru", "NR"}, {"ncl", "NC"}, {"nederland", "NL"}, {"nepal", "NP"}, {"ner", "NE"},
    {"netherlands", "NL"}, {"newcaledonia", "NC"}, {"newzealand", "NZ"}, {"nfk", "NF"}, {"nga", "NG"}, {"nic", "NI"},
    {"nicaragua", "NI"}, {"niederlande", "NL"}, {"niger", "NE"}, {"nigeria", "NG"}, {"nippon", "JP"}, {"niu", "NU"},
    {"niue", "NU"}, {"nld", "NL"}, {"nor", "NO"}, {"norfolkisland", "NF"}, {"norge", "NO"}, {"northernireland", "GB"},
    {"northernmarianaislands", "MP"}, {"northkorea", "KP"}, {"northmacedonia", "MK"}, {"noruega", "NO"},
    {"norvege", "NO"}, {"norway", "NO"}, {"norwegen", "NO"}, {"npl", "NP"}, {"nru", "NR"}, {"nzl", "NZ"},
    {"oman", "OM"}, {"omn", "OM"}, {"osterreich", "AT"}, {"paesibassi", "NL"}, {"paisesbajos", "NL"}, {"pak", "PK"},
    {"pakistan", "PK"}, {"palau", "PW"}, {"palestine", "PS"}, {"palestinestateof", "PS"}, {"pan", "PA"},
    {"panama", "PA"}, {"papuanewguinea", "PG"}, {"paraguay", "PY"}, {"paysbas", "NL"}, {"pcn", "PN"},
    {"peoplesdemocraticrepublicofalgeria", "DZ"}, {"peoplesrepublicofbangladesh", "BD"},
    {"peoplesrepublicofchina", "CN"}, {"per", "PE"}, {"peru", "PE"}, {"philippines", "PH"}, {"phl", "PH"},
    {"pilipinas", "PH"}, {"pitcairn", "PN"}, {"plurinationalstateofbolivia", "BO"}, {"plw", "PW"}, {"png", "PG"},
    {"pol", "PL"}, {"poland", "PL"}, {"polen", "PL"}, {"pologne", "PL"}, {"polonia", "PL"}, {"polska", "PL"},
    {"portogallo", "PT"}, {"portugal", "PT"}, {"portugueserepublic", "PT"}, {"prc", "CN"}, {"prchina", "CN"},
    {"pri", "PR"}, {"principalityofandorra", "AD"}, {"principalityofliechtenstein", "LI"},
    {"principalityofmonaco", "MC"}, {"prk", "KP"}, {"provinceofchinataiwan", "TW"}, {"prt", "PT"}, {"pry", "PY"},
    {"pse", "PS"}, {"puertorico", "PR"}, {"pyf", "PF"}, {"qat", "QA"}, {"qatar", "QA"}, {"regnounito", "GB"},
    {"reinounido", "GB"}, {"repdominicana", "DO"}, {"republicadominicana", "DO"}, {"republicofalbania", "AL"},
    {"republicofangola", "AO"}, {"republicofarmenia", "AM"}, {"republicofaustria", "AT"},
    {"republicofazerbaijan", "AZ"}, {"republicofbelarus", "BY"}, {"republicofbenin", "BJ"},
    {"republicofbosniaandherzegovina", "BA"}, {"republicofbotswana", "BW"}, {"republicofbulgaria", "BG"},
    {"republicofburundi", "BI"}, {"republicofcaboverde", "CV"}, {"republicofcameroon", "CM"},
    {"republicofchad", "TD"}, {"republicofchile", "CL"}, {"republicofcolombia", "CO"}, {"republicofcostarica", "CR"},
    {"republicofcotedivoire", "CI"}, {"republicofcroatia", "HR"}, {"republicofcuba", "CU"},
    {"republicofcyprus", "CY"}, {"republicofdjibouti", "DJ"}, {"republicofecuador", "EC"},
    {"republicofelsalvador", "SV"}, {"republicofequatorialguinea", "GQ"}, {"republicofestonia", "EE"},
    {"republicoffiji", "FJ"}, {"republicoffinland", "FI"}, {"republicofghana", "GH"}, {"republicofguatemala", "GT"},
    {"republicofguinea", "GN"}, {"republicofguineabissau", "GW"}, {"republicofguyana", "GY"},
    {"republicofhaiti", "HT"}, {"republicofhonduras", "HN"}, {"republicoficeland", "IS"}, {"republicofindia", "IN"},
    {"republicofindonesia", "ID"}, {"republicofiraq", "IQ"}, {"republicofireland", "IE"},
    {"republicofkazakhstan", "KZ"}, {"republicofkenya", "KE"}, {"republicofkiribati", "KI"},
    {"republicofkorea", "KR"}, {"republicoflatvia", "LV"}, {"republicofliberia", "LR"}, {"republicoflithuania", "LT"},
    {"republicofmadagascar", "MG"}, {"republicofmalawi", "MW"}, {"republicofmaldives", "MV"},
    {"republicofmali", "ML"}, {"republicofmalta", "MT"}, {"republicofmauritius", "MU"}, {"republicofmoldova", "MD"},
    {"republicofmozambique", "MZ"}, {"republicofmyanmar", "MM"}, {"republicofnamibia", "NA"},
    {"republicofnauru", "NR"}, {"republicofnicaragua", "NI"}, {"republicofnorthmacedonia", "MK"},
    {"republicofpalau", "PW"}, {"republicofpanama", "PA"}, {"republicofparaguay", "PY"}, {"republicofperu", "PE"},
    {"republicofpoland", "PL"}, {"republicofsanmarino", "SM"}, {"republicofsenegal", "SN"},
    {"republicofserbia", "RS"}, {"republicofseychelles", "SC"}, {"republicofsierraleone", "SL"},
    {"republicofsingapore", "SG"}, {"republicofslovenia", "SI"}, {"republicofsouthafrica", "ZA"},
    {"republicofsouthsudan", "SS"}, {"republicofsuriname", "SR"}, {"republicoftajikistan", "TJ"},
    {"republicofthecongo", "CG"}, {"republicofthegambia", "GM"}, {"republicofthemarshallislands", "MH"},
    {"republicoftheniger", "NE"}, {"republicofthephilippines", "PH"}, {"republicofthesudan", "SD"},
    {"republicoftrinidadandtobago", "TT"}, {"republicoftunisia", "TN"}, {"republicofturkiye", "TR"},
    {"republicofuganda", "UG"}, {"republicofuzbekistan", "UZ"}, {"republicofvanuatu", "VU"},
    {"republicofyemen", "YE"}, {"republicofzambia", "ZM"}, {"republicofzimbabwe", "ZW"}, {"reu", "RE"},
    {"reunion", "RE"}, {"roc", "TW"}, {"roi", "IE"}, {"romania", "RO"}, {"rou", "RO"}, {"roumanie", "RO"},
    {"royaumeuni", "GB"}, {"rsa", "ZA"}, {"rumanien", "RO"}, {"rus", "RU"}, {"rusia", "RU"}, {"russia", "RU"},
    {"russianfederation", "RU"}, {"russie", "RU"}, {"russland", "RU"}, {"rwa", "RW"}, {"rwanda", "RW"},
    {"rwandeserepublic", "RW"}, {"saintbarthelemy", "BL"}, {"sainthelena", "SH"},
    {"sainthelenaascensionandtristandacunha", "SH"}, {"saintkitts", "KN"}, {"saintkittsandnevis", "KN"},
    {"saintlucia", "LC"}, {"saintmartin", "MF"}, {"saintmartinfrenchpart", "MF"}, {"saintpierreandmiquelon", "PM"},
    {"saintvincentandthegrenadines", "VC"}, {"samoa", "WS"}, {"sanmarino", "SM"}, {"saotomeandprincipe", "ST"},
    {"sarchina", "HK"}, {"sau", "SA"}, {"saudiarabia", "SA"}, {"schottland", "GB"}, {"schweden", "SE"},
    {"schweiz", "CH"}, {"scotland", "GB"}, {"sdn", "SD"}, {"sen", "SN"}, {"senegal", "SN"}, {"serbia", "RS"},
    {"seychelles", "SC"}, {"sgp", "SG"}, {"sgs", "GS"}, {"shn", "SH"}, {"sierraleone", "SL"}, {"singapore", "SG"},
    {"sinteustatiusandsababonaire", "BQ"}, {"sintmaartendutchpart", "SX"}, {"sjm", "SJ"}, {"slb", "SB"},
    {"sle", "SL"}, {"slovakia", "SK"}, {"slovakrepublic", "SK"}, {"slovenia", "SI"}, {"slv", "SV"}, {"smr", "SM"},
    {"socialistrepublicofvietnam", "VN"}, {"solomonislands", "SB"}, {"som", "SO"}, {"somalia", "SO"},
    {"southafrica", "ZA"}, {"southgeorgiaandthesouthsandwichislands", "GS"}, {"southkorea", "KR"},
    {"southsudan", "SS"}, {"spagna", "ES"}, {"spain", "ES"}, {"spanien", "ES"}, {"spanje", "ES"}, {"spm", "PM"},
    {"srb", "RS"}, {"srilanka", "LK"}, {"ssd", "SS"}, {"stateofisrael", "IL"}, {"stateofkuwait", "KW"},
    {"stateofpalestine", "PS"}, {"stateofqatar", "QA"}, {"statiuniti", "US"}, {"sthelena", "SH"}, {"stlucia", "LC"},
    {"stmartin", "MF"}, {"stp", "ST"}, {"stvincent", "VC"}, {"sudafrica", "ZA"}, {"sudan", "SD"}, {"suecia", "SE"},
    {"suede", "SE"}, {"suica", "CH"}, {"suisse", "CH"}, {"suiza", "CH"}, {"sultanateofoman", "OM"}, {"suomi", "FI"},
    {"sur", "SR"}, {"suriname", "SR"}, {"svalbardandjanmayen", "SJ"}, {"sverige", "SE"}, {"svizzera", "CH"},
    {"svk", "SK"}, {"svn", "SI"}, {"swaziland", "SZ"}, {"swe", "SE"}, {"sweden", "SE"}, {"swissconfederation", "CH"},
    {"switzerland", "CH"}, {"swz", "SZ"}, {"sxm", "SX"}, {"syc", "SC"}, {"syr", "SY"}, {"syria", "SY"},
    {"syrianarabrepublic", "SY"}, {"taiwan", "TW"}, {"taiwanprovinceofchina", "TW"}, {"tajikistan", "TJ"},
    {"tanzania", "TZ"}, {"tanzaniaunitedrepublicof", "TZ"}, {"tca", "TC"}, {"tcd", "TD"}, {"tgo", "TG"},
    {"tha", "TH"}, {"thailand", "TH"}, {"thedemocraticrepublicofthecongo", "CD"}, {"thenetherlands", "NL"},
    {"thephilippines", "PH"}, {"thestateoferitrea", "ER"}, {"thestateofpalestine", "PS"}, {"theunitedkingdom", "GB"},
    {"theunitedstates", "US"}, {"timorleste", "TL"}, {"tjk", "TJ"}, {"tkl", "TK"}, {"tkm", "TM"}, {"tls", "TL"},
    {"togo", "TG"}, {"togoleserepublic", "TG"}, {"tokelau", "TK"}, {"ton", "TO"}, {"tonga", "TO"}, {"trinidad", "TT"},
    {"trinidadandtobago", "TT"}, {"tschechien", "CZ"}, {"tto", "TT"}, {"tun", "TN"}, {"tunisia", "TN"}, {"tur", "TR"},
    {"turkei", "TR"}, {"turkey", "TR"}, {"turkiye", "TR"}, {"turkmenistan", "TM"}, {"turksandcaicosislands", "TC"},
    {"turquia", "TR"}, {"turquie", "TR"}, {"tuv", "TV"}, {"tuvalu", "TV"}, {"twn", "TW"}, {"tza", "TZ"},
    {"uae", "AE"}, {"uga", "UG"}, {"uganda", "UG"}, {"uk", "GB"}, {"ukr", "UA"}, {"ukraine", "UA"}, {"ulster", "GB"},
    {"umi", "UM"}, {"ungarn", "HU"}, {"unionofthecomoros", "KM"}, {"unitedarabemirates", "AE"},
    {"unitedkingdom", "GB"}, {"unitedkingdomofgreatbritainandnorthernireland", "GB"}, {"unitedmexicanstates", "MX"},
    {"unitedrepublicoftanzania", "TZ"}, {"unitedstate", "US"}, {"unitedstates", "US"}, {"unitedstatesamerica", "US"},
    {"unitedstatesminoroutlyingislands", "UM"}, {"unitedstatesofamerica", "US"}, {"uruguay", "UY"}, {"ury", "UY"},
    {"usa", "US"}, {"usofa", "US"}, {"usofamerica", "US"}, {"usvirginislands", "VI"}, {"uzb", "UZ"},
    {"uzbekistan", "UZ"}, {"vanuatu", "VU"}, {"vat", "VA"}, {"vatican", "VA"}, {"vaticancity", "VA"}, {"vct", "VC"},
    {"ven", "VE"}, {"venezuela", "VE"}, {"venezuelabolivarianrepublicof", "VE"}, {"vereinigteskonigreich", "GB"},
    {"vereinigtestaaten", "US"}, {"vereinigtestaatenvonamerika", "US"}, {"verenigdestaten", "US"},
    {"verenigdkoninkrijk", "GB"}, {"vgb", "VG"}, {"vietnam", "VN"}, {"vir", "VI"}, {"virginislandsbritish", "VG"},
    {"virginislandsoftheunitedstates", "VI"}, {"virginislandsus", "VI"}, {"vnm", "VN"}, {"vut", "VU"},
    {"wales", "GB"}, {"wallisandfutuna", "WF"}, {"westernsahara", "EH"}, {"wlf", "WF"}, {"wsm", "WS"}, {"yem", "YE"},
    {"yemen", "YE"}, {"zaf", "ZA"}, {"zambia", "ZM"}, {"zimbabwe", "ZW"}, {"zmb", "ZM"}, {"zwe", "ZW"},
    {"zwitserland", "CH"},
};
// clang-format on

static_assert(std::is_sorted(std::begin(kNames), std::end(kNames),
                             [](const Name& a, const Name& b) { return a.key < b.key; }));

bool IsAlpha2(std::string_view code) {
  if (code.size() != 2) return false;
  for (size_t i = 0; i + 2 <= kAlpha2.size(); i += 3)
    if (kAlpha2[i] == code[0] && kAlpha2[i + 1] == code[1]) return true;
  return false;
}

}  // namespace

Outcome NormalizeCountry(std::string_view text, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  if (text.size() == 2) {
    const char code[2] = {Upper(text[0]), Upper(text[1])};
    if (IsAlpha2({code, 2})) {
      out->assign(code, 2);
      return Outcome::kOk;
    }
  }
  if (IsJunk(text)) return Outcome::kPlaceholder;
  std::string key;
  FoldKey(text, &key);
  if (IsDigit(key[0]) && key.size() < 3) key.insert(0, 3 - key.size(), '0');  // numeric codes have three digits
  const auto* found = std::lower_bound(std::begin(kNames), std::end(kNames), std::string_view(key),
                                       [](const Name& name, std::string_view k) { return name.key < k; });
  if (found != std::end(kNames) && found->key == key) {
    out->assign(found->country);
    return Outcome::kOk;
  }
  for (char& c : key) c = Upper(c);
  if (!IsAlpha2(key)) return Outcome::kBad;
  out->assign(key);  // "U.S."
  return Outcome::kOk;
}

AddressStyle StyleOf(std::string_view country) {
  if (country == "US" || country == "PR" || country == "GU" || country == "VI" || country == "AS" || country == "MP")
    return AddressStyle::kUs;
  if (country == "CA") return AddressStyle::kCanada;
  if (country == "GB" || country == "AU" || country == "NZ" || country == "IE") return AddressStyle::kCommonwealth;
  return AddressStyle::kOther;
}

}  // namespace migrate::normalize
