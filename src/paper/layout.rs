//! Where everything stands: blocks become bands of text, rows and frames.

use crate::paper::draw::Element;
use crate::paper::font::{self, Weight};
use crate::paper::pages::{Band, Ink, Mark, paginate};
use crate::paper::wrap::{Line, Stretch, width, wrap};
use crate::paper::{Block, Check, Paper, PaperError, SignatureLine, Text};

/// A4, and its margins, in points.
pub(super) const PAGE: (f32, f32) = (595.28, 841.89);
pub(super) const LEFT: f32 = 54.0;
pub(super) const RIGHT: f32 = PAGE.0 - 54.0;
const WIDTH: f32 = RIGHT - LEFT;
const TOP: f32 = 40.0;
pub(super) const BOTTOM: f32 = PAGE.1 - 62.0;

const BODY: f32 = 10.0;
const SMALL: f32 = 8.0;
const HEADING: f32 = 11.0;
const TITLE: f32 = 15.0;
const LEADING: f32 = 1.38;

/// A laid-out paper.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) pages: Vec<Vec<Mark>>,
    /// At the top of every page.
    pub(super) header: Vec<Mark>,
    /// The logical structure, for screen readers; 0 is the root.
    pub(super) elements: Vec<Element>,
}

/// # Errors
/// [`PaperError::NoGlyph`] for the first character that cannot be printed.
pub(super) fn lay_out(paper: &Paper) -> Result<Layout, PaperError> {
    let mut setter = Setter::default();
    setter.elements.push(Element::root());
    font::check(&paper.footer)?;
    let (header, top) = Setter::header(paper)?;
    setter.blocks(&paper.blocks)?;
    let pages = paginate(setter.bands, top);
    Ok(Layout { pages, header, elements: setter.elements })
}

#[derive(Default)]
struct Setter {
    bands: Vec<Band>,
    elements: Vec<Element>,
}

impl Setter {
    fn blocks(&mut self, blocks: &[Block]) -> Result<(), PaperError> {
        blocks.iter().try_for_each(|block| self.block(block))
    }

    fn block(&mut self, block: &Block) -> Result<(), PaperError> {
        match block {
            Block::Title(text) => self.title(text)?,
            Block::Heading(text) => {
                let element = self.element(0, Element::heading(2, text));
                self.lines(&Text::bold(text), HEADING, Ink::Black, 10.0, element)?;
                self.hold_last();
            }
            Block::Paragraph(text) => {
                let element = self.element(0, Element::paragraph());
                self.lines(text, BODY, Ink::Black, 4.0, element)?;
            }
            Block::Note(text) => {
                let element = self.element(0, Element::paragraph());
                self.lines(&Text::from(text.as_str()), SMALL, Ink::Grey, 4.0, element)?;
            }
            Block::List(points) => self.list(points)?,
            Block::Boxed(text) => self.boxed(text)?,
            Block::Table(rows) => self.table(rows)?,
            Block::Checks(checks) => self.checks(checks)?,
            Block::Signatures(lines) => self.signatures(lines)?,
            Block::Together(blocks) => {
                let first = self.bands.len();
                self.blocks(blocks)?;
                let last = self.bands.len().saturating_sub(1);
                for band in self.bands.iter_mut().take(last).skip(first) {
                    band.holds = true;
                }
            }
            Block::Space(space) => self.bands.push(Band { space: *space, ..Band::default() }),
        }
        Ok(())
    }

    fn element(&mut self, parent: usize, element: Element) -> usize {
        self.elements.push(element);
        let index = self.elements.len() - 1;
        self.elements[parent].children.push(index);
        index
    }

    fn hold_last(&mut self) {
        if let Some(band) = self.bands.last_mut() {
            band.holds = true;
        }
    }

    fn title(&mut self, text: &str) -> Result<(), PaperError> {
        font::check(text)?;
        let element = self.element(0, Element::heading(1, text));
        let lines = wrap(&Text::bold(text), TITLE, WIDTH);
        for (i, line) in lines.into_iter().enumerate() {
            let x = (WIDTH - width(&line, TITLE)) / 2.0;
            let mut band = text_band(line, LEFT + x, TITLE, Ink::Black, element);
            band.space = if i == 0 { 8.0 } else { 0.0 };
            band.holds = true;
            self.bands.push(band);
        }
        Ok(())
    }

    /// Lines across the page. The first two and the last two hold together.
    fn lines(
        &mut self,
        text: &Text,
        size: f32,
        ink: Ink,
        space: f32,
        element: usize,
    ) -> Result<(), PaperError> {
        let bands = column(text, LEFT, WIDTH, size, ink, element)?;
        self.push(bands, space);
        Ok(())
    }

    fn push(&mut self, bands: Vec<Band>, space: f32) {
        let count = bands.len();
        for (i, mut band) in bands.into_iter().enumerate() {
            band.space = if i == 0 { space } else { 0.0 };
            band.holds = count > 1 && (i == 0 || i + 2 == count);
            self.bands.push(band);
        }
    }

    fn list(&mut self, points: &[Text]) -> Result<(), PaperError> {
        let list = self.element(0, Element::list());
        for (i, point) in points.iter().enumerate() {
            let item = self.element(list, Element::list_item());
            let label = self.element(item, Element::label());
            let body = self.element(item, Element::list_body());
            let mut bands = column(point, LEFT + 14.0, WIDTH - 14.0, BODY, Ink::Black, body)?;
            let bullet = wrap(&Text::from("•"), BODY, WIDTH);
            let bullet = bullet.into_iter().next().expect("one bullet makes one line");
            let mark = text_band(bullet, LEFT + 4.0, BODY, Ink::Black, label);
            bands[0].marks.splice(0..0, mark.marks);
            self.push(bands, if i == 0 { 4.0 } else { 2.0 });
        }
        Ok(())
    }

    fn boxed(&mut self, text: &Text) -> Result<(), PaperError> {
        let pad = 8.0;
        let element = self.element(0, Element::paragraph());
        let bands = column(text, LEFT + pad, WIDTH - 2.0 * pad, BODY, Ink::Black, element)?;
        let (mut marks, text_height) = stack(bands, pad);
        let height = text_height + 2.0 * pad;
        marks.insert(0, Mark::Frame { x: LEFT, y: 0.0, width: WIDTH, height });
        self.bands.push(Band { space: 8.0, height, marks, holds: false });
        Ok(())
    }

    fn table(&mut self, rows: &[(String, String)]) -> Result<(), PaperError> {
        let table = self.element(0, Element::table());
        let first_column = 140.0;
        for (i, (name, value)) in rows.iter().enumerate() {
            let row = self.element(table, Element::row());
            let head = self.element(row, Element::row_header());
            let cell = self.element(row, Element::cell());
            let (x, wide) = (LEFT + first_column, WIDTH - first_column);
            let names =
                column(&name.as_str().into(), LEFT, first_column - 10.0, 9.0, Ink::Grey, head)?;
            let values = column(&value.as_str().into(), x, wide, 9.0, Ink::Black, cell)?;
            let (mut marks, left) = stack(names, 3.5);
            let (right_marks, right) = stack(values, 3.5);
            marks.extend(right_marks);
            let height = left.max(right) + 7.0;
            if i == 0 {
                marks.push(Mark::Rule { x: LEFT, y: 0.0, width: WIDTH, ink: Ink::Grey });
            }
            marks.push(Mark::Rule { x: LEFT, y: height, width: WIDTH, ink: Ink::Grey });
            let space = if i == 0 { 6.0 } else { 0.0 };
            // One row alone on a page would read as nothing.
            let holds = rows.len() > 1 && (i == 0 || i + 2 == rows.len());
            self.bands.push(Band { space, height, marks, holds });
        }
        Ok(())
    }

    fn checks(&mut self, checks: &[Check]) -> Result<(), PaperError> {
        let list = self.element(0, Element::list());
        for check in checks {
            let item = self.element(list, Element::list_item());
            let label = self.element(item, Element::tick(check.ticked));
            let body = self.element(item, Element::list_body());
            let text = check.text.as_str().into();
            let bands = column(&text, LEFT + 20.0, WIDTH - 20.0, BODY, Ink::Black, body)?;
            let (mut marks, height) = stack(bands, 0.0);
            let (x, y, size) = (LEFT + 2.0, 1.6, 10.0);
            marks.insert(0, Mark::Tick { x, y, size, ticked: check.ticked, element: label });
            self.bands.push(Band { space: 5.0, height, marks, holds: false });
        }
        Ok(())
    }

    fn signatures(&mut self, lines: &[SignatureLine]) -> Result<(), PaperError> {
        let (gap, pen_height) = (28.0, 60.0);
        let columns = u8::try_from(lines.len().max(1)).map_or(1.0, f32::from);
        let wide = (WIDTH - gap * (columns - 1.0)) / columns;
        let (mut marks, mut height, mut x) = (Vec::new(), 0.0_f32, LEFT);
        for line in lines {
            if let Some(drawing) = &line.drawing {
                let element = self.element(0, Element::figure(&line.description));
                let scale = (wide / drawing.width).min(pen_height / drawing.height);
                let y = pen_height - drawing.height * scale;
                marks.push(Mark::Pen { x, y, scale, drawing: drawing.clone(), element });
            }
            marks.push(Mark::Rule { x, y: pen_height + 2.0, width: wide, ink: Ink::Black });
            let element = self.element(0, Element::paragraph());
            let caption = line.caption.as_str().into();
            let bands = column(&caption, x, wide, SMALL + 1.0, Ink::Grey, element)?;
            let (captions, caption_height) = stack(bands, pen_height + 5.0);
            marks.extend(captions);
            height = height.max(pen_height + 5.0 + caption_height);
            x += wide + gap;
        }
        self.hold_last();
        self.bands.push(Band { space: 10.0, height, marks, holds: false });
        Ok(())
    }

    /// The marks of the header, and where the text begins below them. They
    /// repeat on every page, so they are no part of the logical structure.
    fn header(paper: &Paper) -> Result<(Vec<Mark>, f32), PaperError> {
        let mut columns = [(Vec::new(), TOP), (Vec::new(), TOP)];
        for (i, text) in paper.header_left.iter().enumerate() {
            let text = if i == 0 { Text::bold(text) } else { Text::from(text.as_str()) };
            let bands = column(
                &text,
                LEFT,
                WIDTH * 0.62,
                if i == 0 { 10.0 } else { SMALL },
                Ink::Black,
                0,
            )?;
            let (marks, height) = stack(bands, columns[0].1);
            columns[0].0.extend(marks);
            columns[0].1 += height;
        }
        for text in &paper.header_right {
            font::check(text)?;
            for line in wrap(&text.as_str().into(), SMALL, WIDTH * 0.34) {
                let x = RIGHT - width(&line, SMALL);
                let (marks, height) =
                    stack(vec![text_band(line, x, SMALL, Ink::Black, 0)], columns[1].1);
                columns[1].0.extend(marks);
                columns[1].1 += height;
            }
        }
        let [(mut marks, left), (right_marks, right)] = columns;
        marks.extend(right_marks);
        let y = left.max(right) + 5.0;
        if y > TOP + 5.0 {
            marks.push(Mark::Rule { x: LEFT, y, width: WIDTH, ink: Ink::Black });
        }
        Ok((marks, y + 10.0))
    }
}

/// The lines of a text in a column.
fn column(
    text: &Text,
    x: f32,
    wide: f32,
    size: f32,
    ink: Ink,
    element: usize,
) -> Result<Vec<Band>, PaperError> {
    for run in &text.0 {
        font::check(run.text.replace('\n', "").as_str())?;
    }
    let lines = wrap(text, size, wide);
    Ok(lines.into_iter().map(|line| text_band(line, x, size, ink, element)).collect())
}

fn text_band(line: Line, x: f32, size: f32, ink: Ink, element: usize) -> Band {
    let mark = |stretch: Stretch| {
        let x = x + stretch.x;
        Mark::Text { x, baseline: size * 1.06, size, ink, stretch, element }
    };
    Band { height: size * LEADING, marks: line.into_iter().map(mark).collect(), ..Band::default() }
}

/// Bands one under the other, as one: their marks and their height.
fn stack(bands: Vec<Band>, mut y: f32) -> (Vec<Mark>, f32) {
    let (mut marks, top) = (Vec::new(), y);
    for band in bands {
        marks.extend(band.marks.into_iter().map(|mark| mark.down(y)));
        y += band.height;
    }
    (marks, y - top)
}

impl Text {
    fn bold(text: &str) -> Self {
        Self(vec![crate::paper::Run { text: text.to_owned(), bold: true }])
    }
}

/// "2 / 5", centred at the foot of a page, after the paper's own footer.
pub(super) fn footer(paper: &Paper, page: usize, pages: usize) -> Vec<Mark> {
    let weight = Weight::Regular;
    let y = PAGE.1 - 34.0;
    let text = |text: String, right: bool| {
        let width = weight.width(&text, SMALL);
        let x = if right { RIGHT - width } else { LEFT };
        let stretch = Stretch { x: 0.0, width, text, weight };
        Mark::Text { x, baseline: y, size: SMALL, ink: Ink::Grey, stretch, element: 0 }
    };
    vec![text(paper.footer.clone(), false), text(format!("{page} / {pages}"), true)]
}
