//! Words that mean the same in names of streets, and words for kinds of places, in the languages
//! that Wayfare's cities speak. Data; folded as names are, one line per meaning.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Words that are written for one another, the full one first. A word may be on several lines:
/// "st" is a street, a saint and a sankt.
const SAME: &str = "
alameda al alam
allee all
alley aly
apartments apts apt
avenida av avda avd ave
avenue av ave
bahnhof bhf bf
bairro br bo
barrio bo
boulevard blvd bd bvd boul
bridge br brg
brigadeiro brig
building bldg
bulevar bulevard blvd
calcada cc calc
calle c cl
caminho cam cmo
camino cno cmno
capitao cap
captain capt cpt
carrer c
carretera ctra
carrera cra kra
center centre ctr cntr
chaussee ch chs chee
chemin che chem
circle cir crcl
college coll
colonia col
comandante cdte cmdt
comendador com comend
conego con
coronel cel cor
corso cso
court ct crt
cours crs
crescent cres cr
doctor dr
dom d
dona d
don d
doutor dr
doutora dra
drive dr drv
east e
eighth 8th
engenheiro eng
estacao est
estrada estr est
expressway expy
extension ext
faubourg fbg fg
fifth 5th
first 1st
floor fl
fort ft
fourth 4th
freeway fwy
fundacao fund
gardens gdns
general gen gral
grove grv
haupt hpt
hauptbahnhof hbf
headquarters hq
heights hts
highway hwy
hospital hosp
impasse imp
infante inf
international intl int
interstate i
island isl is
junction jct jn
krankenhaus kh kkh
lane ln
largo lg lgo
lieutenant lt
lugar lug
marechal mal mar
marques mq
mount mt
mountain mtn
ninth 9th
norte n
north n
northeast ne
northwest nw
nossa n
nova nv
oeste o w
padre pe p
park pk
parkway pkwy pky
passage pass psg
passeio pass
paseo po
piazza p pza pzza
piazzale ple
place pl plc
plaza pl plz pza pz
platz pl
point pt
ponte pte
porto pto
praca pc pca pr
praceta pct pcta
prefeito pref
presidente pres pte
president pres
professor prof
professora profa
promenade prom
prospekt pr prosp
quai q
quinta qta qt
quinto 5o
railway rly rwy
republica rep
ring rg
road rd
rodovia rod
rotunda rot rtda
round rnd
route rte rt
rua r
rue r
saint st
sainte ste
san s
sankt st skt
santa sta s
santo sto s
sao s
school sch
second 2nd
senhor sr
senhora sra
seventh 7th
sixth 6th
south s
southeast se
southwest sw
square sq sqr
station stn sta
strada str
strasse str strase
street st str
sul s
tenente ten
tenth 10th
terrace ter terr
third 3rd
trail trl tr
travessa tv trav tr
turnpike tpke
ulitsa ul
ulica ul
university univ uni
universidade univ uni
universitat uni univ
urbanizacao urb
valley vly
viaduct via
vicolo vic
vila vl
village vlg
visconde visc visc
weg w
west w
zona z
";

/// Ends of words that are cut short: "hauptstr" is "hauptstrasse".
const SAME_ENDS: [(&str, &str); 6] = [
    ("str", "strasse"),
    ("str", "straat"),
    ("strase", "strasse"),
    ("pl", "platz"),
    ("pl", "plein"),
    ("bhf", "bahnhof"),
];

/// How umlauts are typed where a keyboard has none; names are folded to the plain vowel.
const UMLAUTS: [(&str, &str); 3] = [("ae", "a"), ("oe", "o"), ("ue", "u")];

/// Words for kinds of places: the short id first, then what people call it.
const KINDS: &str = "
airport airport aeroporto aeropuerto aeroport flughafen flugplatz aerodrome airfield airstrip
terminal terminal airport aeroporto aeropuerto aeroport flughafen
station station metro subway estacao estacion gare bahnhof stazione train comboio comboios railway
halt station estacao apeadeiro gare bahnhof halt train
tram_stop tram metro stop station paragem electrico haltestelle
subway_entrance metro subway
bus_station bus station estacao autocarros rodoviaria busbahnhof
bus_stop bus stop paragem haltestelle parada arret
ferry_terminal ferry terminal faehre fahre barco
taxi taxi taxis stand
hospital hospital krankenhaus klinikum spital hopital ospedale emergency urgencia urgencias
clinic clinic clinica klinik clinique
doctors doctor medico arzt medecin
dentist dentist dentista zahnarzt dentiste
pharmacy pharmacy farmacia apotheke pharmacie drugstore
veterinary vet veterinary veterinario tierarzt
university university universidade universidad universitat universite faculty faculdade campus
college college
school school escola escuela schule ecole scuola
kindergarten kindergarten infantario jardim creche
library library biblioteca bibliothek bibliotheque
restaurant restaurant restaurante ristorante
fast_food fast food burger takeaway
cafe cafe coffee kaffee pastelaria
bar bar
pub pub
nightclub nightclub club disco discoteca
hotel hotel
hostel hostel
guest_house guest house pension pensao guesthouse
motel motel
supermarket supermarket supermercado supermarkt supermarche grocery groceries
convenience convenience minimercado
mall mall shopping centro comercial einkaufszentrum
bakery bakery padaria backerei boulangerie panaderia
hairdresser hairdresser cabeleireiro friseur coiffeur barber
bank bank banco banque banca
atm atm multibanco geldautomat
post_office post correios correos poste postamt
police police station policia polizei esquadra
fire_station fire station bombeiros feuerwehr pompiers
townhall townhall camara rathaus mairie ayuntamiento
courthouse court courthouse tribunal gericht
embassy embassy embaixada botschaft ambassade embajada
fuel fuel gas station petrol gasolina gasolinera tankstelle combustivel essence
charging_station charging station charger ladestation carregamento
parking parking estacionamento parkplatz parque aparcamiento
place_of_worship church igreja iglesia kirche eglise chiesa mosque mesquita synagogue temple
cinema cinema movie movies kino
theatre theatre theater teatro
museum museum museu museo musee
gallery gallery galeria galerie
park park parque parc jardim garden
garden garden jardim jardin garten
stadium stadium estadio stadion stade
sports_centre sports gym pavilhao desporto
fitness_centre gym fitness ginasio
swimming_pool pool piscina schwimmbad piscine
playground playground spielplatz
beach beach praia playa strand plage
zoo zoo
castle castle castelo castillo schloss chateau
viewpoint viewpoint miradouro mirador
marketplace market mercado markt marche
cemetery cemetery cemiterio friedhof cimetiere
car_rental rental rent
marina marina
";

/// What else a folded word may be written as; exact spellings, without the word itself.
pub(super) fn spellings(word: &str) -> Vec<String> {
    let mut others: Vec<String> = lines(SAME)
        .filter(|line| line.split(' ').any(|same| same == word))
        .flat_map(|line| line.split(' '))
        .filter(|same| *same != word)
        .map(str::to_owned)
        .collect();
    for (short, long) in SAME_ENDS {
        match word.strip_suffix(short) {
            Some(stem) if stem.len() >= 3 => others.push(format!("{stem}{long}")),
            _ => {}
        }
    }
    others.extend(
        UMLAUTS
            .iter()
            .filter(|(typed, _)| word.contains(typed))
            .map(|(typed, folded)| word.replace(typed, folded)),
    );
    others.sort_unstable();
    others.dedup();
    others
}

/// One word for all that are written for one another, directly or through others, for telling
/// whether two names are one.
pub(super) fn canonical(word: &str) -> &str {
    static CLASSES: LazyLock<HashMap<&str, &str>> = LazyLock::new(classes);
    CLASSES.get(word).copied().unwrap_or(word)
}

/// Each word with the least of all words that it is tied to.
fn classes() -> HashMap<&'static str, &'static str> {
    let mut classes = HashMap::new();
    let mut is_changed = true;
    while is_changed {
        is_changed = false;
        for line in lines(SAME) {
            let class_of = |word: &'static str, classes: &HashMap<_, &'static str>| {
                classes.get(word).copied().unwrap_or(word)
            };
            let least = line.split(' ').map(|word| class_of(word, &classes)).min();
            for (word, least) in line.split(' ').zip(least.into_iter().cycle()) {
                is_changed |= classes.insert(word, least) != Some(least);
            }
        }
    }
    classes
}

/// The kinds that have words, each with its words.
pub(super) fn kinds() -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str>)> {
    lines(KINDS).filter_map(|line| {
        let (kind, words) = line.split_once(' ')?;
        Some((kind, words.split(' ')))
    })
}

fn lines(data: &'static str) -> impl Iterator<Item = &'static str> {
    data.split('\n').filter(|line| !line.is_empty())
}

/// Whether names of streets of a country that calls its streets so put the number before the name;
/// `None` when the words do not tell.
pub(super) fn puts_number_first(folded_street: &str) -> Option<bool> {
    const LAST: [&str; 14] = [
        "street",
        "st",
        "road",
        "rd",
        "avenue",
        "ave",
        "lane",
        "drive",
        "court",
        "circle",
        "way",
        "boulevard",
        "highway",
        "terrace",
    ];
    const FIRST: [&str; 8] = [
        "rue", "chemin", "quai", "impasse", "allee", "place", "route", "ruelle",
    ];
    const AFTER_FIRST: [&str; 14] = [
        "rua", "travessa", "praca", "largo", "avenida", "calle", "carrer", "via", "piazza",
        "corso", "rruga", "plaza", "viela", "ulica",
    ];
    const AFTER_END: [&str; 9] = [
        "strasse", "weg", "gasse", "platz", "straat", "gatan", "vej", "gade", "laan",
    ];
    let (first, last) = (
        folded_street.split(' ').next()?,
        folded_street.split(' ').next_back()?,
    );
    if AFTER_FIRST.contains(&first) || AFTER_END.iter().any(|end| last.ends_with(end)) {
        return Some(false);
    }
    (LAST.contains(&last) || FIRST.contains(&first)).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places::fold::fold;

    #[test]
    fn short_and_long_forms_lead_to_each_other() {
        for (typed, meant) in [
            ("str", "strasse"),
            ("st", "street"),
            ("st", "saint"),
            ("street", "st"),
            ("r", "rua"),
            ("av", "avenida"),
            ("blvd", "boulevard"),
            ("hauptstr", "hauptstrasse"),
            ("bahnhofpl", "bahnhofplatz"),
            ("muehle", "muhle"),
            ("5th", "fifth"),
        ] {
            assert!(
                spellings(typed).contains(&meant.to_owned()),
                "{typed} {meant}"
            );
        }
        assert!(spellings("almada").is_empty());
    }

    #[test]
    fn the_data_is_folded() {
        for line in lines(SAME).chain(lines(KINDS).filter_map(|l| Some(l.split_once(' ')?.1))) {
            assert_eq!(fold(line), line);
        }
    }

    #[test]
    fn short_and_long_forms_have_one_canonical_word() {
        assert_eq!(canonical("street"), canonical("st"));
        assert_eq!(canonical("avenida"), canonical("ave"));
        assert_ne!(canonical("street"), canonical("road"));
        assert_eq!(canonical("almada"), "almada");
    }

    #[test]
    fn words_tell_where_the_number_stands() {
        assert_eq!(puts_number_first("west college avenue"), Some(true));
        assert_eq!(puts_number_first("rue grimaldi"), Some(true));
        assert_eq!(puts_number_first("avenida da boavista"), Some(false));
        assert_eq!(puts_number_first("landstrasse"), Some(false));
        assert_eq!(puts_number_first("broadway"), None);
    }
}
