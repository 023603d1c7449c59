//! A change: one difference of two specs, judged.

use std::fmt;

/// Declares an enumeration whose variants are words of the output.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal, $describe:literal;)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            /// Every value, the gravest first.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word on the command line and in JSON.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The words for people.
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$variant => $describe,)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

words! {
    /// What a change breaks.
    pub enum Class {
        /// A program that compiles against the old crate does not compile against the new one.
        Rust = "rust", "breaks Rust users";
        /// The old client and the new API do not understand each other: another key, header, path or form of a value.
        Wire = "wire", "breaks on the wire";
        /// They understand each other, but a job stops or goes wrong: a higher cost, a new permit, a shorter retention, a lost interval,
        /// a field that filters no longer accept.
        Operation = "operation", "breaks in operation";
        /// More is possible, and nothing that worked stops.
        Additive = "additive", "additive";
        /// Only texts differ, or what only the simulator reads.
        Documentation = "documentation", "documentation";
    }
}

words! {
    /// Why a fact differs. Derived from provenance and captures; no rule states it.
    pub enum Cause {
        /// The pages that state it were seen on both sides, and state something else now.
        Changed = "changed", "the API changed";
        /// The provenance rose: the API did not change as far as captures tell, but we know more.
        Learned = "learned", "we learned it";
        /// The pages state the same on both sides, so the spec was wrong.
        Corrected = "corrected", "the spec was wrong";
        /// No capture on both sides states it.
        Unknown = "unknown", "no captures tell why";
    }
}

words! {
    /// The release that a change asks for, in the numbers of a version from 1.0 on. Before that, as Cargo counts: [`Step::Major`] raises the
    /// second number, and the others the third.
    ///
    /// Only what the compiler rejects is major. What breaks on the wire or in operation breaks the releases that are out, whatever the next
    /// one is called; a compatible release is the one that `cargo update` brings to those who need it.
    pub enum Step {
        /// Programs may not compile.
        Major = "major", "major (before 1.0: the second number)";
        /// Programs compile and behave differently, or can do more.
        Minor = "minor", "minor (before 1.0: the third number)";
        /// Programs do not notice.
        Patch = "patch", "patch (before 1.0: the third number)";
    }
}

impl Class {
    /// Whether anything stops that worked.
    pub const fn breaks(self) -> bool {
        matches!(self, Self::Rust | Self::Wire | Self::Operation)
    }

    /// The release that such a change asks for.
    pub const fn step(self) -> Step {
        match self {
            Self::Rust => Step::Major,
            Self::Wire | Self::Operation | Self::Additive => Step::Minor,
            Self::Documentation => Step::Patch,
        }
    }
}

/// How a witness breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WitnessKind {
    /// It compiles against the old crate, and not against the new one.
    Compile,
    /// Compiled against the old crate, it succeeds with the old API and fails with the new one. It reads the base URL from
    /// `PLACEWISE_URL`, and its token is `demo`.
    Run,
}

impl WitnessKind {
    /// The word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Compile => "compile",
            Self::Run => "run",
        }
    }
}

/// The smallest user program that a change breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// How it breaks.
    pub kind: WitnessKind,
    /// A `main.rs` without dependencies but the crate.
    pub program: String,
    /// The line that breaks, from 1.
    pub line: usize,
}

/// A place in a spec, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At {
    /// The path of the file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The code of the rule.
    pub rule: &'static str,
    /// What it breaks.
    pub class: Class,
    /// Why it differs.
    pub cause: Cause,
    /// The release that it asks for.
    pub step: Step,
    /// The id of the fact: `reports/sendings/cost`.
    pub fact: String,
    /// What changed, in one sentence without a period. Names are in backticks and as the spec has them: escape it where it is printed.
    pub message: String,
    /// Where the old spec states it; none if it is new.
    pub old: Option<At>,
    /// Where the new spec states it; none if it is gone.
    pub new: Option<At>,
    /// The smallest program that breaks; none if nothing breaks, or if the rule says why no program shows it.
    pub witness: Option<Witness>,
}

/// The release that all changes together ask for; none without changes.
pub fn step(changes: &[Change]) -> Option<Step> {
    changes.iter().map(|change| change.step).min()
}
