//! A signature drawn with a finger: strokes in, an SVG path out.
//!
//! Only where the finger went is kept, not when or how hard: timing and
//! pressure could be biometric data. Points are rounded to a tenth of a
//! pixel so that the same strokes are the same bytes.

use std::fmt::Write;

use serde::Deserialize;

use crate::paper::Drawing;

/// More than a long signature takes; less than what could fill the disk.
const MOST_POINTS: usize = 20_000;
const LARGEST: f64 = 10_000.0;

/// A signature, in pixels of the pad it was drawn on.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    strokes: Vec<Vec<(f32, f32)>>,
    width: f32,
    height: f32,
}

/// Why strokes are no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("the strokes could not be read")]
    Unreadable,
    #[error("there is no signature")]
    Empty,
    #[error("the signature has too many points")]
    TooLong,
}

#[derive(Deserialize)]
struct Stroke {
    points: Vec<Point>,
}

#[derive(Deserialize)]
struct Point {
    x: f64,
    y: f64,
}

impl Signature {
    /// Reads the groups of points that `signature_pad` sends.
    ///
    /// # Errors
    /// [`SignatureError::Empty`] for less than a short stroke: a mere dot is
    /// a slip of the finger.
    pub fn from_strokes(json: &str) -> Result<Self, SignatureError> {
        let groups: Vec<Stroke> =
            serde_json::from_str(json).map_err(|_| SignatureError::Unreadable)?;
        let count: usize = groups.iter().map(|group| group.points.len()).sum();
        if count > MOST_POINTS {
            return Err(SignatureError::TooLong);
        }
        let all = || groups.iter().flat_map(|group| &group.points);
        if all().any(|point| !(point.x.abs() <= LARGEST && point.y.abs() <= LARGEST)) {
            return Err(SignatureError::Unreadable);
        }
        let edge = |pick: fn(&Point) -> f64, start: f64, better: fn(f64, f64) -> f64| {
            all().map(pick).fold(start, better)
        };
        let (left, right) = (edge(|p| p.x, LARGEST, f64::min), edge(|p| p.x, -LARGEST, f64::max));
        let (top, bottom) = (edge(|p| p.y, LARGEST, f64::min), edge(|p| p.y, -LARGEST, f64::max));
        if count < 5 || (right - left) + (bottom - top) < 20.0 {
            return Err(SignatureError::Empty);
        }
        let margin = 4.0;
        let place = |point: &Point| (round(point.x - left + margin), round(point.y - top + margin));
        let strokes = groups
            .iter()
            .filter(|group| !group.points.is_empty())
            .map(|group| group.points.iter().map(place).collect())
            .collect();
        let size = |length: f64| round(length + 2.0 * margin);
        Ok(Self { strokes, width: size(right - left), height: size(bottom - top) })
    }

    /// The drawing as an SVG file, without scripts or styles.
    pub fn to_svg(&self) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\"><path d=\"{}\" \
             fill=\"none\" stroke=\"#0b2b6b\" stroke-width=\"2.6\" stroke-linecap=\"round\" \
             stroke-linejoin=\"round\"/></svg>\n",
            self.width,
            self.height,
            self.path()
        )
    }

    /// Reads what [`Signature::to_svg`] wrote. None for any other SVG.
    pub fn from_svg(svg: &str) -> Option<Self> {
        let (_, rest) = svg.split_once("viewBox=\"0 0 ")?;
        let (size, rest) = rest.split_once('"')?;
        let (width, height) = size.split_once(' ')?;
        let (_, rest) = rest.split_once("d=\"M")?;
        let (path, _) = rest.split_once('"')?;
        let point = |text: &str| {
            let (x, y) = text.split_once(' ')?;
            Some((x.parse().ok()?, y.parse().ok()?))
        };
        let stroke = |text: &str| text.split('L').map(point).collect::<Option<Vec<_>>>();
        let strokes = path.split('M').map(stroke).collect::<Option<Vec<_>>>()?;
        let read = Self { strokes, width: width.parse().ok()?, height: height.parse().ok()? };
        (read.to_svg() == svg).then_some(read)
    }

    pub fn to_drawing(&self) -> Drawing {
        Drawing { width: self.width, height: self.height, strokes: self.strokes.clone() }
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for stroke in &self.strokes {
            for (i, (x, y)) in stroke.iter().enumerate() {
                let letter = if i == 0 { 'M' } else { 'L' };
                write!(path, "{letter}{x} {y}").expect("a String takes all text");
            }
            if let [(x, y)] = stroke[..] {
                // A dot: a line of no length, with round ends.
                write!(path, "L{x} {y}").expect("a String takes all text");
            }
        }
        path
    }
}

/// To a tenth of a pixel.
#[expect(clippy::cast_possible_truncation, reason = "within ±10,000, where f32 holds tenths")]
fn round(value: f64) -> f32 {
    ((value * 10.0).round() / 10.0) as f32
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::consents) const STROKES: &str = r##"[
        {"penColor":"#0b2b6b","dotSize":0,"minWidth":1.2,"points":[
            {"time":1790000000001,"x":120.04,"y":300.5,"pressure":0.5},
            {"time":1790000000017,"x":160,"y":210,"pressure":0.4},
            {"time":1790000000033,"x":200,"y":320,"pressure":0.4},
            {"time":1790000000050,"x":260,"y":215,"pressure":0.4}]},
        {"points":[{"x":300,"y":320},{"x":330,"y":300}]},
        {"points":[{"x":340,"y":330}]}]"##;

    #[test]
    fn only_where_the_finger_went_is_kept() {
        let svg = Signature::from_strokes(STROKES).unwrap().to_svg();
        assert!(
            svg.contains("M4 94.5L44 4L84 114L144 9M184 114L214 94M224 124L224 124\""),
            "{svg}"
        );
        assert!(!svg.contains("1790000000") && !svg.contains("pressure"), "{svg}");
    }

    #[test]
    fn a_signature_survives_its_svg() {
        let signature = Signature::from_strokes(STROKES).unwrap();
        let read = Signature::from_svg(&signature.to_svg()).unwrap();
        assert_eq!(read.to_svg(), signature.to_svg());
        assert_eq!(Signature::from_svg("<svg><script/></svg>"), None);
    }

    #[test]
    fn a_slip_of_the_finger_is_no_signature() {
        for strokes in [
            "[]",
            r#"[{"points":[{"x":1,"y":1}]}]"#,
            r#"[{"points":[{"x":1,"y":1},{"x":2,"y":1},{"x":3,"y":1},{"x":4,"y":1},{"x":5,"y":1}]}]"#,
        ] {
            assert_eq!(Signature::from_strokes(strokes), Err(SignatureError::Empty), "{strokes}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for strokes in ["", "{}", "[1]", r#"[{"points":[{"x":1e9,"y":1}]}]"#] {
            assert_eq!(Signature::from_strokes(strokes), Err(SignatureError::Unreadable));
        }
        let point = r#"{"x":1,"y":1},"#.repeat(MOST_POINTS + 1);
        let long = format!(r#"[{{"points":[{}]}}]"#, point.trim_end_matches(','));
        assert_eq!(Signature::from_strokes(&long), Err(SignatureError::TooLong));
    }
}
