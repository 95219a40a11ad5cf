#include "word_lists.h"

#include <algorithm>
#include <string>
#include <vector>

namespace migrate::survey {
namespace {

class WordSet {
 public:
  explicit WordSet(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
      size_t end = std::min(text.find(' ', at), text.size());
      if (end > at) words_.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    std::sort(words_.begin(), words_.end());
  }
  bool Has(std::string_view word) const { return std::binary_search(words_.begin(), words_.end(), word); }

 private:
  std::vector<std::string_view> words_;
};

constexpr std::string_view kGiven =
    "james mary robert patricia john jennifer michael linda david elizabeth william barbara richard susan joseph "
    "jessica thomas sarah charles karen christopher lisa daniel nancy matthew betty anthony margaret mark sandra "
    "donald "
    "ashley steven kimberly paul emily andrew donna joshua michelle kenneth carol kevin amanda brian dorothy george "
    "melissa timothy deborah ronald stephanie edward rebecca jason sharon jeffrey laura ryan cynthia jacob kathleen "
    "gary amy nicholas angela eric shirley jonathan anna stephen brenda larry pamela justin emma scott nicole brandon "
    "helen benjamin samantha samuel katherine gregory christine alexander debra frank rachel patrick carolyn raymond "
    "janet jack maria dennis heather jerry diane tyler ruth aaron julie jose olivia adam joyce nathan virginia henry "
    "victoria zachary kelly douglas lauren peter christina kyle joan noah evelyn ethan judith jeremy megan walter "
    "andrea christian cheryl keith hannah roger jacqueline terry martha austin gloria sean teresa gerald ann carl sara "
    "harold madison dylan frances arthur kathryn lawrence janice jordan jean jesse abigail bryan alice billy julia "
    "bruce "
    "judy gabriel sophia joe grace logan denise alan amber juan doris albert marilyn willie danielle elijah beverly "
    "wayne isabella randy theresa vincent diana mason natalie roy brittany ralph charlotte bobby marie russell kayla "
    "bradley alexis philip lori eugene tiffany howard crystal louis rose ella liam mia ava lucas oliver leo max harry "
    "oscar charlie archie alfie freddie theo isla poppy lily ivy freya florence willow elsie simon ian neil graham "
    "stuart colin derek nigel gareth craig gavin darren fiona claire tracey gillian lesley jane kate lucy chloe ellie "
    "phoebe bethany holly jim bob bill tom mike steve dave chris matt dan tony sam ben alex nick greg jeff ken ron don "
    "ray ed fred sue liz kathy cathy debbie pam cindy ada iris clara edith martin marc erik karl hans klaus jurgen "
    "juergen gunter guenter dieter uwe wolfgang horst manfred helmut gerhard heinz werner rainer bernd ralf stefan "
    "andreas markus matthias sebastian florian tobias jan felix moritz maximilian jonas lukas finn elias paula lena "
    "lea "
    "leonie johanna katharina anja petra sabine monika renate ursula ingrid gisela heike birgit brigitte claudia "
    "susanne nicole kerstin silke ute elke anke jutta christa helga karin marianne greta frieda ilse otto fritz kurt "
    "ernst jean pierre michel andre philippe rene louis alain jacques bernard marcel daniel claude christophe laurent "
    "nicolas olivier pascal thierry francois sebastien frederic guillaume antoine julien romain hugo jules gabriel "
    "raphael camille lea manon chloe ines jeanne nathalie isabelle sylvie catherine francoise monique sophie celine "
    "aurelie emilie elodie juliette margaux amelie helene antonio manuel jose francisco juan javier carlos miguel "
    "angel "
    "rafael pedro pablo sergio jorge alberto fernando luis diego raul ruben alejandro ramon enrique joaquin carmen "
    "josefa isabel dolores pilar ana lucia cristina marta elena rosa raquel beatriz silvia paola valeria camila sofia "
    "valentina mariana gabriela fernanda adriana alejandra daniela joao maria paulo marcos lucas mateus gustavo felipe "
    "bruno thiago rodrigo leonardo luiz marcelo eduardo ricardo roberto juliana patricia aline luciana leticia larissa "
    "giuseppe giovanni mario luigi francesco marco alessandro matteo lorenzo davide andrea stefano paolo giulia chiara "
    "francesca alessia martina federica giorgia silvia elisa johannes willem pieter cornelis hendrik jeroen maarten "
    "bram daan sanne femke lotte anouk lars ole knut bjorn sven nils anders olof mikael astrid ingrid sigrid karin "
    "kristina aino matti juhani ivan dmitri sergei olga tatiana natalia svetlana elena igor vladimir aleksandr "
    "anastasia "
    "piotr krzysztof andrzej agnieszka katarzyna malgorzata jakub wei li ming hiroshi yuki kenji haruto sakura "
    "mohammed "
    "muhammad ahmed ali omar hassan ibrahim fatima aisha yusuf mehmet mustafa ayse zeynep priya raj amit anil sunita "
    "ravi sanjay deepak neha pooja arjun rahul ananya lopez ximena guadalupe jesus santiago mateo emiliano";
constexpr std::string_view kSurnames =
    "smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson "
    "anderson "
    "thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker "
    "young allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell "
    "carter roberts gomez phillips evans turner diaz parker cruz edwards collins reyes stewart morris morales murphy "
    "cook rogers gutierrez ortiz morgan cooper peterson bailey reed kelly howard ramos kim cox ward richardson watson "
    "brooks chavez wood james bennett gray mendoza ruiz hughes price alvarez castillo sanders patel myers long ross "
    "foster jimenez powell jenkins perry russell sullivan bell coleman butler henderson barnes gonzales fisher vasquez "
    "simmons romero jordan patterson alexander hamilton graham reynolds griffin wallace moreno west cole hayes bryant "
    "herrera gibson ellis tran medina aguilar stevens murray ford castro marshall owens harrison fernandez mcdonald "
    "woods washington kennedy wells vargas henry chen freeman webb tucker guzman burns crawford olson simpson porter "
    "hunter gordon mendez silva shaw snyder mason dixon munoz hunt hicks holmes palmer wagner black robertson boyd "
    "rose "
    "stone salazar fox warren mills meyer rice schmidt garza daniels ferguson nichols stephens soto weaver ryan "
    "gardner "
    "payne grant dunn kelley spencer hawkins arnold pierce hansen peters santos hart bradley knight elliott cunningham "
    "duncan armstrong hudson carroll lane riley andrews alvarado ray delgado berry perkins hoffman johnston matthews "
    "pena richards contreras willis carpenter lawrence sandoval guerrero george chapman rios estrada ortega watkins "
    "greene nunez wheeler valdez harper burke larson santiago maldonado morrison franklin carlson austin dominguez "
    "carr "
    "lawson jacobs obrien lynch singh vega bishop montgomery oliver jensen harvey davies khan ahmed hussain "
    "mueller muller schneider fischer weber mayer becker schulz schulze koch richter klein wolf schroder schroeder "
    "neumann schwarz zimmermann braun kruger krueger hofmann hartmann lange schmitt werner schmitz krause meier "
    "lehmann "
    "schmid maier kohler koehler herrmann konig koenig walter huber kaiser fuchs peters lang scholz moller moeller "
    "weiss "
    "jung hahn schubert vogel friedrich keller gunther guenther frank berger winkler roth beck lorenz baumann franke "
    "albrecht schuster simon ludwig bohm boehm winter kraus martin schumacher kramer vogt stein jager jaeger otto "
    "sommer gross seidel heinrich brandt haas schreiber graf dietrich ziegler kuhn kuehn pohl engel horn busch "
    "bergmann "
    "bernard dubois durand moreau laurent lefebvre michel leroy roux bertrand morel fournier girard bonnet dupont "
    "lambert fontaine rousseau vincent muller lefevre faure mercier blanc guerin boyer garnier chevalier francois "
    "legrand "
    "gauthier perrin robin clement morin nicolas henry roussel mathieu gautier masson marchand duval denis dumont "
    "lemaire noel meunier garcia navarro rubio molina serrano blanco suarez gil vazquez iglesias marin sanz "
    "rossi russo ferrari esposito bianchi romano colombo ricci marino greco bruno gallo conti costa giordano mancini "
    "rizzo lombardi moretti silva souza oliveira lima pereira ferreira almeida nascimento carvalho gomes ribeiro alves "
    "barbosa rocha dias araujo melo cardoso teixeira dejong jansen devries vandenberg vandijk bakker visser smit "
    "meijer "
    "deboer mulder bos vos hendriks andersson johansson karlsson nilsson eriksson larsson olsson hansen nielsen "
    "pedersen andersen olsen larsen berg haugen korhonen virtanen ivanov smirnov kuznetsov popov nowak kowalski "
    "wisniewski wang li zhang liu yang huang zhao wu zhou tanaka suzuki sato takahashi watanabe ito yamamoto nakamura "
    "kumar sharma gupta shah mehta yilmaz kaya demir ali hassan ibrahim park choi jung kang cho tremblay gagnon roy "
    "cote "
    "bouchard macdonald campbell oconnor osullivan mccarthy doyle byrne walsh";
constexpr std::string_view kCities =
    "newyork losangeles chicago houston phoenix philadelphia sanantonio sandiego dallas austin jacksonville fortworth "
    "sanjose columbus charlotte indianapolis sanfrancisco seattle denver oklahomacity nashville washington elpaso "
    "lasvegas boston portland louisville memphis detroit baltimore milwaukee albuquerque fresno tucson sacramento mesa "
    "kansascity atlanta coloradosprings omaha raleigh virginiabeach longbeach miami oakland minneapolis bakersfield "
    "tulsa "
    "tampa arlington wichita aurora neworleans cleveland anaheim honolulu henderson stockton riverside lexington "
    "corpuschristi orlando irvine cincinnati santaana newark saintpaul stpaul pittsburgh greensboro durham lincoln "
    "jerseycity plano anchorage stlouis saintlouis madison chandler gilbert reno buffalo chulavista fortwayne lubbock "
    "toledo stpetersburg laredo irving chesapeake glendale winstonsalem scottsdale garland boise norfolk spokane "
    "fremont richmond batonrouge desmoines tacoma modesto fontana huntsville rochester yonkers saltlakecity amarillo "
    "littlerock akron augusta mobile grandrapids montgomery tallahassee knoxville worcester providence brownsville "
    "springfield salem eugene cambridge bellevue boulder dayton savannah syracuse albany hartford columbia charleston "
    "toronto montreal vancouver calgary edmonton ottawa winnipeg quebec quebeccity hamilton kitchener halifax victoria "
    "london birmingham manchester leeds glasgow liverpool bristol sheffield edinburgh leicester cardiff belfast "
    "nottingham newcastle coventry sunderland brighton hull plymouth southampton reading derby wolverhampton oxford "
    "york "
    "sydney melbourne brisbane perth adelaide canberra goldcoast newcastle hobart darwin geelong auckland wellington "
    "dublin cork galway limerick berlin hamburg munchen muenchen munich koln koeln cologne frankfurt frankfurtammain "
    "stuttgart dusseldorf duesseldorf leipzig dortmund essen bremen dresden hannover nurnberg nuernberg duisburg "
    "bochum "
    "wuppertal bielefeld bonn munster muenster karlsruhe mannheim augsburg wiesbaden gelsenkirchen monchengladbach "
    "braunschweig kiel chemnitz aachen halle magdeburg freiburg krefeld mainz lubeck luebeck erfurt rostock kassel "
    "potsdam ulm regensburg wurzburg wuerzburg heidelberg wien graz linz salzburg innsbruck zurich zuerich genf geneve "
    "basel bern lausanne paris marseille lyon toulouse nice nantes montpellier strasbourg bordeaux lille rennes reims "
    "toulon grenoble dijon angers nimes brest lemans tours madrid barcelona valencia sevilla zaragoza malaga murcia "
    "palma bilbao alicante cordoba valladolid vigo gijon granada lisboa porto braga coimbra saopaulo riodejaneiro "
    "brasilia salvador fortaleza belohorizonte manaus curitiba recife portoalegre campinas roma rome milano milan "
    "napoli "
    "naples torino turin palermo genova bologna firenze florence bari catania venezia verona amsterdam rotterdam "
    "denhaag "
    "utrecht eindhoven groningen tilburg antwerpen gent brussel bruxelles brussels liege stockholm goteborg malmo oslo "
    "bergen kobenhavn copenhagen aarhus helsinki espoo tampere warszawa krakow lodz wroclaw poznan praha brno budapest "
    "wien moskva moscow mexicocity ciudaddemexico guadalajara monterrey puebla tijuana bogota medellin cali lima "
    "santiago buenosaires caracas quito tokyo osaka kyoto beijing shanghai hongkong singapore mumbai delhi newdelhi "
    "bangalore bengaluru hyderabad chennai kolkata pune istanbul ankara izmir telaviv dubai cairo lagos nairobi "
    "johannesburg capetown";
constexpr std::string_view kStreetWords =
    "st street ave av avenue rd road blvd boulevard ln lane dr drive ct court pl place pkwy parkway hwy highway ter "
    "terrace trl trail cir circle sq square loop way row crescent cres close grove gardens mews walk alley aly pike "
    "turnpike run path ridge crossing xing rue chemin allee quai cours impasse route calle avenida av avda carrera "
    "cra paseo plaza camino via viale piazza corso vicolo largo rua travessa praca estrada alameda strasse str weg "
    "platz "
    "gasse ring damm ufer straat laan plein kade gade gata gatan vagen vej veien vei ulica ul";
constexpr std::string_view kCompanyWords =
    "inc incorporated llc ltd limited corp corporation company co plc lp llp gmbh ag kg ohg ug mbh ev sa sas sarl srl "
    "spa "
    "bv nv ab as oy sl slu sl pty ltda associates group holdings partners foundation university college church bank "
    "hospital clinic services solutions industries enterprises systems";

bool EndsWithAny(std::string_view word, std::string_view endings) {
  while (!endings.empty()) {
    size_t end = std::min(endings.find(' '), endings.size());
    std::string_view e = endings.substr(0, end);
    if (word.size() > e.size() + 2 && word.ends_with(e)) return true;
    endings.remove_prefix(std::min(end + 1, endings.size()));
  }
  return false;
}

}  // namespace

bool IsGivenName(std::string_view folded) {
  static const WordSet kSet(kGiven);
  return kSet.Has(folded);
}

bool IsSurname(std::string_view folded) {
  static const WordSet kSet(kSurnames);
  return kSet.Has(folded);
}

bool IsStreetWord(std::string_view folded) {
  static const WordSet kSet(kStreetWords);
  return kSet.Has(folded) ||
         EndsWithAny(folded, "strasse str weg gasse platz allee straat laan plein gade gatan vagen vej");
}

bool IsCompanyWord(std::string_view folded) {
  static const WordSet kSet(kCompanyWords);
  return kSet.Has(folded);
}

bool IsCity(std::string_view folded) {
  static const WordSet kSet(kCities);
  return kSet.Has(folded) || EndsWithAny(folded,
                                         "ville burg burgh ton bury wood mouth heim stadt hausen furt town polis "
                                         "beach springs falls heights field port");
}

}  // namespace migrate::survey
