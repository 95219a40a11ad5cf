#include "company_trades.h"

#include <deque>
#include <string>

namespace migrate::normalize {
namespace {

constexpr std::string_view kTrades[] = {
    // English
    "accountants accounting architects bakery bakeries barbershop bookkeeping bookstore bookshop brewery builders "
    "carpentry caterers catering chiropractic cleaners communications crafters dealership decorators dermatology "
    "design designs distillery drywall excavating exporters exports fabrication fabricators fisheries florists foods "
    "forwarding freight furnishings furniture glazing grocers group hardware haulage hvac importers imports "
    "infotech installations jewellers jewelers jewellery jewelry joinery kennels landscapes laundromat laundry "
    "locksmiths machining masonry media metals networks nurseries optometry orthodontics outfitters packaging "
    "painters partners paving pediatrics petroleum pharmaceuticals photography pizzeria plastics podiatry printers "
    "printing products remodeling rentals repairs retailers signage solicitors staffing steakhouse storage "
    "studios suppliers supplies surgery surveyors systems tannery taxidermy telecom textiles tiling traders "
    "travels tuition upholstery utilities veterinary ventures warehousing welding wholesale wholesalers winery "
    "wireless woodworks workshop",
    // German
    "agentur apotheke arztpraxis autohaus bäckerei brauerei buchhandlung druckerei elektrotechnik feuerwehr "
    "fleischerei gärtnerei gasthaus gasthof gemeinde grundschule handels hausverwaltung heizungsbau holzbau "
    "immobilien ingenieurbüro kanzlei kindergarten konditorei logistik malerbetrieb maschinenbau metallbau metzgerei "
    "möbel praxis rechtsanwälte reisebüro sanitär schreinerei sparkasse spedition stadtwerke stahlbau "
    "steuerberatung tiefbau tischlerei transporte versicherungen verlag volksbank werbeagentur werkstatt "
    "zahnarztpraxis zimmerei ",
    // French
    "assurances boucherie boulangerie charpente coiffure conseil électricité établissements ets imprimerie immobilier "
    "immobilière informatique laboratoire librairie lycée maçonnerie mairie menuiserie pâtisserie peinture pharmacie "
    "plomberie restauration serrurerie traiteur transports",
    // Spanish
    "asesores asesoría autoescuela ayuntamiento cafetería carnicería carpintería construcciones distribuciones "
    "distribuidora electricidad exportaciones farmacia ferretería fontanería gestoría hostelería importaciones "
    "inmobiliaria instalaciones muebles panadería peluquería servicios suministros talleres transportes",
    // Portuguese
    "alimentos associação informática comércio confecções construtora drogaria imobiliária indústria lanchonete "
    "materiais mercearia móveis oficina padaria papelaria prefeitura serviços supermercado transportadora",
    // Italian
    "assicurazioni autofficina costruzioni ditta ferramenta immobiliare impianti macelleria officina panificio "
    "pasticceria trasporti trattoria",
    // Dutch
    "apotheek bakkerij bouwbedrijf gemeente makelaardij slagerij stichting vereniging",
    // Polish
    "apteka biuro budownictwo cukiernia gabinet hurtownia kancelaria meble piekarnia przedsiębiorstwo serwis sklep "
    "spółka usługi zakład",
    // Legal forms
    "s/a s/c s.l.u. sasu ohg gbr kgaa bvba cvba eirl lda unipessoal sp.j. d.o.o. uab",
};

// Letters of two bytes and what is written where a keyboard lacks them.
struct Letter {
  std::string_view with, plain, digraph, upper;
};
constexpr Letter kLetters[] = {
    {"ä", "a", "ae", "Ä"}, {"ö", "o", "oe", "Ö"}, {"ü", "u", "ue", "Ü"}, {"á", "a", "a", "Á"}, {"à", "a", "a", "À"},
    {"â", "a", "a", "Â"},  {"ã", "a", "a", "Ã"},  {"é", "e", "e", "É"},  {"è", "e", "e", "È"}, {"í", "i", "i", "Í"},
    {"ó", "o", "o", "Ó"},  {"õ", "o", "o", "Õ"},  {"ú", "u", "u", "Ú"},  {"ç", "c", "c", "Ç"}, {"ł", "l", "l", "Ł"},
    {"ę", "e", "e", "Ę"},  {"ą", "a", "a", "Ą"}};

std::string Spelt(std::string_view word, std::string_view Letter::*how) {
  std::string out;
  while (!word.empty()) {
    size_t taken = 1;
    std::string_view as = word.substr(0, 1);
    for (const Letter& letter : kLetters) {
      if (word.substr(0, letter.with.size()) != letter.with) continue;
      taken = letter.with.size();
      as = letter.*how;
    }
    out += as;
    word.remove_prefix(taken);
  }
  return out;
}

}  // namespace

const std::vector<std::string_view>& TradeWords() {
  static const std::vector<std::string_view> words = [] {
    static std::deque<std::string> spellings;
    std::vector<std::string_view> all;
    for (std::string_view list : kTrades) {
      while (!list.empty()) {
        const size_t blank = list.find(' ');
        const std::string_view word = list.substr(0, blank);
        for (const auto how : {&Letter::with, &Letter::plain, &Letter::digraph, &Letter::upper})
          all.push_back(spellings.emplace_back(Spelt(word, how)));
        list = blank == std::string_view::npos ? std::string_view() : list.substr(blank + 1);
      }
    }
    return all;
  }();
  return words;
}

}  // namespace migrate::normalize
