use super::*;

const SIZE: Size = Size {
    rows: 4,
    columns: 10,
};

fn lines(output: &[&str]) -> Vec<String> {
    let mut screen = Screen::new(SIZE);
    let mut lines = Vec::new();
    for part in output {
        screen.draw(part.as_bytes(), &mut lines);
    }
    lines
}

fn all(output: &str) -> Vec<String> {
    let mut screen = Screen::new(SIZE);
    let mut lines = Vec::new();
    screen.draw(output.as_bytes(), &mut lines);
    screen.finish(&mut lines);
    lines
}

#[test]
fn a_printed_line_is_complete_with_its_line_feed() {
    assert_eq!(lines(&["one\r\ntw", "o"]), ["one"]);
    assert_eq!(
        lines(&["\x1b[31mred\x1b[m\r\n", "10%\r20%\r\n"]),
        ["red", "20%"]
    );
    assert_eq!(
        all("1\r\n2\r\n3\r\n4\r\n5\r\n6"),
        ["1", "2", "3", "4", "5", "6"]
    );
    assert_eq!(all("a\r\n\x1b[H\x1b[2Jb\r\nc"), ["a", "b", "c"]);
}

#[test]
fn a_long_line_is_one_line() {
    let long = "abcdefghij".repeat(6);
    assert_eq!(all(&format!("{long}\r\nend")), [long.as_str(), "end"]);
}

#[test]
fn redrawn_rows_are_complete_once_they_leave_the_screen() {
    let redrawn = "start\r\nwork .\r\n\x1b[1A\x1b[2Kwork ..\r\n\x1b[1A\x1b[2Kdone\r\n";
    let first = lines(&[redrawn]);
    assert_eq!(first, ["start", "work ."]);
    let output = [redrawn, "a\r\nb\r\nc\r\nd\r\ne\r\n"];
    assert_eq!(lines(&output)[2..], ["done", "a"]);
}

#[test]
fn the_alternate_screen_leaves_no_lines() {
    let output = "before\r\n\x1b[?1049hfull\r\nscreen\r\n\n\n\n\n\x1b[?1049lafter\r\n";
    assert_eq!(lines(&[output]), ["before", "after"]);
}
