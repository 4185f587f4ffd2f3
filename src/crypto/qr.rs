//! QR codes as pictures that a strict content security policy lets through.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code: ISO/IEC 18004 asks for four.
const QUIET: usize = 4;

/// An `<svg>` element without style, script or size (its viewBox scales to
/// the page's rule for `class="qr"`). None when the text does not fit a code.
pub fn svg(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let full = width + 2 * QUIET;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"qr\" viewBox=\"0 0 {full} {full}\" \
         shape-rendering=\"crispEdges\" aria-hidden=\"true\">\
         <path fill=\"#fff\" d=\"M0 0h{full}v{full}H0z\"/><path fill=\"#000\" d=\""
    );
    for (position, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (position % width + QUIET, position / width + QUIET);
            write!(svg, "M{x} {y}h1v1h-1z").expect("writing to a String cannot fail");
        }
    }
    svg.push_str("\"/></svg>");
    Some(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_plain_svg_with_a_quiet_zone() {
        let svg = svg("AGE-SECRET-KEY-1QQQQ").unwrap();

        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"));
        assert!(!svg.contains("style") && !svg.contains("script") && !svg.contains("M3 "));
    }

    #[test]
    fn a_text_longer_than_any_code_makes_none() {
        assert_eq!(super::svg(&"x".repeat(3_000)), None);
    }
}
