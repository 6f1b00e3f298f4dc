//! The tokens of a Rust source, without comments and literals.

/// Part of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Word(String),
    /// `::`.
    Colons,
    Sign(char),
}

/// Returns the tokens of a source with their lines, without comments and literals.
pub(super) fn tokens(text: &str) -> Vec<(Token, usize)> {
    let letters: Vec<char> = text.chars().collect();
    let at = |index: usize| letters.get(index).copied().unwrap_or('\0');
    let (mut tokens, mut index, mut line) = (Vec::new(), 0, 1);
    while index < letters.len() {
        let letter = at(index);
        let start = index;
        match letter {
            '/' if at(index + 1) == '/' => {
                while index < letters.len() && at(index) != '\n' {
                    index += 1;
                }
            }
            '/' if at(index + 1) == '*' => index = after_comment(&letters, index),
            '"' => index = after_text(&letters, index),
            'r' | 'b' | 'c' if raw_hashes(&letters, index).is_some() => {
                index = after_raw(&letters, index);
            }
            '\'' if at(index + 1) == '\\' => {
                index += 3;
                while index < letters.len() && at(index) != '\'' {
                    index += 1;
                }
                index += 1;
            }
            '\'' if at(index + 2) == '\'' => index += 3,
            ':' if at(index + 1) == ':' => {
                tokens.push((Token::Colons, line));
                index += 2;
            }
            _ if letter.is_alphanumeric() || letter == '_' => {
                while at(index).is_alphanumeric() || at(index) == '_' {
                    index += 1;
                }
                let word = letters[start..index].iter().collect();
                tokens.push((Token::Word(word), line));
            }
            _ => {
                if !letter.is_whitespace() {
                    tokens.push((Token::Sign(letter), line));
                }
                index += 1;
            }
        }
        let passed = letters.get(start..index).unwrap_or_default();
        line += passed.iter().filter(|letter| **letter == '\n').count();
    }
    tokens
}

/// Returns the index after a block comment, which may contain others.
fn after_comment(letters: &[char], start: usize) -> usize {
    let (mut index, mut depth) = (start, 0_usize);
    while index < letters.len() {
        match (letters.get(index), letters.get(index + 1)) {
            (Some('/'), Some('*')) => {
                depth += 1;
                index += 2;
            }
            (Some('*'), Some('/')) => {
                depth = depth.saturating_sub(1);
                index += 2;
                if depth == 0 {
                    break;
                }
            }
            _ => index += 1,
        }
    }
    index.min(letters.len())
}

/// Returns the index after a text in quotes.
fn after_text(letters: &[char], start: usize) -> usize {
    let mut index = start + 1;
    while let Some(letter) = letters.get(index) {
        match letter {
            '\\' => index += 2,
            '"' => return index + 1,
            _ => index += 1,
        }
    }
    letters.len()
}

/// Returns the number of hashes of the raw text that begins there, and the index after them.
fn raw_hashes(letters: &[char], start: usize) -> Option<(usize, usize)> {
    let is_word = |letter: &char| letter.is_alphanumeric() || *letter == '_';
    if start
        .checked_sub(1)
        .and_then(|before| letters.get(before))
        .is_some_and(is_word)
    {
        return None;
    }
    let mut index = start;
    if matches!(letters.get(index), Some('b' | 'c')) {
        index += 1;
    }
    if letters.get(index) != Some(&'r') {
        return None;
    }
    index += 1;
    let hashes = letters[index..]
        .iter()
        .take_while(|letter| **letter == '#')
        .count();
    (letters.get(index + hashes) == Some(&'"')).then_some((hashes, index + hashes + 1))
}

/// Returns the index after a raw text.
fn after_raw(letters: &[char], start: usize) -> usize {
    let Some((hashes, mut index)) = raw_hashes(letters, start) else {
        return start + 1;
    };
    while index < letters.len() {
        let closes = letters.get(index) == Some(&'"')
            && letters[index + 1..]
                .iter()
                .take_while(|letter| **letter == '#')
                .count()
                >= hashes;
        if closes {
            return index + 1 + hashes;
        }
        index += 1;
    }
    letters.len()
}
