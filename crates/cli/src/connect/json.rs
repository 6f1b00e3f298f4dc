//! JSON as text with places, so that an edit leaves every other byte as it is.

use std::ops::Range;

use serde_json::Value;

/// Value in a text.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Place of the value in the text.
    pub(super) place: Range<usize>,
    /// Members, if it is an object or an array.
    pub(super) members: Members,
}

/// Members of a value.
#[derive(Clone, Debug)]
pub(super) enum Members {
    /// Members of an object, in order.
    Object(Vec<Member>),
    /// Elements of an array, in order.
    Array(Vec<Node>),
    /// None: a text, a number, `true`, `false` or `null`.
    None,
}

/// Member of an object.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Name of the member.
    pub(super) name: String,
    /// Place of the name and the value.
    pub(super) place: Range<usize>,
    /// Value of the member.
    pub(super) node: Node,
}

impl Node {
    /// Parses a text. Comments and trailing commas are refused, since an edit could not keep them
    /// where they belong.
    ///
    /// # Errors
    /// Returns the reason in a few words.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        // Finds all errors within values; the places are ours to find.
        if let Err(error) = serde_json::from_str::<Value>(text) {
            let has_comment = text.contains("//") || text.contains("/*");
            let hint = if has_comment { " (comments?)" } else { "" };
            return Err(format!("it is not plain JSON{hint}: {error}"));
        }
        let mut parser = Parser { text, at: 0 };
        parser.skip_blanks();
        parser
            .value()
            .ok_or_else(|| "it is not plain JSON".to_owned())
    }

    /// Returns the member of an object with that name.
    pub(super) fn member(&self, name: &str) -> Option<&Member> {
        // Of members with the same name, the last one counts.
        let mut members = self.object()?.iter().rev();
        members.find(|member| member.name == name)
    }

    /// Returns the members of an object.
    pub(super) fn object(&self) -> Option<&[Member]> {
        match &self.members {
            Members::Object(members) => Some(members),
            Members::Array(_) | Members::None => None,
        }
    }

    /// Returns the elements of an array.
    pub(super) fn array(&self) -> Option<&[Self]> {
        match &self.members {
            Members::Array(elements) => Some(elements),
            Members::Object(_) | Members::None => None,
        }
    }

    /// Returns the places of all members.
    pub(super) fn places(&self) -> Vec<Range<usize>> {
        match &self.members {
            Members::Object(members) => members.iter().map(|it| it.place.clone()).collect(),
            Members::Array(elements) => elements.iter().map(|it| it.place.clone()).collect(),
            Members::None => Vec::new(),
        }
    }

    /// Returns the value as it is parsed.
    pub(super) fn value(&self, text: &str) -> Value {
        serde_json::from_str(&text[self.place.clone()]).unwrap_or_default()
    }
}

/// Parser of a text that is known to be JSON.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Skips blanks and a sign. Returns false if there is another one.
    fn takes(&mut self, sign: u8) -> bool {
        self.skip_blanks();
        let found = self.peek() == Some(sign);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self) -> Option<Node> {
        self.skip_blanks();
        let start = self.at;
        let members = match self.peek()? {
            b'{' => Members::Object(self.list(b'}', Self::member)?),
            b'[' => Members::Array(self.list(b']', Self::value)?),
            b'"' => {
                self.string()?;
                Members::None
            }
            _ => {
                while self
                    .peek()
                    .is_some_and(|byte| !b",]} \t\r\n".contains(&byte))
                {
                    self.at += 1;
                }
                Members::None
            }
        };
        let place = start..self.at;
        Some(Node { place, members })
    }

    fn list<T>(&mut self, end: u8, mut item: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        self.at += 1;
        let mut items = Vec::new();
        if self.takes(end) {
            return Some(items);
        }
        loop {
            items.push(item(self)?);
            if self.takes(end) {
                return Some(items);
            }
            if !self.takes(b',') {
                return None;
            }
        }
    }

    fn member(&mut self) -> Option<Member> {
        self.skip_blanks();
        let start = self.at;
        let name = self.string()?;
        if !self.takes(b':') {
            return None;
        }
        let node = self.value()?;
        let place = start..node.place.end;
        Some(Member { name, place, node })
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        serde_json::from_str(self.text.get(start..self.at)?).ok()
    }
}
