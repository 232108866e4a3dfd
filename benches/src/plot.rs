//! A bar chart as SVG, in light and dark colours as the reader prefers.

use std::fmt::Write as _;

/// One bar.
#[derive(Debug)]
pub(crate) struct Bar {
    pub(crate) label: &'static str,
    pub(crate) value: f64,
    /// The value as text.
    pub(crate) shown: String,
    pub(crate) is_omnifn: bool,
}

const HEIGHT: usize = 24;
const LEFT: usize = 250;
const WIDTH: usize = 400;

/// Returns a chart of groups of bars. In each group the longest bar has the full width.
pub(crate) fn chart(title: &str, groups: &[(&str, Vec<Bar>)]) -> String {
    let rows: usize = groups.iter().map(|(_, bars)| bars.len() + 1).sum();
    let (width, height) = (LEFT + WIDTH + 90, 44 + rows * HEIGHT + 8);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"{title}\">\n<style>text{{font:13px sans-serif;fill:#24292f}}.t,.g{{font-weight:bold}}\
         .g{{fill:#57606a}}rect{{fill:#8c959f}}.o{{fill:#bc4c00}}@media(prefers-color-scheme:dark){{text{{fill:#e6edf3}}\
         .g{{fill:#9198a1}}rect{{fill:#6e7681}}.o{{fill:#f0883e}}}}</style>\n\
         <text class=\"t\" x=\"8\" y=\"24\">{title}</text>\n"
    );
    let mut y = 44;
    for (name, bars) in groups {
        let _ = writeln!(svg, "<text class=\"g\" x=\"8\" y=\"{}\">{name}</text>", y + 17);
        y += HEIGHT;
        let longest = bars.iter().map(|bar| bar.value).fold(f64::MIN_POSITIVE, f64::max);
        for Bar { label, value, shown, is_omnifn } in bars {
            let length = value / longest * WIDTH as f64;
            let class = if *is_omnifn { " class=\"o\"" } else { "" };
            let (text, top) = (y + 17, y + 4);
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{text}\" text-anchor=\"end\">{label}</text><rect{class} x=\"{LEFT}\" y=\"{top}\" \
                 width=\"{length:.1}\" height=\"17\" rx=\"2\"/><text x=\"{:.1}\" y=\"{text}\">{shown}</text>",
                LEFT - 8,
                LEFT as f64 + length + 6.0
            );
            y += HEIGHT;
        }
    }
    svg.push_str("</svg>\n");
    svg
}
