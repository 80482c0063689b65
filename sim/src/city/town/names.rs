//! Names of streets, squares, shops and people that nobody bears in particular.

use std::collections::HashSet;

use rand::RngExt;

use crate::chance::Chance;

/// What gets a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Avenue,
    Street,
    Lane,
    Court,
    Square,
    Quay,
    Road,
}

impl Kind {
    fn prefixes(self) -> &'static [&'static str] {
        match self {
            Self::Avenue => &["Avenida", "Avenida", "Avenida", "Alameda"],
            Self::Street => &["Rua", "Rua", "Rua", "Rua", "Rua", "Rua", "Calçada"],
            Self::Lane => &["Rua", "Rua", "Rua", "Travessa", "Travessa", "Viela", "Beco"],
            Self::Court => &["Praceta", "Travessa", "Rua", "Largo"],
            Self::Square => &["Praça", "Largo", "Campo", "Terreiro"],
            Self::Quay => &["Cais", "Rua do Cais", "Passeio"],
            Self::Road => &["Estrada", "Caminho"],
        }
    }
}

const THINGS: [&str; 72] = [
    "do Moinho",
    "da Fonte",
    "das Oliveiras",
    "dos Ferreiros",
    "do Castanheiro",
    "da Lapa",
    "das Flores",
    "do Loureiro",
    "da Vinha",
    "dos Tanoeiros",
    "do Pinhal",
    "da Ermida",
    "das Andorinhas",
    "dos Oleiros",
    "do Poço",
    "da Torre",
    "das Amoreiras",
    "dos Moleiros",
    "do Carvalhal",
    "da Ponte",
    "das Hortas",
    "dos Pescadores",
    "do Farol",
    "da Ribeira",
    "das Cerejeiras",
    "dos Sapateiros",
    "do Miradouro",
    "da Alfândega",
    "das Laranjeiras",
    "dos Cesteiros",
    "do Aqueduto",
    "da Azenha",
    "das Tílias",
    "dos Cordoeiros",
    "do Mercado",
    "da Esperança",
    "das Camélias",
    "dos Barqueiros",
    "do Outeiro",
    "da Boavista",
    "das Giestas",
    "dos Cavaleiros",
    "do Salgueiro",
    "da Liberdade",
    "das Gaivotas",
    "dos Navegantes",
    "do Monte",
    "da Paz",
    "das Pedreiras",
    "dos Ourives",
    "do Jardim",
    "da Alegria",
    "das Lavadeiras",
    "dos Aliados",
    "do Sobreiro",
    "da Estrela",
    "das Acácias",
    "dos Combatentes",
    "do Alecrim",
    "da Madressilva",
    "das Rosas",
    "dos Estudantes",
    "do Rosmaninho",
    "da Bela Vista",
    "das Fontainhas",
    "dos Clérigos",
    "do Trigal",
    "da Quinta",
    "das Taipas",
    "dos Douradores",
    "do Sol",
    "da Graça",
];

const OLD_OR_NEW: [&str; 6] = ["Velha", "Nova", "de Cima", "de Baixo", "do Norte", "do Sul"];

const MEN: [&str; 18] = [
    "António", "Joaquim", "Álvaro", "Duarte", "Gonçalo", "Henrique", "Jaime", "Luís", "Manuel",
    "Nuno", "Óscar", "Raul", "Rodrigo", "Simão", "Tomás", "Vasco", "Américo", "Bernardo",
];

const WOMEN: [&str; 18] = [
    "Maria",
    "Helena",
    "Beatriz",
    "Inês",
    "Leonor",
    "Matilde",
    "Carolina",
    "Amélia",
    "Teresa",
    "Francisca",
    "Judite",
    "Sofia",
    "Laura",
    "Clara",
    "Adelaide",
    "Irene",
    "Júlia",
    "Rosa",
];

const SURNAMES: [&str; 44] = [
    "Vilarinho",
    "Teixeira",
    "Castelo",
    "Pimentel",
    "Moutinho",
    "Azevedo",
    "Brandão",
    "Cardoso",
    "Delgado",
    "Esteves",
    "Falcão",
    "Guimarães",
    "Leitão",
    "Macedo",
    "Nogueira",
    "Pacheco",
    "Quintela",
    "Rebelo",
    "Salgado",
    "Tavares",
    "Valente",
    "Xavier",
    "Abrantes",
    "Barbosa",
    "Coutinho",
    "Dantas",
    "Figueira",
    "Gouveia",
    "Lacerda",
    "Meireles",
    "Noronha",
    "Peixoto",
    "Ramalho",
    "Sampaio",
    "Toscano",
    "Vasconcelos",
    "Alvim",
    "Botelho",
    "Carneiro",
    "Domingues",
    "Faria",
    "Gusmão",
    "Lobato",
    "Mesquita",
];

const TITLES_OF_MEN: [&str; 6] = [
    "do Doutor",
    "do Engenheiro",
    "do Almirante",
    "do Padre",
    "do Visconde",
    "do Maestro",
];

const TITLES_OF_WOMEN: [&str; 4] = ["da Doutora", "da Professora", "da Poetisa", "de Dona"];

const SAINTS: [&str; 24] = [
    "de São Bento",
    "de Santa Clara",
    "de São Roque",
    "de Santa Luzia",
    "de São Brás",
    "de Santa Marta",
    "de São Lázaro",
    "de Santa Apolónia",
    "de São Vicente",
    "de Santa Eulália",
    "de São Mamede",
    "de Santa Iria",
    "de São Tiago",
    "de Santa Bárbara",
    "de São Pantaleão",
    "de Santa Justa",
    "de São Dinis",
    "de Santa Quitéria",
    "de São Gens",
    "de Santa Rita",
    "de São Crispim",
    "de Santa Inês",
    "de São Nicolau",
    "de Santa Cruz",
];

/// More tries than this for a name that is not taken, then it gets a number.
const TRIES_MAX: u32 = 60;

/// Gives names, each once.
#[derive(Debug)]
pub(super) struct Namer {
    chance: Chance,
    given: HashSet<String>,
}

impl Namer {
    pub(super) fn new(chance: Chance) -> Self {
        Self {
            chance,
            given: HashSet::new(),
        }
    }

    /// A name for something.
    pub(super) fn name(&mut self, kind: Kind) -> String {
        let mut name = self.any(kind);
        for _ in 0..TRIES_MAX {
            if self.given.insert(name.clone()) {
                return name;
            }
            name = self.any(kind);
        }
        let mut number = 2_u32;
        loop {
            let numbered = format!("{name} {number}");
            if self.given.insert(numbered.clone()) {
                return numbered;
            }
            number += 1;
        }
    }

    /// "do Moinho", "de Santa Clara": what something is called after.
    pub(super) fn after(&mut self) -> &'static str {
        if self.chance.random::<f64>() < 0.75 {
            self.pick(&THINGS)
        } else {
            self.pick(&SAINTS)
        }
    }

    /// A family's name.
    pub(super) fn family(&mut self) -> &'static str {
        self.pick(&SURNAMES)
    }

    /// One of a list.
    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let index = self.chance.random_range(0..list.len());
        list[index]
    }

    fn any(&mut self, kind: Kind) -> String {
        let prefix = self.pick(kind.prefixes());
        let dice = self.chance.random::<f64>();
        let people = match kind {
            Kind::Avenue => 0.6,
            Kind::Street => 0.5,
            Kind::Lane | Kind::Court => 0.25,
            Kind::Square => 0.2,
            Kind::Quay | Kind::Road => 0.0,
        };
        if dice < people {
            return self.person(prefix);
        }
        if dice < people + 0.12 && kind != Kind::Road {
            return format!("{prefix} {}", self.pick(&SAINTS));
        }
        let thing = self.pick(&THINGS);
        if dice > 0.94 {
            format!("{prefix} {thing} {}", self.pick(&OLD_OR_NEW))
        } else {
            format!("{prefix} {thing}")
        }
    }

    fn person(&mut self, prefix: &str) -> String {
        let is_man = self.chance.random::<f64>() < 0.6;
        let (first, title) = if is_man {
            (self.pick(&MEN), self.pick(&TITLES_OF_MEN))
        } else {
            (self.pick(&WOMEN), self.pick(&TITLES_OF_WOMEN))
        };
        let last = self.pick(&SURNAMES);
        if self.chance.random::<f64>() < 0.3 {
            format!("{prefix} {title} {first} {last}")
        } else {
            format!("{prefix} {first} {last}")
        }
    }
}
