//! What a shape on the map is: its layer and the few attributes that a style draws it by. Shapes of
//! equal looks become one feature of a tile.

use std::collections::HashMap;

/// A layer of the tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Layer {
    /// Land use, parks, woods, squares, runways: areas; `c` is a [`super::land`] class.
    Land,
    /// Seas, lakes and rivers as areas, rivers and streams as lines; `c` and `n`.
    Water,
    /// Buildings, without attributes.
    Buildings,
    /// Borders as lines; `c` is the administrative level.
    Borders,
    /// Roads, paths, railways and ferries as lines; `c`, `n`, `r`, `b`, `o`.
    Roads,
    /// Towns, quarters: points; `c`, `n`.
    Places,
    /// Points of interest; `c`, `n`.
    Pois,
    /// House numbers: points; `n`.
    Numbers,
}

impl Layer {
    /// All of them, in the order of a tile.
    pub(super) const ALL: [Self; 8] = [
        Self::Land,
        Self::Water,
        Self::Buildings,
        Self::Borders,
        Self::Roads,
        Self::Places,
        Self::Pois,
        Self::Numbers,
    ];

    /// Its name in the tiles.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Land => "land",
            Self::Water => "water",
            Self::Buildings => "buildings",
            Self::Borders => "borders",
            Self::Roads => "roads",
            Self::Places => "places",
            Self::Pois => "pois",
            Self::Numbers => "numbers",
        }
    }

    /// Tile units across a tile. Streets are by far the most of a map: they get a pixel per unit,
    /// 0.9 m at the last zoom in Portugal, and corners of areas half a pixel.
    pub(super) const fn extent(self, zoom: u8) -> u32 {
        match self {
            Self::Land | Self::Water | Self::Buildings => 1024,
            _ if zoom < 13 => 1024,
            _ => 512,
        }
    }

    /// The attributes that its shapes may have and what they are, for the archive's description.
    pub(super) const fn fields(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Buildings => &[],
            Self::Land | Self::Borders => &[("c", "Number")],
            Self::Water | Self::Places | Self::Pois => &[("c", "Number"), ("n", "String")],
            Self::Roads => &[
                ("c", "Number"),
                ("n", "String"),
                ("r", "String"),
                ("b", "Number"),
                ("o", "Number"),
            ],
            Self::Numbers => &[("n", "String")],
        }
    }
}

/// A text of the map; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct TextId(u32);

impl TextId {
    pub(super) const NONE: Self = Self(0);

    pub(super) fn is_some(self) -> bool {
        self != Self::NONE
    }
}

/// How a road lies on the ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) enum Height {
    #[default]
    Ground,
    Bridge,
    Tunnel,
}

/// Everything that a style can tell two shapes apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Look {
    pub(super) layer: Layer,
    /// What it is, by the numbers of its layer; 0 is not written.
    pub(super) class: u8,
    pub(super) height: Height,
    pub(super) is_one_way: bool,
    pub(super) name: TextId,
    pub(super) reference: TextId,
}

impl Look {
    /// Of a class and nothing else.
    pub(super) const fn of(layer: Layer, class: u8) -> Self {
        Self {
            layer,
            class,
            height: Height::Ground,
            is_one_way: false,
            name: TextId::NONE,
            reference: TextId::NONE,
        }
    }
}

/// The texts of the map, each once.
#[derive(Debug)]
pub(super) struct Texts {
    texts: Vec<String>,
    ids: HashMap<String, TextId>,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            texts: vec![String::new()],
            ids: HashMap::new(),
        }
    }
}

/// Longer names are no names.
const TEXT_CHARS_MAX: usize = 120;

impl Texts {
    /// The id of a text; none of an empty one.
    pub(super) fn id(&mut self, text: Option<&str>) -> TextId {
        let text = text.map(str::trim).unwrap_or_default();
        if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
            return TextId::NONE;
        }
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let Ok(next) = u32::try_from(self.texts.len()) else {
            return TextId::NONE;
        };
        self.texts.push(text.to_owned());
        self.ids.insert(text.to_owned(), TextId(next));
        TextId(next)
    }

    /// A text.
    pub(super) fn get(&self, id: TextId) -> &str {
        let index = usize::try_from(id.0).unwrap_or(usize::MAX);
        self.texts.get(index).map_or("", String::as_str)
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }
}
