//! Parser of the lenient JSON, and its errors.

use std::char::REPLACEMENT_CHARACTER;

use super::Json;

/// Maximum nesting depth.
const MAX_DEPTH: usize = 100;

/// Number of characters of the file that an error shows.
const SHOWN_CHARS: usize = 40;

/// Position at which a file is not valid JSON.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {fault}{}", self.shown())]
pub(in crate::import::formats) struct NoJson {
    line: usize,
    column: usize,
    fault: &'static str,
    /// Text at that position, to the end of its line.
    text: String,
}

impl NoJson {
    fn shown(&self) -> String {
        match self.text.as_str() {
            "" => ", at the end of the line".to_owned(),
            text => format!(", at: {text}"),
        }
    }
}

/// Parses a file's text.
pub(in crate::import::formats) fn parse(text: &str) -> Result<Json, NoJson> {
    let mut parser = Parser { text, at: 0 };
    parser.skip_blanks();
    if parser.at == text.len() {
        return Err(parser.fault("the file is empty"));
    }
    let value = parser.value(0)?;
    parser.skip_blanks();
    if parser.at < text.len() {
        return Err(parser.fault("unexpected text after the end of the JSON"));
    }
    Ok(value)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn fault(&self, fault: &'static str) -> NoJson {
        let at = self.text.floor_char_boundary(self.at);
        let (before, after) = self.text.split_at(at);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let rest = after.lines().next().unwrap_or_default();
        NoJson {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            fault,
            text: rest.chars().take(SHOWN_CHARS).collect(),
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, NoJson> {
        if depth > MAX_DEPTH {
            return Err(self.fault("lists and objects are nested more than 100 levels deep"));
        }
        self.skip_blanks();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => {
                let (text, broken) = self.string()?;
                Ok(match broken {
                    0 => Json::Text(text),
                    count => Json::Broken(text, count),
                })
            }
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                for (word, value) in [
                    ("null", Json::Null),
                    ("true", Json::Bool(true)),
                    ("false", Json::Bool(false)),
                ] {
                    if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(self.fault("expected a value"))
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, NoJson> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Json::List(items));
                }
                _ => return Err(self.fault("expected a comma or ]")),
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, NoJson> {
        self.at += 1;
        let mut members = Vec::new();
        self.skip_blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            self.skip_blanks();
            if self.peek() != Some(b'"') {
                return Err(self.fault("expected a name in double quotes"));
            }
            let (name, _) = self.string()?;
            self.skip_blanks();
            if self.peek() != Some(b':') {
                return Err(self.fault("expected a colon"));
            }
            self.at += 1;
            members.push((name, self.value(depth + 1)?));
            self.skip_blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Json::Object(members));
                }
                _ => return Err(self.fault("expected a comma or }")),
            }
        }
    }

    fn number(&mut self) -> Result<Json, NoJson> {
        let start = self.at;
        while matches!(
            self.peek(),
            Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')
        ) {
            self.at += 1;
        }
        let written = &self.text[start..self.at];
        if serde_json::from_str::<&serde_json::value::RawValue>(written).is_err() {
            self.at = start;
            return Err(self.fault("expected a number"));
        }
        Ok(Json::Number(written.to_owned()))
    }

    /// Reads a string and its number of invalid characters.
    fn string(&mut self) -> Result<(String, usize), NoJson> {
        let start = self.at;
        self.at += 1;
        let (mut text, mut broken) = (String::new(), 0);
        loop {
            let from = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=0x1f)) {
                self.at += 1;
            }
            text.push_str(&self.text[from..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok((text, broken));
                }
                Some(b'\\') => match self.escape()? {
                    Some(character) => text.push(character),
                    None => {
                        text.push(REPLACEMENT_CHARACTER);
                        broken += 1;
                    }
                },
                Some(_) => {
                    let fault = "unescaped line break or control character in a string; a closing \
                                 quote may be missing";
                    return Err(self.fault(fault));
                }
                None => {
                    self.at = start;
                    return Err(self.fault("unterminated string"));
                }
            }
        }
    }

    /// Reads an escape; `None` for half of a surrogate pair, and for NUL, which no text may
    /// contain.
    fn escape(&mut self) -> Result<Option<char>, NoJson> {
        let letter = self.text.as_bytes().get(self.at + 1).copied();
        let simple = match letter {
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.fault("unknown escape sequence")),
        };
        self.at += 2;
        Ok(Some(simple))
    }

    fn unicode(&mut self) -> Result<Option<char>, NoJson> {
        let Some(first) = self.unit(self.at) else {
            return Err(self.fault("\\u must be followed by four hexadecimal digits"));
        };
        self.at += 6;
        let mut units = vec![first];
        if (0xd800..0xdc00).contains(&first) {
            let second = self.unit(self.at);
            if let Some(second) = second.filter(|unit| (0xdc00..0xe000).contains(unit)) {
                self.at += 6;
                units.push(second);
            }
        }
        let character = char::decode_utf16(units).next().and_then(Result::ok);
        Ok(character.filter(|character| *character != '\0'))
    }

    /// Returns the code unit of an escape `\u1234` that begins at `at`.
    fn unit(&self, at: usize) -> Option<u16> {
        let digits = self.text.get(at..at + 6)?.strip_prefix("\\u")?;
        let all = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u16::from_str_radix(digits, 16).ok().filter(|_| all)
    }
}

#[cfg(test)]
mod tests;
