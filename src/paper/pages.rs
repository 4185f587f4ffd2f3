//! Bands become pages.
//!
//! A band is a strip of the page that is never cut: a line of text, a row of a
//! table, a frame. A band may hold on to the next one; bands that hold
//! together move to the next page together. So a heading never ends a page, no
//! paragraph leaves one line alone, and a signature stays with what is signed.

use crate::paper::Drawing;
use crate::paper::layout::BOTTOM;
use crate::paper::wrap::Stretch;

/// A mark on a page, from the top left corner of its band or page.
#[derive(Debug)]
pub(super) enum Mark {
    Text { x: f32, baseline: f32, size: f32, ink: Ink, stretch: Stretch, element: usize },
    Rule { x: f32, y: f32, width: f32, ink: Ink },
    Frame { x: f32, y: f32, width: f32, height: f32 },
    Tick { x: f32, y: f32, size: f32, ticked: bool, element: usize },
    Pen { x: f32, y: f32, scale: f32, drawing: Drawing, element: usize },
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Ink {
    Black,
    Grey,
}

#[derive(Debug, Default)]
pub(super) struct Band {
    /// Empty space above, left out at the top of a page.
    pub(super) space: f32,
    pub(super) height: f32,
    pub(super) marks: Vec<Mark>,
    /// Must stand on the page of the next band.
    pub(super) holds: bool,
}

/// `top` is where the text of a page begins, below its header.
pub(super) fn paginate(bands: Vec<Band>, top: f32) -> Vec<Vec<Mark>> {
    let mut pages = vec![Vec::new()];
    let mut y = top;
    for group in groups(bands) {
        let height = group.iter().map(|band| band.space + band.height).sum::<f32>();
        let fits = |y: f32, height: f32| y + height <= BOTTOM;
        // What no page can hold may break anywhere.
        let breaks = !fits(top, height - group[0].space);
        if y > top && !breaks && !fits(y, height) {
            pages.push(Vec::new());
            y = top;
        }
        for band in group {
            if y > top {
                y += band.space;
            }
            if y > top && !fits(y, band.height) {
                pages.push(Vec::new());
                y = top;
            }
            let page = pages.last_mut().expect("there is always a page");
            page.extend(band.marks.into_iter().map(|mark| mark.down(y)));
            y += band.height;
        }
    }
    pages
}

/// Bands that hold together.
fn groups(bands: Vec<Band>) -> Vec<Vec<Band>> {
    let mut groups: Vec<Vec<Band>> = Vec::new();
    let mut held = false;
    for band in bands {
        let holds = band.holds;
        match groups.last_mut() {
            Some(group) if held => group.push(band),
            _ => groups.push(vec![band]),
        }
        held = holds;
    }
    groups
}

impl Mark {
    /// Moved down by so many points.
    pub(super) fn down(mut self, by: f32) -> Self {
        let y = match &mut self {
            Self::Text { baseline, .. } => baseline,
            Self::Rule { y, .. }
            | Self::Frame { y, .. }
            | Self::Tick { y, .. }
            | Self::Pen { y, .. } => y,
        };
        *y += by;
        self
    }
}
