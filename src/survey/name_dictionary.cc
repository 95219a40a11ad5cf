#include "name_dictionary.h"

#include <algorithm>
#include <array>

namespace migrate::survey {
namespace {

using enum Role;

constexpr std::array kDictionary = {
    DictionaryEntry{kFirstName, 1, 'e',
                    "firstname fname givenname givennames givenname1 given forename forenames christianname namefirst "
                    "firstnm fstname frstname fstnm fnm firstn firstnames callname knownas preferredname"},
    DictionaryEntry{kFirstName, 0.9, 'e', "first fn name1st fnam"},
    DictionaryEntry{kFirstName, 1, 'd', "vorname vornamen rufname vname vorn"},
    DictionaryEntry{kFirstName, 1, 'f', "prenom prenoms pren"},
    DictionaryEntry{kFirstName, 0.85, 's', "nombre nombres primernombre nombrepila nombredepila"},
    DictionaryEntry{kFirstName, 0.8, 'p', "nome primeironome prenome"},
    DictionaryEntry{kFirstName, 1, 'n', "voornaam voornamen roepnaam fornavn fornamn etunimi tilltalsnamn"},
    DictionaryEntry{
        kMiddleName, 1, 'e',
        "middlename mname middleinitial middleinit mi minit midname namemiddle middlenm midnm midinit minitial "
        "middlenames secondname initial2"},
    DictionaryEntry{kMiddleName, 0.9, 'e', "middle mid initial"},
    DictionaryEntry{kMiddleName, 1, 's', "segundonombre deuxiemeprenom zweitername zweitervorname nomedomeio"},
    DictionaryEntry{
        kLastName, 1, 'e',
        "lastname lname surname surnames familyname namelast lastnm lstname lnm famname lastnames sname sn"},
    DictionaryEntry{kLastName, 0.9, 'e', "last family ln"},
    DictionaryEntry{kLastName, 1, 'd', "nachname familienname zuname nname famname hausname"},
    DictionaryEntry{kLastName, 0.9, 'f', "nom nomdefamille nomfamille patronyme nomusuel nomdusage"},
    DictionaryEntry{kLastName, 1, 's', "apellido apellidos primerapellido apellidopaterno apellido1"},
    DictionaryEntry{kLastName, 1, 'p', "sobrenome sobrenomes ultimonome apelido"},
    DictionaryEntry{kLastName, 1, 'i', "cognome"},
    DictionaryEntry{kLastName, 1, 'n', "achternaam efternavn efternamn sukunimi etternavn nazwisko"},
    DictionaryEntry{kFullName, 1, 'e',
                    "fullname contactname displayname nameofperson completename wholename fullnm personname namefull "
                    "clientname customername patientname votername donorname membername nameaddr1"},
    DictionaryEntry{kFullName, 0.85, 'e', "name names nm"},
    DictionaryEntry{kFullName, 0.6, 'e', "contact attendee recipient person addressee"},
    DictionaryEntry{kFullName, 1, 'd', "vollername vollstaendigername ansprechpartner kundenname vorundnachname"},
    DictionaryEntry{kFullName, 1, 'f', "nomcomplet nomprenom nometprenom prenomnom nomclient"},
    DictionaryEntry{kFullName, 1, 's', "nombrecompleto nombreyapellidos nombreyapellido nombreapellidos"},
    DictionaryEntry{kFullName, 1, 'p', "nomecompleto nomecliente"},
    DictionaryEntry{kFullName, 0.7, 'p', "nome"},
    DictionaryEntry{kFullName, 1, 'i', "nominativo nomeecognome nomecognome"},
    DictionaryEntry{kFullName, 0.8, 'n', "naam navn namn volledigenaam nimi"},
    DictionaryEntry{kLastName, 0.5, 'd', "name"},
    DictionaryEntry{kSuffix, 1, 'e', "suffix namesuffix sfx suffixname namsfx suffixnm namesfx generation jrsr"},
    DictionaryEntry{kSuffix, 0.8, 'd', "namenszusatz zusatzname sufijo sufixo suffixe"},
    DictionaryEntry{kSex, 1, 'e',
                    "sex gender gendercode sexcode gendr gndr gendercd sexcd genderidentity sexatbirth mf"},
    DictionaryEntry{kSex, 1, 'd', "geschlecht geschl gesl"},
    DictionaryEntry{kSex, 1, 'f', "sexe genre"},
    DictionaryEntry{kSex, 1, 's', "sexo genero sesso geslacht kon kjonn kjoenn"},
    DictionaryEntry{kBirthDate, 1, 'e',
                    "dob birthdate dateofbirth datebirth birthday bdate birthdt datofbrth dobdt bday dtbirth dtofbirth "
                    "birthdy dobirth birthdate1 borndate dateborn"},
    DictionaryEntry{kBirthDate, 0.8, 'e', "birth born yob birthyear yearofbirth yearbirth birthyr"},
    DictionaryEntry{kBirthDate, 1, 'd', "geburtsdatum geburtstag gebdat gebdatum geburtstagdatum geb gebtag"},
    DictionaryEntry{kBirthDate, 1, 'f', "datenaissance datedenaissance dtnaissance naissance datenaiss nele"},
    DictionaryEntry{kBirthDate, 1, 's', "fechanacimiento fechadenacimiento fechanac fnacimiento fnac nacimiento"},
    DictionaryEntry{kBirthDate, 1, 'p', "datanascimento datadenascimento datanasc dtnasc nascimento dtnascimento"},
    DictionaryEntry{kBirthDate, 1, 'i', "datadinascita datanascita nascita"},
    DictionaryEntry{kBirthDate, 1, 'n', "geboortedatum gebdatum fodselsdato fodelsedatum fodselsdag syntymaaika"},
    DictionaryEntry{kEmail, 1, 'e',
                    "email emailaddress emailid emailaddr eaddress emailadd emailadr emaladdress mailaddress emails "
                    "emailprimary electronicmail internetaddress eml emailaddresses"},
    DictionaryEntry{kEmail, 0.75, 'd', "mail mailadresse"},
    DictionaryEntry{kEmail, 1, 'd', "emailadresse"},
    DictionaryEntry{kEmail, 1, 'f', "courriel adressemail adresseemail adresseelectronique mel adressecourriel"},
    DictionaryEntry{kEmail, 1, 's', "correo correoelectronico direccioncorreo mailcorreo"},
    DictionaryEntry{kEmail, 1, 'n', "emailadres epost epostadress epostadresse mailadres sahkoposti"},
    DictionaryEntry{
        kPhone, 1, 'e',
        "phone phonenumber phoneno phonenum phonenbr telephone telephonenumber telephoneno tel telno telnum "
        "phonenr ph phno phn phone1 contactnumber contactno phoneprimary phones teleph tele telephonenum "
        "callbacknumber bestphone"},
    DictionaryEntry{kPhone, 1, 'e',
                    "mobile mobilephone mobilenumber mobileno mobilenum mob mobno mobil cell cellphone cellphoneno "
                    "cellular cellnumber cellno gsm msisdn whatsapp wireless cellphonenumber"},
    DictionaryEntry{kPhone, 1, 'e',
                    "landline homephone workphone businessphone dayphone eveningphone daytimephone "
                    "phonehome phonework phonemobile phonecell hphone wphone cphone mphone"},
    DictionaryEntry{kPhone, 1, 'd',
                    "telefon telefonnummer rufnummer telnr telefonnr handy handynummer mobilnummer "
                    "mobiltelefon festnetz fon mobilfunk tel telefonprivat handynr natel"},
    DictionaryEntry{kPhone, 1, 'f',
                    "telephone portable telportable telmobile numerotelephone numtel telfixe fixe telm"},
    DictionaryEntry{kPhone, 1, 's',
                    "telefono movil celular telefonomovil telefonocelular telefonofijo tlf tlfno fono "
                    "numerotelefono telf"},
    DictionaryEntry{kPhone, 1, 'p', "telefone telemovel telefonecelular fone telefones"},
    DictionaryEntry{kPhone, 1, 'i', "cellulare telefonofisso"},
    DictionaryEntry{kPhone, 1, 'n',
                    "telefoon telefoonnummer mobiel mobieltje telefonnummer tlf mobiltlf puhelin gsmnummer"},
    DictionaryEntry{kStreet, 1, 'e',
                    "street streetaddress address1 addr1 addressline1 addrline1 line1 add1 adr1 streetaddr "
                    "mailingstreet addressstreet streetline1 street1 addressone addrln1 addressln1 addr1line straddr "
                    "streetaddress1 homestreet residenceaddress1 resaddress1 mailaddr1 addl1 adrline1"},
    DictionaryEntry{kStreet, 0.8, 'e', "address addr addrs adr adress add"},
    DictionaryEntry{kStreet, 0.6, 'e', "st str road"},
    DictionaryEntry{kStreet, 1, 'd',
                    "strasse strassehausnummer strasseundhausnummer strassenr strassehnr strnr "
                    "strasseundnr strassehausnr"},
    DictionaryEntry{kStreet, 0.8, 'd', "anschrift adresse str"},
    DictionaryEntry{kStreet, 1, 'f', "rue voie adresse1 adresseligne1 numeroetrue numerovoie libellevoie"},
    DictionaryEntry{kStreet, 0.8, 'f', "adressepostale"},
    DictionaryEntry{kStreet, 1, 's', "calle domicilio calleynumero direccion1 callenumero"},
    DictionaryEntry{kStreet, 0.8, 's', "direccion"},
    DictionaryEntry{kStreet, 1, 'p', "logradouro rua endereco morada"},
    DictionaryEntry{kStreet, 1, 'i', "via indirizzo"},
    DictionaryEntry{kStreet, 1, 'n',
                    "straat straatnaamhuisnummer adres gatuadress gateadresse gate gata katuosoite vej"},
    DictionaryEntry{kStreetNumber, 1, 'e',
                    "streetnumber streetno streetnum housenumber houseno housenum housenbr stnum stno hsenumber hseno "
                    "bldgnumber buildingnumber civicnumber addressnumber addrnum strno numberstreet housenr stnumber "
                    "addno hnum houseno1 resstreetnumber"},
    DictionaryEntry{kStreetNumber, 1, 'd', "hausnummer hausnr hnr strassennummer hsnr"},
    DictionaryEntry{kStreetNumber, 1, 'f', "numerorue numvoie numrue norue numerodevoie"},
    DictionaryEntry{kStreetNumber, 0.9, 's', "numeroexterior numexterior numeroext numcalle numero"},
    DictionaryEntry{kStreetNumber, 1, 'n', "huisnummer huisnr gatunummer husnummer husnr"},
    DictionaryEntry{kStreetName, 1, 'e', "streetname stname strname streetnm stnm roadname resstreetname namestreet"},
    DictionaryEntry{kStreetName, 1, 'd', "strassenname strname strassename"},
    DictionaryEntry{kStreetName, 1, 'f', "nomrue nomvoie nomdevoie nombrecalle nomedarua straatnaam gatunamn"},
    DictionaryEntry{kStreetName, 0.7, 'e', "street road strasse calle rue straat rua via str"},
    DictionaryEntry{
        kUnit, 1, 'e',
        "unit apt apartment suite address2 addr2 addressline2 addrline2 line2 add2 adr2 unitnumber aptno "
        "aptnum ste apartmentnumber unitno aptnumber secondaryaddress aptunit streetline2 street2 flat "
        "flatno aptnbr unitnum addressln2 addrln2 streetaddress2 suitenumber aptsuite mailaddr2 resaddress2 "
        "aptste addresstwo residenceaddress2"},
    DictionaryEntry{kUnit, 1, 'd', "adresszusatz adresszusatz1 zusatz adrzusatz"},
    DictionaryEntry{kUnit, 1, 's',
                    "complemento complementadresse complement departamento piso numerointerior interior "
                    "numinterior adresse2 adresseligne2 direccion2"},
    DictionaryEntry{
        kCity, 1, 'e',
        "city town cityname suburb locality municipality citytown towncity cityortown cityplace ct posttown "
        "townname cty homecity citynm"},
    DictionaryEntry{kCity, 0.5, 'e', "place village district"},
    DictionaryEntry{kCity, 1, 'd', "ort stadt wohnort ortsname stadtort gemeinde"},
    DictionaryEntry{kCity, 1, 'f', "ville commune localite"},
    DictionaryEntry{kCity, 1, 's', "ciudad localidad municipio poblacion"},
    DictionaryEntry{kCity, 1, 'p', "cidade localidade municipio"},
    DictionaryEntry{kCity, 1, 'i', "citta comune"},
    DictionaryEntry{kCity, 1, 'n', "plaats woonplaats stad by stad postort poststed kaupunki ort"},
    DictionaryEntry{kState, 1, 'e',
                    "state province prov statecode stateprovince stateabbr stateabbrev stateprov stabbr stcode statecd "
                    "provincestate provincecode statename statenm stateorprovince"},
    DictionaryEntry{kState, 0.6, 'e', "region st administrativearea territory"},
    DictionaryEntry{kState, 1, 'd', "bundesland kanton"},
    DictionaryEntry{kState, 0.5, 'd', "land"},
    DictionaryEntry{kState, 1, 's', "provincia estado comunidadautonoma comunidad uf"},
    DictionaryEntry{kState, 0.6, 'f', "departement provincie"},
    DictionaryEntry{kZip, 1, 'e',
                    "zip zipcode postalcode postcode zip5 zippostal postal pincode zippostalcode zipcd zipcode5 "
                    "postalcd poscode postalzip ziporpostalcode zipcod zip1 postcd zippostcode pcode postzip zipplus4"},
    DictionaryEntry{kZip, 1, 'd', "plz postleitzahl"},
    DictionaryEntry{kZip, 1, 'f', "codepostal cp codpostal"},
    DictionaryEntry{kZip, 1, 's', "codigopostal cpostal codpostal cpcodigopostal"},
    DictionaryEntry{kZip, 1, 'p', "cep codpostal"},
    DictionaryEntry{kZip, 1, 'i', "cap"},
    DictionaryEntry{kZip, 1, 'n', "postnummer postnr postinumero pc"},
    DictionaryEntry{kZipPlus, 1, 'e', "zip4 plus4 zipplus zipext zip4code zipfour zipextension zipcode4"},
    DictionaryEntry{kAddress, 1, 'e',
                    "fulladdress addressfull completeaddress postaladdress singlelineaddress formattedaddress "
                    "addressline onelineaddress wholeaddress"},
    DictionaryEntry{
        kAddress, 0.8, 'e',
        "address addr mailingaddress homeaddress residenceaddress streetaddress anschrift adresse direccion "
        "location residentialaddress addresslines endereco indirizzo adres"},
    DictionaryEntry{
        kCountry, 1, 'e',
        "country countrycode countryname nation ctry countryiso iso2 countryregion cntry countrycd ctrycode "
        "countryofresidence countryiso2 isocountry"},
    DictionaryEntry{kCountry, 0.7, 'd', "land staat laendercode landkz lkz"},
    DictionaryEntry{kCountry, 1, 's', "pais paese pays codepays codigopais nazione maa"},
    DictionaryEntry{kNationalId, 1, 'e',
                    "ssn socialsecuritynumber socialsecurity socsec nationalid nationalidnumber nationalinsurance nino "
                    "sin socsecno socsecid ssno ssnum socialsecurityno nationalinsurancenumber socialinsurancenumber "
                    "socsecnum govid governmentid aadhaar socialsecnum taxpayerid ssntin itin nationalidno"},
    DictionaryEntry{kNationalId, 0.6, 'e', "taxid tin idnumber idcard idcardnumber personalid nhsnumber medicareno"},
    DictionaryEntry{kNationalId, 1, 'd', "svnr svnummer sozialversicherungsnummer rvnr steuerid ahvnummer ahvnr"},
    DictionaryEntry{kNationalId, 1, 'f', "numerosecuritesociale numsecu nir insee nss"},
    DictionaryEntry{kNationalId, 1, 's', "dni nif nie curp cedula rut documentoidentidad cuil dnicif"},
    DictionaryEntry{kNationalId, 1, 'p', "cpf cpfcliente nif numerocpf"},
    DictionaryEntry{kNationalId, 1, 'i', "codicefiscale codfiscale bsn personnummer fodselsnummer cpr pesel"},
    DictionaryEntry{
        kUpdatedAt,
        1, 'e',
        "updatedat lastmodified modified modifieddate lastmodifieddate updated lastupdate lastupdated "
        "updatedate dateupdated changedat modifiedat lastchanged lastchange modifiedon updatedon moddate "
        "systemmodstamp updatets lastmoddate lastupdatedate lastupdatedt datemodified lastmod updatetime "
        "modificationdate dtmodified lastmodifiedat lastmodifiedtime changedate changedon lastedited "
        "updatedts lastupd upddate changed datelastmodified lastupdt dtupdated lastchangeddate lastupdatedat"},
    DictionaryEntry{kUpdatedAt, 0.9, 'e', "upd updt updts upddt upddat lastupdts modts chgdate chgdt chgts lastchg"},
    DictionaryEntry{kUpdatedAt, 0.6, 'e', "asofdate effectivedate recorddate"},
    // When a row was made: better than nothing for telling which of two is the more recent.
    DictionaryEntry{kUpdatedAt, kMadeAt, 'e',
                    "createdate createddate datecreated createdat createdon creationdate createtime createdtime "
                    "timecreated datecreation optintime confirmtime signupdate dateadded addeddate addedat addeddate "
                    "crtdate crtdt createddt createddatetime erstellt erstelltam erstelldatum angelegtam "
                    "fechacreacion fechaalta datacriacao"},
    DictionaryEntry{kUpdatedAt, 1, 'd',
                    "geaendert geaendertam geandert geandertam anderungsdatum letzteanderung aenderungsdatum "
                    "letzteaenderung aktualisiert aenddat "
                    "aktualisiertam stand geaend"},
    DictionaryEntry{kUpdatedAt, 1, 'f', "datemodification datemaj modifiele derniermodification misajour"},
    DictionaryEntry{kUpdatedAt, 1, 's',
                    "fechamodificacion fechaactualizacion actualizado modificado ultimaactualizacion "
                    "fechamod dataatualizacao atualizadoem dataultimamodifica gewijzigdop"},
    DictionaryEntry{kOptOut, 1, 'e',
                    "optout optedout donotcontact suppress suppressed nocontact donotsolicit suppression contactoptout "
                    "marketingoptout isoptedout donotmarket optoutall nomarketing optoutflag suppressflag dns "
                    "globaloptout dontcontact contactblocked optedoutofmarketing"},
    DictionaryEntry{kOptOut, 1, 'd', "werbesperre kontaktsperre keinewerbung werbewiderspruch robinson sperre"},
    DictionaryEntry{kOptOut, 0.9, 's', "nocontactar baja desabonne nepascontacter naocontatar"},
    DictionaryEntry{
        kOptOutCall, 1, 'e',
        "donotcall dnc nocall phoneoptout dncflag optoutphone calloptout nophone telephoneoptout optoutcall "
        "donotphone nocalls hasoptedoutofphone doncall dontcall donotcallflag callblock"},
    DictionaryEntry{kOptOutCall, 1, 'd', "telefonsperre keineanrufe"},
    DictionaryEntry{
        kOptOutSms,
        1, 'e',
        "smsoptout donottext notext optoutsms nosms textoptout donotsms optouttext smsunsubscribed nosmsflag "
        "mobileoptout stopsms"},
    DictionaryEntry{
        kOptOutEmail, 1, 'e',
        "emailoptout hasoptedoutofemail unsubscribed unsubscribe donotemail noemail newsletteroptout "
        "optoutemail emailunsubscribed optedoutofemail emailsuppressed unsub unsubscribedat unsubtime "
        "isunsubscribed unsubdate emailunsubscribe bulkemailoptout donotbulkemail unsubscribedate optoutmailing"},
    DictionaryEntry{kOptOutEmail, 1, 'd', "abgemeldet newsletterabgemeldet keineemail abmeldung"},
    DictionaryEntry{kOptOutMail, 1, 'e',
                    "donotmail nomail mailoptout optoutmail donotpost nopost donotpostalmail postaloptout "
                    "directmailoptout optoutpostal donotsendmail nomailings dnm"},
    DictionaryEntry{kKey, 1, 'e',
                    "id key uuid guid recordid recid uid pk rowid objectid externalid customerid personid userid "
                    "contactid clientid memberid voterid patientid mrn registrationnumber accountid custid sourceid "
                    "uniqueid recno memberno membernumber custno customerno customernumber accountno accountnumber "
                    "clientno clientnumber acctno patientno patientnumber employeeid empid empno voterregnum "
                    "voternumber regno studentid donorid subscriberid constituentid leadid hashid leid euid stateid "
                    "sfid internalid systemid"},
    DictionaryEntry{kKey, 0.8, 'e',
                    "no nr num number code seq sequence rownum rownumber line ref reference idx index "
                    "account ncoa registrationid"},
    DictionaryEntry{kKey, 1, 'd',
                    "kundennummer kundennr kdnr persnr personalnummer mitgliedsnummer mitgliedsnr adressnr "
                    "adrnr satznr lfdnr laufnummer vertragsnummer kundenid personalnr"},
    DictionaryEntry{kKey, 1, 'f', "numeroclient idclient codeclient numclient matricule identifiant"},
    DictionaryEntry{kKey, 1, 's',
                    "idcliente numerocliente codigocliente codcliente clave matricula codigo identificador"},
    DictionaryEntry{kKey, 1, 'n', "klantnummer klantnr kundenummer kundnummer medlemsnummer lidnummer"},
};

constexpr std::array kQualifiers = {
    Qualifier{"primary", 0, true},
    Qualifier{"main", 0, true},
    Qualifier{"principal", 0, true},
    Qualifier{"preferred", 0, true},
    Qualifier{"pref", 0, true},
    Qualifier{"pri", 0, true},
    Qualifier{"current", 0, true},
    Qualifier{"legal", 0, false},
    Qualifier{"customer", 0, false},
    Qualifier{"cust", 0, false},
    Qualifier{"client", 0, false},
    Qualifier{"contact", 0, false},
    Qualifier{"person", 0, false},
    Qualifier{"pers", 0, false},
    Qualifier{"patient", 0, false},
    Qualifier{"pat", 0, false},
    Qualifier{"pt", 0, false},
    Qualifier{"voter", 0, false},
    Qualifier{"member", 0, false},
    Qualifier{"mbr", 0, false},
    Qualifier{"user", 0, false},
    Qualifier{"usr", 0, false},
    Qualifier{"donor", 0, false},
    Qualifier{"subscriber", 0, false},
    Qualifier{"applicant", 0, false},
    Qualifier{"student", 0, false},
    Qualifier{"employee", 0, false},
    Qualifier{"emp", 0, false},
    Qualifier{"guest", 0, false},
    Qualifier{"lead", 0, false},
    Qualifier{"account", 0, false},
    Qualifier{"owner", 0, false},
    Qualifier{"holder", 0, false},
    Qualifier{"registrant", 0, false},
    Qualifier{"resident", 0, true},
    Qualifier{"participant", 0, false},
    Qualifier{"insured", 0, false},
    Qualifier{"your", 0, false},
    Qualifier{"my", 0, false},
    Qualifier{"the", 0, false},
    Qualifier{"of", 0, false},
    Qualifier{"de", 0, false},
    Qualifier{"txt", 0, false},
    Qualifier{"fld", 0, false},
    Qualifier{"field", 0, false},
    Qualifier{"col", 0, false},
    Qualifier{"c", 0, false},
    Qualifier{"value", 0, false},
    Qualifier{"val", 0, false},
    Qualifier{"raw", 0, false},
    Qualifier{"kunde", 0, false},
    Qualifier{"kunden", 0, false},
    Qualifier{"mitglied", 0, false},
    Qualifier{"cliente", 0, false},
    Qualifier{"adherent", 0, false},
    Qualifier{"constituent", 0, false},
    Qualifier{"mobile", 0, false},
    Qualifier{"cell", 0, false},
    Qualifier{"mobil", 0, false},
    Qualifier{"handy", 0, false},
    Qualifier{"portable", 0, false},
    Qualifier{"movil", 0, false},
    Qualifier{"celular", 0, false},
    Qualifier{"res", 1, true},
    Qualifier{"residence", 1, true},
    Qualifier{"residential", 1, true},
    Qualifier{"resid", 1, true},
    Qualifier{"home", 1, true},
    Qualifier{"private", 1, true},
    Qualifier{"privat", 1, true},
    Qualifier{"personal", 1, true},
    Qualifier{"perm", 1, true},
    Qualifier{"permanent", 1, true},
    Qualifier{"physical", 1, true},
    Qualifier{"mailing", 2, true},
    Qualifier{"mail", 2, true},
    Qualifier{"postal", 2, true},
    Qualifier{"billing", 2, true},
    Qualifier{"bill", 2, true},
    Qualifier{"rechnung", 2, true},
    Qualifier{"shipping", 3, true},
    Qualifier{"ship", 3, true},
    Qualifier{"delivery", 3, true},
    Qualifier{"liefer", 3, true},
    Qualifier{"day", 3, false},
    Qualifier{"daytime", 3, false},
    Qualifier{"evening", 3, false},
    Qualifier{"work", 4, true},
    Qualifier{"business", 4, true},
    Qualifier{"office", 4, true},
    Qualifier{"biz", 4, true},
    Qualifier{"bus", 4, true},
    Qualifier{"professional", 4, true},
    Qualifier{"dienstlich", 4, true},
    Qualifier{"geschaeftlich", 4, true},
    Qualifier{"trabajo", 4, true},
    Qualifier{"other", 5, true},
    Qualifier{"alt", 5, true},
    Qualifier{"alternate", 5, true},
    Qualifier{"alternative", 5, true},
    Qualifier{"secondary", 5, true},
    Qualifier{"second", 5, true},
    Qualifier{"sec", 5, true},
    Qualifier{"temp", 6, true},
    Qualifier{"previous", 7, true},
    Qualifier{"prev", 7, true},
    Qualifier{"old", 7, true},
    Qualifier{"former", 7, true},
};

template <size_t N>
bool Among(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 42> kOtherPersons = {
    "spouse", "partner",   "emergency",   "kin",      "nok",      "guardian",   "parent",    "mother",    "father",
    "maiden", "manager",   "supervisor",  "referrer", "referral", "referred",   "doctor",    "physician", "provider",
    "agent",  "assistant", "beneficiary", "husband",  "wife",     "ehepartner", "conjoint",  "conyuge",   "mae",
    "pai",    "madre",     "padre",       "mere",     "pere",     "child",      "dependent", "pcp",       "reportsto",
    "by",     "createdby", "modifiedby",  "advisor",  "teacher",  "geburtsname"};
constexpr std::array<std::string_view, 19> kCompanies = {
    "company",     "organization", "organisation", "employer", "firma",      "business",   "corp",
    "companyname", "org",          "firm",         "societe",  "empresa",    "entreprise", "azienda",
    "bedrijf",     "institution",  "school",       "agency",   "unternehmen"};
constexpr std::array<std::string_view, 27> kAboutValues = {
    "type",  "status",   "verified",  "valid",    "source",    "hash", "count",       "domain",   "format",
    "score", "ext",      "extension", "fax",      "label",     "desc", "description", "reason",   "language",
    "lang",  "provider", "carrier",   "latitude", "longitude", "lat",  "lon",         "timezone", "sha256"};

}  // namespace

std::span<const DictionaryEntry> Dictionary() { return kDictionary; }

const Qualifier* FindQualifier(std::string_view word) {
  for (const auto& q : kQualifiers)
    if (q.word == word) return &q;
  return nullptr;
}

bool IsOtherPerson(std::string_view word) { return Among(kOtherPersons, word); }
bool IsCompanyName(std::string_view word) { return Among(kCompanies, word); }
bool IsAboutValue(std::string_view word) { return Among(kAboutValues, word); }

}  // namespace migrate::survey
