//! Drawing a laid-out paper, and its logical structure for screen readers.

use std::num::NonZeroU16;

use krilla::color::rgb;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, LineCap, LineJoin, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node, SpanTag, TableHeaderScope,
    Tag, TagGroup, TagKind, TagTree,
};
use krilla::{Document, SerializeSettings};

use crate::clock::Timestamp;
use crate::paper::layout::{Layout, PAGE, footer};
use crate::paper::pages::{Ink, Mark};
use crate::paper::{Attachment, Drawing, Paper, PaperError};

/// The program named in the document information.
const PRODUCER: &str = "Tirkeu";

/// Pen ink, as of a ball-point.
const PEN: (u8, u8, u8) = (11, 43, 107);

/// A node of the paper's logical structure.
#[derive(Debug)]
pub(super) struct Element {
    tag: TagKind,
    pub(super) children: Vec<usize>,
    content: Vec<Identifier>,
}

pub(super) fn draw(paper: &Paper, layout: Layout) -> Result<Vec<u8>, PaperError> {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_B)
        .finish()
        .map_err(|error| PaperError::Pdf(format!("{error:?}")))?;
    let settings =
        SerializeSettings { configuration, enable_tagging: true, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let Layout { pages, header, mut elements } = layout;
    let count = pages.len();
    for (i, marks) in pages.iter().enumerate() {
        let size = PageSettings::from_wh(PAGE.0, PAGE.1).expect("A4 has a size");
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        artifact(&mut surface, ArtifactType::Header, &header);
        for mark in marks {
            draw_mark(&mut surface, mark, &mut elements);
        }
        artifact(&mut surface, ArtifactType::Footer, &footer(paper, i + 1, count));
        surface.finish();
        page.finish();
    }
    for attachment in &paper.attachments {
        document.embed_file(embedded(attachment, paper.dated)?);
    }
    let mut tree = TagTree::new().with_lang(Some(paper.language.clone()));
    for child in std::mem::take(&mut elements[0].children) {
        tree.push(group(&mut elements, child));
    }
    document.set_tag_tree(tree);
    document.set_metadata(metadata(paper));
    document.finish().map_err(|error| PaperError::Pdf(error.to_string()))
}

fn metadata(paper: &Paper) -> Metadata {
    Metadata::new()
        .title(paper.title.clone())
        .language(paper.language.clone())
        .creator(PRODUCER.to_owned())
        .producer(PRODUCER.to_owned())
        .creation_date(date(paper.dated))
}

fn embedded(attachment: &Attachment, dated: Timestamp) -> Result<EmbeddedFile, PaperError> {
    let media_type = MimeType::new(&attachment.media_type)
        .ok_or_else(|| PaperError::MediaType(attachment.media_type.clone()))?;
    Ok(EmbeddedFile {
        path: attachment.name.clone(),
        mime_type: Some(media_type),
        description: Some(attachment.description.clone()),
        association_kind: AssociationKind::Source,
        data: attachment.bytes.clone().into(),
        modification_date: Some(date(dated)),
        compress: Some(true),
        location: None,
    })
}

/// In UTC, to the second.
fn date(at: Timestamp) -> DateTime {
    let at = jiff::Timestamp::from_millisecond(at.unix_ms())
        .unwrap_or_default()
        .to_zoned(jiff::tz::TimeZone::UTC);
    let part = |value: i8| value.unsigned_abs();
    DateTime::new(at.year().unsigned_abs())
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

fn artifact(surface: &mut Surface, kind: ArtifactType, marks: &[Mark]) {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(kind)));
    for mark in marks {
        paint(surface, mark);
    }
    surface.end_tagged();
}

fn draw_mark(surface: &mut Surface, mark: &Mark, elements: &mut [Element]) {
    let (tag, element) = match mark {
        Mark::Text { element, .. } => (ContentTag::Span(SpanTag::empty()), Some(*element)),
        Mark::Tick { element, .. } | Mark::Pen { element, .. } => {
            (ContentTag::Other, Some(*element))
        }
        Mark::Rule { .. } | Mark::Frame { .. } => {
            (ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)), None)
        }
    };
    let identifier = surface.start_tagged(tag);
    if let Some(element) = element {
        elements[element].content.push(identifier);
    }
    paint(surface, mark);
    surface.end_tagged();
}

fn paint(surface: &mut Surface, mark: &Mark) {
    match mark {
        Mark::Text { x, baseline, size, ink, stretch, .. } => {
            surface.set_stroke(None);
            surface.set_fill(Some(fill(*ink)));
            let glyphs = stretch.weight.glyphs(&stretch.text);
            let start = Point::from_xy(*x, *baseline);
            surface.draw_glyphs(start, &glyphs, stretch.weight.font(), &stretch.text, *size, false);
        }
        Mark::Rule { x, y, width, ink } => {
            line(surface, &[(*x, *y), (x + width, *y)], &stroke(rgb_of(*ink), 0.6));
        }
        Mark::Frame { x, y, width, height } => {
            rectangle(surface, *x, *y, *width, *height, &stroke(rgb_of(Ink::Black), 0.8));
        }
        Mark::Tick { x, y, size, ticked, .. } => {
            rectangle(surface, *x, *y, *size, *size, &stroke(rgb_of(Ink::Black), 0.8));
            if *ticked {
                let at = |dx: f32, dy: f32| (x + dx * size, y + dy * size);
                let tick = [at(0.2, 0.55), at(0.42, 0.78), at(0.82, 0.24)];
                line(surface, &tick, &stroke(rgb_of(Ink::Black), 1.4));
            }
        }
        Mark::Pen { x, y, scale, drawing, .. } => pen(surface, *x, *y, *scale, drawing),
    }
}

fn pen(surface: &mut Surface, x: f32, y: f32, scale: f32, drawing: &Drawing) {
    let stroke = stroke(rgb::Color::new(PEN.0, PEN.1, PEN.2), 1.3);
    for points in &drawing.strokes {
        let placed: Vec<_> =
            points.iter().map(|(px, py)| (x + px * scale, y + py * scale)).collect();
        match placed[..] {
            // A dot is a line too short to see, with round ends.
            [(px, py)] => line(surface, &[(px, py), (px + 0.01, py)], &stroke),
            _ => line(surface, &placed, &stroke),
        }
    }
}

fn line(surface: &mut Surface, points: &[(f32, f32)], stroke: &Stroke) {
    let mut path = PathBuilder::new();
    for (i, (x, y)) in points.iter().enumerate() {
        if i == 0 {
            path.move_to(*x, *y);
        } else {
            path.line_to(*x, *y);
        }
    }
    outline(surface, path, stroke);
}

fn rectangle(surface: &mut Surface, x: f32, y: f32, width: f32, height: f32, stroke: &Stroke) {
    let mut path = PathBuilder::new();
    if let Some(rect) = Rect::from_xywh(x, y, width, height) {
        path.push_rect(rect);
    }
    outline(surface, path, stroke);
}

fn outline(surface: &mut Surface, path: PathBuilder, stroke: &Stroke) {
    surface.set_fill(None);
    surface.set_stroke(Some(stroke.clone()));
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn stroke(color: rgb::Color, width: f32) -> Stroke {
    Stroke {
        paint: color.into(),
        width,
        line_cap: LineCap::Round,
        line_join: LineJoin::Round,
        ..Stroke::default()
    }
}

fn fill(ink: Ink) -> Fill {
    Fill { paint: rgb_of(ink).into(), opacity: NormalizedF32::ONE, ..Fill::default() }
}

fn rgb_of(ink: Ink) -> rgb::Color {
    match ink {
        Ink::Black => rgb::Color::new(0, 0, 0),
        Ink::Grey => rgb::Color::new(70, 80, 78),
    }
}

fn group(elements: &mut [Element], index: usize) -> TagGroup {
    let element = &mut elements[index];
    let mut group = TagGroup::new(element.tag.clone());
    let content = std::mem::take(&mut element.content);
    group.children.extend(content.into_iter().map(Node::Leaf));
    for child in std::mem::take(&mut element.children) {
        group.push(self::group(elements, child));
    }
    group
}

impl Element {
    fn new(tag: impl Into<TagKind>) -> Self {
        Self { tag: tag.into(), children: Vec::new(), content: Vec::new() }
    }

    pub(super) fn root() -> Self {
        Self::new(Tag::Part)
    }

    pub(super) fn heading(level: u16, text: &str) -> Self {
        let level = NonZeroU16::new(level).expect("headings count from one");
        Self::new(Tag::Hn(level, Some(text.to_owned())))
    }

    pub(super) fn paragraph() -> Self {
        Self::new(Tag::P)
    }

    pub(super) fn list() -> Self {
        Self::new(Tag::L(ListNumbering::None))
    }

    pub(super) fn list_item() -> Self {
        Self::new(Tag::LI)
    }

    pub(super) fn label() -> Self {
        Self::new(Tag::Lbl)
    }

    pub(super) fn list_body() -> Self {
        Self::new(Tag::LBody)
    }

    /// A box: read out as the sign it looks like.
    pub(super) fn tick(ticked: bool) -> Self {
        let sign = if ticked { "☑" } else { "☐" };
        Self::new(Tag::Lbl.with_alt_text(Some(sign.to_owned())))
    }

    pub(super) fn table() -> Self {
        Self::new(Tag::Table)
    }

    pub(super) fn row() -> Self {
        Self::new(Tag::TR)
    }

    pub(super) fn row_header() -> Self {
        Self::new(Tag::TH(TableHeaderScope::Row))
    }

    pub(super) fn cell() -> Self {
        Self::new(Tag::TD)
    }

    pub(super) fn figure(description: &str) -> Self {
        Self::new(Tag::Figure(Some(description.to_owned())))
    }
}
