//! A picture of a thing: a motif in colours made from one base colour, on a backdrop, seen in some way.

use super::{
    colour::{Colour, Palette},
    embedded::{BACKDROPS, MOTIFS, PAINTS, find},
};

/// What a picture of the catalogue says about itself.
#[derive(Clone, PartialEq, Eq, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scene {
    /// Which thing: a file in `seed/motifs`.
    pub(super) motif: String,
    /// The thing's colour, `#rrggbb`; its light and shade are made from it.
    pub(super) colour: Colour,
    /// Its second colour: band, handle, lining.
    #[serde(default = "Colour::ink")]
    pub(super) accent: Colour,
    /// The colour of wall and floor.
    pub(super) background: Colour,
    /// A file in `seed/backdrops`.
    pub(super) backdrop: String,
    /// The same thing again in other colours (colour and accent), at most three times.
    #[serde(default)]
    pub(super) others: Vec<[Colour; 2]>,
    /// Mirrored.
    #[serde(default)]
    pub(super) flip: bool,
    /// Turned, in degrees.
    #[serde(default)]
    pub(super) angle: i16,
    /// In percent: 200 shows a quarter of the scene.
    #[serde(default = "whole")]
    pub(super) scale: u16,
    /// What is in the middle, in the drawing's own measure of 1000 by 1000.
    #[serde(default = "middle")]
    pub(super) focus: [u16; 2],
    /// What the picture shows, for those who cannot see it.
    pub(super) alt: String,
}

const fn whole() -> u16 {
    100
}

const fn middle() -> [u16; 2] {
    [500, 500]
}

// Where a thing is put: this point of the scene gets the thing's foot (or middle, where it lies flat), at this percentage.
type Place = (u16, u16, u16);

// The first is the main thing: it is drawn last, in front of the others.
const STANDING: [&[Place]; 4] = [
    &[(500, 860, 100)],
    &[(285, 880, 66), (715, 850, 66)],
    &[(500, 930, 64), (250, 815, 58), (750, 815, 58)],
    &[(280, 930, 50), (720, 930, 50), (300, 790, 46), (700, 790, 46)],
];
const LYING: [&[Place]; 4] = [
    &[(500, 500, 100)],
    &[(300, 430, 62), (700, 570, 62)],
    &[(500, 700, 56), (275, 300, 54), (725, 300, 54)],
    &[(270, 270, 48), (730, 270, 48), (270, 730, 48), (730, 730, 48)],
];

/// The picture as one drawing of 1000 by 1000.
///
/// # Errors
/// What is wrong with the scene, in words.
pub(super) fn compose(scene: &Scene) -> Result<String, String> {
    let motif = find(MOTIFS, &scene.motif).ok_or_else(|| format!("there is no motif '{}'", scene.motif))?;
    let backdrop =
        find(BACKDROPS, &scene.backdrop).ok_or_else(|| format!("there is no backdrop '{}'", scene.backdrop))?;
    let lies = matches!(scene.backdrop.as_str(), "flat" | "planks");
    let (layouts, foot) = if lies { (LYING, 500) } else { (STANDING, 860) };
    let places = layouts.get(scene.others.len()).ok_or("at most three others fit into a picture")?;
    let colours = std::iter::once([scene.colour, scene.accent]).chain(scene.others.iter().copied());
    let mut things = Vec::new();
    for (nth, (colours, place)) in colours.zip(*places).enumerate() {
        things.push(thing(scene, motif, &format!("t{nth}-"), colours, (*place, foot))?);
    }
    things.reverse();
    let wall = fill(backdrop, "b-", &Palette::of(scene.colour, scene.accent, scene.background))?;
    Ok(format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000"><g transform="{}">{wall}{}</g></svg>"#,
        view(scene)?,
        things.concat()
    ))
}

fn thing(
    scene: &Scene,
    motif: &str,
    prefix: &str,
    [colour, accent]: [Colour; 2],
    ((x, y, size), foot): (Place, u16),
) -> Result<String, String> {
    let palette = Palette::of(colour, accent, scene.background);
    let flip = if scene.flip { -1 } else { 1 };
    Ok(format!(
        r#"<defs>{}</defs><g transform="translate({x} {y}) scale({}) translate(-500 -{foot})"><g transform="translate(500 500) rotate({}) scale({flip} 1) translate(-500 -500)">{}</g></g>"#,
        fill(PAINTS, prefix, &palette)?,
        ratio(size),
        scene.angle,
        fill(motif, prefix, &palette)?,
    ))
}

// The view stays inside the scene, or a corner of the picture would be empty.
fn view(scene: &Scene) -> Result<String, String> {
    let [x, y] = scene.focus;
    if !(100..=400).contains(&scene.scale) {
        return Err(format!("scale {} is not between 100 and 400", scene.scale));
    }
    let half = 50_000_u16.div_ceil(scene.scale);
    let inside = half..=1000 - half;
    if !inside.contains(&x) || !inside.contains(&y) {
        return Err(format!("at scale {} the focus lies between {half} and {}", scene.scale, 1000 - half));
    }
    Ok(format!("translate(500 500) scale({}) translate(-{x} -{y})", ratio(scene.scale)))
}

fn ratio(percent: u16) -> String {
    format!("{}.{:02}", percent / 100, percent % 100)
}

// Names inside a drawing get a prefix, so that several drawings live in one file.
fn fill(drawing: &str, prefix: &str, palette: &Palette) -> Result<String, String> {
    let mut text = String::with_capacity(drawing.len());
    let mut rest = inner(drawing).ok_or("a drawing is not enclosed in <svg>")?;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").ok_or("a placeholder is not closed")?;
        let colour = palette.get(name).ok_or_else(|| format!("there is no colour '{name}'"))?;
        text.push_str(before);
        text.push_str(&colour.to_string());
        rest = after;
    }
    text.push_str(rest);
    let text = text.replace(" id=\"", &format!(" id=\"{prefix}")).replace("url(#", &format!("url(#{prefix}"));
    Ok(text.replace("href=\"#", &format!("href=\"#{prefix}")))
}

fn inner(drawing: &str) -> Option<&str> {
    let (_, rest) = drawing.split_once('>')?;
    rest.rsplit_once("</svg>").map(|(inside, _)| inside.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::pictures::render_svg;

    fn scene(motif: &str, backdrop: &str) -> Scene {
        let text = format!(
            "motif = '{motif}'\nbackdrop = '{backdrop}'\ncolour = '#4f7c8a'\nbackground = '#eee4d6'\nalt = 'A thing'"
        );
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn every_motif_is_drawn_on_its_backdrop() {
        for (motif, _) in MOTIFS {
            let drawn = render_svg(&compose(&scene(motif, "studio")).unwrap(), 64).unwrap();
            assert_eq!(drawn.width, 64, "{motif}");
            let colours: std::collections::HashSet<_> = drawn.rgba.chunks(4).collect();
            assert!(colours.len() > 300, "{motif} is hardly drawn: {} colours", colours.len());
        }
        for (backdrop, _) in BACKDROPS {
            compose(&scene("mug", backdrop)).unwrap();
        }
    }

    #[test]
    fn no_drawing_names_a_paint_that_is_not_there() {
        for (motif, text) in MOTIFS {
            for name in text.split("url(#").skip(1).filter_map(|rest| rest.split(')').next()) {
                let id = format!("id=\"{name}\"");
                assert!(PAINTS.contains(&id) || text.contains(&id), "{motif}: {name}");
            }
        }
    }

    #[test]
    fn a_scene_that_cannot_be_drawn_says_why() {
        let message = |scene: &Scene| compose(scene).unwrap_err();
        assert_eq!(message(&scene("spaceship", "studio")), "there is no motif 'spaceship'");
        assert_eq!(message(&scene("mug", "moon")), "there is no backdrop 'moon'");
        let close = Scene { scale: 200, focus: [100, 500], ..scene("mug", "studio") };
        assert_eq!(message(&close), "at scale 200 the focus lies between 250 and 750");
        let crowd = Scene { others: vec![[Colour::ink(); 2]; 4], ..scene("mug", "studio") };
        assert_eq!(message(&crowd), "at most three others fit into a picture");
    }

    #[test]
    fn things_in_one_picture_keep_their_own_colours() {
        let red = Colour::ink();
        let svg = compose(&Scene { others: vec![[red; 2]], ..scene("mug", "table") }).unwrap();
        assert!(svg.contains("id=\"t0-cyl\"") && svg.contains("url(#t1-cyl)") && !svg.contains("{{"));
    }
}
