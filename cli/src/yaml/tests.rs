use super::*;

fn one(text: &str) -> Node {
    let (documents, error) = read(text);
    assert_eq!(error, None, "{text}");
    (*documents[0].root).clone()
}

/// Each character of the text stands in the file where the alignment says.
fn assert_aligned(file: &str, expected: &str) {
    let root = one(file);
    let node = root.at(&["a"]).unwrap_or_else(|| panic!("{file:?}"));
    assert_eq!(node.scalar().unwrap().text, expected, "{file:?}");
    let alignment = Alignment::of(node, file).unwrap_or_else(|| panic!("no alignment of {file:?}"));
    for (offset, character) in expected.char_indices().filter(|(_, character)| character.is_alphanumeric()) {
        let at = alignment.file_offset(offset);
        let found = file[at..].chars().next();
        assert!(
            found == Some(character) || found == Some('\\'),
            "{file:?}: {character} at {offset} is {found:?} at {at}"
        );
    }
}

#[test]
fn every_style_is_aligned() {
    for (file, text) in [
        ("a: |\n  x\n   y\n\n  z\n", "x\n y\n\nz\n"),
        ("a: |\r\n  x\r\n\r\n   y\r\n", "x\n\n y\n"),
        ("a: |\n\n\n  x\n\n  y\n", "\n\nx\n\ny\n"),
        ("a: |2-\n    x\n   y\nb: 1\n", "  x\n y"),
        ("\u{feff}a: &q |+\n  ä1\n  y\n\n\nb: 1\n", "ä1\ny\n\n\n"),
        ("a: >\n  x\n  y\n\n  z\n    w\n  v\n", "x y\nz\n  w\nv\n"),
        ("a: >-\n\n  x\n  y\n\n    z\n\n  w\n", "\nx y\n\n  z\n\nw"),
        ("a: \"x\\n\\u00e9 \\x41y\n   cont\\\n   k\n\n  m\"\n", "x\né Ay contk\nm"),
        ("{\n\t\"a\": \"\\ud83d\\ude00x\\/\\\"y\"\n}", "😀x/\"y"),
        ("a: 'it''s\n  x'\n", "it's x"),
        ("a: plain\n  two\n\n  three # c\n", "plain two\nthree"),
    ] {
        assert_aligned(file, text);
    }
}

#[test]
fn a_part_in_one_piece_has_a_range() {
    let file = "a: |\n  x (( n )) y\n  z\n";
    let root = one(file);
    let alignment = Alignment::of(root.at(&["a"]).unwrap(), file).unwrap();
    assert_eq!(alignment.file_range(&(2..9)).map(|range| &file[range]), Some("(( n ))"));
    assert_eq!(alignment.file_range(&(2..14)), None);
}

#[test]
fn scalars_mean_what_the_api_server_takes_them_for() {
    let root = one("a: [yes, off, ~, 010, 0x1f, +5, 1.5, '1', !!str 2, 1.2.3, ~x, .x]");
    let json = root.to_json().unwrap();
    assert_eq!(
        json["a"],
        serde_json::json!([true, false, null, 8, 31, 5, 1.5, "1", "2", "1.2.3", "~x", ".x"])
    );
}

#[test]
fn aliases_and_merges_are_followed() {
    let root = one("x: &x {k: 1, l: 2}\ny: {<<: *x, k: 3}\nz: *x\n");
    let json = root.to_json().unwrap();
    assert_eq!(json["y"], serde_json::json!({"k": 3, "l": 2}));
    assert_eq!(json["z"]["k"], 1);
    assert!(root.entry("z").unwrap().elsewhere && root.at(&["y"]).unwrap().entry("l").unwrap().elsewhere);
}

#[test]
fn aliases_of_aliases_do_not_grow_without_bound() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let before = format!("*a{}, ", level - 1).repeat(8);
        text.push_str(&format!("a{level}: &a{level} [{before}]\n"));
    }
    assert_eq!(one(&text).to_json(), None);
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (text, message) in [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key `a` stands here twice"),
        ("{\"a\": 1, \"a\": 2}", "line 1, column 10: the key `a` stands here twice"),
        ("? [1]\n: 2\n", "a key must be a text"),
        ("a: &x [*x]\n", "this alias refers to a node that contains it"),
        ("a:\n\t- x\n", "line 2, column 2: tabs disallowed"),
        ("a: [\n", "line 1, column 4: unclosed bracket"),
    ] {
        let error = read(text).1.unwrap_or_else(|| panic!("{text}")).to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn documents_before_an_error_are_kept_and_know_their_source() {
    let (documents, error) =
        read("---\n# Source: c/templates/x.yaml\na: 1\n---\n# Source: c/templates/y.yaml\nb: 2\n---\nc: [\n");
    assert_eq!(documents.len(), 2);
    assert_eq!(documents[1].source.as_deref(), Some("c/templates/y.yaml"));
    assert!(error.is_some());
}
