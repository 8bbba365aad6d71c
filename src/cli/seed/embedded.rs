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
    ("decor.toml", include_str!("../../../seed/catalogue/decor.toml")),
    ("bedding.toml", include_str!("../../../seed/catalogue/bedding.toml")),
    ("bath.toml", include_str!("../../../seed/catalogue/bath.toml")),
    ("storage.toml", include_str!("../../../seed/catalogue/storage.toml")),
    ("kitchen.toml", include_str!("../../../seed/catalogue/kitchen.toml")),
    ("coffee.toml", include_str!("../../../seed/catalogue/coffee.toml")),
    ("baking.toml", include_str!("../../../seed/catalogue/baking.toml")),
    ("tableware.toml", include_str!("../../../seed/catalogue/tableware.toml")),
    ("pantry.toml", include_str!("../../../seed/catalogue/pantry.toml")),
    ("outdoors.toml", include_str!("../../../seed/catalogue/outdoors.toml")),
    ("camp.toml", include_str!("../../../seed/catalogue/camp.toml")),
    ("trail.toml", include_str!("../../../seed/catalogue/trail.toml")),
    ("bike.toml", include_str!("../../../seed/catalogue/bike.toml")),
    ("desk.toml", include_str!("../../../seed/catalogue/desk.toml")),
    ("tech.toml", include_str!("../../../seed/catalogue/tech.toml")),
    ("paper.toml", include_str!("../../../seed/catalogue/paper.toml")),
    ("wardrobe.toml", include_str!("../../../seed/catalogue/wardrobe.toml")),
    ("clothes.toml", include_str!("../../../seed/catalogue/clothes.toml")),
    ("shoes.toml", include_str!("../../../seed/catalogue/shoes.toml")),
    ("accessories.toml", include_str!("../../../seed/catalogue/accessories.toml")),
    ("garden.toml", include_str!("../../../seed/catalogue/garden.toml")),
    ("birds.toml", include_str!("../../../seed/catalogue/birds.toml")),
    ("play.toml", include_str!("../../../seed/catalogue/play.toml")),
    ("games.toml", include_str!("../../../seed/catalogue/games.toml")),
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
    "alarm" "apron" "armchair" "backpack" "basket" "bathmat" "bathrobe" "beaker" "beanie" "bedding" "bell"
    "belt" "bikelights" "binoculars" "birdhouse" "blanket" "blocks" "board" "bolster" "book" "boot" "bottle"
    "bowl" "breadbin" "bundt" "bunny" "caddy" "cakestand" "campchair" "candle" "cap" "carafe" "cards" "chair"
    "chess" "clock" "colander" "compass" "coolbox" "cushion" "cutlery" "desklamp" "dice" "diffuser" "dripper"
    "duffel" "espresso" "feeder" "floorlamp" "frame" "frenchpress" "game" "glasses" "gloves" "grinder" "hammock"
    "hamper" "hat" "headlamp" "headphones" "helmet" "hoodie" "hooks" "ink" "jacket" "jar" "jeans" "kettle"
    "keyboard" "kite" "knife" "knifeblock" "lamp" "lantern" "letters" "loafer" "lunchbox" "mat" "mill" "mirror"
    "mittens" "mixingbowls" "mokapot" "monitorstand" "mouse" "mug" "napkin" "notebook" "organiser" "ovenmitt"
    "padlock" "pan" "pannier" "pen" "pencils" "pendant" "picturebook" "pitcher" "plant" "planter" "plate"
    "pocketknife" "poles" "pot" "pots" "puzzle" "raincoat" "ramekins" "rollingpin" "rootseeds" "rug" "saddle"
    "satchel" "scarf" "secateurs" "seeds" "shelf" "shirt" "sidetable" "sleepingbag" "sleeve" "slippers"
    "snakeplant" "sneaker" "soapdish" "socks" "sofa" "speaker" "spoons" "stacker" "stapler" "stool" "stove"
    "sunglasses" "sweater" "tape" "teapot" "teddy" "tent" "thermos" "tote" "towel" "train" "tray" "trowel"
    "tshirt" "tumbler" "umbrella" "vase" "wallet" "watch" "wateringcan" "wellies" "wheelbarrow" "whisk"
    "wineglass"
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
