//! The demo shop's files, built into the binary, so that an installed one seeds without the checkout.

// Names once, contents beside them; a test compares the lists with the folders.
macro_rules! drawings {
    ($folder:literal: $($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../../seed/", $folder, "/", $name, ".svg")))),+]
    };
}

/// The catalogue: file name and text, in the order in which categories are shown.
pub(super) const CATALOGUE: &[(&str, &str)] = &[
    ("home.toml", include_str!("../../../seed/catalogue/home.toml")),
    ("kitchen.toml", include_str!("../../../seed/catalogue/kitchen.toml")),
    ("outdoors.toml", include_str!("../../../seed/catalogue/outdoors.toml")),
    ("desk.toml", include_str!("../../../seed/catalogue/desk.toml")),
    ("wardrobe.toml", include_str!("../../../seed/catalogue/wardrobe.toml")),
];

/// What invented products are called.
pub(super) const WORDS: &str = include_str!("../../../seed/words.toml");

/// Gradients and filters that every motif may use by name.
pub(super) const PAINTS: &str = include_str!("../../../seed/motifs/_paints.svg");

/// What stands or lies behind a thing.
pub(super) const BACKDROPS: &[(&str, &str)] =
    drawings!("backdrops": "arch" "disc" "flat" "meadow" "planks" "studio" "table");

/// One drawing for each kind of thing.
pub(super) const MOTIFS: &[(&str, &str)] = drawings!("motifs":
    "alarm" "apron" "armchair" "backpack" "basket" "binoculars" "blanket" "board" "bolster" "book" "boot"
    "bottle" "bowl" "campchair" "candle" "carafe" "chair" "clock" "compass" "coolbox" "cushion" "cutlery"
    "desklamp" "dripper" "grinder" "hammock" "hat" "headphones" "hoodie" "kettle" "keyboard" "knife" "lamp"
    "lantern" "mirror" "mug" "notebook" "organiser" "pan" "pen" "pendant" "plant" "plate" "pot" "raincoat" "rug"
    "scarf" "sleepingbag" "sneaker" "socks" "speaker" "spoons" "stool" "stove" "sunglasses" "teapot" "tent"
    "tote" "towel" "tshirt" "tumbler" "umbrella" "vase" "wallet" "watch"
);

/// The text of that name.
pub(super) fn find(list: &[(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    list.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(folder: &str) -> Vec<String> {
        let folder = format!("{}/seed/{folder}", env!("CARGO_MANIFEST_DIR"));
        let files = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| !name.starts_with('_'));
        names.sort();
        names
    }

    #[test]
    fn every_file_of_the_demo_shop_is_built_in() {
        let svg = |list: &[(&str, &str)]| list.iter().map(|(name, _)| format!("{name}.svg")).collect::<Vec<_>>();
        assert_eq!(svg(MOTIFS), names_in("motifs"));
        assert_eq!(svg(BACKDROPS), names_in("backdrops"));
        let mut catalogue: Vec<_> = CATALOGUE.iter().map(|(name, _)| (*name).to_owned()).collect();
        catalogue.sort();
        assert_eq!(catalogue, names_in("catalogue"));
    }
}
