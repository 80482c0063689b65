//! The map: vector tiles in one PMTiles archive, styles for day and night, glyphs and sprites.
