//! Papers, as other people's programs see them: poppler and qpdf.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use super::*;

/// A consent of two pages or more, with everything a paper can hold.
fn consent() -> Paper {
    let mut paper =
        Paper::new("Согласие на лечение", "ru", Timestamp::from_unix_ms(1_790_000_000_000));
    paper.header_left = vec![
        "ТОО «Арай Дент»".to_owned(),
        "БИН 190340012345 · лицензия № 19004567 · г. Алматы, пр. Абая, 52, каб. 305".to_owned(),
    ];
    paper.header_right = vec!["A1B2-C3D4".to_owned(), "редакция 4 от 01.09.2026".to_owned()];
    paper.footer = "A1B2-C3D4".to_owned();
    let mut text = String::new();
    for sentence in 1..30 {
        write!(text, "Предложение {sentence} о том, что будет сделано и сколько это стоит. ")
            .unwrap();
    }
    paper.blocks = vec![
        Block::Title("Согласие на лечение зуба 46".to_owned()),
        Block::Paragraph("Я, Қайырбекұлы Әділ Өмірұлы, доверяю лечение врачу.".into()),
        Block::Boxed(Text::marked(
            "**У вас отмечена аллергия на лидокаин.** Врач подберёт другое.",
        )),
        Block::Heading("1. Что будет сделано".to_owned()),
        Block::Paragraph(text.clone().into()),
        Block::List(vec!["место укола может припухнуть;".into(), text.clone().into()]),
        Block::Heading("2. Стоимость".to_owned()),
        Block::Paragraph("Всего 28\u{a0}000\u{a0}₸ — вместе с обезболиванием.".into()),
        Block::Checks(vec![
            Check { ticked: true, text: "Мне ответили на вопросы".to_owned() },
            Check {
                ticked: false, text: "Фотографии можно показывать".to_owned()
            },
        ]),
        Block::Paragraph(text.into()),
        Block::Heading("3. Подписи".to_owned()),
        Block::Signatures(vec![
            SignatureLine {
                caption: "Қайырбекұлы Әділ Өмірұлы".to_owned(),
                description: "Подпись пациента".to_owned(),
                drawing: Some(Drawing {
                    width: 260.0,
                    height: 80.0,
                    strokes: vec![
                        vec![(12.0, 58.0), (26.0, 18.0), (44.0, 52.0), (60.0, 20.0), (240.0, 60.0)],
                        vec![(250.0, 60.0)],
                    ],
                }),
            },
            SignatureLine {
                caption: "Врач".to_owned(), description: String::new(), drawing: None
            },
        ]),
        Block::Table(vec![
            ("Подписано".to_owned(), "23.11.2026, 11:04:18 (UTC+5)".to_owned()),
            ("Хэш документа".to_owned(), "5d1f88a03c7e914b6f20bb9e07c4d3aa".repeat(4)),
        ]),
        Block::Note("Закон РК от 21.05.2013 № 94-V".to_owned()),
    ];
    paper.attachments = vec![Attachment {
        name: "document.json".to_owned(),
        media_type: "application/json".to_owned(),
        description: "The data this document was made from".to_owned(),
        bytes: br#"{"a":1}"#.to_vec(),
    }];
    paper
}

/// What a program prints, having ended well.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|_| panic!("{program}: apt install poppler-utils qpdf"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program} {text} {output:?}");
    text
}

fn in_folder(check: impl FnOnce(&Path, &str)) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.pdf");
    std::fs::write(&file, print(&consent()).unwrap().bytes).unwrap();
    check(folder.path(), file.to_str().unwrap());
}

#[test]
fn the_same_paper_is_the_same_bytes() {
    let first = print(&consent()).unwrap();
    assert_eq!(first, print(&consent()).unwrap());
    assert!(first.pages >= 2);
}

#[test]
fn every_font_is_embedded_and_can_be_read_back() {
    in_folder(|_, file| {
        let fonts = run("pdffonts", &[file]);
        let lines: Vec<_> = fonts.lines().skip(2).collect();
        assert_eq!(lines.len(), 2, "{fonts}");
        for line in lines {
            let flags: Vec<_> = line.split_whitespace().rev().skip(2).take(3).collect();
            assert_eq!(flags, ["yes", "yes", "yes"], "emb, sub, uni in {line}");
        }
    });
}

#[test]
fn text_can_be_searched_and_copied() {
    in_folder(|_, file| {
        let text = run("pdftotext", &["-layout", file, "-"]);
        for part in ["Қайырбекұлы", "₸", "№ 19004567", "«Арай Дент»", "A1B2-C3D4"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
    });
}

#[test]
fn the_pdf_is_well_formed_and_says_what_it_is() {
    in_folder(|_, file| {
        assert!(run("qpdf", &["--check", file]).contains("No syntax or stream encoding errors"));
        let metadata = run("pdfinfo", &["-meta", file]);
        assert!(metadata.contains("<pdfaid:part>3</pdfaid:part>"), "{metadata}");
        assert!(metadata.contains("<pdfaid:conformance>B</pdfaid:conformance>"), "{metadata}");
        let info = run("pdfinfo", &[file]);
        assert!(info.contains("Tagged:          yes"), "{info}");
        assert!(!info.contains("Қайырбекұлы") && !info.contains("Author"), "{info}");
    });
}

#[test]
fn the_structure_is_there_for_screen_readers() {
    in_folder(|_, file| {
        let structure = run("pdfinfo", &["-struct-text", file]);
        for part in ["H1", "H2", "LI", "TH", "Figure", "Қайырбекұлы"] {
            assert!(structure.contains(part), "{part} in {structure}");
        }
    });
}

#[test]
fn an_attachment_comes_out_as_it_went_in() {
    in_folder(|folder, file| {
        assert!(run("pdfdetach", &["-list", file]).starts_with("1 embedded files"));
        let out = folder.join("out.json");
        run("pdfdetach", &["-save", "1", "-o", out.to_str().unwrap(), file]);
        assert_eq!(std::fs::read(out).unwrap(), br#"{"a":1}"#);
    });
}

#[test]
fn a_letter_the_fonts_lack_stops_the_printing() {
    let mut paper = consent();
    paper.blocks.push(Block::Paragraph("漢".into()));
    assert_eq!(print(&paper), Err(PaperError::NoGlyph('漢')));
    let mut paper = consent();
    paper.header_left = vec!["漢".to_owned()];
    assert_eq!(print(&paper), Err(PaperError::NoGlyph('漢')));
}

#[test]
fn a_heading_stays_with_its_text_and_a_signature_with_its_lines() {
    for filler in 0..60 {
        let mut paper = consent();
        paper.header_left.clear();
        paper.blocks = vec![Block::Paragraph("строка\n".repeat(filler).into())];
        paper.blocks.push(Block::Heading("Заголовок".to_owned()));
        paper.blocks.push(Block::Paragraph("первая\nвторая\nтретья".into()));
        paper.blocks.push(Block::Signatures(vec![SignatureLine {
            caption: "Кто".to_owned(),
            description: String::new(),
            drawing: None,
        }]));
        let layout = layout::lay_out(&paper).unwrap();
        let pages: Vec<String> = layout.pages.iter().map(|page| texts(page)).collect();
        let page_of = |text: &str| pages.iter().position(|page| page.contains(text)).unwrap();
        assert_eq!(page_of("Заголовок"), page_of("вторая"), "{filler}");
        assert_eq!(page_of("третья"), page_of("Кто"), "{filler}");
        assert_eq!(page_of("вторая"), page_of("третья"), "{filler}");
        let lost =
            (0..filler).count() - pages.iter().map(|p| p.matches("строка").count()).sum::<usize>();
        assert_eq!(lost, 0, "{filler}");
    }
}

#[test]
fn what_must_stand_together_does_while_a_page_can_hold_it() {
    let mut paper = consent();
    paper.blocks = vec![
        Block::Paragraph("строка\n".repeat(40).into()),
        Block::Together(vec![
            Block::Heading("Начало".to_owned()),
            Block::Paragraph("внутри\n".repeat(20).into()),
            Block::Paragraph("конец".into()),
        ]),
    ];
    let layout = layout::lay_out(&paper).unwrap();
    assert_eq!(layout.pages.len(), 2);
    let second = texts(&layout.pages[1]);
    assert!(second.contains("Начало") && second.contains("конец"), "{second}");

    paper.blocks = vec![Block::Together(vec![Block::Paragraph("внутри\n".repeat(200).into())])];
    assert!(layout::lay_out(&paper).unwrap().pages.len() > 2);
}

fn texts(page: &[pages::Mark]) -> String {
    let text = |mark: &pages::Mark| match mark {
        pages::Mark::Text { stretch, .. } => Some(stretch.text.clone()),
        _ => None,
    };
    page.iter().filter_map(text).collect()
}

/// Writes the sample for a person to look at: `PAPER_SAMPLE=/tmp/a.pdf`.
#[test]
fn the_sample_can_be_looked_at() {
    if let Ok(file) = std::env::var("PAPER_SAMPLE") {
        std::fs::write(file, print(&consent()).unwrap().bytes).unwrap();
    }
}
