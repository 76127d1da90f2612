//! Splits a body into items as it arrives: the lines of NDJSON, or the members of a JSON array. What an item
//! says is for others to read; here it is only told apart, and never held beyond its limit.

use axum::body::Bytes;

/// How the items of a body stand one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Framing {
    /// One JSON array.
    Array,
    /// One JSON text on each line; empty lines do not count.
    Lines,
}

/// What a body holds next.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::http) enum Piece {
    /// The bytes of one item.
    Item(Vec<u8>),
    /// An item that was longer than permitted, and was not kept.
    Oversized,
    /// From here on items cannot be told apart; the last piece.
    Broken(&'static str),
}

/// Tells items apart; holds no more than one of them.
#[derive(Debug)]
pub(in crate::http) struct Splitter {
    max_item_bytes: usize,
    state: State,
    held: Vec<u8>,
    is_oversized: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A line.
    Line,
    /// Before the bracket that opens the array.
    Start,
    /// After a bracket or comma; an array may end here only if nothing came yet.
    Expecting { is_first: bool },
    /// In an item: how many brackets are open, and where in a text we are.
    Inside { depth: usize, text: Text },
    /// After an item.
    Between,
    /// After the bracket that closes the array.
    End,
    /// After a piece that was broken.
    Stopped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    /// Not in one.
    Outside,
    /// In one.
    Within,
    /// In one, after a backslash.
    Escaped,
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

impl Splitter {
    /// Nothing so far.
    pub(in crate::http) fn new(framing: Framing, max_item_bytes: usize) -> Self {
        Self {
            max_item_bytes,
            state: match framing {
                Framing::Array => State::Start,
                Framing::Lines => State::Line,
            },
            held: Vec::new(),
            is_oversized: false,
        }
    }

    /// Takes from `chunk` up to the end of the next item; `None` when the chunk is used up before.
    pub(in crate::http) fn take(&mut self, chunk: &mut Bytes) -> Option<Piece> {
        while let Some(&byte) = chunk.first() {
            let piece = match self.state {
                State::Line => self.take_line(chunk),
                State::Inside { depth, text } => self.take_inside(chunk, depth, text),
                State::Stopped => {
                    chunk.clear();
                    None
                }
                State::Start | State::Expecting { .. } | State::Between | State::End => {
                    self.take_mark(chunk, byte)
                }
            };
            if piece.is_some() {
                return piece;
            }
        }
        None
    }

    /// What is left when the body has ended.
    pub(in crate::http) fn finish(&mut self) -> Option<Piece> {
        match std::mem::replace(&mut self.state, State::Stopped) {
            State::Line => self.item(),
            State::End | State::Stopped => None,
            State::Start => Some(Piece::Broken("there is no JSON array")),
            State::Expecting { .. } | State::Inside { .. } | State::Between => {
                Some(Piece::Broken("the array is not closed"))
            }
        }
    }

    fn take_line(&mut self, chunk: &mut Bytes) -> Option<Piece> {
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let line = chunk.split_to(end.unwrap_or(chunk.len()));
        self.hold(&line);
        end?;
        // The line end itself.
        let _ = chunk.split_to(1);
        self.item()
    }

    /// A byte between items.
    fn take_mark(&mut self, chunk: &mut Bytes, byte: u8) -> Option<Piece> {
        if !is_blank(byte) {
            match (self.state, byte) {
                (State::Start, b'[') => self.state = State::Expecting { is_first: true },
                (State::Start, _) => return self.broken("there is no JSON array"),
                (State::Expecting { is_first: true }, b']') | (State::Between, b']') => {
                    self.state = State::End;
                }
                (State::Between, b',') => self.state = State::Expecting { is_first: false },
                (State::Expecting { .. }, b',' | b']' | b'}') => {
                    return self.broken("an item is missing between two commas or brackets");
                }
                (State::Expecting { .. }, _) => {
                    self.state = State::Inside {
                        depth: 0,
                        text: Text::Outside,
                    };
                    return None;
                }
                (State::End, _) => return self.broken("something stands after the array"),
                _ => return self.broken("items are not separated by commas"),
            }
        }
        let _ = chunk.split_to(1);
        None
    }

    /// Bytes of an item, up to its end or that of the chunk.
    fn take_inside(&mut self, chunk: &mut Bytes, depth: usize, text: Text) -> Option<Piece> {
        let (mut depth, mut text) = (depth, text);
        let mut taken: usize = 0;
        let mut is_whole = false;
        for byte in chunk.iter() {
            let is_separator = is_blank(*byte) || matches!(byte, b',' | b']' | b'}');
            if depth == 0 && text == Text::Outside && is_separator {
                is_whole = true;
                break;
            }
            taken = taken.saturating_add(1);
            let was_within = text != Text::Outside;
            match (text, byte) {
                (Text::Outside, b'"') => text = Text::Within,
                (Text::Within, b'"') => text = Text::Outside,
                (Text::Within, b'\\') => text = Text::Escaped,
                (Text::Escaped, _) => text = Text::Within,
                (Text::Outside, b'{' | b'[') => depth = depth.saturating_add(1),
                (Text::Outside, b'}' | b']') => depth = depth.saturating_sub(1),
                (Text::Within | Text::Outside, _) => {}
            }
            let closes =
                text == Text::Outside && (was_within || matches!(byte, b'}' | b']')) && depth == 0;
            if closes {
                is_whole = true;
                break;
            }
        }
        let part = chunk.split_to(taken);
        self.hold(&part);
        if is_whole {
            self.state = State::Between;
            return self.item();
        }
        self.state = State::Inside { depth, text };
        None
    }

    fn hold(&mut self, part: &[u8]) {
        if self.held.len().saturating_add(part.len()) > self.max_item_bytes {
            self.is_oversized = true;
            self.held = Vec::new();
        }
        if !self.is_oversized {
            self.held.extend_from_slice(part);
        }
    }

    /// The item that was held; none if it is blank.
    fn item(&mut self) -> Option<Piece> {
        let held = std::mem::take(&mut self.held);
        if std::mem::take(&mut self.is_oversized) {
            return Some(Piece::Oversized);
        }
        let is_empty = held.iter().all(|byte| is_blank(*byte));
        (!is_empty).then_some(Piece::Item(held))
    }

    fn broken(&mut self, why: &'static str) -> Option<Piece> {
        self.state = State::Stopped;
        Some(Piece::Broken(why))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(framing: Framing, chunks: &[&[u8]]) -> Vec<Piece> {
        let mut splitter = Splitter::new(framing, 100);
        let mut pieces = Vec::new();
        for chunk in chunks {
            let mut chunk = Bytes::copy_from_slice(chunk);
            while let Some(piece) = splitter.take(&mut chunk) {
                pieces.push(piece);
            }
            assert!(splitter.held.len() <= 100, "held beyond the limit");
        }
        pieces.extend(splitter.finish());
        pieces
    }

    fn item(text: &str) -> Piece {
        Piece::Item(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_are_items_and_empty_ones_are_not() {
        let pieces = split(Framing::Lines, &[b"{\"a\":1}\n\n  \r\n{\"b\"", b":2}\n[3"]);
        let expected = [item(r#"{"a":1}"#), item(r#"{"b":2}"#), item("[3")];
        assert_eq!(pieces, expected);
        assert!(split(Framing::Lines, &[]).is_empty());
        assert!(split(Framing::Lines, &[b"\n \n"]).is_empty());
    }

    #[test]
    fn the_members_of_an_array_are_items_whatever_stands_in_their_texts() {
        let array = r#" [ {"a":"]},[\"\\"} ,[1,{"b":2}],"x\"]" , 12 ,null] "#;
        let expected = [
            item(r#"{"a":"]},[\"\\"}"#),
            item(r#"[1,{"b":2}]"#),
            item(r#""x\"]""#),
            item("12"),
            item("null"),
        ];
        assert_eq!(split(Framing::Array, &[array.as_bytes()]), expected);
        assert!(split(Framing::Array, &[b"[]"]).is_empty());
        let bytes: Vec<&[u8]> = array.as_bytes().chunks(1).collect();
        assert_eq!(split(Framing::Array, &bytes), expected, "byte by byte");
    }

    #[test]
    fn an_item_that_is_too_long_is_not_held_and_the_next_is_found() {
        let long = "x".repeat(101);
        let lines = format!("{{\"a\":\"{long}\"}}\n{{}}\n");
        let expected = [Piece::Oversized, item("{}")];
        assert_eq!(split(Framing::Lines, &[lines.as_bytes()]), expected);
        let array = format!("[{{\"a\":\"{long}\"}},{{}}]");
        assert_eq!(split(Framing::Array, &[array.as_bytes()]), expected);
        let halves = array.as_bytes().split_at(60);
        assert_eq!(split(Framing::Array, &[halves.0, halves.1]), expected);
        let just = format!("\"{}\"", "x".repeat(98));
        assert_eq!(split(Framing::Lines, &[just.as_bytes()]), [item(&just)]);
    }

    #[test]
    fn an_array_that_is_broken_ends_there() {
        for (array, items) in [
            ("", 0),
            ("{}", 0),
            ("[{}", 1),
            ("[{},", 1),
            ("[{},]", 1),
            ("[,{}]", 0),
            ("[{} {}]", 1),
            ("[{}]x[{}]", 1),
            ("[{\"a\":1]},{}]", 1),
            ("[{\"a", 0),
        ] {
            let pieces = split(Framing::Array, &[array.as_bytes()]);
            assert_eq!(pieces.len(), items + 1, "{array}: {pieces:?}");
            let last = pieces.last();
            assert!(
                matches!(last, Some(Piece::Broken(_))),
                "{array}: {pieces:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn where_chunks_end_changes_nothing(
            bytes in prop::collection::vec(prop::sample::select(b"[]{},\"\\ a1\n".to_vec()), 0..80),
            cut in 0..80_usize,
        ) {
            for framing in [Framing::Array, Framing::Lines] {
                let cut = cut.min(bytes.len());
                let whole = split(framing, &[&bytes]);
                let parts = split(framing, &[&bytes[..cut], &bytes[cut..]]);
                prop_assert_eq!(whole, parts);
            }
        }
    }
}
