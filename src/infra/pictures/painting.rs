//! Painting a drawing, with its wide blurs made small and enlarged.
//!
//! A soft shadow took more than half of a picture's time (measured at 1280 pixels: 110 of 190 ms), although nothing in it is sharp: made
//! at a quarter of the size it differs by a few levels out of 256 that nobody sees, and costs a sixteenth.
#![expect(clippy::float_arithmetic, reason = "geometry of a drawing, not money")]

use resvg::{
    tiny_skia::{Color, FilterQuality, Pixmap, PixmapMut, PixmapPaint, Transform},
    usvg::{Group, Node, Tree, filter::Kind},
};

// What a blur's deviation is at least, in pixels, where it is made small: below that its edge would show steps.
const SMOOTH: f32 = 4.0;

/// Paints the tree on white.
pub(super) fn paint(tree: &Tree, scale: Transform, canvas: &mut Pixmap) {
    canvas.fill(Color::WHITE);
    if group(tree.root(), scale, &mut canvas.as_mut()).is_none() {
        // Something in it cannot be painted on its own (an upright line has no width): the whole is painted in the plain way.
        canvas.fill(Color::WHITE);
        resvg::render(tree, scale, &mut canvas.as_mut());
    }
}

// Walks into groups that only move their content; everything else is painted by resvg.
fn group(parent: &Group, outside: Transform, canvas: &mut PixmapMut) -> Option<()> {
    let inside = outside.pre_concat(parent.transform());
    for node in parent.children() {
        match node {
            Node::Group(child) if !child.should_isolate() => group(child, inside, canvas)?,
            Node::Group(child) => match reduction(child, inside) {
                1 => whole(node, inside, canvas)?,
                by => reduced(node, child, inside, f32::from(by), canvas)?,
            },
            _ => whole(node, inside, canvas)?,
        }
    }
    Some(())
}

fn whole(node: &Node, outside: Transform, canvas: &mut PixmapMut) -> Option<()> {
    let area = node.abs_layer_bounding_box()?;
    // render_node moves what it paints into the corner; this moves it back.
    resvg::render_node(node, outside.pre_translate(area.x(), area.y()), canvas)
}

// How much smaller a group can be made: 1 unless all that is done to it is a wide blur.
fn reduction(child: &Group, outside: Transform) -> u8 {
    let [filter] = child.filters() else { return 1 };
    let [primitive] = filter.primitives() else { return 1 };
    let Kind::GaussianBlur(blur) = primitive.kind() else { return 1 };
    let (x, y) = outside.pre_concat(child.transform()).get_scale();
    let deviation = (blur.std_dev_x().get() * x).min(blur.std_dev_y().get() * y);
    [4, 2].into_iter().find(|by| deviation >= SMOOTH * f32::from(*by)).unwrap_or(1)
}

fn reduced(node: &Node, child: &Group, outside: Transform, by: f32, canvas: &mut PixmapMut) -> Option<()> {
    let area = child.layer_bounding_box().transform(outside.pre_concat(child.transform()))?;
    let (width, height) = (canvas.width(), canvas.height());
    // The part of the canvas that it touches, in steps of the reduced size.
    let (left, top) = ((area.left().max(0.0) / by).floor(), (area.top().max(0.0) / by).floor());
    let (right, bottom) = (end(area.right(), width, by), end(area.bottom(), height, by));
    let Some(mut small) = Pixmap::new(pixels(right - left), pixels(bottom - top)) else {
        // Nothing of it is on the canvas.
        return Some(());
    };
    let place = outside.post_scale(1.0 / by, 1.0 / by).post_translate(-left, -top);
    whole(node, place, &mut small.as_mut())?;
    let paint = PixmapPaint { quality: FilterQuality::Bilinear, ..PixmapPaint::default() };
    let enlarge = Transform::from_translate(left, top).post_scale(by, by);
    canvas.draw_pixmap(0, 0, small.as_ref(), &paint, enlarge, None);
    Some(())
}

fn end(edge: f32, canvas: u32, by: f32) -> f32 {
    let canvas = u16::try_from(canvas).map_or(f32::MAX, f32::from);
    (edge.min(canvas) / by).ceil()
}

// Of a length in whole pixels; nothing for what lies beyond the canvas.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cut off above, and `as` saturates")]
fn pixels(length: f32) -> u32 {
    length.max(0.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infra::pictures::{parse, render_svg};

    fn drawing(shapes: &str) -> String {
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 1000"><filter id="soft" x="-.3" y="-.3" width="1.6" height="1.6" color-interpolation-filters="sRGB"><feGaussianBlur stdDeviation="22"/></filter>{shapes}</svg>"##
        )
    }

    // The largest difference to what resvg paints by itself.
    fn difference(svg: &str) -> u8 {
        let tree = parse(svg).unwrap();
        let mut plain = Pixmap::new(1280, 1280).unwrap();
        plain.fill(Color::WHITE);
        resvg::render(&tree, Transform::from_scale(1.28, 1.28), &mut plain.as_mut());
        let painted = render_svg(svg, 1280).unwrap();
        plain.data().iter().zip(&painted.rgba).map(|(one, other)| one.abs_diff(*other)).max().unwrap()
    }

    #[test]
    fn a_shadow_made_small_looks_as_one_made_large() {
        let shapes = r##"<rect width="1000" height="1000" fill="#eee4d6"/>
            <g transform="translate(40 30) scale(.8)"><path d="M110 150h780v700H110z" fill="#1d1622" opacity=".4" filter="url(#soft)" transform="translate(8 26)"/>
            <path d="M110 150h780v700H110z" fill="#4f7c8a"/></g><circle cx="980" cy="20" r="90" fill="#1d1622" filter="url(#soft)"/>"##;
        assert!(difference(&drawing(shapes)) < 12, "{}", difference(&drawing(shapes)));
    }

    #[test]
    fn what_has_no_width_is_painted_too() {
        let shapes = r##"<circle cx="500" cy="500" r="200" fill="#1d1622" filter="url(#soft)"/><path d="M500 100v800" stroke="#c33" stroke-width="30"/>"##;
        assert_eq!(difference(&drawing(shapes)), 0);
    }

    #[test]
    fn what_is_beside_the_canvas_is_left_out() {
        let shapes = r##"<circle cx="-900" cy="500" r="200" fill="#1d1622" filter="url(#soft)"/>"##;
        assert!(render_svg(&drawing(shapes), 1280).unwrap().rgba.iter().all(|byte| *byte == 255));
    }
}
