//! Reads files of a revision through the program `git`. Nothing is checked out, and nothing of the working tree is read.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use placewise_model::exit::Failure;

use crate::source::folder::ignored;

/// The most bytes of a revision's files. A spec has some hundred kilobytes.
const MOST_BYTES: u64 = 64 << 20;

/// A repository.
pub(super) struct Git {
    /// A folder inside its working tree.
    folder: PathBuf,
    /// That folder's path in a revision, with a `/` at the end unless it is the root.
    prefix: String,
}

impl Git {
    /// The repository that holds a folder.
    pub fn around(folder: &Path) -> Result<Self, Failure> {
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() };
        let git = Self { folder, prefix: String::new() };
        let prefix =
            git.text(&["rev-parse", "--show-prefix"]).map_err(|error| error.failure("there is no git repository here"))?;
        Ok(Self { prefix: prefix.trim_end_matches(['\n', '\r']).to_owned(), ..git })
    }

    /// The path in a revision of what is at a path in the folder.
    pub fn path_of(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    /// What stops a comparison of the working tree: git was interrupted while it changed files, or a merge left conflicts under a path.
    pub fn interrupted(&self, path: &Path) -> Result<(), Failure> {
        let lock = self.text(&["rev-parse", "--git-path", "index.lock"]).map_err(|error| error.failure("git failed"))?;
        let lock = self.folder.join(lock.trim_end());
        if lock.exists() {
            let message =
                "git is changing the working tree, or was interrupted at it, so files of two versions may stand side by side";
            let help = format!("run the command again; if no git runs, remove {} and check the branch out again", lock.display());
            return Err(Failure::CannotRun(format!("{}: {message}; {help}", path.display())));
        }
        let unmerged = self.text(&["ls-files", "--unmerged", "-z", "--", "."]).map_err(|error| error.failure("git failed"))?;
        if let Some(first) = unmerged.split('\0').find_map(|line| line.split_once('\t')) {
            let message = format!("{} has a merge conflict in `{}`", path.display(), first.1.escape_debug());
            return Err(Failure::CannotRun(format!("{message}; resolve it, `git add` the file, and run the command again")));
        }
        Ok(())
    }

    /// The id of the commit that a revision means.
    pub fn commit(&self, revision: &str) -> Result<String, Failure> {
        let shown = revision.escape_debug();
        let unknown = format!("`{shown}` is neither a folder nor a revision that git knows here");
        let help =
            "name a folder, a commit, a tag or a branch; a shallow clone knows only its last commits (`git fetch --unshallow`)";
        let unknown = format!("{unknown}; {help}");
        if revision.is_empty() || revision.starts_with('-') || revision.contains(char::is_control) {
            return Err(Failure::CannotRun(unknown));
        }
        let id = self.text(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")]);
        id.map(|id| id.trim_end().to_owned()).map_err(|error| error.failure(&unknown))
    }

    /// The files of a commit at these paths and below, by path. A path that it does not have has none.
    pub fn files(&self, commit: &str, paths: &[&str]) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        let mut arguments = vec!["ls-tree", "-r", "-z", "--long", "--full-tree", commit, "--"];
        arguments.extend(paths);
        let listed = self.text(&arguments).map_err(|error| error.failure("git cannot list the files of the revision"))?;
        let mut wanted = Vec::new();
        let mut bytes = 0;
        for entry in listed.split('\0').filter(|entry| !entry.is_empty()) {
            let Some((about, path)) = entry.split_once('\t') else { continue };
            if path.split('/').any(ignored) {
                continue;
            }
            let [mode, kind, id, size] = about.split_whitespace().collect::<Vec<_>>()[..] else { continue };
            if kind != "blob" || !mode.starts_with("100") {
                let message = format!("`{}` of the revision is not a plain file but a link or a submodule", path.escape_debug());
                return Err(Failure::CannotRun(format!("{message}; name a revision in which it is a file")));
            }
            // Git has no size of content that it lost, which it tells below.
            bytes += size.parse::<u64>().unwrap_or(0);
            wanted.push((path.to_owned(), id.to_owned()));
        }
        if bytes > MOST_BYTES {
            return Err(Failure::CannotRun(format!("the spec of the revision has {bytes} bytes, more than {MOST_BYTES}")));
        }
        self.contents(wanted)
    }

    /// The contents of blobs, read by one process.
    fn contents(&self, wanted: Vec<(String, String)>) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
        let ids: String = wanted.iter().map(|(_, id)| format!("{id}\n")).collect();
        let output =
            self.run(&["cat-file", "--batch"], Some(ids)).map_err(|error| error.failure("git cannot read the revision"))?;
        let mut rest = output.as_slice();
        let mut files = BTreeMap::new();
        for (path, id) in wanted {
            let lost = || {
                let message = format!("git has no content of `{}`, as after an interrupted fetch", path.escape_debug());
                Failure::CannotRun(format!("{message}; run `git fsck` and fetch again"))
            };
            let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(lost)?;
            let head = String::from_utf8_lossy(&rest[..end]).into_owned();
            let size = head.strip_prefix(&format!("{id} blob ")).and_then(|size| size.parse::<usize>().ok()).ok_or_else(lost)?;
            let content = rest.get(end + 1..end + 1 + size).ok_or_else(lost)?;
            rest = rest.get(end + 2 + size..).unwrap_or_default();
            files.insert(path, content.to_vec());
        }
        Ok(files)
    }

    fn text(&self, arguments: &[&str]) -> Result<String, GitError> {
        let output = self.run(arguments, None)?;
        String::from_utf8(output).map_err(|_| GitError::Failed("a path is not UTF-8".into()))
    }

    fn run(&self, arguments: &[&str], input: Option<String>) -> Result<Vec<u8>, GitError> {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.folder).args(arguments);
        // Inside a hook, these name another repository or index than that of the folder.
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            command.env_remove(name);
        }
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() }).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(GitError::Absent)?;
        // Git answers while it is asked, so asking must not wait until it has read.
        let writer = child
            .stdin
            .take()
            .zip(input)
            .map(|(mut stdin, input)| std::thread::spawn(move || drop(stdin.write_all(input.as_bytes()))));
        let output = child.wait_with_output().map_err(GitError::Absent)?;
        drop(writer.map(std::thread::JoinHandle::join));
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(GitError::Failed(said.lines().next().unwrap_or_default().trim_start_matches("fatal: ").to_owned()))
    }
}

enum GitError {
    /// The program does not run.
    Absent(io::Error),
    /// It failed, and said so.
    Failed(String),
}

impl GitError {
    /// The failure of a command: what it could not do, and what git said.
    fn failure(self, what: &str) -> Failure {
        Failure::CannotRun(match self {
            Self::Absent(error) if error.kind() == io::ErrorKind::NotFound => {
                "the program `git` is not installed, and a revision is read through it; install it, or name folders".into()
            }
            Self::Absent(error) => format!("the program `git` does not run: {error}"),
            Self::Failed(said) if said.is_empty() => what.to_owned(),
            Self::Failed(said) => format!("{what} (git: {})", said.escape_debug()),
        })
    }
}
