"""People of several countries: names with Zipf frequencies, addresses, telephones and dates as written there.

The lists are common names of the country; the tail of the surnames is composed of the country's own syllables, so that a
table has both its Smiths and its rarities. Nothing here is taken from a data set.
"""


def _w(text):
    return text.split()


def _two(text):
    return [x.replace("_", " ") for x in text.split()]


class Locale:
    """country: ISO code; date: strftime; order: of the plan; dial: country code; phone: '#' is a digit; zip: likewise, '@' a letter."""

    def __init__(self, country, male, female, last, heads, tails, streets, number_last, cities, zip_form, phone, dial, date, order, domains, ends=None):
        self.country, self.male, self.female, self.date, self.order = country, _w(male), _w(female), date, order
        composed = [h + t for t in _w(tails) for h in _w(heads)]
        # Common names first, then the composed ones in an order that mixes heads and tails.
        self.last = _two(last) + composed[::3] + composed[1::3] + composed[2::3]
        self.streets, self.number_last, self.cities, self.zip_form = _two(streets), number_last, _two(cities), zip_form
        self.phone, self.dial, self.domains, self.female_ends = phone, dial, _w(domains), ends


US = Locale(
    "US",
    "james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony donald mark paul steven andrew kenneth george joshua kevin brian edward ronald timothy jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander raymond patrick jack dennis jerry tyler aaron jose adam nathan henry douglas zachary peter kyle walter ethan jeremy harold keith christian roger noah gerald carl terry sean austin arthur lawrence jesse dylan bryan joe jordan billy bruce albert willie gabriel logan alan juan wayne roy ralph randy eugene vincent russell elijah louis bobby philip johnny",
    "mary patricia jennifer linda elizabeth barbara susan jessica sarah karen nancy lisa betty margaret sandra ashley kimberly emily donna michelle dorothy carol amanda melissa deborah stephanie rebecca sharon laura cynthia kathleen amy angela shirley anna brenda pamela emma nicole helen samantha katherine christine debra rachel carolyn janet catherine maria heather diane ruth julie olivia joyce virginia victoria kelly lauren christina joan evelyn judith megan andrea cheryl hannah jacqueline martha gloria teresa ann sara madison frances kathryn janice jean abigail alice julia judy sophia grace denise amber doris marilyn danielle beverly isabella theresa diana natalie brittany charlotte marie kayla alexis lori",
    "smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts gomez phillips evans turner diaz parker cruz edwards collins reyes stewart morris morales murphy cook rogers gutierrez ortiz morgan cooper peterson bailey reed kelly howard ramos kim cox ward richardson watson brooks chavez wood james bennett gray mendoza ruiz hughes price alvarez castillo sanders patel myers long ross foster jimenez powell o'brien o'connor mcdonald van_dyke st_clair",
    "ab ash bar beck blan bran bur cal car chad clay cor dal den dun east el fair fen gar gil gran hal hart hol hunt kel ken kirk lan lin lock mal mar mer nor oak pem pres ran red ros ruth shel stan strat tal thorn tren wad wal wes whit win wor",
    "ton son ley man field ford well berg stein wood ner ski worth ing by ham",
    "Main_St Oak_Ave Maple_Dr Cedar_Ln Park_Blvd Washington_St Lake_Rd Hillside_Ct Sunset_Way River_Rd Church_St Highland_Ave Mill_Rd Walnut_St Spring_St Ridge_Rd Meadow_Ln Forest_Dr Jefferson_Ave Franklin_St 2nd_St 14th_Ave Chestnut_St Dogwood_Cir Willow_Pl Prospect_Ave Railroad_St Lincoln_Ave Elm_St Birch_Ct Valley_View_Dr Old_Post_Rd Country_Club_Rd Martin_Luther_King_Blvd",
    False, "Springfield Riverton Clarksville Fairview Georgetown Salem Madison Franklin Greenville Bristol Clinton Dayton Marion Oxford Newport Ashland Burlington Manchester Milton Auburn Kingston Hudson Cleveland Lexington Milford Winchester Dover Centerville Jackson Cedar_Falls Grand_Haven San_Marcos",
    "#####", ["(2##) 6##-####", "3##-7##-####", "406 5## ####", "+1 5104##%###".replace("%", "#")], "1", "%Y-%m-%d", "mdy",
    "gmail.com yahoo.com hotmail.com outlook.com aol.com icloud.com comcast.net")

GB = Locale(
    "GB",
    "oliver george harry jack jacob charlie thomas oscar william james henry alfie joshua freddie archie ethan isaac alexander joseph edward samuel max logan lucas daniel theo arthur mohammed harrison benjamin mason finley sebastian adam dylan zachary riley teddy david luke matthew callum liam connor graham ian nigel keith trevor barry clive gareth rhys alun hamish angus",
    "amelia olivia isla emily poppy ava isabella jessica lily sophie grace sophia mia evie ruby ella scarlett isabelle chloe sienna freya phoebe charlotte daisy alice florence eva sofia millie lucy evelyn elsie rosie imogen lola matilda elizabeth layla holly molly erin ellie maisie margaret susan jean sheila maureen doreen pamela gillian hilary bronwen rhiannon siobhan mhairi",
    "smith jones taylor brown williams wilson johnson davies robinson wright thompson evans walker white roberts green hall wood jackson clarke patel khan lewis james phillips mason mitchell rose davis rodgers cox morgan bell murphy hughes edwards ward turner hill cooper harris morris moore king watson baker harrison begum hussain o'neill macdonald mcleod campbell stewart singh ahmed shah ali lloyd price griffiths",
    "ack alder apple ash att barn birk black brad bram burn cart chad clif col crow dal ditch dun ecc far gold hal haw hep hol hor kes lang leigh liver mar mid nether north ock pem pick rad ram ros shaw shep sib stan sut thorn thur up wake wal wes whit win",
    "ford ton ley ham well worth by bury combe field shaw croft thwaite stead",
    "High_Street Station_Road Church_Lane The_Green Victoria_Road Mill_Lane Park_Avenue Manor_Close Queens_Drive Kings_Road London_Road Orchard_Way Chapel_Hill Grove_Terrace School_Lane Albert_Square Windsor_Crescent Meadow_View Nelson_Street York_Place Castle_Gardens St_Johns_Road",
    False, "London Birmingham Leeds Sheffield Bradford Liverpool Bristol Manchester Wakefield Cardiff Coventry Nottingham Leicester Sunderland Belfast Newcastle Brighton Hull Plymouth Wolverhampton Derby Swansea Southampton Aberdeen",
    "@@# #@@", ["020 7### ####", "01### ######", "07### ######", "+44 7### ######"], "44", "%d/%m/%Y", "dmy",
    "btinternet.com gmail.com hotmail.co.uk yahoo.co.uk sky.com")

AU = Locale(
    "AU", GB.male and " ".join(GB.male), " ".join(GB.female), "smith jones williams brown wilson taylor nguyen johnson martin white anderson walker thompson thomas lee harris ryan robinson kelly king campbell clarke",
    "ack alder apple ash att barn birk black brad bram burn cart chad clif col crow dal ditch dun ecc far gold hal haw hep hol hor kes lang leigh liver mar mid nether north ock pem pick rad ram ros shaw shep sib stan sut thorn thur up wake wal wes whit win",
    "ford ton ley ham well worth by bury field croft",
    "Macquarie_Street Wattle_Crescent Namatjira_Drive Banksia_Place Gundagai_Circuit Hume_Highway Kangaroo_Court Flinders_Parade Bourke_Street Eucalypt_Avenue Burley_Griffin_Way Currong_Street Sturt_Avenue Monaro_Close Tasman_Place Phillip_Avenue",
    False, "Wollongong Geelong Toowoomba Ballarat Bendigo Launceston Mackay Rockhampton Bunbury Bundaberg Wagga_Wagga Tamworth Mildura Shepparton Gladstone Orange",
    "####", ["02 9### ####", "04## ### ###", "+61 4## ### ###"], "61", "%Y%m%d", "dmy", "bigpond.com gmail.com optusnet.com.au")

DE = Locale(
    "DE",
    "peter wolfgang michael werner klaus thomas manfred helmut jürgen heinz gerhard andreas hans josef günter dieter horst walter frank bernd karl herbert franz martin uwe georg heinrich stefan christian karl-heinz rudolf kurt hermann johann wilhelm siegfried matthias jörg jens björn lukas leon finn jonas maximilian felix tobias sören rüdiger götz",
    "ursula maria monika petra elisabeth sabine renate helga karin brigitte ingrid erika andrea gisela claudia susanne gabriele christa christine hildegard anna birgit barbara gertrud heike marianne elke martina angelika irmgard inge ute elfriede doris marion ruth ulrike hannelore jutta gerda kerstin ilse anneliese käthe mia emma hannah lea jörgine bärbel heidemarie anne-marie",
    "müller schmidt schneider fischer weber meyer wagner becker schulz hoffmann schäfer koch bauer richter klein wolf schröder neumann schwarz zimmermann braun krüger hofmann hartmann lange schmitt werner schmitz krause meier lehmann schmid schulze maier köhler herrmann könig walter mayer huber kaiser fuchs peters lang scholz möller weiß jung hahn schubert vogel friedrich keller günther frank berger winkler roth beck lorenz baumann yilmaz öztürk von_der_heide zu_guttenberg",
    "acker alt bären berg birken blumen brand brücken buchen burg dorn eich erd eschen falken feld gold grün hasen hirsch hoch holz kalt kirch kohl korn linden mühl neu ober reh rosen sand schön sommer stein stroh tannen wald wein wester winter wolfs",
    "mann bauer berger huber meier hofer stein feld bach mühl wald kamp rath ner",
    "Hauptstraße Schulstr. Gartenstraße Bahnhofstr. Dorfstraße Bergstraße Birkenweg Lindenallee Kirchplatz Goethestr. Schillerstraße Am_Markt Mühlenweg Ringstraße Rosenweg Waldstraße Im_Winkel Friedrichstraße Mozartstr. Wiesengrund Unter_den_Linden",
    True, "Berlin Hamburg München Köln Frankfurt Stuttgart Düsseldorf Leipzig Dortmund Essen Bremen Dresden Hannover Nürnberg Duisburg Bochum Wuppertal Bielefeld Bonn Münster Karlsruhe Mannheim Würzburg",
    "#####", ["030 #######", "0171 #######", "+49 89 ######", "0049 221 ######", "(0711) 6######"], "49", "%d.%m.%Y", "dmy", "web.de gmx.de t-online.de gmail.com freenet.de")

FR = Locale(
    "FR",
    "jean pierre michel andré philippe rené louis alain jacques bernard marcel daniel roger robert paul claude christian henri georges nicolas françois patrick gérard christophe joseph julien maurice laurent frédéric éric david stéphane pascal sébastien alexandre thierry olivier antoine raymond guy dominique jérôme didier jean-pierre jean-claude jean-luc",
    "marie jeanne françoise monique catherine nathalie isabelle jacqueline anne sylvie martine madeleine nicole suzanne hélène christine marguerite denise louise christiane yvonne valérie sophie stéphanie céline chantal patricia julie aurélie émilie élodie véronique thérèse geneviève anne-sophie marie-claude marie-hélène",
    "martin bernard thomas petit robert richard durand dubois moreau laurent simon michel lefebvre leroy roux david bertrand morel fournier girard bonnet dupont lambert fontaine rousseau vincent muller lefèvre faure andré mercier blanc guérin boyer garnier chevalier françois legrand gauthier garcia perrin robin clément morin nicolas henry roussel mathieu gautier masson de_la_tour le_gall d'aubigné",
    "beau bel bois bon bour bran cha champ cour cas de del font gar gra hau lam lan mar mau mon mor par per pic pon pré ri roch rou sal sau tan ter val vau ver vil",
    "ard eau ier el in on et ot ault aud ois ais and ent ac",
    "rue_de_la_Paix avenue_Victor_Hugo boulevard_Voltaire rue_du_Moulin place_de_l'Église chemin_des_Vignes rue_Pasteur impasse_des_Lilas allée_des_Tilleuls rue_Jean_Jaurès rue_de_la_République quai_de_la_Loire route_de_Lyon rue_des_Écoles square_du_Temple",
    False, "Paris Marseille Lyon Toulouse Nice Nantes Montpellier Strasbourg Bordeaux Lille Rennes Reims Le_Havre Saint-Étienne Toulon Grenoble Dijon Angers Nîmes Villeurbanne",
    "#####", ["01 4# ## ## ##", "06 ## ## ## ##", "+33 6 ## ## ## ##", "02.4#.##.##.##"], "33", "%d/%m/%Y", "dmy", "orange.fr free.fr wanadoo.fr gmail.com laposte.net")

ES = Locale(
    "ES",
    "antonio josé manuel francisco juan david javier daniel jesús carlos alejandro miguel rafael pedro pablo ángel sergio fernando jorge luis alberto álvaro diego adrián raúl enrique ramón vicente iván rubén andrés joaquín josé_luis juan_carlos josé_antonio".replace("_", "-"),
    "maría carmen josefa isabel laura ana cristina marta dolores lucía pilar elena sara paula raquel mercedes rosario beatriz juana teresa silvia julia encarnación patricia montserrat irene andrea rocío mónica alba inmaculada sonia concepción ana-maría",
    "garcía rodríguez gonzález fernández lópez martínez sánchez pérez gómez martín jiménez hernández ruiz díaz moreno muñoz álvarez romero gutiérrez alonso navarro torres domínguez ramos vázquez ramírez gil serrano morales molina blanco suárez castro ortega delgado ortiz marín rubio núñez medina sanz castillo iglesias cortés garrido santos guerrero lozano cano cruz de_la_fuente del_río",
    "al ar bar bel ber cal cam car cas cer es fuen gar go her lar ma mon na oli or pal pe que ri ro sal san se tor val vi zu",
    "redo bano nal tes cedo lar garay dena llo mares zar rez barri",
    "Calle_Mayor Calle_Real Avenida_de_la_Constitución Plaza_de_España Calle_del_Sol Paseo_del_Prado Calle_San_José C/_Goya Avda._de_Andalucía Calle_Cervantes Ronda_de_Toledo Calle_La_Fuente Camino_Viejo Carrer_de_Balmes",
    True, "Madrid Barcelona Valencia Sevilla Zaragoza Málaga Murcia Palma Bilbao Alicante Córdoba Valladolid Vigo Gijón Granada Vitoria Elche Oviedo",
    "#####", ["91 ### ## ##", "6## ### ###", "+34 6## ## ## ##"], "34", "%d/%m/%Y", "dmy", "hotmail.es gmail.com telefonica.net yahoo.es")

BR = Locale(
    "BR",
    "josé joão antônio francisco carlos paulo pedro lucas luiz marcos luís gabriel rafael daniel marcelo bruno eduardo felipe raimundo rodrigo manoel mateus andré fernando fábio leonardo gustavo guilherme leandro tiago anderson ricardo márcio jorge sebastião alexandre roberto edson diego vitor sérgio cláudio",
    "maria ana francisca antônia adriana juliana márcia fernanda patrícia aline sandra camila amanda bruna jéssica letícia júlia luciana vanessa mariana gabriela vera vitória larissa cláudia beatriz rita luana sônia renata eliane josefa simone natália cristiane carla débora rosângela",
    "silva santos oliveira souza rodrigues ferreira alves pereira lima gomes costa ribeiro martins carvalho almeida lopes soares fernandes vieira barbosa rocha dias nascimento andrade moreira nunes marques machado mendes freitas cardoso ramos gonçalves santana teixeira araújo pinto cavalcanti monteiro moura",
    "al an bar bel ber bor bri cal cam car cas cor cus es fa gal gou lac lei ma mei mir mon na ou pai pas pei pin que ran sal sam tei val vas",
    "deira tes zal rinho nas ral gosa lhães tinho veira nho ceda reto",
    "Rua_das_Flores Avenida_Brasil Rua_São_João Rua_XV_de_Novembro Avenida_Paulista Travessa_da_Paz Rua_Dom_Pedro_II Alameda_Santos Rua_Tiradentes Praça_da_Sé Rua_Sete_de_Setembro Av._Getúlio_Vargas Rua_Duque_de_Caxias",
    True, "São_Paulo Rio_de_Janeiro Salvador Brasília Fortaleza Belo_Horizonte Manaus Curitiba Recife Goiânia Belém Porto_Alegre Guarulhos Campinas São_Luís Maceió Natal Teresina",
    "#####-###", ["(11) 9####-####", "21 9####-####", "+55 31 9####-####", "(41) 3###-####"], "55", "%d/%m/%Y", "dmy", "gmail.com hotmail.com uol.com.br bol.com.br")

IN = Locale(
    "IN",
    "rajesh suresh ramesh amit sanjay vijay anil sunil rahul ravi ashok manoj deepak vinod ajay arun prakash mukesh rakesh dinesh santosh mahesh krishna venkatesh srinivas ganesh mohan gopal karthik arjun aditya rohan vikram imran abdul mohammed harpreet gurpreet balwinder subramanian lakshman narayan",
    "sunita anita priya pooja neha kavita geeta seema rekha lakshmi saraswati radha meena shanti usha asha kiran jyoti savita manju deepa divya swathi anjali nandini padma revathi fatima ayesha harpreet simran gurpreet parvati sushila vijaya kamala",
    "kumar singh sharma patel gupta reddy das shah verma yadav mehta jain rao nair iyer iyengar menon pillai mishra pandey joshi desai chowdhury mukherjee banerjee chatterjee ghosh bose khan ansari sheikh naidu gill sandhu dhillon kaur devi kulkarni deshpande patil jadhav bhat hegde shetty agarwal bansal",
    "ama bala chandra deva gan giri hari jaya kal kan kri lak maha mani mur nag nara pad pra raja rama ranga sada sata shan siva sri subra sun ven vish",
    "krishnan murthy nathan swamy raman sundaram gopal rajan kar wala lingam vel",
    "M_G_Road Station_Road Gandhi_Nagar Nehru_Street Park_Street Anna_Salai Linking_Road Brigade_Road Ring_Road Temple_Street Sector_14 Jawahar_Marg Civil_Lines Model_Town Shivaji_Path",
    False, "Mumbai Delhi Bengaluru Hyderabad Ahmedabad Chennai Kolkata Surat Pune Jaipur Lucknow Kanpur Nagpur Indore Thane Bhopal Visakhapatnam Patna Vadodara Ludhiana",
    "######", ["9########%".replace("%", "#"), "+91 98### #####", "022 2### ####", "098########"], "91", "%d-%m-%Y", "dmy", "gmail.com yahoo.co.in rediffmail.com")

CN = Locale(
    "CN",
    "wei jian ming qiang jun lei tao hao bin feng gang yong zhiqiang jianguo guoqiang zhiwei haoran zihan yichen jianhua xiaoming wenjie guangming dongsheng shaohua chengming",
    "fang na min jing li yan juan xia mei ling xiuying guiying lihua xiaoyan shuzhen yulan meiling xiaohong zixuan yuhan ruoxi hongmei yanfen cuilan",
    "wang li zhang liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he gao lin luo zheng liang xie song tang deng han feng cao peng zeng xiao tian dong pan yuan cai jiang yu ye du cheng su wei lü ding ren shen ouyang situ",
    "", "", "Nanjing_Road Renmin_Road Zhongshan_Road Jiefang_Road Beijing_Road Jianshe_Road Heping_Road Huaihai_Road Xinhua_Street Changan_Avenue",
    False, "Beijing Shanghai Guangzhou Shenzhen Chengdu Wuhan Tianjin Hangzhou Nanjing Chongqing Suzhou Qingdao", "######",
    ["138########", "+86 139 #### ####", "010-6#######"], "86", "%Y-%m-%d", "ymd", "qq.com 163.com 126.com sina.com")

PL = Locale(
    "PL",
    "piotr krzysztof andrzej tomasz jan paweł michał marcin stanisław jakub adam marek łukasz grzegorz mateusz wojciech mariusz dariusz zbigniew jerzy maciej rafał robert kamil dawid ryszard",
    "anna maria katarzyna małgorzata agnieszka krystyna barbara ewa elżbieta zofia teresa magdalena joanna janina monika danuta jadwiga aleksandra halina irena beata marta dorota helena karolina",
    "nowak kowalski wiśniewski wójcik kowalczyk kamiński lewandowski zieliński szymański woźniak dąbrowski kozłowski jankowski mazur wojciechowski kwiatkowski krawczyk kaczmarek piotrowski grabowski zając pawłowski michalski król wieczorek",
    "bor brzo chmie czar dom gór jab jasi kali kami kra lip łąk mal mich mora no ols orł pio pod rad ros sad sik sob star szcze toma wes wil wol wró za",
    "ński wski czyk czak ak ik ecki icki", "ul._Polna ul._Leśna ul._Słoneczna ul._Krótka ul._Szkolna al._Jana_Pawła_II ul._Ogrodowa ul._Lipowa os._Piastów ul._Łąkowa ul._Kościuszki pl._Wolności",
    True, "Warszawa Kraków Łódź Wrocław Poznań Gdańsk Szczecin Bydgoszcz Lublin Białystok Katowice Gdynia Częstochowa Radom", "##-###",
    ["22 ### ## ##", "5## ### ###", "+48 6## ### ###"], "48", "%d.%m.%Y", "dmy", "wp.pl onet.pl gmail.com interia.pl",
    ends=[("ński", "ńska"), ("ski", "ska"), ("cki", "cka")])

# Names in scripts without case; family name first.
HAN = dict(
    last=list("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐邓韩冯曹彭曾肖田董潘袁蔡蒋余于叶杜程苏魏吕丁任沈"),
    given=["伟", "芳", "娜", "敏", "静", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀英", "秀兰", "建国", "志强", "建华", "晓明", "文杰", "桂英", "丽华", "玉兰", "海燕",
           "浩然", "子涵", "宇轩", "欣怡", "梓涵", "一诺", "雨桐", "俊杰", "嘉豪", "国强", "志伟", "小红", "春梅", "红梅", "淑珍", "永刚", "卫东", "立新"],
    cities=["北京市", "上海市", "广州市", "深圳市", "成都市", "武汉市", "天津市", "杭州市", "南京市", "重庆市"],
    streets=["南京路", "人民路", "中山路", "解放路", "北京路", "建设路", "和平路", "淮海路", "新华街", "长安街"])

ARABIC = dict(  # spellings in Latin letters of one name
    male=[["mohammed", "muhammad", "mohamed", "mohammad"], ["ahmed", "ahmad"], ["ali", "aly"], ["hassan", "hasan"], ["hussein", "husain", "hussain"], ["omar", "umar"], ["youssef", "yusuf", "yousef"],
          ["khaled", "khalid"], ["abdullah", "abdallah"], ["ibrahim", "ebrahim"], ["mustafa", "moustafa", "mostafa"], ["said", "saeed", "sayed"], ["tarek", "tariq"], ["walid", "waleed"], ["karim", "kareem"],
          ["jamal", "gamal"], ["nasser", "naser", "nasir"], ["faisal", "faysal"], ["bilal", "belal"], ["samir", "sameer"]],
    female=[["fatima", "fatma", "fatimah"], ["aisha", "ayesha", "aysha"], ["maryam", "mariam", "miriam"], ["zainab", "zeinab", "zaynab"], ["khadija", "khadijah"], ["amina", "aminah"], ["noor", "nour", "nur"],
            ["layla", "leila", "laila"], ["hanan"], ["salma"], ["yasmin", "yasmine", "jasmin"], ["rania", "raniya"], ["huda", "hoda"], ["samira", "sameera"], ["dina"]],
    last=[["al-masri", "elmasry", "almasri"], ["haddad", "hadad"], ["el-sayed", "elsayed", "al sayed"], ["rahman", "abdul rahman", "abdelrahman"], ["al-khatib", "khatib", "alkhateeb"], ["mansour", "mansur"],
          ["najjar", "nagar"], ["qureshi", "qurashi", "koreshi"], ["sharif", "shareef", "sherif"], ["aziz", "abdulaziz", "abdelaziz"], ["farouk", "farooq"], ["saleh", "salih"], ["hamdan"], ["khoury", "khouri"],
          ["bakr", "bakir"], ["nasr"], ["zaki", "zaky"], ["shaheen", "shahin"], ["darwish", "darwich"], ["hijazi", "hegazy", "hejazi"], ["siddiqui", "siddiqi", "siddique"], ["ansari"], ["malik", "malek"]])
