//! The grammar: tokens with their places, and a tree of them. Both steps are parsers of `winnow`.

use std::ops::Range;

use placewise_reporting::Comparison;
use winnow::combinator::{alt, dispatch, fail, opt, peek, repeat, separated};
use winnow::error::{ErrMode, ParserError};
use winnow::stream::{Location, Stateful, Stream, TokenSlice};
use winnow::token::{any, take_while};
use winnow::{LocatingSlice, Parser, Result as Parsed};

use super::problem::Problem;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    /// A negation, and the place of its `not`.
    Not(Box<Tree>, Range<usize>),
    Test(Test),
}

/// A comparison of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    pub field: Word,
    pub how: Comparison,
    pub how_at: Range<usize>,
    pub values: Values,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Values {
    Null,
    One(Word),
    Many(Vec<Word>),
}

/// A name or a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Word {
    pub text: String,
    pub quoted: bool,
    pub at: Range<usize>,
}

impl Word {
    fn is(&self, keyword: &str) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case(keyword)
    }

    fn is_keyword(&self) -> bool {
        ["and", "or", "not", "in", "is"].iter().any(|keyword| self.is(keyword))
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Word { text: String, quoted: bool },
    Compare(Comparison),
    Open,
    Close,
    Comma,
}

#[derive(Clone, Debug, PartialEq)]
struct Token {
    kind: Kind,
    at: Range<usize>,
}

impl Token {
    fn word(&self) -> Option<Word> {
        match &self.kind {
            Kind::Word { text, quoted } => Some(Word { text: text.clone(), quoted: *quoted, at: self.at.clone() }),
            _ => None,
        }
    }
}

/// The longest condition in bytes.
const MOST_BYTES: usize = 1 << 20;
/// The deepest nesting of parentheses and negations.
const MOST_DEPTH: usize = 50;

/// Parses a condition.
pub(super) fn parse(text: &str) -> Result<Tree, Problem> {
    if text.len() > MOST_BYTES {
        return Err(Problem::new(&(0..0), format!("the condition has {} bytes; the maximum is {MOST_BYTES}", text.len())));
    }
    let tokens: Vec<Token> = repeat(0.., token).parse_next(&mut LocatingSlice::new(text)).map_err(problem)?;
    let mut input = Stateful { input: TokenSlice::new(&tokens), state: State { depth: 0, end: text.trim_end().len() } };
    let tree = any_of.parse_next(&mut input).map_err(problem)?;
    match input.peek_token() {
        None => Ok(tree),
        Some(_) => Err(problem(expected(&input, "`and`, `or` or the end"))),
    }
}

fn problem(error: ErrMode<Problem>) -> Problem {
    error.into_inner().unwrap_or_else(|_| Problem::new(&(0..0), "the condition is not complete"))
}

/// A failed alternative has no message; every message is a cut.
impl<I: Stream> ParserError<I> for Problem {
    type Inner = Self;

    fn from_input(_: &I) -> Self {
        Self::new(&(0..0), "expected a condition")
    }

    fn into_inner(self) -> Parsed<Self::Inner, Self> {
        Ok(self)
    }
}

// Tokens.

type Text<'t> = LocatingSlice<&'t str>;
type Lexed<T> = Parsed<T, ErrMode<Problem>>;

/// The next token; fails at the end of the text.
fn token(input: &mut Text<'_>) -> Lexed<Token> {
    space(input)?;
    let (kind, at) = dispatch! { peek(any);
        '(' => any.value(Kind::Open),
        ')' => any.value(Kind::Close),
        ',' => any.value(Kind::Comma),
        '=' | '!' | '<' | '>' => symbol,
        '\'' | '"' => quoted,
        '“' | '”' | '„' | '‘' | '’' => curly,
        _ => take_while(1.., is_bare).map(|text: &str| Kind::Word { text: text.to_owned(), quoted: false }),
    }
    .with_span()
    .parse_next(input)?;
    space(input)?;
    Ok(Token { kind, at })
}

fn space(input: &mut Text<'_>) -> Lexed<()> {
    take_while(0.., char::is_whitespace).void().parse_next(input)
}

fn is_bare(character: char) -> bool {
    !character.is_whitespace() && !"()',\"=!<>“”„‘’".contains(character)
}

fn symbol(input: &mut Text<'_>) -> Lexed<Kind> {
    let start = input.current_token_start();
    let known = alt((
        "==".value(Comparison::Equal),
        "=".value(Comparison::Equal),
        "!=".value(Comparison::NotEqual),
        "<>".value(Comparison::NotEqual),
        "<=".value(Comparison::LessOrEqual),
        "<".value(Comparison::LessThan),
        ">=".value(Comparison::GreaterOrEqual),
        ">".value(Comparison::GreaterThan),
        fail,
    ));
    known.map(Kind::Compare).parse_next(input).map_err(|_: ErrMode<Problem>| {
        let message = "`!` is not an operator; write `!=`, or `not` before a condition";
        ErrMode::Cut(Problem::new(&(start..start + 1), message))
    })
}

fn curly(input: &mut Text<'_>) -> Lexed<Kind> {
    let (found, at) = any.with_span().parse_next(input)?;
    Err(ErrMode::Cut(Problem::new(&at, format!("`{found}` is a typographic quote; write `'` or `\"`"))))
}

/// A quoted text. Its quote is escaped by a backslash or by a second quote.
fn quoted(input: &mut Text<'_>) -> Lexed<Kind> {
    let start = input.current_token_start();
    let quote = any.parse_next(input)?;
    let mut text = String::new();
    loop {
        let at = input.current_token_start();
        match input.next_token() {
            None => {
                let message = format!("the quote {quote} is not closed");
                return Err(ErrMode::Cut(Problem::new(&(start..start + 1), message)));
            }
            Some(character) if character == quote => match opt(quote).parse_next(input)? {
                Some(quote) => text.push(quote),
                None => return Ok(Kind::Word { text, quoted: true }),
            },
            Some('\\') => text.push(escape(input, at)?),
            Some(character) => text.push(character),
        }
    }
}

fn escape(input: &mut Text<'_>, start: usize) -> Lexed<char> {
    let wrong = |end: usize| {
        let message = "not an escape; the escapes are \\\\ \\' \\\" \\n \\r \\t and \\u followed by four hexadecimal digits";
        ErrMode::Cut(Problem::new(&(start..end), message))
    };
    match input.next_token() {
        Some(character @ ('\\' | '\'' | '"')) => Ok(character),
        Some('n') => Ok('\n'),
        Some('r') => Ok('\r'),
        Some('t') => Ok('\t'),
        Some('u') => {
            let digits = take_while(4..=4, |digit: char| digit.is_ascii_hexdigit()).parse_next(input);
            let digits = digits.map_err(|_: ErrMode<Problem>| wrong(input.current_token_start()))?;
            let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
            code.ok_or_else(|| wrong(input.current_token_start()))
        }
        _ => Err(wrong(input.current_token_start())),
    }
}

// Conditions.

#[derive(Clone, Debug)]
struct State {
    depth: usize,
    /// Where the text ends.
    end: usize,
}

type Tokens<'t> = Stateful<TokenSlice<'t, Token>, State>;

/// A cut that says what was expected here.
fn expected(input: &Tokens<'_>, what: &str) -> ErrMode<Problem> {
    let end = input.state.end;
    let problem = match input.peek_token() {
        None => Problem::new(&(end..end), format!("expected {what}, found the end")),
        Some(token) => Problem::new(&token.at, format!("expected {what}")),
    };
    ErrMode::Cut(problem)
}

fn keyword<'t>(name: &'static str) -> impl Parser<Tokens<'t>, Word, ErrMode<Problem>> {
    any.verify_map(move |token: &Token| token.word().filter(|word| word.is(name)))
}

fn kind<'t>(kind: Kind) -> impl Parser<Tokens<'t>, Range<usize>, ErrMode<Problem>> {
    any.verify_map(move |token: &Token| (token.kind == kind).then(|| token.at.clone()))
}

fn any_of(input: &mut Tokens<'_>) -> Lexed<Tree> {
    separated(1.., all_of, keyword("or")).map(|trees| single(trees, Tree::Any)).parse_next(input)
}

fn all_of(input: &mut Tokens<'_>) -> Lexed<Tree> {
    separated(1.., operand, keyword("and")).map(|trees| single(trees, Tree::All)).parse_next(input)
}

fn single(mut trees: Vec<Tree>, group: fn(Vec<Tree>) -> Tree) -> Tree {
    match trees.pop() {
        Some(only) if trees.is_empty() => only,
        Some(last) => {
            trees.push(last);
            group(trees)
        }
        None => group(trees),
    }
}

fn operand(input: &mut Tokens<'_>) -> Lexed<Tree> {
    if let Some(not) = opt(keyword("not")).parse_next(input)? {
        let inner = deeper(input, &not.at, operand)?;
        return Ok(Tree::Not(Box::new(inner), not.at));
    }
    let Some(open) = opt(kind(Kind::Open)).parse_next(input)? else { return test(input) };
    let inner = deeper(input, &open, any_of)?;
    close(input, &open, "`and`, `or` or `)`")?;
    Ok(inner)
}

fn close(input: &mut Tokens<'_>, open: &Range<usize>, what: &str) -> Lexed<()> {
    match opt(kind(Kind::Close)).parse_next(input)? {
        Some(_) => Ok(()),
        None if input.peek_token().is_none() => Err(ErrMode::Cut(Problem::new(open, "this parenthesis is not closed"))),
        None => Err(expected(input, what)),
    }
}

fn deeper<'t>(input: &mut Tokens<'t>, at: &Range<usize>, inner: fn(&mut Tokens<'t>) -> Lexed<Tree>) -> Lexed<Tree> {
    if input.state.depth == MOST_DEPTH {
        let message = format!("nested deeper than {MOST_DEPTH} levels; join alternatives with `in`");
        return Err(ErrMode::Cut(Problem::new(at, message)));
    }
    input.state.depth += 1;
    let tree = inner(input)?;
    input.state.depth -= 1;
    Ok(tree)
}

fn word(input: &mut Tokens<'_>, what: &str) -> Lexed<Word> {
    let found = opt(any.verify_map(|token: &Token| token.word().filter(|word| !word.is_keyword()))).parse_next(input)?;
    found.ok_or_else(|| match input.peek_token().and_then(Token::word) {
        Some(word) => expected(input, &format!("{what} (quote `{}` if it is one)", word.text.to_lowercase())),
        None => expected(input, what),
    })
}

fn test(input: &mut Tokens<'_>) -> Lexed<Tree> {
    let field = word(input, "a field")?;
    let compare = any.verify_map(|token: &Token| match token.kind {
        Kind::Compare(how) => Some((how, token.at.clone())),
        _ => None,
    });
    if let Some((how, how_at)) = opt(compare).parse_next(input)? {
        let value = word(input, "a value")?;
        let values = if value.is("null") { Values::Null } else { Values::One(value) };
        return Ok(Tree::Test(Test { field, how, how_at, values }));
    }
    if let Some(is) = opt(keyword("is")).parse_next(input)? {
        let not = opt(keyword("not")).parse_next(input)?;
        let Some(null) = opt(keyword("null")).parse_next(input)? else { return Err(expected(input, "`null` or `not null`")) };
        let how = if not.is_some() { Comparison::NotEqual } else { Comparison::Equal };
        return Ok(Tree::Test(Test { field, how, how_at: is.at.start..null.at.end, values: Values::Null }));
    }
    let not = opt(keyword("not")).parse_next(input)?;
    let Some(is_in) = opt(keyword("in")).parse_next(input)? else {
        let what = if not.is_some() { "`in`" } else { "=, !=, <, <=, >, >=, `in`, `not in`, `is null` or `is not null`" };
        return Err(expected(input, what));
    };
    let how = if not.is_some() { Comparison::NoneOf } else { Comparison::OneOf };
    let how_at = not.map_or(is_in.at.start, |not| not.at.start)..is_in.at.end;
    let values = Values::Many(list(input)?);
    Ok(Tree::Test(Test { field, how, how_at, values }))
}

fn list(input: &mut Tokens<'_>) -> Lexed<Vec<Word>> {
    let Some(open) = opt(kind(Kind::Open)).parse_next(input)? else { return Err(expected(input, "a list such as (1, 2)")) };
    let values = separated(1.., |input: &mut Tokens<'_>| word(input, "a value"), kind(Kind::Comma)).parse_next(input)?;
    close(input, &open, "`,` or `)`")?;
    Ok(values)
}
