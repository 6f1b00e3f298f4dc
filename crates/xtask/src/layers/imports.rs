//! The paths that a Rust source names within its crate: `use` declarations and inline paths.
//!
//! This is a scanner, not a parser: it knows comments, literals, `#[cfg(test)]` items, inline
//! modules and trees of paths. Items of tests are skipped.

mod tokens;

use std::collections::HashMap;

use tokens::{Token, tokens};

/// A path within the crate, from the root.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// Line, counted from 1.
    pub(super) line: usize,
}

/// A source file.
#[derive(Debug)]
pub(super) struct Source {
    /// Path of its module: `["hub", "stream"]`.
    pub(super) module: Vec<String>,
    /// Paths that it names.
    pub(super) imports: Vec<Import>,
    /// Modules in files of their own that only tests have.
    pub(super) tests: Vec<Vec<String>>,
    /// Paths of the names that it imports from its own modules.
    names: HashMap<String, Vec<String>>,
}

impl Source {
    /// Reads a source; `module` is its path without the extension.
    pub(super) fn read(module: Vec<String>, text: &str) -> Self {
        let tokens = tokens(text);
        let mut source = Self {
            module,
            imports: Vec::new(),
            tests: Vec::new(),
            names: HashMap::new(),
        };
        let mut scanner = Scanner {
            tokens: &tokens,
            at: 0,
            depth: 0,
            inner: Vec::new(),
        };
        scanner.run(&mut source);
        source
    }

    /// Returns true for the root of a library.
    pub(super) fn is_root(&self) -> bool {
        self.module == ["lib"]
    }

    /// Returns true for the root of a program.
    pub(super) fn is_program(&self) -> bool {
        self.module == ["main"]
    }

    /// Returns a path without the names that this source, the root, gives to items of modules.
    pub(super) fn resolve(&self, path: &[String]) -> Vec<String> {
        let known = path.first().and_then(|first| self.names.get(first));
        match known {
            Some(known) => [known.as_slice(), path.get(1..).unwrap_or_default()].concat(),
            None => path.to_vec(),
        }
    }
}

struct Scanner<'a> {
    tokens: &'a [(Token, usize)],
    at: usize,
    depth: usize,
    /// Inline modules around the current token, each with the depth of its braces.
    inner: Vec<(String, usize)>,
}

impl Scanner<'_> {
    fn run(&mut self, source: &mut Source) {
        while let Some((token, line)) = self.tokens.get(self.at).cloned() {
            match &token {
                Token::Sign('#') if self.skip_test(source) => continue,
                Token::Sign('{') => self.depth += 1,
                Token::Sign('}') => {
                    self.depth = self.depth.saturating_sub(1);
                    if self
                        .inner
                        .last()
                        .is_some_and(|(_, depth)| *depth == self.depth)
                    {
                        self.inner.pop();
                    }
                }
                Token::Word(word) => match word.as_str() {
                    "mod" => self.enter_module(),
                    "use" => {
                        self.at += 1;
                        self.tree(&mut Vec::new(), true, source, line);
                        continue;
                    }
                    "crate" | "super" | "self" if self.starts_path() => {
                        self.tree(&mut Vec::new(), false, source, line);
                        continue;
                    }
                    _ => {}
                },
                _ => {}
            }
            self.at += 1;
        }
    }

    fn token(&self, ahead: usize) -> Option<&Token> {
        self.tokens.get(self.at + ahead).map(|(token, _)| token)
    }

    fn word(&self, ahead: usize) -> Option<&str> {
        match self.token(ahead) {
            Some(Token::Word(word)) => Some(word),
            _ => None,
        }
    }

    /// Returns true if the current word begins a path that is no visibility, as `pub(in crate::a)`.
    fn starts_path(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let is_visibility = matches!(before, Some((Token::Word(word), _)) if word == "in");
        let continues = matches!(before, Some((Token::Colons, _)));
        self.token(1) == Some(&Token::Colons) && !is_visibility && !continues
    }

    fn enter_module(&mut self) {
        if let (Some(name), Some(Token::Sign('{'))) = (self.word(1), self.token(2)) {
            self.inner.push((name.to_owned(), self.depth));
        }
    }

    /// Skips an item that only tests have; returns true if one is here.
    fn skip_test(&mut self, source: &mut Source) -> bool {
        let is_test = self.token(1) == Some(&Token::Sign('['))
            && self.word(2) == Some("cfg")
            && self.token(3) == Some(&Token::Sign('('))
            && self.word(4) == Some("test")
            && self.token(5) == Some(&Token::Sign(')'));
        if !is_test {
            return false;
        }
        let (mut braces, mut brackets) = (0_usize, 0_usize);
        while let Some(token) = self.token(0) {
            match token {
                Token::Sign('[' | '(') => brackets += 1,
                Token::Sign(']' | ')') => brackets = brackets.saturating_sub(1),
                Token::Sign('{') => braces += 1,
                Token::Sign('}') => {
                    braces = braces.saturating_sub(1);
                    // A tree of imports ends with its semicolon.
                    if braces == 0 && self.token(1) != Some(&Token::Sign(';')) {
                        self.at += 1;
                        return true;
                    }
                }
                Token::Sign(';') if braces == 0 && brackets == 0 => {
                    self.at += 1;
                    return true;
                }
                Token::Word(word) if word == "mod" && braces == 0 => {
                    if let (Some(name), Some(Token::Sign(';'))) = (self.word(1), self.token(2)) {
                        source
                            .tests
                            .push([source.module.as_slice(), &[name.to_owned()]].concat());
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        true
    }

    /// Reads a tree of paths, the rest of `prefix`, and notes its paths within the crate.
    fn tree(&mut self, prefix: &mut Vec<String>, is_use: bool, source: &mut Source, line: usize) {
        let length = prefix.len();
        let mut name = None;
        loop {
            match self.token(0) {
                Some(Token::Word(word)) if word == "as" => {
                    name = self.word(1).map(str::to_owned);
                    self.at += 2;
                    break;
                }
                Some(Token::Word(word)) => {
                    prefix.push(word.clone());
                    self.at += 1;
                    if self.token(0) == Some(&Token::Colons) {
                        self.at += 1;
                    } else if self.word(0) != Some("as") || !is_use {
                        break;
                    }
                }
                Some(Token::Sign('{')) if is_use => {
                    self.at += 1;
                    while self
                        .token(0)
                        .is_some_and(|token| *token != Token::Sign('}'))
                    {
                        let line = self.tokens.get(self.at).map_or(line, |(_, line)| *line);
                        let before = self.at;
                        self.tree(prefix, is_use, source, line);
                        if self.token(0) == Some(&Token::Sign(',')) || self.at == before {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    prefix.truncate(length);
                    return;
                }
                Some(Token::Sign('*')) if is_use => {
                    self.at += 1;
                    break;
                }
                // A leading `::`, of another crate.
                Some(Token::Colons) if is_use => self.at += 1,
                _ => break,
            }
        }
        self.note(prefix, name, is_use, source, line);
        prefix.truncate(length);
    }

    fn note(
        &self,
        path: &[String],
        name: Option<String>,
        is_use: bool,
        source: &mut Source,
        line: usize,
    ) {
        if source.is_root() && is_use && self.inner.is_empty() {
            let path = match path.first().map(String::as_str) {
                Some("crate" | "self") => path.get(1..).unwrap_or_default(),
                _ => path,
            };
            if let Some(name) = name.or_else(|| path.last().cloned()) {
                source.names.insert(name, path.to_vec());
            }
            return;
        }
        let mut here = source.module.clone();
        here.extend(self.inner.iter().map(|(name, _)| name.clone()));
        let mut words = path.iter().map(String::as_str).peekable();
        match words.peek() {
            Some(&"crate") => {
                words.next();
                here.clear();
            }
            Some(&"self") => {
                words.next();
            }
            Some(&"super") => {
                while words.next_if_eq(&"super").is_some() {
                    here.pop();
                }
            }
            // Of another crate, or of a module of this one.
            _ => return,
        }
        here.extend(words.filter(|word| *word != "self").map(str::to_owned));
        source.imports.push(Import { path: here, line });
    }
}
