// Places of made-up people: the area code and the ZIP prefix of a city belong to its state. Street names.
#include "datagen_pools.h"

namespace migrate::datagen {

const std::vector<StatePlaces> kPlaces = {
    {"AL",
     "Birmingham:352:205:2 Montgomery:361:334:2 Mobile:366:251:2 Huntsville:358:256:2 Tuscaloosa:354:205:1 "
     "Dothan:363:334:1 Auburn:368:334:1 Decatur:356:256:1"},
    {"AK", "Anchorage:995:907:3 Fairbanks:997:907:1 Juneau:998:907:1"},
    {"AZ",
     "Phoenix:850:602:16 Tucson:857:520:5 Mesa:852:480:5 Scottsdale:852:480:2 Glendale:853:623:2 Yuma:853:928:1 "
     "Flagstaff:860:928:1 Prescott:863:928:1"},
    {"AR",
     "Little_Rock:722:501:2 Fort_Smith:729:479:1 Fayetteville:727:479:1 Jonesboro:724:870:1 Pine_Bluff:716:870:1"},
    {"CA",
     "Los_Angeles:900:213:39 San_Diego:921:619:14 San_Jose:951:408:10 San_Francisco:941:415:8 Fresno:937:559:5 "
     "Sacramento:958:916:5 Long_Beach:908:562:5 Oakland:946:510:4 Bakersfield:933:661:4 Anaheim:928:714:3 "
     "Santa_Ana:927:714:3 Riverside:925:951:3 Stockton:952:209:3 Irvine:926:949:3 Fremont:945:510:2 "
     "San_Bernardino:924:909:2 Modesto:953:209:2 Oxnard:930:805:2 Salinas:939:831:2 Santa_Rosa:954:707:2 "
     "Torrance:905:310:1 Pasadena:911:626:1 Redding:960:530:1 Chico:959:530:1 Eureka:955:707:1 "
     "Santa_Barbara:931:805:1 Palm_Springs:922:760:1 Burbank:915:818:1"},
    {"CO",
     "Denver:802:303:7 Colorado_Springs:809:719:5 Aurora:800:303:4 Fort_Collins:805:970:2 Pueblo:810:719:1 "
     "Boulder:803:303:1 Grand_Junction:815:970:1 Greeley:806:970:1"},
    {"CT",
     "Bridgeport:066:203:1 New_Haven:065:203:1 Hartford:061:860:1 Stamford:069:203:1 Waterbury:067:203:1 "
     "Norwich:063:860:1"},
    {"DE", "Wilmington:198:302:1 Dover:199:302:1 Newark:197:302:1"},
    {"DC", "Washington:200:202:7"},
    {"FL",
     "Jacksonville:322:904:9 Miami:331:305:5 Tampa:336:813:4 Orlando:328:407:3 St_Petersburg:337:727:3 "
     "Hialeah:330:305:2 Tallahassee:323:850:2 Fort_Lauderdale:333:954:2 Cape_Coral:339:239:2 Gainesville:326:352:1 "
     "Pensacola:325:850:1 Sarasota:342:941:1 Lakeland:338:863:1 West_Palm_Beach:334:561:1 Daytona_Beach:321:386:1 "
     "Naples:341:239:1 Ocala:344:352:1"},
    {"GA",
     "Atlanta:303:404:5 Augusta:309:706:2 Columbus:319:706:2 Macon:312:478:2 Savannah:314:912:2 Athens:306:706:1 "
     "Albany:317:229:1 Marietta:300:770:1 Valdosta:316:229:1 Rome:301:706:1"},
    {"HI", "Honolulu:968:808:3 Hilo:967:808:1 Kailua:967:808:1"},
    {"ID", "Boise:837:208:2 Nampa:836:208:1 Idaho_Falls:834:208:1 Pocatello:832:208:1 Twin_Falls:833:208:1"},
    {"IL",
     "Chicago:606:312:27 Aurora:605:630:2 Naperville:605:630:2 Joliet:604:815:2 Rockford:611:815:2 "
     "Springfield:627:217:1 Peoria:616:309:1 Elgin:601:847:1 Champaign:618:217:1 Evanston:602:847:1 Decatur:625:217:1 "
     "Bloomington:617:309:1 Carbondale:629:618:1 Quincy:623:217:1"},
    {"IN",
     "Indianapolis:462:317:9 Fort_Wayne:468:260:3 Evansville:477:812:1 South_Bend:466:574:1 Gary:464:219:1 "
     "Bloomington:474:812:1 Lafayette:479:765:1 Muncie:473:765:1 Terre_Haute:478:812:1 Kokomo:469:765:1"},
    {"IA",
     "Des_Moines:503:515:2 Cedar_Rapids:524:319:1 Davenport:528:563:1 Sioux_City:511:712:1 Iowa_City:522:319:1 "
     "Waterloo:507:319:1 Dubuque:520:563:1 Ames:500:515:1"},
    {"KS",
     "Wichita:672:316:4 Overland_Park:662:913:2 Kansas_City:661:913:2 Topeka:666:785:1 Lawrence:660:785:1 "
     "Salina:674:785:1 Dodge_City:678:620:1"},
    {"KY",
     "Louisville:402:502:6 Lexington:405:859:3 Bowling_Green:421:270:1 Owensboro:423:270:1 Covington:410:859:1 "
     "Paducah:420:270:1 Frankfort:406:502:1"},
    {"LA",
     "New_Orleans:701:504:4 Baton_Rouge:708:225:2 Shreveport:711:318:2 Lafayette:705:337:1 Lake_Charles:706:337:1 "
     "Monroe:712:318:1 Alexandria:713:318:1"},
    {"ME", "Portland:041:207:1 Lewiston:042:207:1 Bangor:044:207:1 Augusta:043:207:1"},
    {"MD",
     "Baltimore:212:410:6 Frederick:217:301:1 Rockville:208:301:1 Gaithersburg:208:301:1 Annapolis:214:410:1 "
     "Salisbury:218:410:1 Hagerstown:217:301:1"},
    {"MA",
     "Boston:021:617:7 Worcester:016:508:2 Springfield:011:413:2 Cambridge:021:617:1 Lowell:018:978:1 "
     "Brockton:023:508:1 New_Bedford:027:508:1 Quincy:021:617:1 Lynn:019:781:1 Pittsfield:012:413:1 "
     "Northampton:010:413:1"},
    {"MI",
     "Detroit:482:313:6 Grand_Rapids:495:616:2 Warren:480:586:1 Sterling_Heights:483:586:1 Ann_Arbor:481:734:1 "
     "Lansing:489:517:1 Flint:485:810:1 Dearborn:481:313:1 Kalamazoo:490:269:1 Saginaw:486:989:1 "
     "Traverse_City:496:231:1 Marquette:498:906:1"},
    {"MN",
     "Minneapolis:554:612:4 St_Paul:551:651:3 Rochester:559:507:1 Duluth:558:218:1 St_Cloud:563:320:1 "
     "Mankato:560:507:1 Moorhead:565:218:1"},
    {"MS",
     "Jackson:392:601:2 Gulfport:395:228:1 Hattiesburg:394:601:1 Biloxi:395:228:1 Meridian:393:601:1 "
     "Tupelo:388:662:1"},
    {"MO",
     "Kansas_City:641:816:5 St_Louis:631:314:3 Springfield:658:417:2 Columbia:652:573:1 Independence:640:816:1 "
     "St_Joseph:645:816:1 Joplin:648:417:1 Cape_Girardeau:637:573:1"},
    {"MT", "Billings:591:406:1 Missoula:598:406:1 Great_Falls:594:406:1 Bozeman:597:406:1 Helena:596:406:1"},
    {"NE", "Omaha:681:402:5 Lincoln:685:402:3 Grand_Island:688:308:1 Norfolk:687:402:1 North_Platte:691:308:1"},
    {"NV", "Las_Vegas:891:702:6 Henderson:890:702:3 Reno:895:775:3 Carson_City:897:775:1 Elko:898:775:1"},
    {"NH", "Manchester:031:603:1 Nashua:030:603:1 Concord:033:603:1 Portsmouth:038:603:1 Keene:034:603:1"},
    {"NJ",
     "Newark:071:973:3 Jersey_City:073:201:3 Paterson:075:973:2 Elizabeth:072:908:1 Trenton:086:609:1 "
     "Camden:081:856:1 Toms_River:087:732:1 Edison:088:732:1 Hackensack:076:201:1 Atlantic_City:084:609:1 "
     "Princeton:085:609:1 Vineland:083:856:1"},
    {"NM", "Albuquerque:871:505:6 Las_Cruces:880:575:1 Santa_Fe:875:505:1 Roswell:882:575:1 Farmington:874:505:1"},
    {"NY",
     "New_York:100:212:16 Brooklyn:112:718:26 Bronx:104:718:14 Queens_Village:114:718:22 Staten_Island:103:718:5 "
     "Buffalo:142:716:3 Rochester:146:585:2 Yonkers:107:914:2 Syracuse:132:315:1 Albany:122:518:1 "
     "Schenectady:123:518:1 Utica:135:315:1 White_Plains:106:914:1 Hempstead:115:516:1 Binghamton:139:607:1 "
     "Ithaca:148:607:1 Huntington:117:631:2 Niagara_Falls:143:716:1 Poughkeepsie:126:845:1 Plattsburgh:129:518:1"},
    {"NC",
     "Charlotte:282:704:9 Raleigh:276:919:5 Greensboro:274:336:3 Durham:277:919:3 Winston-Salem:271:336:2 "
     "Fayetteville:283:910:2 Cary:275:919:2 Wilmington:284:910:1 Asheville:288:828:1 Greenville:278:252:1 "
     "Hickory:286:828:1 Rocky_Mount:278:252:1"},
    {"ND", "Fargo:581:701:1 Bismarck:585:701:1 Grand_Forks:582:701:1 Minot:587:701:1"},
    {"OH",
     "Columbus:432:614:9 Cleveland:441:216:4 Cincinnati:452:513:3 Toledo:436:419:3 Akron:443:330:2 Dayton:454:937:1 "
     "Youngstown:445:330:1 Canton:447:330:1 Springfield:455:937:1 Mansfield:449:419:1 Lima:458:419:1 Athens:457:740:1 "
     "Zanesville:437:740:1 Sandusky:448:419:1"},
    {"OK",
     "Oklahoma_City:731:405:7 Tulsa:741:918:4 Norman:730:405:1 Lawton:735:580:1 Enid:737:580:1 Muskogee:744:918:1 "
     "Stillwater:740:405:1"},
    {"OR",
     "Portland:972:503:6 Salem:973:503:2 Eugene:974:541:2 Gresham:970:503:1 Bend:977:541:1 Medford:975:541:1 "
     "Pendleton:978:541:1"},
    {"PA",
     "Philadelphia:191:215:16 Pittsburgh:152:412:3 Allentown:181:610:1 Erie:165:814:1 Reading:196:610:1 "
     "Scranton:185:570:1 Bethlehem:180:610:1 Lancaster:176:717:1 Harrisburg:171:717:1 York:174:717:1 "
     "Altoona:166:814:1 Johnstown:159:814:1 State_College:168:814:1 Wilkes-Barre:187:570:1 Williamsport:177:570:1 "
     "Norristown:194:610:1"},
    {"RI", "Providence:029:401:2 Warwick:028:401:1 Newport:028:401:1"},
    {"SC",
     "Columbia:292:803:1 Charleston:294:843:1 Greenville:296:864:1 Rock_Hill:297:803:1 Spartanburg:293:864:1 "
     "Myrtle_Beach:295:843:1 Florence:295:843:1 Aiken:298:803:1"},
    {"SD", "Sioux_Falls:571:605:2 Rapid_City:577:605:1 Aberdeen:574:605:1 Pierre:575:605:1"},
    {"TN",
     "Nashville:372:615:7 Memphis:381:901:6 Knoxville:379:865:2 Chattanooga:374:423:2 Clarksville:370:931:2 "
     "Murfreesboro:371:615:1 Jackson:383:731:1 Johnson_City:376:423:1 Cookeville:385:931:1"},
    {"TX",
     "Houston:770:713:23 San_Antonio:782:210:14 Dallas:752:214:13 Austin:787:512:10 Fort_Worth:761:817:9 "
     "El_Paso:799:915:7 Arlington:760:817:4 Corpus_Christi:784:361:3 Plano:750:972:3 Laredo:780:956:3 "
     "Lubbock:794:806:3 "
     "Garland:750:972:2 Amarillo:791:806:2 Brownsville:785:956:2 McAllen:785:956:1 Waco:767:254:1 Midland:797:432:1 "
     "Beaumont:777:409:1 Abilene:796:325:1 Tyler:757:903:1 Wichita_Falls:763:940:1 Galveston:775:409:1 "
     "Denton:762:940:1 "
     "San_Angelo:769:325:1 Temple:765:254:1 Bryan:778:979:1 Texarkana:755:903:1 Lufkin:759:936:1"},
    {"UT", "Salt_Lake_City:841:801:2 Provo:846:801:1 Ogden:844:801:1 St_George:847:435:1 Logan:843:435:1"},
    {"VT", "Burlington:054:802:1 Rutland:057:802:1 Montpelier:056:802:1 Brattleboro:053:802:1"},
    {"VA",
     "Virginia_Beach:234:757:5 Norfolk:235:757:2 Chesapeake:233:757:2 Richmond:232:804:2 Arlington:222:703:2 "
     "Newport_News:236:757:2 Alexandria:223:703:2 Roanoke:240:540:1 Lynchburg:245:434:1 Charlottesville:229:434:1 "
     "Fairfax:220:703:1 Winchester:226:540:1 Fredericksburg:224:540:1 Danville:245:434:1"},
    {"WA",
     "Seattle:981:206:7 Spokane:992:509:2 Tacoma:984:253:2 Vancouver:986:360:2 Bellevue:980:425:1 Everett:982:425:1 "
     "Yakima:989:509:1 Olympia:985:360:1 Wenatchee:988:509:1 Kennewick:993:509:1"},
    {"WV", "Charleston:253:304:1 Huntington:257:304:1 Morgantown:265:304:1 Wheeling:260:304:1 Beckley:258:304:1"},
    {"WI",
     "Milwaukee:532:414:6 Madison:537:608:3 Green_Bay:543:920:1 Kenosha:531:262:1 Racine:534:262:1 Appleton:549:920:1 "
     "Eau_Claire:547:715:1 La_Crosse:546:608:1 Wausau:544:715:1 Janesville:535:608:1"},
    {"WY", "Cheyenne:820:307:1 Casper:826:307:1 Laramie:820:307:1 Gillette:827:307:1"},
};

const std::string_view kStreets =
    "Main Oak Maple Cedar Elm Washington Park Pine Lake Hill Walnut Spring North Ridge Church Willow Mill Sunset "
    "Railroad "
    "Jackson Cherry West South Center Highland Johnson Forest River Meadow East Chestnut Lincoln Jefferson Hickory "
    "Dogwood Franklin Madison Adams Poplar Locust Magnolia Cottonwood Birch Holly Laurel Sycamore Spruce Ash Juniper "
    "Cypress "
    "Valley_View Green Broad Court Pleasant Prospect Union School College Academy Market Water Front Canal Bridge "
    "Depot "
    "Liberty Grant Monroe Harrison Hamilton Clinton Wilson Taylor Pierce Polk Fairview Lakeview Woodland Woodlawn "
    "Hillcrest "
    "Hillside Riverside Lakeside Brookside Creekside Country_Club Orchard Vine Grove Garden Prairie Meadowbrook "
    "Rosewood "
    "Sherwood Edgewood Glenwood Wildwood Elmwood Oakwood Greenwood Eastwood Westwood Northwood Cambridge Oxford "
    "Windsor "
    "Devon Bristol Essex York Lancaster Berkshire Canterbury Heritage Colonial Independence Constitution Patriot Eagle "
    "Hawk "
    "Falcon Robin Cardinal Bluebird Quail Pheasant Deer Fawn Fox Bear Wolf Antelope Buffalo Mustang Pinto Palomino "
    "Saddle "
    "Old_Mill Stone Rock Granite Quarry Copper Silver Golden Crystal Diamond Emerald Ruby Pearl Martin_Luther_King "
    "Cesar_Chavez Kennedy Roosevelt Eisenhower Douglas Sheridan Sherman Custer Crockett Houston Austin Dallas Denver "
    "Arlington Belmont Beverly Carlton Clifton Dover Fulton Hudson Lexington Marion Newport Princeton Salem Winchester";

}  // namespace migrate::datagen
